import { MISBEHAVED, type Emit } from './event-lines.ts';

/** The faults that a service was told of, `misbehave` of its configuration, and which of them have come about. */
export interface Faults<How extends string> {
  /** For `Running.misbehaves`. */
  readonly told: readonly How[];
  /** One has come about: the first time is an event. `details` say more of it. */
  readonly came: (how: How, details?: Readonly<Record<string, unknown>>) => void;
}

export function faultsOf<Misbehave extends object>(misbehave: Misbehave, emit: Emit): Faults<keyof Misbehave & string> {
  const came = new Set<string>();
  return {
    told: Object.entries(misbehave).flatMap(([how, value]) =>
      value === undefined || value === false ? [] : [how as keyof Misbehave & string],
    ),
    came: (how, details = {}) => {
      if (came.has(how)) return;
      came.add(how);
      emit({ event: MISBEHAVED, how, ...details });
    },
  };
}
