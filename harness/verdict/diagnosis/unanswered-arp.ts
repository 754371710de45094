import type { CauseName } from '../../protocols/words.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { stepsSince } from '../steps-since.ts';

/** What a client does not do when nobody has the address that it needs for it. */
const NOT_ASKED: ReadonlySet<string | undefined> = new Set<CauseName>([
  'boot-file-never-asked-for',
  'proxydhcp-never-asked',
]);

/**
 * The step, blamed on the address that nobody has: a client that gets no answer to ARP sends nothing more, and so never
 * asks its boot server. `steps`: those before it. A step with another reason stays as it is.
 */
export function blamedOnArp(draft: StepDraft, steps: readonly StepDraft[]): StepDraft {
  if (!NOT_ASKED.has(draft.cause)) return draft;
  // Those that ended before this wait began are no part of it.
  const during = stepsSince(steps, draft.startUs);
  const unanswered = during.findLast(({ step, cause }) => step === 'arp.resolve' && cause === 'arp-silent');
  if (unanswered === undefined || unanswered.startUs < draft.startUs) return draft;
  const { ip = '' } = unanswered.detail;
  const answeredLater = during.some(
    ({ step, verdict, detail, startUs }) =>
      step === 'arp.resolve' && verdict === 'passed' && detail['ip'] === ip && startUs > unanswered.startUs,
  );
  if (answeredLater) return draft;
  const server = draft.detail['server'];
  const times = unanswered.frames.length;
  const requests = times > 1 ? ` to ${times} requests` : '';
  const way = server === undefined || server === ip ? '' : `, which the client takes for the way to ${server}`;
  return {
    ...draft,
    frames: [...new Set([...draft.frames, ...unanswered.frames])].sort((a, b) => a - b),
    actual: `nobody has ${ip}${way}: ARP got no answer${requests}, so the client could not ask`,
    cause: 'arp-silent' satisfies CauseName,
  };
}
