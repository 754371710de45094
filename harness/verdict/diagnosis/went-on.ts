import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { roomOfStep } from '../../protocols/rooms.ts';
import { stepsSince } from '../steps-since.ts';

// What a client did after a step: a client that goes on as after a success had one, whatever the capture holds of it.

export const pathOf = ({ detail }: StepDraft): string => String(detail['path'] ?? '');
export const isOf = (one: StepDraft, other: StepDraft): boolean => pathOf(one) === pathOf(other);
export const isRequest = ({ step }: StepDraft): boolean => step === 'tftp.read-request';

/** What the client did next after a request, as one that was answered does: no repeat, and no boot from the beginning. */
export function nextAfter(request: StepDraft, steps: readonly StepDraft[]): StepDraft | undefined {
  // Looked for when there is something to compare: without DHCP it would be a look at all steps.
  const asker = (): StepDraft | undefined =>
    steps.findLast(({ step, startUs }) => step === 'dhcp.discover' && startUs < request.startUs);
  return stepsSince(steps, request.startUs).find(
    (other) =>
      other.verdict === 'passed' &&
      other.startUs > request.startUs &&
      !isRepeatOf(request, other) &&
      !isIncidental(other) &&
      !(other.step.startsWith('dhcp.') && isSameProgram(other, asker())),
  );
}

/** What the client did next after an answer of DHCP that came so late: anything but to ask once more. */
export function nextAfterAnswer(atUs: number, steps: readonly StepDraft[]): StepDraft | undefined {
  return stepsSince(steps, atUs).find(
    (other) =>
      other.verdict === 'passed' &&
      other.startUs > atUs &&
      other.step !== 'dhcp.discover' &&
      other.step !== 'dhcp.offer' &&
      !isIncidental(other),
  );
}

/** How every connection begins, before the server has said whether the client may do anything. */
const BEGINNINGS =
  /^(tcp|ntlm)\.|^(smb\.negotiate|rpc\.bind|rpc\.alter-context|rpc\.auth3|wds\.request|tls\.handshake)$/;

/** What was carried through over a connection after a part of one was lost. */
export function nextOverTcp(loss: Pick<StepDraft, 'endUs'>, steps: readonly StepDraft[]): StepDraft | undefined {
  return stepsSince(steps, loss.endUs).find(
    (other) =>
      other.verdict === 'passed' && other.endUs > loss.endUs && !isIncidental(other) && !BEGINNINGS.test(other.step),
  );
}

/** Whether the client asked for the same once more before it did something else. */
export function isRepeated(request: StepDraft, steps: readonly StepDraft[]): boolean {
  const untilUs = nextAfter(request, steps)?.startUs ?? Infinity;
  return stepsSince(steps, request.startUs).some((other) => isRepeatOf(request, other) && other.startUs <= untilUs);
}

/** How often the client asked, by steps of this name, since a wait began. */
export function timesAsked(question: string, wait: StepDraft, steps: readonly StepDraft[]): number {
  return stepsSince(steps, wait.startUs).filter(
    ({ step, startUs }) => step === question && startUs >= wait.startUs && startUs <= wait.endUs,
  ).length;
}

/** A request that came again, from the same port or another one. With other options it is another question. */
function isRepeatOf(request: StepDraft, other: StepDraft): boolean {
  if (!isRequest(other) || !isOf(other, request) || other.startUs <= request.startUs) return false;
  return other.verdict === 'recorded' || JSON.stringify(other.detail) === JSON.stringify(request.detail);
}

/** Whether the same program asks for an address: the client began anew. */
function isSameProgram({ detail }: StepDraft, asker: StepDraft | undefined): boolean {
  return (
    asker === undefined ||
    (detail['vendorClass'] === asker.detail['vendorClass'] && detail['userClass'] === asker.detail['userClass'])
  );
}

/** What shows nothing of what the client got: beside every boot, or a conclusion of the judge's own. */
const isIncidental = ({ step, machine }: StepDraft): boolean =>
  machine === 'boot' || roomOfStep(step)?.incidental === true;
