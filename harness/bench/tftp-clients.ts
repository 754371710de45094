import { runTftpLoad, type TftpLoad } from '../played-clients/tftp-client.ts';

// The clients of the tftp bench in a process of their own: a load a message in, its result out.

process.on('message', (load: TftpLoad) => {
  void runTftpLoad(load).then((result) => process.send?.(result));
});
