import type { CauseName, StepName } from '../../protocols/words.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { stepsSince } from '../steps-since.ts';

/** What a store and a client say of each other when one of them does not go on. */
const DID_NOT_GO_ON: ReadonlySet<string | undefined> = new Set<CauseName>([
  'store-silent',
  'store-client-gone',
  'store-unreachable',
]);
const RESOLVES: StepName = 'arp.resolve';

/**
 * The step, blamed on the client that is no longer in its network: another host, as a rule the server, asked by ARP who has the
 * client's address, and nobody answered until the step had failed. A step with another reason stays as it is. `steps`: those before it.
 */
export function blamedOnClient(draft: StepDraft, steps: readonly StepDraft[]): StepDraft {
  if (!DID_NOT_GO_ON.has(draft.cause)) return draft;
  const looks = stepsSince(steps, draft.startUs).filter(
    ({ step, startUs, detail }) => step === RESOLVES && startUs >= draft.startUs && detail['asker'] !== undefined,
  );
  const last = looks.at(-1);
  if (last?.verdict !== 'recorded') return draft;
  return {
    ...draft,
    frames: [...new Set([...draft.frames, ...last.frames])].sort((a, b) => a - b),
    actual: `${draft.actual ?? 'nothing'}; ${String(last.detail['asker'])} asked by ARP for ${String(last.detail['ip'])}, the client’s address, and got no answer`,
    cause: 'client-unreachable',
  };
}
