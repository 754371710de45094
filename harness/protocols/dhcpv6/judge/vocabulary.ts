import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

/** The words of this room. */
export const DHCPV6 = {
  steps: {
    'dhcpv6.message': {
      about: 'a message of DHCPv6: boots over IPv6 are seen, and not judged yet',
      details: {
        message: ['string', '`SOLICIT`, `ADVERTISE`, … (RFC 8415 section 7.3)'],
        by: ['string', '`client` or `server`', ['client', 'server']],
        server: 'string',
        arch: ['number', 'option 61'],
        vendorClass: ['string', 'option 16'],
        bootfile: ['string', 'option 59, a URL'],
      },
      only: 'recorded',
    },
  },
  causes: {},
  waits: {},
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
