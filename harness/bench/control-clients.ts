import { runControlLoad, type ControlLoad } from '../played-clients/control-load.ts';

// The clients of the control bench in a process of their own: a load a message in, its result out.

process.on('message', (load: ControlLoad) => {
  void runControlLoad(load).then((result) => process.send?.(result));
});
