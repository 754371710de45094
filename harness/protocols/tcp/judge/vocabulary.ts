import { ICMP } from '../../icmp/judge/vocabulary.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const BY = ['string', '`client` or `server`', ['client', 'server']] as const;
const SERVER = { server: 'string', port: 'number' } as const;

/** The words of this room. */
export const TCP = {
  steps: {
    'tcp.connect': { about: 'the server accepted the connection', details: SERVER },
    'tcp.syn': { about: 'the client asked again for a connection', details: SERVER, only: 'recorded' },
    'tcp.established': { about: 'a connection was open already', details: SERVER, only: 'recorded' },
    'tcp.reset': { about: 'a connection was reset', details: { ...SERVER, by: BY }, only: 'recorded' },
    'tcp.disorder': {
      about: 'segments of a connection came twice or out of order; reported once per connection',
      details: { ...SERVER, repeated: 'number', late: 'number' },
      only: 'recorded',
    },
    'tcp.lost': {
      about: 'bytes of a connection are missing from the capture',
      details: { ...SERVER, bytes: 'number', by: BY },
      only: 'recorded',
    },
  },
  causes: {
    ...ICMP.causes,
    'server-unreachable': {
      why: 'the server does not accept the connection: see whether the service runs on that port',
    },
  },
  waits: {
    connect: { ms: 15_000, about: 'SYN to SYN/ACK: Linux and Windows send at 0, 1, 3 and 7 s.' },
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
