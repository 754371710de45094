// Requests that a client repeats when nobody answers. How each program repeats them, its profile says
// (harness/profiles): a client that has come to the last rung of its ladder has proven by itself that no answer came to
// the earlier ones; no deadline has to pass on the wire for that.

/** What is repeated, and what for. */
interface Repeated {
  /** The request as messages name it. */
  readonly request: string;
  /** What does not come, as messages name it. */
  readonly answer: string;
}

/** The ladders, by the name that a waiting state gives its own. */
export const LADDERS = {
  discover: { request: 'DISCOVER', answer: 'OFFER' },
  // Clients stop to ask as soon as there is an offer that they can use.
  'discover-offered': { request: 'DISCOVER', answer: 'REQUEST' },
  request: { request: 'REQUEST', answer: 'ACK' },
  'proxy-request': { request: 'port 4011 REQUEST', answer: 'ACK' },
  'read-request': { request: 'read request', answer: 'answer' },
  // The first ACK is one of many: only those that come again are seen as tries.
  'transfer-ack': { request: 'repeated ACK', answer: 'next block' },
  syn: { request: 'SYN', answer: 'answer' },
  arp: { request: 'ARP request', answer: 'answer' },
  neighbour: { request: 'neighbour solicitation', answer: 'advertisement' },
  'router-solicitation': { request: 'router solicitation', answer: 'advertisement' },
  solicit: { request: 'SOLICIT', answer: 'ADVERTISE' },
  'request-6': { request: 'REQUEST', answer: 'REPLY' },
  'information-request': { request: 'INFORMATION-REQUEST', answer: 'REPLY' },
} as const satisfies Readonly<Record<string, Repeated>>;

/** The name of a ladder. */
export type LadderName = keyof typeof LADDERS;

/** All ladders. */
export const LADDER_NAMES = Object.keys(LADDERS) as readonly LadderName[];
