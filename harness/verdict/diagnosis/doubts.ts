import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { roomOfStep } from '../../protocols/rooms.ts';
import { stepsSince } from '../steps-since.ts';

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

/** Why a failed step is the capture's failure and nobody else's. */
interface Doubt {
  readonly why: string;
  /** The client itself went on as after a success, so that nothing about its boot stays unknown. */
  readonly wentOn: boolean;
}

/** Causes that say that something did not come: the capture may just not hold it. */
const NEVER_CAME =
  /-silent$|-unanswered$|-never-|-unreachable$|^(dhcp-ack-missing|offer-ignored|transfer-stalled|credentials-not-sent|image-never-read|share-never-mounted|proxydhcp-no-boot-file|no-boot-file)$/;
/** Causes of an answer to what was never asked: a server does not answer unasked, so the question was there. */
const UNASKED: readonly string[] = [
  'dhcp-unasked-answer',
  'proxydhcp-unasked-answer',
  'dhcp-wrong-transaction',
  'dhcp-unoffered-request',
];
/** What `tcp.connect` says of a connection that did not come about: the capture may lack the client's part of it. */
const UNANSWERED_SYN = 'no answer to SYN';
/** Causes of a conversation of which bytes are missing. */
const BROKEN_OFF: readonly string[] = ['smb-connection-lost', 'rpc-connection-lost'];

/**
 * A step as far as the capture can be believed: a failed one that may be the capture's doing is recorded. `open`: why the
 * boot's verdict is open then, unless the client itself went on. Without `capture` every step stays: a lab's own capture
 * is whole.
 */
export function doubted(
  step: StepDraft,
  before: readonly StepDraft[],
  capture: CaptureDoubts | undefined,
): { readonly step: StepDraft; readonly open?: string } {
  const doubt = capture && step.verdict === 'failed' ? doubtOf(step, before, capture) : undefined;
  if (!doubt) return { step };
  const { expected, actual, cause, ...recorded } = step;
  const told = expected === undefined ? '' : `; else: expected ${expected}, got ${actual ?? cause ?? 'nothing'}`;
  return {
    step: { ...recorded, verdict: 'recorded', why: `${doubt.why}${told}` },
    ...(doubt.wentOn ? {} : { open: `${step.step}: ${doubt.why}` }),
  };
}

/**
 * Whether a failed step may be the capture's doing: it lost, cut, or filtered what would have made it pass. `before`:
 * the client's steps so far. Undefined for what the capture shows to have failed. For a replay only: a lab's own capture
 * is whole, and what it does not hold did not happen.
 */
function doubtOf(step: StepDraft, before: readonly StepDraft[], capture: CaptureDoubts): Doubt | undefined {
  const cut = step.frames.find((frame) => capture.isCut(frame));
  if (cut !== undefined)
    return { why: `frame ${cut} was cut by the capture: what it said is known in part`, wentOn: false };
  const cause = step.cause ?? '';
  if (step.step === 'tcp.connect' && step.actual?.startsWith(UNANSWERED_SYN)) {
    const accepted = capture.acceptanceOf(step.frames[0] ?? 0);
    if (accepted !== undefined)
      return {
        why: `the server accepted the connection (frame ${accepted}), and the capture holds nothing that the client sent then`,
        wentOn: false,
      };
  }
  if (step.step === 'tftp.read-request') return requestDoubt(step, before, capture);
  if (NEVER_CAME.test(cause))
    return (cause === 'dhcp-ack-missing' ? leaseDoubt(step, before) : undefined) ?? silenceDoubt(capture);
  if (UNASKED.includes(cause))
    return { why: 'the capture does not hold the question: a server does not answer unasked', wentOn: true };
  if (BROKEN_OFF.includes(cause) && (capture.hasCuts || before.some((other) => isLossOf(other, step))))
    return { why: 'the capture lost a part of this connection, perhaps the answer', wentOn: false };
  return transferDoubt(step, before);
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
        wentOn: true,
      }
    : undefined;
}

function silenceDoubt({ isOneSided, isFiltered, hasCuts }: CaptureDoubts): Doubt | undefined {
  if (isOneSided) return { why: 'the capture holds one direction only, and not that of the answer', wentOn: false };
  if (isFiltered)
    return { why: 'a capture filter by ports left out what a server answers from other ports', wentOn: false };
  if (hasCuts) return { why: 'the capture cut frames of this client, perhaps that of the answer', wentOn: false };
  return undefined;
}

