import type { MalformedEvent } from './base/observe/seen.ts';
import type { PROTOCOLS } from './index.ts';
import type { Protocol } from './protocol.ts';

type EventOf<P> = P extends Protocol<infer E, infer _H, infer _V, infer _C> ? E : never;

/** Everything that happens on the wire, in the words that machines understand. */
export type ProtocolEvent = EventOf<(typeof PROTOCOLS)[number]> | MalformedEvent;
