import type { Step } from '../../../reports/result.ts';
import { printable } from '../../../reports/text.ts';
import type { StepName } from '../../protocols/words.ts';
import { framesText, seen, told, type CommentedMap } from '../commented.ts';
import type { Decision } from './decision.ts';

/** What decides from which device a client starts, and how often. */
export interface Starts {
  /** Of the client. */
  readonly keys: CommentedMap;
  /** `after` of the scenario. */
  readonly after: CommentedMap | undefined;
}

const REINSTALLED: StepName = 'boot.reinstalled';
/** A scenario starts a client once more, and no further time. */
const MOST_INSTALLATIONS = 2;

/** A client that was installed again at its next start has the network first; any other starts once. */
export function startsOf(steps: readonly Step[], { open }: Pick<Decision, 'open'>): Starts {
  const again = steps.find(({ step }) => step === REINSTALLED);
  if (again === undefined) return { keys: {}, after: undefined };
  const { frames, detail = {} } = again;
  if (Number(detail['times']) > MOST_INSTALLATIONS)
    open(
      `after: ${printable(String(detail['image'] ?? ''))} was installed ${String(detail['times'])} times (${framesText(frames)}); a scenario starts a client twice at most`,
    );
  return {
    keys: { 'boot-order': told(['network', 'disk'], 'its next start is from the network, too') },
    after: { 'next-start': seen('network', frames, 'installed once more') },
  };
}
