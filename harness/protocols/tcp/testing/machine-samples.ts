import { told } from '../../../verdict/testing/captures.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  tcp: {
    captures: [
      told(({ http }) => http.connect().missed(5).bytes(false, Uint8Array.of(1)).again().get('/')),
      told(({ http }) => http.syn().connect().disconnect()),
      told(({ http }) => http.connect().reset()),
    ],
  },
} satisfies MachineSamples;
