import { hasAddress } from '../../../reports/client-addresses.ts';
import type { ClientResult, Result, ScenarioResult } from '../../../reports/result.ts';
import { RecordError } from '../record-error.ts';

/** One boot of a result: of which client in which scenario. */
export interface Boot {
  readonly client: ClientResult;
  readonly scenario: ScenarioResult;
}

/** Which boot is meant, where a result has several. */
export interface Wanted {
  /** MAC or IP address. */
  readonly client?: string | undefined;
  /** Id of a scenario. */
  readonly scenario?: string | undefined;
}

/** Every client of a result in its last attempt: those that boot, or all of a result in which none does. */
function bootsOf({ scenarios }: Result): Boot[] {
  const last = [...Map.groupBy(scenarios, ({ id, repetition }) => `${id} ${repetition ?? 0}`).values()].flatMap(
    (attempts) => attempts.slice(-1),
  );
  const all = last.flatMap((scenario) => scenario.clients.map((client) => ({ client, scenario })));
  const booting = all.filter(({ client }) => client.booting !== false);
  return booting.length > 0 ? booting : all;
}

/** The two boots to compare: the only ones that fit, or of the only client that both have. Throws RecordError for a choice. */
export function comparedBoots(
  base: Result,
  next: Result,
  names: { readonly base: string; readonly next: string },
  { client: wanted, scenario: id }: Wanted,
): { readonly base: Boot; readonly next: Boot } {
  const of = (result: Result, name: string): Boot[] => {
    const all = bootsOf(result);
    // A replay has one scenario, whose id says nothing.
    const named = all.length > 1 ? all.filter(({ scenario }) => id === undefined || scenario.id === id) : all;
    const boots = named.filter(({ client }) => wanted === undefined || hasAddress(client, wanted));
    if (boots.length > 0) return boots;
    throw new RecordError(
      `${name}: expected a client that boots${wanted === undefined ? '' : ` with the address ${wanted}`}${id === undefined ? '' : ` in scenario ${id}`}, got ${list(all)}`,
    );
  };
  const [some, others] = [of(base, names.base), of(next, names.next)];
  const shared = some.flatMap((one) =>
    others.filter(({ client }) => client.mac === one.client.mac).map((other) => ({ base: one, next: other })),
  );
  const [pair] = shared;
  if (shared.length === 1 && pair !== undefined) return pair;
  const [one, other] = [some[0], others[0]];
  if (some.length === 1 && others.length === 1 && one !== undefined && other !== undefined)
    return { base: one, next: other };
  throw new RecordError(
    `expected one client in both, got\n${names.base}: ${list(some)}\n${names.next}: ${list(others)}\nname one by --client or --scenario`,
  );
}

const list = (boots: readonly Boot[]): string =>
  boots.length === 0
    ? 'none'
    : boots.map(({ client, scenario }) => `${client.mac} (${client.name} of ${scenario.id})`).join(', ');
