import { recorded } from '../../../verdict/testing/captures.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';

// Nothing of ours writes Kerberos: these are a real KDC's.
const CAPTURES = ['kerberos-smbclient', 'kerberos-refusals', 'kerberos-skew'];

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  kerberos: {
    captures: await Promise.all(CAPTURES.map(recorded)),
    key: 'as',
  },
} satisfies MachineSamples;
