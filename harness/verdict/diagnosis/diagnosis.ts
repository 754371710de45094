import { samePath } from '../../protocols/base/judge/path-names.ts';
import { roomOfStep } from '../../protocols/rooms.ts';
import type { CauseName, StepName } from '../../protocols/words.ts';
import { toBootEvent } from '../boot/boot-events.ts';
import type { Expectation } from '../../plan/plan.ts';
import type { MachineRun } from '../machines/machine-run.ts';
import { meets } from '../expectations/expectations.ts';
import { misfits, showMatcher, showValue } from '../expectations/matching.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';

/** How a client's story ended when the scenario still wanted something. */
export type Ending = {
  /** `passed-by`: the client has gone on to where the step cannot come any more. `idle`: nothing moved. */
  readonly how: 'timeout' | 'idle' | 'capture-ended' | 'vm-ended' | 'passed-by';
  readonly atUs: number;
  readonly reason: string;
};

/** What a diagnosis looks at. */
export interface Facts {
  readonly unmet: Expectation;
  /** Every step so far. */
  readonly steps: readonly StepDraft[];
  /** Steps after the one that met the expectation before. */
  readonly candidates: readonly StepDraft[];
  readonly waiting: readonly Pick<MachineRun, 'kind' | 'waitsFor'>[];
  readonly ending: Ending;
  /** What the client, or the boot as a whole, was waiting for. */
  readonly openWait?: string | undefined;
  /** Why the boot order leaves no start from the network, in words. */
  readonly passedOver?: string | undefined;
  /** What a boot program that runs lacks, in words. */
  readonly missingConfiguration?: string | undefined;
}

interface Rule {
  readonly cause: CauseName;
  readonly applies: (facts: Facts) => boolean;
}

const about = (facts: Facts, prefix: string): boolean => facts.unmet.step.startsWith(prefix);
const speaker = (step: string): 'loader' | 'system' | undefined => roomOfStep(step)?.boot?.speaker;
const happened = (facts: Facts, name: StepName): boolean =>
  facts.steps.some((step) => step.step === name && step.verdict === 'passed');
const began = (facts: Facts, prefix: string): boolean => facts.steps.some((step) => step.step.startsWith(prefix));
const refusedWith = (facts: Facts, name: StepName, cause: CauseName): boolean =>
  facts.candidates.some((step) => step.step === name && step.cause === cause && isAboutSamePath(step, facts.unmet));
const brokeOff = (facts: Facts, cause: CauseName): boolean =>
  facts.candidates.some(
    (step) => step.verdict === 'recorded' && step.cause === cause && isAboutSamePath(step, facts.unmet),
  );
const afterBoot = (facts: Facts): boolean => speaker(facts.unmet.step) === 'system';
const aboutLoading = (facts: Facts): boolean => speaker(facts.unmet.step) === 'loader';
const beganToLoad = (facts: Facts): boolean => facts.steps.some(({ step }) => speaker(step) === 'loader');
const aboutControl = (facts: Facts): boolean => about(facts, 'rpc.') || about(facts, 'wds.');
const namesBootFile = (facts: Facts): boolean => facts.steps.some(({ detail }) => Boolean(detail['bootfile']));
const isLoad = (step: StepDraft): boolean => toBootEvent(step).type === 'loaded';
const loadedBoot = (facts: Facts): boolean => facts.steps.some(isLoad);
const isSilent = (facts: Facts): boolean => !began(facts, 'dhcp.') && !began(facts, 'proxydhcp.') && !loadedBoot(facts);

/**
 * Why an expectation was not met, when no machine saw a protocol fail. The first rule that applies wins: what the wire
 * shows comes before how the story ended.
 */
