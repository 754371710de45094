import { samePath } from '../../protocols/base/judge/path-names.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { isOverTcp } from '../../protocols/rooms.ts';
import { lackOf } from '../../protocols/words.ts';
import { stepsSince } from '../steps-since.ts';
import { isOf, isRepeated, isRequest, nextAfter, nextAfterAnswer, nextOverTcp, pathOf, timesAsked } from './went-on.ts';

/** What a capture of somebody else's shows of its own flaws so far. */
export interface CaptureDoubts {
  /** Whether the capture cut this frame before the end of what the judge needs. */
  readonly isCut: (frame: number) => boolean;
  /** The frame in which a server accepted the connection that the SYN in this frame asks for. */
  readonly acceptanceOf: (synFrame: number) => number | undefined;
  /** Whether it cut any frame of a client. */
  readonly hasCuts: boolean;
  /** It holds only one direction of what hosts say to each other. */
  readonly isOneSided: boolean;
  /** A filter by ports let requests pass, and not their answers. */
  readonly isFiltered: boolean;
}

/** What the client did next, as it does after a success; undefined while it has done nothing of the kind. */
type Next = (step: StepDraft, steps: readonly StepDraft[]) => StepDraft | undefined;

/** Why a failed step is the capture's failure and nobody else's. */
interface Doubt {
  readonly why: string;
  /** What shows that the client went on, so that nothing about its boot stays unknown; `nothing` where nothing can. */
  readonly next: Next | 'went-on' | 'nothing';
}

/** A step that the capture leaves open until its client has gone on. */
export interface OpenDoubt {
  readonly text: string;
  /** Doubts of one kind follow each other: who has gone on after a later one has gone on after an earlier one, too. */
  readonly kind: string;
  /** Whether it is still open after all these steps. */
  readonly isOpen: (steps: readonly StepDraft[]) => boolean;
}

/** Causes of an answer to what was never asked: a server does not answer unasked, so the question was there. */
const UNASKED: readonly string[] = [
  'dhcp-unasked-answer',
  'proxydhcp-unasked-answer',
  'dhcp-wrong-transaction',
  'dhcp-unoffered-request',
];
/** What `tcp.connect` says of a connection that did not come about: the capture may lack the client's part of it. */
const UNANSWERED_SYN = 'no answer to SYN';
/** The question that a client asks again and again while no answer comes, by the cause of the wait that was in vain. */
const QUESTIONS: Readonly<Record<string, string>> = {
  'dhcp-silent': 'dhcp.discover',
  'dhcp-ack-missing': 'dhcp.request',
  'proxydhcp-silent': 'proxydhcp.request',
};
const ASKED_ONCE =
  'the client asked once and not again, as one that gets no answer does: it was answered, or it was switched off, and the capture holds neither';

/**
 * A step as far as the capture can be believed: a failed one that may be the capture's doing is recorded. `open`: why the
 * boot's verdict is open then, until the client itself goes on. Without `capture` every step stays: a lab's own capture
 * is whole.
 */
export function doubted(
  step: StepDraft,
  before: readonly StepDraft[],
  capture: CaptureDoubts | undefined,
): { readonly step: StepDraft; readonly open?: OpenDoubt } {
  if (!capture) return { step };
  const lost = lossDoubt(step);
  if (lost) return { step, open: opened(step, lost) };
  const doubt = step.verdict === 'failed' ? doubtOf(step, before, capture) : undefined;
  if (!doubt) return { step };
  const { expected, actual, cause, ...recorded } = step;
  const told = expected === undefined ? '' : `; else: expected ${expected}, got ${actual ?? cause ?? 'nothing'}`;
  return {
    step: { ...recorded, verdict: 'recorded', why: `${doubt.why}${told}` },
    ...(doubt.next === 'went-on' ? {} : { open: opened(step, doubt) }),
  };
}

/** The kind of doubts that nothing resolves. */
export const FOR_GOOD = 'for good';

function opened(step: StepDraft, { why, next }: Doubt): OpenDoubt {
  return {
    text: `${step.step}: ${why}`,
    kind: next === 'nothing' ? FOR_GOOD : step.machine,
    isOpen: (steps) => typeof next === 'string' || next(step, steps) === undefined,
  };
}

/** What was said in bytes that the capture does not hold, nobody knows, unless the client shows it. */
function lossDoubt(step: StepDraft): Doubt | undefined {
  if (step.step === 'tcp.lost')
    return {
      why: `the capture lost a part of the connection to port ${String(step.detail['port'])}`,
      next: nextOverTcp,
    };
  return step.step === 'tftp.anomaly' && step.detail['kind'] === 'packet-without-request'
    ? { why: 'the capture does not hold the request of this transfer', next: nextAfter }
    : undefined;
}

/**
 * Whether a failed step may be the capture's doing: it lost, cut, or filtered what would have made it pass. `before`:
 * the client's steps so far. Undefined for what the capture shows to have failed. For a replay only: a lab's own capture
 * is whole, and what it does not hold did not happen.
 */
