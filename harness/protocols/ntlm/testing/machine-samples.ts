import { told } from '../../../verdict/testing/captures.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  ntlm: {
    captures: [told(({ smb: to }) => to.connect().logon())],
  },
} satisfies MachineSamples;
