import { stepBuilders } from '../../base/judge/step-builders.ts';
import { seen, type Sighting, type StepDraft } from '../../base/judge/step.ts';
import type { Waiting } from '../../base/judge/machine-parts.ts';
import { isGroup } from '../../igmp/wire/groups.ts';
import type { MulticastEvent, MulticastMeasured } from '../observe/events.ts';
import { REFUSED } from '../wire/message.ts';
import { MULTICAST } from './vocabulary.ts';

/** What is known of one receiver's session. */
export interface MulticastContext extends Waiting {
  /** The capture is a lab's own: reports of IGMP that it does not hold were not made. */
  readonly planned: boolean;
  /** Address of the sender; of whom the receiver asks, before one answered. */
  readonly server: string;
  readonly asked: Sighting;
  /** A transfer ran when the receiver asked. */
  readonly underWay: boolean;
  /** One ran at any of its requests. */
  readonly late: boolean;
  readonly joined: Sighting;
  /** Where the sender said that the image will go. */
  readonly group: string;
  /** Groups that the client has named by IGMP since it asked. */
  readonly groups: readonly string[];
  /** It has confirmed a slice. */
  readonly confirms: boolean;
  /** This receiver told the sender to begin. */
  readonly go: boolean;
  /** The sender sends another image, to others. */
  readonly abandoned: boolean;
}

type Of<T extends MulticastEvent['type']> = Extract<MulticastEvent, { readonly type: T }>;
/** An event without its type: XState narrows by a member of its own. */
type Facts<T extends MulticastEvent['type']> = Omit<Of<T>, 'type'>;
const { judged, recorded, missed } = stepBuilders('multicast', MULTICAST);

/** What a request says of a session that no sender has let in. */
export const asksOf = ({ server, underWay }: Facts<'multicast.join-request'>): Partial<MulticastContext> => ({
  server: server.ip,
  underWay,
});

/** A session as it begins. */
export const firstAsked = (event: Facts<'multicast.join-request'>): Partial<MulticastContext> => ({
  ...asksOf(event),
  since: seen(event),
  asked: seen(event),
  late: event.underWay,
});

/** `multicast.join-request`, recorded: the same question again. */
export function askedAgainStep(event: Facts<'multicast.join-request'>): StepDraft {
  return recorded({
    step: 'multicast.join-request',
    at: event,
    detail: { server: event.server.ip },
    why: 'asked again before an answer came',
  });
}

/** `multicast.join`: let in, or refused. */
export function joinStep({ asked, late }: MulticastContext, event: Facts<'multicast.join-reply'>): StepDraft {
  const { server, clientNumber, blockSize, group } = event;
  const isRefused = clientNumber === REFUSED;
  return judged({
    step: 'multicast.join',
    from: asked,
    at: event,
    detail: {
      server: server.ip,
      clientNumber,
      blockSize,
      group,
      capabilities: event.capabilities.toString(16),
      late: late ? true : undefined,
    },
    breach: isRefused
      ? { expected: `${server.ip} to let the receiver in`, actual: 'refused: no room', cause: 'multicast-refused' }
      : undefined,
  });
}

/** `multicast.join` into a transfer that only announces itself. */
export function announcedStep({ asked }: MulticastContext, event: Facts<'multicast.announced'>): StepDraft {
  const { server, blockSize, group, capabilities } = event;
  return judged({
    step: 'multicast.join',
    from: asked,
    at: event,
    detail: { server: server.ip, blockSize, group, capabilities: capabilities.toString(16) },
  });
}

/** `multicast.join` that nobody answered. */
export function notLetInStep({ asked, server, underWay }: MulticastContext, atUs: number): StepDraft {
  return missed({
    step: 'multicast.join',
    since: asked,
    atUs,
    detail: { server },
    waitedFor: 'a sender’s answer',
    actual: underWay ? 'silence: the transfer had begun before' : 'silence',
    cause: underWay ? 'multicast-late-join' : 'multicast-sender-silent',
  });
}

/** `multicast.start`. */
export function startStep({ joined, go }: MulticastContext, event: Facts<'multicast.first-data'>): StepDraft {
  return judged({
    step: 'multicast.start',
    from: joined,
    at: event,
    detail: {
      server: event.server.ip,
      group: event.group,
      receivers: event.receivers || undefined,
      by: go ? 'receiver' : 'sender',
    },
  });
}

/** `multicast.start` that did not come. */
export function notStartedStep({ joined, server }: MulticastContext, atUs: number): StepDraft {
  return missed({
    step: 'multicast.start',
    since: joined,
    atUs,
    detail: { server },
    waitedFor: 'the first block',
    actual: 'no block',
    cause: 'multicast-not-started',
  });
}