/** A read request that nobody answered, or for another file than the one that comes next. */
function requestDoubt(step: StepDraft, before: readonly StepDraft[], capture: CaptureDoubts): Doubt | undefined {
  if (step.cause === 'tftp-silent') {
    const request = stepsSince(before, step.startUs).find(
      (other) => isRequest(other) && other.startUs === step.startUs && isOf(other, step),
    );
    if (capture.isOneSided) return silenceDoubt(capture);
    if (!request || isRepeated(request, before)) return undefined;
    const next = nextAfter(request, before);
    return next
      ? {
          why: `the client went on (${next.step}, frame ${next.frames[0] ?? 0}) and did not ask again: the answer was there, and the capture does not hold it`,
          wentOn: true,
        }
      : silenceDoubt(capture);
  }
  if (step.cause !== 'wrong-boot-file') return undefined;
  const earlier = before.find((other) => isRequest(other) && other.verdict === 'passed' && !isOver(other, before));
  return earlier && !isRepeated(earlier, before)
    ? {
        why: `the client went on from “${pathOf(earlier)}” (frame ${earlier.frames[0] ?? 0}), whose answer the capture does not hold`,
        wentOn: true,
      }
    : undefined;
}

/** What a transfer breaks only because the capture does not hold its option acknowledgement. */
function transferDoubt(step: StepDraft, before: readonly StepDraft[]): Doubt | undefined {
  if (step.step !== 'tftp.anomaly' && step.step !== 'tftp.error') return undefined;
  const request = before.findLast((other) => isRequest(other) && isOf(other, step));
  const answered =
    request &&
    stepsSince(before, request.startUs).some(
      (other) => other.step === 'tftp.option-ack' && isOf(other, step) && other.startUs >= request.startUs,
    );
  if (!request || answered) return undefined;
  const why = 'the capture does not hold the answer to the options that were asked for';
  if (step.step === 'tftp.anomaly' && step.detail['kind'] === 'block-too-long' && 'blksize' in request.detail)
    return { why, wentOn: true };
  const { by, code } = step.detail;
  return step.step === 'tftp.error' && by === 'client' && (code === 0 || code === 8) && 'tsize' in request.detail
    ? { why, wentOn: true }
    : undefined;
}

const pathOf = ({ detail }: StepDraft): string => String(detail['path'] ?? '');
const isOf = (one: StepDraft, other: StepDraft): boolean => pathOf(one) === pathOf(other);
const isRequest = ({ step }: StepDraft): boolean => step === 'tftp.read-request';

/** Whether the client asked for the same once more before it did something else. */
function isRepeated(request: StepDraft, before: readonly StepDraft[]): boolean {
  const untilUs = nextAfter(request, before)?.startUs ?? Infinity;
  return stepsSince(before, request.startUs).some((other) => isRepeatOf(request, other) && other.startUs <= untilUs);
}

/** A request that came again, from the same port or another one. With other options it is another question. */
function isRepeatOf(request: StepDraft, other: StepDraft): boolean {
  if (!isRequest(other) || !isOf(other, request) || other.startUs <= request.startUs) return false;
  return other.verdict === 'recorded' || JSON.stringify(other.detail) === JSON.stringify(request.detail);
}

/** What the client did next after a request, as one that was answered does: no repeat, and no boot from the beginning. */
function nextAfter(request: StepDraft, before: readonly StepDraft[]): StepDraft | undefined {
  // Looked for when there is something to compare: without DHCP it would be a look at all steps.
  const asker = (): StepDraft | undefined =>
    before.findLast(({ step, startUs }) => step === 'dhcp.discover' && startUs < request.startUs);
  return stepsSince(before, request.startUs).find(
    (other) =>
      other.verdict === 'passed' &&
      other.startUs > request.startUs &&
      !isRepeatOf(request, other) &&
      roomOfStep(other.step)?.incidental !== true &&
      !(other.step.startsWith('dhcp.') && isSameProgram(other, asker())),
  );
}

/** Whether the same program asks for an address: the client began anew. */
function isSameProgram({ detail }: StepDraft, asker: StepDraft | undefined): boolean {
  return (
    asker === undefined ||
    (detail['vendorClass'] === asker.detail['vendorClass'] && detail['userClass'] === asker.detail['userClass'])
  );
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

function isLossOf(loss: StepDraft, step: StepDraft): boolean {
  return loss.step === 'tcp.lost' && (step.detail['port'] === undefined || loss.detail['port'] === step.detail['port']);
}
