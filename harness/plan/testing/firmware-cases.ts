import type { Firmware } from '#qemu-wrapper/nic-models';
import { FIRMWARE_NAMES } from '#qemu-wrapper/nic-models';
import type { CauseName, StepName } from '../../protocols/words.ts';
import type { ClientPlan, Plan, StoryPlan } from '../plan.ts';

/** What bundled scenarios show of each firmware, and what the judge must say of it. */
export const CASES = {
  'a good boot': [],
  'a missing boot file': ['boot-file-missing'],
  'a boot program that it does not start': ['boot-program-wrong-architecture', 'boot-program-not-started'],
  'a wrong boot order': ['wrong-boot-order'],
} as const satisfies Readonly<Record<string, readonly CauseName[]>>;
export type Case = keyof typeof CASES;

/** Steps by which files are loaded from the network. */
export const LOADS: readonly string[] = ['tftp.transfer', 'http.get'] satisfies readonly StepName[];

/** A client of a bundled scenario that shows a case. */
export interface ShownCase {
  readonly firmware: Firmware;
  readonly what: Case;
  /** The plan's id, and the client in it. */
  readonly id: string;
  readonly client: string;
  /** What must be found; none of a good boot. */
  readonly cause: string | undefined;
}

/** Every firmware with every case, in the order of their declarations. */
export const FIRMWARE_CASES = FIRMWARE_NAMES.flatMap((firmware) =>
  (Object.keys(CASES) as Case[]).map((what) => [firmware, what] as const),
);

/** The cases that clients in VMs show. */
export function shownCases(plans: readonly Plan[]): readonly ShownCase[] {
  return plans.flatMap((plan) =>
    plan.clients.flatMap((client) => {
      const what = caseOf(client, plan);
      const cause = (client.story ?? plan).expectFailure?.cause;
      return what === undefined ? [] : [{ firmware: client.firmware, what, id: plan.id, client: client.name, cause }];
    }),
  );
}

/** A boot is good when the boot program runs: it loads something itself. */
function caseOf(client: ClientPlan, plan: Plan): Case | undefined {
  if (client.plays !== undefined) return undefined;
  const { expectations, expectFailure }: StoryPlan = client.story ?? plan;
  if (expectFailure === undefined)
    return expectations.filter(({ step }) => LOADS.includes(step)).length > 1 ? 'a good boot' : undefined;
  return (Object.keys(CASES) as Case[]).find((name) =>
    (CASES[name] as readonly string[]).includes(expectFailure.cause ?? ''),
  );
}