/** `multicast.start` of a receiver that did not wait for it. */
export function leftBeforeStartStep({ joined }: MulticastContext, event: Facts<'multicast.leave'>): StepDraft {
  return judged({
    step: 'multicast.start',
    from: joined,
    at: event,
    detail: { server: event.server.ip },
    breach: {
      expected: 'the transfer to begin',
      actual: 'the receiver left before the first block',
      cause: 'multicast-not-started',
    },
  });
}

/** `multicast.transfer`: each slice is confirmed, or was sent where nobody confirms. */
export function transferStep({ since }: MulticastContext, event: Facts<'multicast.complete'>): StepDraft {
  return judged({ step: 'multicast.transfer', from: since, at: event, detail: transferDetail(event) });
}

/** `multicast.transfer` of a receiver that the sender has dropped. */
export function droppedStep(context: MulticastContext, event: Facts<'multicast.dropped'>): StepDraft {
  const { slice, wentOnTo, unanswered } = event;
  return judged({
    step: 'multicast.transfer',
    from: context.since,
    at: event,
    detail: transferDetail(event),
    breach: {
      expected: `slice ${slice} to be confirmed before slice ${wentOnTo} begins`,
      actual: `the sender went on without this receiver, which had left ${unanswered} questions unanswered`,
      cause: isOutside(context) ? 'multicast-not-in-group' : 'multicast-dropped',
    },
  });
}

/** A sender that waits for an answer asks again each second (senddata.c). */
const SENDER_GONE_US = 3_000_000;

/** `multicast.transfer` that the receiver has left: of its own accord, or since nothing came any more. */
export function abortedStep(context: MulticastContext, event: Facts<'multicast.leave'>): StepDraft {
  const isSilent = event.senderSilentUs > SENDER_GONE_US;
  return judged({
    step: 'multicast.transfer',
    from: context.since,
    at: event,
    detail: transferDetail(event),
    breach: {
      expected: 'the receiver to stay for the whole image',
      actual: `the receiver left after ${event.figures.bytes} bytes${isSilent ? `, ${Math.round(event.senderSilentUs / 1e6)} s after the sender’s last packet` : ''}`,
      cause: isOutside(context) ? 'multicast-not-in-group' : isSilent ? 'transfer-stalled' : 'transfer-aborted',
    },
  });
}

/** `multicast.transfer` that came to no end. */
export function stalledStep(context: MulticastContext, atUs: number): StepDraft {
  const { since, server, abandoned } = context;
  return missed({
    step: 'multicast.transfer',
    since,
    atUs,
    detail: { server },
    waitedFor: 'the whole image',
    actual: abandoned ? 'unfinished: the sender began another transfer, without this receiver' : 'unfinished',
    cause: isOutside(context) ? 'multicast-not-in-group' : 'transfer-stalled',
  });
}

/** `multicast.leave`. */
export function leaveStep(event: Facts<'multicast.leave'>): StepDraft {
  return judged({ step: 'multicast.leave', at: event, detail: { server: event.server.ip } });
}

/** `multicast.leave`, recorded: what failed before says why. */
export function strayLeaveStep(event: Facts<'multicast.leave'>): StepDraft {
  return recorded({
    step: 'multicast.leave',
    at: event,
    detail: { server: event.server.ip },
    why: 'the receiver left without the whole image',
  });
}

/** `multicast.unfinished`: how far the transfer came. */
export function unfinishedStep({ since }: MulticastContext, event: Facts<'multicast.unfinished'>): StepDraft {
  const { server, unanswered, reason } = event;
  const { bytes, blocks, slices, retransmissions, askedAgain } = transferDetail(event);
  return recorded({
    step: 'multicast.unfinished',
    from: since,
    at: event,
    detail: { server: server.ip, bytes, blocks, slices, retransmissions, askedAgain, unanswered },
    why: reason,
    cause: 'transfer-stalled',
  });
}

/** The groups that a client has named, with one more. */
export const withGroup = ({ groups }: MulticastContext, group: string): readonly string[] =>
  groups.includes(group) ? groups : [...groups, group];

/** It has nothing of the image, and has not said that it is in the group to which that goes. */
const isOutside = ({ planned, group, groups, confirms }: MulticastContext): boolean =>
  planned && isGroup(group) && !confirms && !groups.includes(group);

function transferDetail(event: MulticastMeasured & { readonly server: { readonly ip: string } }) {
  const { server, group, figures, blocks, slices, askedAgain, blockSize, receivers, wireBytes, fecBlocks, confirmed } =
    event;
  const { bytes, durationUs, retransmissions } = figures;
  return {
    server: server.ip,
    group,
    bytes,
    blocks,
    slices,
    retransmissions,
    askedAgain,
    blockSize,
    receivers: receivers || undefined,
    wireBytes,
    fecBlocks: fecBlocks === 0 ? undefined : fecBlocks,
    confirmed,
    kbitPerSecond: durationUs === 0 ? undefined : Math.round((bytes * 8000) / durationUs),
  };
}
