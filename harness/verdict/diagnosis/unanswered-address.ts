import type { CauseName, StepName } from '../../protocols/words.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { stepsSince } from '../steps-since.ts';

/** What a client does not do when nobody has the address that it needs for it. */
const NOT_ASKED: ReadonlySet<string | undefined> = new Set<CauseName>([
  'boot-file-never-asked-for',
  'proxydhcp-never-asked',
]);

/** How a client looks for an address, by the step that reports it: over IPv4 (RFC 826), and over IPv6 (RFC 4861). */
const LOOKS: ReadonlyMap<string, { readonly silent: CauseName; readonly by: string }> = new Map([
  ['arp.resolve' satisfies StepName, { silent: 'arp-silent', by: 'ARP' }],
  ['ndp.resolve' satisfies StepName, { silent: 'neighbour-silent', by: 'neighbour discovery' }],
]);

/**
 * The step, blamed on the address that nobody has: a client that finds nobody there sends nothing more, and so never asks
 * its boot server. `steps`: those before it. A step with another reason stays as it is.
 */
export function blamedOnAddress(draft: StepDraft, steps: readonly StepDraft[]): StepDraft {
  if (!NOT_ASKED.has(draft.cause)) return draft;
  // Those that ended before this wait began are no part of it.
  const during = stepsSince(steps, draft.startUs);
  const unanswered = during.findLast(({ step, cause }) => cause !== undefined && LOOKS.get(step)?.silent === cause);
  const look = unanswered && LOOKS.get(unanswered.step);
  if (unanswered === undefined || look === undefined || unanswered.startUs < draft.startUs) return draft;
  const { ip = '' } = unanswered.detail;
  const answeredLater = during.some(
    ({ step, verdict, detail, startUs }) =>
      step === unanswered.step && verdict === 'passed' && detail['ip'] === ip && startUs > unanswered.startUs,
  );
  if (answeredLater) return draft;
  const server = draft.detail['server'];
  const times = unanswered.frames.length;
  const requests = times > 1 ? ` to ${times} requests` : '';
  const way = server === undefined || server === ip ? '' : `, which the client takes for the way to ${server}`;
  return {
    ...draft,
    frames: [...new Set([...draft.frames, ...unanswered.frames])].sort((a, b) => a - b),
    actual: `nobody has ${ip}${way}: ${look.by} got no answer${requests}, so the client could not ask`,
    cause: look.silent,
  };
}