function doubtOf(step: StepDraft, before: readonly StepDraft[], capture: CaptureDoubts): Doubt | undefined {
  const cut = step.frames.find((frame) => capture.isCut(frame));
  if (cut !== undefined)
    return { why: `frame ${cut} was cut by the capture: what it said is known in part`, next: 'nothing' };
  const cause = step.cause ?? '';
  if (step.step === 'tcp.connect' && step.actual?.startsWith(UNANSWERED_SYN)) {
    const accepted = capture.acceptanceOf(step.frames[0] ?? 0);
    if (accepted !== undefined)
      return {
        why: `the server accepted the connection (frame ${accepted}), and the capture holds nothing that the client sent then`,
        next: nextOverTcp,
      };
  }
  if (step.step === 'tftp.read-request') return requestDoubt(step, before, capture);
  if (UNASKED.includes(cause))
    return {
      why: 'the capture does not hold the question: a server does not answer unasked',
      // An answer is measured from the question before, to which it does not belong.
      next: ({ endUs }, steps) => nextAfterAnswer(endUs, steps),
    };
  if (isOverTcp(step.machine)) return tcpDoubt(step, before, capture);
  if (lackOf(cause) === 'message')
    return roundDoubt(step, before) ?? transferDoubt(step, before) ?? silenceDoubt(capture) ?? onceDoubt(step, before);
  return transferDoubt(step, before);
}

/** Whether a step is a loss on what may be the connection of another step, which may not tell its port. */
const isLossOf =
  ({ detail: of }: StepDraft) =>
  ({ step, detail }: StepDraft): boolean =>
    step === 'tcp.lost' && (of['port'] === undefined || of['port'] === detail['port']);

/** What a conversation over TCP lacks, where the capture does not hold all of it. */
function tcpDoubt(step: StepDraft, before: readonly StepDraft[], capture: CaptureDoubts): Doubt | undefined {
  const lack = lackOf(step.cause ?? '');
  if (!lack) return undefined;
  const isAbsence = lack === 'message';
  // What broke a rule did so because of what is missing before it.
  const loss = isAbsence
    ? stepsSince(before, step.startUs).find((other) => isLossOf(step)(other) && other.endUs >= step.startUs)
    : before.findLast(isLossOf(step));
  if (loss)
    return {
      why: 'the capture lost a part of this connection, perhaps the answer',
      // Who went on between the loss and the failure shows nothing of what failed.
      next: (_, steps) => nextOverTcp(loss.endUs > step.startUs ? loss : { endUs: step.startUs }, steps),
    };
  if (!isAbsence && capture.hasCuts)
    return { why: 'the capture lost a part of this connection, perhaps the answer', next: 'nothing' };
  return isAbsence ? silenceDoubt(capture) : undefined;
}

/** A round for an address of which the capture does not hold a message. */
function roundDoubt(step: StepDraft, before: readonly StepDraft[]): Doubt | undefined {
  if (step.step === 'dhcp.request') {
    const ack = stepsSince(before, step.startUs).find(
      (other) => other.step === 'dhcp.ack' && other.endUs > step.startUs,
    );
    return (
      ack && {
        why: `the server answered (frame ${ack.frames.at(-1) ?? 0}): the REQUEST was there, and the capture does not hold it`,
        next: (_, steps) => nextAfterAnswer(ack.endUs, steps),
      }
    );
  }
  return step.cause === 'dhcp-ack-missing' ? leaseDoubt(step, before) : undefined;
}

/** A client that uses an address without asking for it again was given it. */
function leaseDoubt(step: StepDraft, before: readonly StepDraft[]): Doubt | undefined {
  const next = nextAfter(step, before);
  const askedAgain = stepsSince(before, step.startUs).some(
    (other) => other.step === 'dhcp.discover' && other.startUs > step.startUs && other.startUs < (next?.startUs ?? 0),
  );
  return next && !askedAgain
    ? {
        why: `the client went on (${next.step}, frame ${next.frames[0] ?? 0}) with the address that it asked for: the ACK was there, and the capture does not hold it`,
        next: 'went-on',
      }
    : undefined;
}

function silenceDoubt({ isOneSided, isFiltered, hasCuts }: CaptureDoubts): Doubt | undefined {
  if (isOneSided) return { why: 'the capture holds one direction only, and not that of the answer', next: 'nothing' };
  if (isFiltered)
    return { why: 'a capture filter by ports left out what a server answers from other ports', next: 'nothing' };
  if (hasCuts) return { why: 'the capture cut frames of this client, perhaps that of the answer', next: 'nothing' };
  return undefined;
}

/** A question that the client would have repeated, had no answer come. */
function onceDoubt(step: StepDraft, before: readonly StepDraft[]): Doubt | undefined {
  const question = QUESTIONS[step.cause ?? ''];
  return question !== undefined && timesAsked(question, step, before) === 1
    ? { why: ASKED_ONCE, next: nextAfter }
    : undefined;
}

