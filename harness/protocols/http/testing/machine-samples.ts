import { told } from '../../../verdict/testing/captures.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  http: {
    captures: [
      told(({ http: to }) =>
        to.connect().get('/a').respond('200 OK', ['Content-Length: 5'], 'hello').get('/a').disconnect(),
      ),
      told(({ http: to }) => to.connect().get('/a').respond('404 Not Found', ['Content-Length: 0']).reset()),
    ],
  },
} satisfies MachineSamples;
