import type { Result } from '../result.ts';

/** How many `--phase-N` and `--band-N` the style sheet has. */
export const PHASE_COLOURS = 10;

/** Number of the colour of a phase. */
export type ColourOf = (phase: string) => number;

/**
 * A colour for each phase of a Result, the same for all of its clients. Phases have the order in which the Result names
 * them; one that only some clients have stands after the phase that precedes it there.
 */
export function phaseColours({ scenarios }: Pick<Result, 'scenarios'>): ColourOf {
  const order: string[] = [];
  for (const { phases } of scenarios.flatMap(({ clients }) => clients)) {
    let next = 0;
    for (const phase of Object.keys(phases)) {
      const known = order.indexOf(phase);
      if (known < 0) order.splice(next, 0, phase);
      next = (known < 0 ? next : known) + 1;
    }
  }
  const numbers = new Map(order.map((phase, index) => [phase, index % PHASE_COLOURS]));
  return (phase) => numbers.get(phase) ?? 0;
}
