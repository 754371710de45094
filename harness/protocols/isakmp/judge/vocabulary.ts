import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

/** The words of this room. */
export const ISAKMP = {
  steps: {
    'isakmp.message': {
      about: 'key exchange for IPsec on UDP port 500, which Windows offers alongside its connections',
      details: { exchange: 'string', by: 'string' },
      only: 'recorded',
    },
  },
  causes: {},
  waits: {},
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
