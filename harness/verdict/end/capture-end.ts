import { isFirmwareClass } from '../../protocols/dhcp/judge/facts.ts';
import type { Sighting, StepDraft } from '../../protocols/base/judge/step.ts';
import { roomOfStep } from '../../protocols/rooms.ts';
import { type BootContext, nothingLoadedStep, silentGuestStep } from '../boot/boot-progress.ts';
import { isLastConfiguration } from '../../protocols/base/judge/path-names.ts';
import type { MachineRun } from '../machines/machine-run.ts';
import { type Around, type Proof, proofOfSilence, withProof } from './retries.ts';

// What a capture that just ends proves, although no deadline has passed: clients that asked as often as they ever do,
// that began anew, or that are gone (harness/docs/decisions/170-the-end-of-a-capture.md).

/** A client's story where its capture ends. */
export interface StoryAtEnd {
  readonly atUs: number;
  readonly steps: readonly StepDraft[];
  readonly boot: MachineRun;
}

/**
 * Fires the deadlines of waits that the client itself has shown to be in vain; gives their steps one by one, each with
 * what proves it.
 */
export function* provenByClient({ atUs, steps }: StoryAtEnd, waiting: readonly MachineRun[]): Generator<StepDraft> {
  const around = aroundOf(steps);
  for (const run of waiting) {
    const proof = proofOfSilence(run, around);
    if (proof) for (const step of run.expire(atUs)) yield withProof(step, proof);
  }
}

/** The failed step of a boot program that has looked for its configuration in every place, and found none. */
export function provenUnconfigured({ atUs, boot }: StoryAtEnd): StepDraft[] {
  const context = boot.context as BootContext;
  const stopped = boot.state === 'kernel.silent' && context.unconfigured.some(isLastConfiguration);
  return stopped && !context.failed ? [silentGuestStep(context, atUs)] : [];
}

/** The failed step of a client that has an address and, as the capture shows, will load nothing. */
export function provenNothingLoaded({ atUs, steps, boot }: StoryAtEnd): StepDraft[] {
  const context = boot.context as BootContext;
  if (context.failed) return [];
  if (boot.state === 'nbp' && boot.waitsFor !== undefined) {
    const proof = giveUpProof(steps, context.since);
    return proof === undefined ? [] : boot.expire(atUs).map((step) => withProof(step, proof));
  }
  // A capture of the DHCP ports alone shows no loading: only where no server named a file nothing can have been loaded.
  const round = context.told.length === 0 ? lostRound(steps) : undefined;
  if (boot.state !== 'dhcp' || round === undefined) return [];
  const { ack, anew } = round;
  return [
    withProof(nothingLoadedStep({ ...context, since: endOf(ack) }, anew.startUs), {
      frames: anew.frames,
      text: `the client began anew (frame ${anew.frames[0] ?? 0})`,
    }),
  ];
}

function aroundOf(steps: readonly StepDraft[]): Around {
  const asks = steps.findLast(({ step }) => step === 'dhcp.discover' || step === 'dhcp.request');
  return {
    asksAsSystem: asks !== undefined && !isFirmwareClass(asks.detail['vendorClass']),
    toldBootFile: steps.some(({ step, detail }) => step !== 'proxydhcp.offer' && Boolean(detail['bootfile'])),
    startedOver: (after) => {
      const before = steps.findLast((step) => isDiscover(step) && step.startUs <= after.atUs);
      const anew = steps.find((step) => step.startUs > after.atUs && before !== undefined && isSameRound(before, step));
      return anew && { frame: anew.frames[0] ?? 0, atUs: anew.startUs };
    },
  };
}

/** What shows that a client with an address has given its boot up: nobody answered its ARP, or it answers none itself. */
function giveUpProof(steps: readonly StepDraft[], since: Sighting): Proof | undefined {
  const unanswered = steps.findLast(
    (step) =>
      step.step === 'arp.resolve' && step.verdict === 'recorded' && step.startUs >= since.atUs && isDecisive(step),
  );
  if (unanswered === undefined) return undefined;
  const { detail, frames } = unanswered;
  const asker = detail['asker'];
  const requests = `${frames.length} request${frames.length === 1 ? '' : 's'} (frame${frames.length === 1 ? '' : 's'} ${frames.join(', ')})`;
  return {
    frames,
    text:
      asker === undefined
        ? requests
        : `${String(asker)} asked by ARP for the client, ${requests}, and got no answer: the client has given up`,
  };
}

/** Of the client's own questions those that a boot needs; of others' all: a probe that nobody answers is a good one. */
const isDecisive = ({ cause, detail }: StepDraft): boolean => cause === 'arp-silent' || detail['asker'] !== undefined;

/** A round for an address after which the firmware asked for one once more, and had loaded nothing in between. */
function lostRound(steps: readonly StepDraft[]): { readonly ack: StepDraft; readonly anew: StepDraft } | undefined {
  const at = steps.findLastIndex(({ step, verdict }) => step === 'dhcp.ack' && verdict === 'passed');
  const ack = steps[at];
  const before = steps.slice(0, Math.max(0, at)).findLast(isDiscover);
  const later = steps.slice(at + 1);
  const anew = before && later.find((step) => isSameRound(before, step));
  if (ack === undefined || anew === undefined) return undefined;
  const loads = later.some(
    ({ step, startUs }) => startUs < anew.startUs && roomOfStep(step)?.boot?.speaker === 'loader',
  );
  return loads ? undefined : { ack, anew };
}

const isDiscover = ({ step }: StepDraft): boolean => step === 'dhcp.discover';

/** Whether a DISCOVER begins the round of another one over: the same program asks as if for the first time. */
function isSameRound(before: StepDraft, anew: StepDraft): boolean {
  return (
    isDiscover(anew) &&
    anew.detail['attempt'] === 1 &&
    isFirmwareClass(anew.detail['vendorClass']) &&
    anew.detail['vendorClass'] === before.detail['vendorClass'] &&
    anew.detail['userClass'] === before.detail['userClass']
  );
}

const endOf = ({ frames, endUs }: StepDraft): Sighting => ({ frame: frames.at(-1) ?? 0, atUs: endUs });
