import type { ClientResult, Step } from '../../../reports/result.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { createObserver } from '../../observe/observer.ts';
import type { Plan } from '../../plan/plan.ts';
import { createEventJudge } from '../../verdict/event-judge.ts';
import { createJudge } from '../../verdict/judge.ts';
import type { JudgeOptions } from '../../verdict/judge-types.ts';
import { credentialsOf } from '../../verdict/expectations/plan-facts.ts';
import { isUdpcast } from '../../protocols/multicast/observe/observer.ts';
import { destinationIp, sourceIp } from '../../protocols/base/observe/flow-ends.ts';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame } from '../../packet/packet.ts';
import type { JudgedWith } from '../judged-with.ts';
import { ETHERNET, mutated, type Mutation } from './mutations.ts';

/** A good boot: its frames on Ethernet, and what the live judge was told beside them. */
export interface GoodBoot {
  readonly frames: readonly Frame[];
  readonly plan: NonNullable<JudgeOptions['plan']> & Pick<Plan, 'clients'>;
  readonly judgedWith: JudgedWith;
}

/**
 * An event of the unchanged capture, and the index of the frame that it came with: the number of frames for those of
 * the capture's end.
 */
interface PlacedEvent {
  readonly event: ProtocolEvent;
  readonly index: number;
  readonly conversation: string;
}

/** Judges mutations of one boot (decision 030). */
export interface MutationJudge {
  /** Results of the unchanged capture, by client; `good` is the first. */
  readonly results: readonly ClientResult[];
  readonly good: ClientResult;
  readonly goodEvents: readonly PlacedEvent[];
  /** The conversation of the frame at an index. */
  conversationAt(index: number): string;
  /** What the mutation's Result comes to, by whole replay. */
  replayed(mutation: Mutation): string;
  /** The same, observing only the conversations whose frames changed. */
  judged(mutation: Mutation): string;
  /** Whether the Result differs from the good one's; stops at the first step that does. */
  isNoticed(mutation: Mutation): boolean;
}

/**
 * What two Results are compared by: the verdict, what happened how, and what was transferred; no numbers of frames, no
 * times.
 */
export function essenceOf({ verdict, steps, transfers }: ClientResult): string {
  return JSON.stringify([
    verdict,
    steps.map(stepEssence),
    transfers.map(({ protocol, path, bytes, blocks, blksize, windowsize, retransmissions }) => [
      protocol,
      path,
      bytes,
      blocks,
      blksize,
      windowsize,
      retransmissions,
    ]),
  ]);
}

function stepEssence({ machine, step, verdict, detail, expected, actual, why, cause }: Step): unknown {
  return [machine, step, verdict, detail, expected, unnumbered(actual), unnumbered(why), cause];
}

/** Words that name a frame say the same of another number. */
function unnumbered(text: string | undefined): string | undefined {
  return text?.replaceAll(/\bframe \d+/g, 'a frame');
}

