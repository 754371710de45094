import type { Frame } from '../../../packet/frame.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import type { MalformedEvent } from './seen.ts';

/** Number and capture time of a frame. */
export type Stamp = Pick<Frame, 'number' | 'atUs'>;

/** The own fields of each event of a union, without the fields that all of them share. */
export type EventBody<Event, Shared extends PropertyKey> = Event extends unknown ? Omit<Event, Shared> : never;

/**
 * Events of one kind that a transfer or connection reports one by one: a broken one repeats them without end, and its
 * figures count the rest.
 */
export const MAX_REPORTS = 64;

/** Bytes of a Malformed that its event keeps: what a stream brings may be long, and the rest of it is in the capture. */
const MALFORMED_BYTES = 256;

/** The event of what does not decode in a client's stream; it keeps a copy, since a stream's buffer is used again. */
export function malformedEvent(
  malformed: Malformed,
  { number, atUs }: Stamp,
  client: MalformedEvent['client'],
): MalformedEvent {
  const bytes = malformed.bytes.slice(0, MALFORMED_BYTES);
  return { type: 'malformed', malformed: { ...malformed, bytes }, frame: number, atUs, client };
}