/** A read request that nobody answered, that never came, or that is for another file than the one that was named. */
function requestDoubt(step: StepDraft, before: readonly StepDraft[], capture: CaptureDoubts): Doubt | undefined {
  if (step.cause === 'tftp-silent') return unansweredDoubt(step, before, capture);
  const unknown = before.findLast(
    ({ step: name, detail }) => name === 'tftp.anomaly' && detail['kind'] === 'packet-without-request',
  );
  if (step.cause === 'wrong-boot-file')
    return unknown ? missedRequest(unknown, 'went-on') : otherFileDoubt(step, before);
  if (lackOf(step.cause ?? '') !== 'message') return undefined;
  return unknown && unknown.startUs >= step.startUs ? missedRequest(unknown, nextAfter) : silenceDoubt(capture);
}

const missedRequest = ({ frames }: StepDraft, next: Doubt['next']): Doubt => ({
  why: `frame ${frames[0] ?? 0} belongs to a transfer whose request the capture does not hold`,
  next,
});

function unansweredDoubt(step: StepDraft, before: readonly StepDraft[], capture: CaptureDoubts): Doubt | undefined {
  const request = stepsSince(before, step.startUs).find(
    (other) => isRequest(other) && other.startUs === step.startUs && isOf(other, step),
  );
  if (capture.isOneSided) return silenceDoubt(capture);
  if (!request || isRepeated(request, before)) return undefined;
  const next = nextAfter(request, before);
  return next
    ? {
        why: `the client went on (${next.step}, frame ${next.frames[0] ?? 0}) and did not ask again: the answer was there, and the capture does not hold it`,
        next: 'went-on',
      }
    : (silenceDoubt(capture) ?? { why: ASKED_ONCE, next: nextAfter });
}

/** Another boot file than the one that was named, where the capture does not hold all that happened before it. */
function otherFileDoubt(step: StepDraft, before: readonly StepDraft[]): Doubt | undefined {
  const earlier = before.find((other) => isRequest(other) && other.verdict === 'passed' && !isOver(other, before));
  if (earlier && !isRepeated(earlier, before))
    return {
      why: `the client went on from “${pathOf(earlier)}” (frame ${earlier.frames[0] ?? 0}), whose answer the capture does not hold`,
      next: 'went-on',
    };
  return otherNameDoubt(step, before);
}

/** A boot file that only a boot server can have named, in an exchange of which the capture does not hold a half. */
function otherNameDoubt(step: StepDraft, before: readonly StepDraft[]): Doubt | undefined {
  const exchange = before.filter(({ step: name }) => name.startsWith('proxydhcp.'));
  const last = exchange.at(-1);
  if (last?.step === 'proxydhcp.ack' && last.verdict === 'recorded' && isNamedBy(last, step))
    return {
      why: `the boot server named this file (frame ${last.frames.at(-1) ?? 0}) in an answer whose question the capture does not hold`,
      next: 'went-on',
    };
  const answered = exchange.findLastIndex(
    ({ step: name, verdict }) => name === 'proxydhcp.ack' && verdict === 'passed',
  );
  const [question, ...again] = exchange.slice(answered + 1).filter(({ step: name }) => name === 'proxydhcp.request');
  return question && again.length === 0
    ? {
        why: `the boot server’s answer to frame ${question.frames[0] ?? 0}, which may have named this file, is not in the capture`,
        next: 'went-on',
      }
    : undefined;
}

function isNamedBy({ detail }: StepDraft, request: StepDraft): boolean {
  return samePath(String(detail['bootfile'] ?? ''), pathOf(request));
}

/** A packet that either side repeats until it is answered must come so often before its silence is believed. */
const REPEATS = 2;

/** What a transfer lacks or breaks only because the capture does not hold a packet of it. */
function transferDoubt(step: StepDraft, before: readonly StepDraft[]): Doubt | undefined {
  if (step.machine !== 'tftp') return undefined;
  const request = before.findLast((other) => isRequest(other) && isOf(other, step));
  if (!request) return undefined;
  if (step.cause === 'transfer-stalled')
    return Number(step.detail['repeats'] ?? 0) < REPEATS && !isRepeated(request, before)
      ? {
          why: 'neither side sent its last packet again, as one does that gets no answer: the transfer went on, or the client was switched off, and the capture holds neither',
          next: (_, steps) => nextAfter(request, steps),
        }
      : undefined;
  const answered = stepsSince(before, request.startUs).some(
    (other) => other.step === 'tftp.option-ack' && isOf(other, step) && other.startUs >= request.startUs,
  );
  if (answered) return undefined;
  const why = 'the capture does not hold the answer to the options that were asked for';
  if (step.step === 'tftp.anomaly' && step.detail['kind'] === 'block-too-long' && 'blksize' in request.detail)
    return { why, next: 'went-on' };
  const { by, code } = step.detail;
  return step.step === 'tftp.error' && by === 'client' && (code === 0 || code === 8) && 'tsize' in request.detail
    ? { why, next: 'went-on' }
    : undefined;
}

/** Whether something came of a request. */
function isOver(request: StepDraft, before: readonly StepDraft[]): boolean {
  return stepsSince(before, request.startUs).some(
    (other) =>
      other.startUs >= request.startUs &&
      isOf(other, request) &&
      ['tftp.transfer', 'tftp.error', 'tftp.size-probe'].includes(other.step),
  );
}