const RULES: readonly Rule[] = [
  {
    cause: 'device-pending',
    applies: (facts) => facts.steps.findLast(({ machine }) => machine === 'wdsnbp')?.step === 'wdsnbp.pending',
  },
  { cause: 'prompt-unanswered', applies: promptUnanswered },
  {
    cause: 'boot-file-missing',
    applies: (facts) => about(facts, 'tftp.') && refusedWith(facts, 'tftp.error', 'boot-file-missing'),
  },
  {
    cause: 'boot-file-missing',
    applies: (facts) => about(facts, 'http.') && refusedWith(facts, 'http.error', 'boot-file-missing'),
  },
  {
    cause: 'image-missing',
    applies: (facts) =>
      (about(facts, 'image.') || about(facts, 'smb.')) && refusedWith(facts, 'smb.error', 'image-missing'),
  },
  {
    cause: 'smb1-only',
    applies: (facts) =>
      (about(facts, 'smb.') || about(facts, 'image.')) &&
      facts.candidates.some(({ step, cause }) => step === 'smb.negotiate' && cause === 'smb1-only'),
  },
  // Another device started than the scenario wants: the order is to blame, whatever else was wanted of the boot.
  {
    cause: 'wrong-boot-order',
    applies: (facts) => facts.unmet.step === 'boot.device' && nearest(facts)?.step === 'boot.device',
  },
  { cause: 'different-detail', applies: (facts) => nearest(facts) !== undefined },
  { cause: 'boot-configuration-missing', applies: (facts) => facts.missingConfiguration !== undefined },
  { cause: 'tftp-silent', applies: (facts) => about(facts, 'tftp.') && brokeOff(facts, 'tftp-silent') },
  {
    cause: 'transfer-stalled',
    applies: (facts) =>
      facts.waiting.some(({ kind }) => speaker(`${kind}.`) === 'loader' && about(facts, `${kind}.`)) ||
      brokeOff(facts, 'transfer-stalled'),
  },
  { cause: 'wrong-boot-order', applies: (facts) => facts.passedOver !== undefined && isSilent(facts) },
  {
    cause: 'firmware-silent',
    applies: (facts) => isSilent(facts) && !afterBoot(facts),
  },
  {
    cause: 'dhcp-silent',
    applies: (facts) => about(facts, 'dhcp.') && happened(facts, 'dhcp.discover') && !happened(facts, 'dhcp.offer'),
  },
  // One that offered itself without a boot file is there, and was not asked.
  {
    cause: 'proxydhcp-never-asked',
    applies: (facts) =>
      aboutLoading(facts) &&
      !beganToLoad(facts) &&
      began(facts, 'proxydhcp.offer') &&
      !began(facts, 'proxydhcp.request') &&
      !namesBootFile(facts),
  },
  { cause: 'proxydhcp-silent', applies: (facts) => about(facts, 'proxydhcp.') && !happened(facts, 'proxydhcp.offer') },
  {
    cause: 'no-boot-file',
    applies: (facts) => about(facts, 'tftp.') && !beganToLoad(facts) && !namesBootFile(facts),
  },
  {
    cause: 'boot-file-never-asked-for',
    applies: (facts) => aboutLoading(facts) && !beganToLoad(facts),
  },
  { cause: 'arp-silent', applies: (facts) => facts.candidates.at(-1)?.cause === 'arp-silent' },
  // A system that finds no network switches itself off in order; every other end says more than the silence before it.
  { cause: 'vm-ended-early', applies: ({ ending }) => ending.how === 'vm-ended' && ending.reason !== 'guest-shutdown' },
  { cause: 'guest-no-network', applies: (facts) => afterBoot(facts) && loadedBoot(facts) && !bootedSystemSpoke(facts) },
  { cause: 'vm-ended-early', applies: ({ ending }) => ending.how === 'vm-ended' },
  {
    cause: 'share-never-mounted',
    applies: (facts) => afterBoot(facts) && !aboutControl(facts) && !began(facts, 'smb.'),
  },
  {
    cause: 'control-service-never-asked',
    applies: (facts) => aboutControl(facts) && !began(facts, 'rpc.') && !began(facts, 'wds.'),
  },
  {
    cause: 'image-never-read',
    applies: (facts) => about(facts, 'image.') && happened(facts, 'smb.tree-connect') && !began(facts, 'image.'),
  },
  { cause: 'step-passed-by', applies: (facts) => facts.ending.how === 'passed-by' },
  { cause: 'boot-stuck', applies: (facts) => facts.ending.how === 'idle' },
  { cause: 'timeout', applies: (facts) => facts.ending.how === 'timeout' },
  { cause: 'capture-ended', applies: () => true },
];

/** Causes that the frames show; all others explain why something has not come. */
const SHOWN: readonly CauseName[] = ['boot-file-missing', 'image-missing', 'different-detail'];

/**
 * Whether what a client did rules out that the first of `unmet` still comes: a server refused the file, the step came with
 * other details, or the client has gone on to what the scenario wants later.
 */
export function contradicts({
  unmet: [unmet, ...later],
  candidates,
}: {
  readonly unmet: readonly Expectation[];
  readonly candidates: readonly StepDraft[];
}): boolean {
  if (unmet === undefined) return false;
  if (later.some((wanted) => candidates.some((step) => meets(step, wanted)))) return true;
  const facts: Facts = {
    unmet,
    candidates,
    steps: candidates,
    waiting: [],
    ending: { how: 'capture-ended', atUs: 0, reason: '' },
  };
  return RULES.some(({ cause, applies }) => SHOWN.includes(cause) && applies(facts));
}

/** The cause of an unmet expectation. */
function diagnose(facts: Facts): CauseName {
  return RULES.find((rule) => rule.applies(facts))?.cause ?? 'capture-ended';
}

