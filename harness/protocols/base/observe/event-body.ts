import type { Frame } from '../../../packet/frame.ts';

/** Number and capture time of a frame. */
export type Stamp = Pick<Frame, 'number' | 'atUs'>;

/** What is particular to each event of a union: everything but the fields that all of them share. */
export type EventBody<Event, Shared extends PropertyKey> = Event extends unknown ? Omit<Event, Shared> : never;

/**
 * Events of one kind that a transfer or connection reports one by one: a broken one repeats itself, and its figures
 * count on.
 */
export const MAX_REPORTS = 64;
