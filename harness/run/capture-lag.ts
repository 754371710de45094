/**
 * How far the clock of a live capture may run behind ours before silence counts as silence: a second until the kernel
 * hands a block over, and our own queue.
 */
export const CAPTURE_LAG_US = 2_500_000;

/** How often a live judge is told the time when no frame comes. */
export const TICK_MS = 200;
