import type { Frame } from '../../../packet/frame.ts';

/** Number and capture time of a frame. */
export type Stamp = Pick<Frame, 'number' | 'atUs'>;

/** The own fields of each event of a union, without the fields that all of them share. */
export type EventBody<Event, Shared extends PropertyKey> = Event extends unknown ? Omit<Event, Shared> : never;

/**
 * Events of one kind that a transfer or connection reports one by one: a broken one repeats them without end, and its
 * figures count the rest.
 */
export const MAX_REPORTS = 64;
