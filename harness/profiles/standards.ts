import type { LadderName } from '../protocols/base/judge/ladders.ts';
import type { Climb } from './profile.ts';

const PXE_DISCOVER: Climb = {
  waitsMs: [4000, 8000, 16_000, 32_000],
  evidence: 'PXE 2.1, and RFC 2131 section 4.1',
};

/**
 * How requests are repeated as the standards have it: all that is known of a program whose profile nobody knows. A list
 * without a climb: the standard names no number of tries, so that no number of them proves that nobody answers.
 */
export const STANDARD_LADDERS: Readonly<Record<LadderName, readonly Climb[]>> = {
  discover: [PXE_DISCOVER],
  'discover-offered': [PXE_DISCOVER],
  request: [
    { waitsMs: [1000, 2000, 3000, 4000], evidence: 'PXE 2.1, as iPXE’s `config/dhcp.h` quotes it' },
    { waitsMs: [4000, 8000, 16_000, 32_000], evidence: 'RFC 2131 section 4.1' },
  ],
  'proxy-request': [{ waitsMs: [1000, 2000, 3000, 4000], evidence: 'PXE 2.1: four tries in 10 s' }],
  // RFC 1350 and RFC 1123 section 4.2.3.2 leave both to the program.
  'read-request': [],
  'transfer-ack': [],
  syn: [
    {
      waitsMs: [1000, 2000, 4000, 8000],
      evidence: 'RFC 6298 sections 2 and 5.5: after 1 s, and doubled each time; Linux and Windows at 0, 1, 3 and 7 s',
    },
  ],
  arp: [
    {
      waitsMs: [1000, 1000, 1000],
      evidence: 'RFC 1122 section 2.3.2.1: no more often than once a second; three requests, as RFC 4861 has for IPv6',
    },
  ],
  neighbour: [
    {
      waitsMs: [1000, 1000, 1000],
      evidence: 'RFC 4861 section 10: three multicast solicitations, a second apart',
    },
  ],
  'router-solicitation': [
    { waitsMs: [4000, 4000, 4000], evidence: 'RFC 4861 section 10: three solicitations, 4 s apart' },
  ],
  // RFC 8415 section 7.6 sets no end to either.
  solicit: [],
  'information-request': [],
  'request-6': [
    {
      waitsMs: [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000],
      evidence: 'RFC 8415 section 7.6: REQ_TIMEOUT 1 s, REQ_MAX_RT 30 s, ten tries',
    },
  ],
};