/** Observes the good boot once. */
export function createMutationJudge(boot: GoodBoot): MutationJudge {
  const { frames, plan, judgedWith } = boot;
  const { clients } = plan;
  const macs = clients.map(({ mac }) => mac);
  const options = { clients, plan, startUs: judgedWith.startUs };
  const observer = (onEvent: (event: ProtocolEvent) => void) =>
    createObserver({ linkType: ETHERNET, clients: macs, credentials: credentialsOf(plan.services), onEvent });

  const conversations = frames.map((frame) => conversationOf(frame, macs));
  const goodEvents: PlacedEvent[] = [];
  let at = 0;
  const observing = observer((event) =>
    goodEvents.push({ event, index: at, conversation: conversations[at] ?? conversationOfEvent(event) }),
  );
  for (; at < frames.length; at++) observing.frame(frames[at] as Frame);
  observing.endOfCapture(judgedWith.endUs);
  const members = new Map<string, number[]>();
  for (const [index, conversation] of conversations.entries()) {
    const known = members.get(conversation);
    if (known) known.push(index);
    else members.set(conversation, [index]);
  }

  const judgeEvents = (
    events: Iterable<readonly [event: ProtocolEvent, isOfEnd: boolean]>,
    onStep?: (step: Step) => void,
    isDecided?: () => boolean,
  ): readonly ClientResult[] | undefined => {
    const judge = createEventJudge({
      ...options,
      ...(onStep
        ? {
            onStep: (_mac, step) => {
              onStep(step);
            },
          }
        : {}),
    });
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      judge.advance(judgedWith.endUs);
      for (const end of judgedWith.ended) judge.ended(end);
    };
    for (const [event, isOfEnd] of events) {
      if (isOfEnd) end();
      else judge.advance(event.atUs);
      judge.event(event);
      if (isDecided?.()) return undefined;
    }
    end();
    return judge.finish();
  };

  /** The events of the mutated capture in order: those of untouched conversations are known. */
  function* eventsOf({ edits }: Mutation): Generator<readonly [ProtocolEvent, boolean]> {
    const touched = new Set<string>();
    for (const [index, replacements] of edits) {
      touched.add(conversations[index] ?? '');
      for (const frame of replacements) touched.add(conversationOf(frame, macs));
    }
    const known = goodEvents.filter(({ conversation }) => !touched.has(conversation));
    const indices = [
      ...new Set([...touched].flatMap((conversation) => members.get(conversation) ?? []).concat([...edits.keys()])),
    ].sort((a, b) => a - b);
    let fresh: ProtocolEvent[] = [];
    const again = observer((event) => fresh.push(event));
    let told = 0;
    for (const index of indices) {
      for (const frame of edits.get(index) ?? [frames[index] as Frame]) again.frame(frame);
      if (fresh.length === 0) continue;
      for (let one = known[told]; one && one.index < index; one = known[++told]) yield [one.event, false];
      for (const event of fresh) yield [event, false];
      fresh = [];
    }
    for (let one = known[told]; one && one.index < frames.length; one = known[++told]) yield [one.event, false];
    again.endOfCapture(judgedWith.endUs);
    for (const event of [...known.slice(told).map((one) => one.event), ...fresh].sort(byEnd)) yield [event, true];
  }

  const goodSteps: string[] = [];
  const results = judgeEvents(
    goodEvents.map(({ event, index }) => [event, index === frames.length] as const),
    (step) => goodSteps.push(JSON.stringify(stepEssence(step))),
  );
  const [good] = results ?? [];
  if (!results || !good) throw new Error('the plan has no client, expected one');
  const essenceOfAll = (all: readonly ClientResult[] = []): string => all.map(essenceOf).join('\n');
  const goodEssence = essenceOfAll(results);

  return {
    results,
    good,
    goodEvents,
    conversationAt: (index) => conversations[index] ?? '',
    replayed(mutation) {
      const judge = createJudge({ linkType: ETHERNET, ...options });
      judge.frames(mutated(frames, mutation));
      judge.advance(judgedWith.endUs);
      for (const end of judgedWith.ended) judge.ended(end);
      return essenceOfAll(judge.finish());
    },
    judged: (mutation) => essenceOfAll(judgeEvents(eventsOf(mutation))),
    isNoticed(mutation) {
      const compared = { steps: 0, differs: false };
      const compare = (step: Step): void => {
        if (JSON.stringify(stepEssence(step)) !== goodSteps[compared.steps++]) compared.differs = true;
      };
      const result = judgeEvents(eventsOf(mutation), compare, () => compared.differs);
      return compared.differs || essenceOfAll(result) !== goodEssence;
    },
  };
}

/**
 * Frames that an observer can understand without any other conversation's: one TFTP transfer's port at the client; all
 * of TCP, because what one connection tells of an image serves another; everything else, which is little.
 */
function conversationOf(frame: Frame, macs: readonly string[]): string {
  const packet = decodeFrame(frame.bytes, ETHERNET, frame.originalLength);
  if (packet.tcp) return 'tcp';
  const { udp } = packet;
  // What a sender says to its group is everybody's.
  if (isUdpcast(packet)) return 'control';
  if (!udp || [udp.sourcePort, udp.destinationPort].every((port) => [67, 68, 4011, 546, 547].includes(port)))
    return 'control';
  return macs.includes(packet.ethernet?.source ?? '')
    ? `${sourceIp(packet)}:${udp.sourcePort}`
    : `${destinationIp(packet)}:${udp.destinationPort}`;
}

function conversationOfEvent(event: ProtocolEvent): string {
  if (isTftp(event)) return event.transfer.split('>')[0] ?? '';
  return 'connection' in event ? 'tcp' : 'control';
}

/**
 * In the order in which an observer of everything reports the end: TFTP in the order in which its transfers began, then
 * the rest.
 */
function byEnd(one: ProtocolEvent, other: ProtocolEvent): number {
  const began = (event: ProtocolEvent): number => (isTftp(event) ? Number(event.transfer.split('#')[1]) : Infinity);
  return began(one) === began(other) ? 0 : began(one) - began(other);
}

function isTftp(event: ProtocolEvent): event is Extract<ProtocolEvent, { readonly transfer: string }> {
  return 'transfer' in event;
}