/** The failed step of an unmet expectation: what was expected, what came instead, and the likeliest cause. */
export function unmetStep(facts: Facts): StepDraft {
  const { unmet, ending } = facts;
  const near = nearest(facts);
  const atUs = near?.endUs ?? ending.atUs;
  const cause = diagnose(facts);
  return {
    machine: unmet.step.split('.')[0] ?? 'boot',
    step: unmet.step,
    verdict: 'failed',
    startUs: near?.startUs ?? atUs,
    endUs: atUs,
    frames: near?.frames ?? [],
    detail: near?.detail ?? {},
    expected: showExpectation(unmet),
    actual: near ? differing(near, unmet) : `none; ${whatCame(facts, cause)}`,
    cause,
  };
}

/** An expectation as a message shows it, with its place in the scenario. */
export function showExpectation(expectation: Expectation): string {
  const wanted = Object.entries(expectation.with).map(([key, matcher]) => `${key} ${showMatcher(matcher)}`);
  return `${expectation.step}${wanted.length === 0 ? '' : ` with ${wanted.join(', ')}`}${expectation.source === '' ? '' : ` (${expectation.source})`}`;
}

function nearest(facts: Facts): StepDraft | undefined {
  let best: StepDraft | undefined;
  let fewest = Infinity;
  for (const step of facts.candidates) {
    if (step.step !== facts.unmet.step || step.verdict !== 'passed') continue;
    const misses = misfits(step.detail, facts.unmet.with);
    // A step about another file is not a near miss: it is another transfer. Nor is another operation, unless it could
    // not be read.
    if (misses.includes('path') || (misses.includes('operation') && step.detail['operation'] !== '')) continue;
    if (misses.length < fewest) [best, fewest] = [step, misses.length];
  }
  return best;
}

function differing(step: StepDraft, wanted: Expectation): string {
  const keys = misfits(step.detail, wanted.with);
  return `${keys.map((key) => `${key} ${showValue(step.detail[key])}`).join(', ')} (frame ${step.frames.at(-1) ?? 0})`;
}

/** What came instead of a step that did not. */
function whatCame(facts: Facts, cause: CauseName): string {
  const shown =
    cause === 'boot-configuration-missing'
      ? [facts.missingConfiguration]
      : [lastSeen(facts.steps), ...(cause === 'wrong-boot-order' ? [facts.passedOver] : []), openWait(facts)];
  return [...shown, facts.ending.reason].filter((text) => text !== undefined && text !== '').join('; ');
}

/** What a boot was waiting for when it was ended from outside. */
function openWait({ openWait: wait, ending }: Facts): string {
  return wait === undefined || (ending.how !== 'idle' && ending.how !== 'timeout') ? '' : `it was waiting for ${wait}`;
}

function lastSeen(steps: readonly StepDraft[]): string {
  const last = steps.at(-1);
  if (!last) return 'the client sent nothing';
  const path = last.detail['path'];
  return `the last thing seen was ${last.step}${path === undefined ? '' : ` ${showValue(path)}`} (${last.verdict}${last.frames.length === 0 ? '' : `, frame ${last.frames.at(-1) ?? 0}`})`;
}

function isAboutSamePath(step: StepDraft, wanted: Expectation): boolean {
  const path = wanted.with['path'];
  return typeof path !== 'string' || samePath(String(step.detail['path'] ?? ''), path);
}

/** Whether the boot server's last answer named a program that waits for F12, and the client did not go on. */
function promptUnanswered(facts: Facts): boolean {
  const at = facts.steps.findLastIndex((step) => step.step === 'proxydhcp.ack' && step.verdict === 'passed');
  return (
    facts.steps[at]?.detail['prompt'] === 'opt-in' &&
    !facts.steps.slice(at + 1).some(({ step }) => /^(tftp|http|wdsnbp)\./.test(step))
  );
}

function bootedSystemSpoke(facts: Facts): boolean {
  const last = facts.steps.findLast(isLoad);
  return facts.steps.some(
    (step) =>
      last !== undefined &&
      step.startUs > last.endUs &&
      isOfSystem(step.step) &&
      step.verdict !== 'failed' &&
      !isOfOthersAlone(step),
  );
}

/** A router says it to every host of its link, unasked (RFC 4861 section 6.2.4). */
const SAID_TO_ALL: StepName = 'ndp.router-advertisement';

/** Whether the client had no part in it: a router's word to every host, or a search for the client which it did not answer. */
function isOfOthersAlone({ step, verdict, detail }: StepDraft): boolean {
  return step === SAID_TO_ALL || (detail['asker'] !== undefined && verdict !== 'passed');
}

/** Whether a booted system has such steps: its own protocols', those of any stack, and DHCP's once more. */
function isOfSystem(step: string): boolean {
  return speaker(step) === 'system' || roomOfStep(step)?.incidental === true || step.startsWith('dhcp.');
}
