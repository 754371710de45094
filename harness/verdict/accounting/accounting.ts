import type { ClientResult, Step } from '../../../reports/result.ts';
import type { MeteredTransfer } from '../../protocols/base/observe/metered-transfer.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import type { FrameFacts } from './frame-facts.ts';
import { watchTransfers } from './transfers.ts';

/** What became of one frame of a capture. */
export interface FrameAccount {
  readonly frame: number;
  /**
   * `step`: a step names the frame, or the last frame of the message that it is part of. `meter`: a meter counted it.
   * `nothing`: neither took it.
   */
  readonly by: 'step' | 'meter' | 'nothing';
  /** Which steps, which meter, or why neither. */
  readonly what: string;
}

/** The end of a message that an event reports. */
interface MessageEnd {
  readonly frame: number;
  readonly type: string;
}

/**
 * Accounts for every frame of a capture: which steps or meter took it, or why nothing did. It hears all events of the
 * observer, in order, and keeps something of messages, connections and transfers only: a capture has millions of frames.
 */
export class Accounting {
  readonly #ended = watchTransfers();
  readonly #transfers = new Map<string, MeteredTransfer[]>();
  readonly #connections = new Set<string>();
  readonly #messageEnds: MessageEnd[] = [];

  event(event: ProtocolEvent): void {
    const transfer = this.#ended(event);
    if (transfer) {
      for (const client of [transfer.client, ...(transfer.groups ?? [])]) {
        const ends = `${client}>${transfer.server}`;
        const list = this.#transfers.get(ends);
        if (list) list.push(transfer);
        else this.#transfers.set(ends, [transfer]);
      }
    }
    if (!('connection' in event)) return;
    this.#connections.add(event.connection);
    if (event.type.startsWith('tcp.')) return;
    this.#messageEnds.push({ frame: event.frame, type: event.type });
    if ('requestFrame' in event && event.requestFrame > 0)
      this.#messageEnds.push({ frame: event.requestFrame, type: event.type });
  }

  /** Frames whose facts must be known before any frame is accounted for: those in which messages end. */
  get messageFrames(): ReadonlySet<number> {
    return new Set(this.#messageEnds.map(({ frame }) => frame));
  }

  /** What became of a frame, by the facts of `messageFrames` and the judge's results; frames come in any order. */
  accounts(
    messageFacts: readonly FrameFacts[],
    clients: readonly Pick<ClientResult, 'steps'>[],
  ): (facts: FrameFacts) => FrameAccount {
    const steps = stepsByFrame(clients);
    const messages = new Messages(messageFacts, this.#messageEnds);
    const transfers = this.#sortedTransfers();
    return (facts) => {
      const { frame } = facts;
      const named = steps.get(frame);
      if (named) return { frame, by: 'step', what: named.join(', ') };
      const transfer = transferOf(transfers, facts);
      if (transfer) return { frame, by: 'meter', what: transfer.what };
      const connection = connectionOf(facts, this.#connections);
      if (connection === undefined) return { frame, by: 'nothing', what: strange(facts) };
      if (facts.payloadLength === 0) return { frame, by: 'meter', what: `tcp ${connection}: ${facts.control}` };
      const message = messages.endOf(facts);
      const partOf = message && steps.get(message.frame);
      if (partOf)
        return {
          frame,
          by: 'step',
          what: `${partOf.join(', ')} (part of the message that ends in frame ${message.frame})`,
        };
      return {
        frame,
        by: 'nothing',
        what: message
          ? `${message.type}: no machine judges it`
          : `data of connection ${connection} that no event reports`,
      };
    };
  }

  /** The transfers between each two ends, by their last frames. */
  #sortedTransfers(): Map<string, readonly MeteredTransfer[]> {
    return new Map(
      [...this.#transfers].map(([ends, list]) => [
        ends,
        [...list].sort((one, other) => lastFrameOf(one) - lastFrameOf(other)),
      ]),
    );
  }
}

function transferOf(
  transfers: ReadonlyMap<string, readonly MeteredTransfer[]>,
  facts: FrameFacts,
): MeteredTransfer | undefined {
  const { source, destination, frame, payloadLength } = facts;
  if (payloadLength === 0) return undefined;
  for (const ends of [`${source}>${destination}`, `${destination}>${source}`]) {
    const list = transfers.get(ends) ?? [];
    // Those that follow each other on one port do not overlap: mostly the first one is it.
    for (let at = firstFrom(list, frame, lastFrameOf); at < list.length; at += 1) {
      const transfer = list[at];
      if (transfer && transfer.figures.firstFrame <= frame) return transfer;
    }
  }
  return undefined;
}

const lastFrameOf = ({ figures, lastFrame = figures.lastFrame }: MeteredTransfer): number => lastFrame;

// Steps that report something unfinished: their frames say when it began, and where the story ended.
const ENDINGS = /\.(unfinished|abandoned)$/;

function stepsByFrame(clients: readonly Pick<ClientResult, 'steps'>[]): Map<number, string[]> {
  const byFrame = new Map<number, string[]>();
  for (const step of clients.flatMap((client) => client.steps)) {
    if (step.verdict === 'skipped' || ENDINGS.test(step.step)) continue;
    for (const frame of step.frames) byFrame.set(frame, [...new Set([...(byFrame.get(frame) ?? []), shown(step)])]);
  }
  return byFrame;
}

function shown({ step, detail }: Step): string {
  const path = detail?.['path'];
  return typeof path === 'string' && path !== '' ? `${step} ${path}` : step;
}

/** Index of the first of sorted items whose frame is this one or later; by halves, since there may be 100 000. */
function firstFrom<T>(items: readonly T[], frame: number, frameOf: (item: T) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && frameOf(item) < frame) low = middle + 1;
    else high = middle;
  }
  return low;
}

function connectionOf(
  { protocol, source, destination }: FrameFacts,
  connections: ReadonlySet<string>,
): string | undefined {
  if (protocol !== 'tcp') return undefined;
  return [`${source}>${destination}`, `${destination}>${source}`].find((name) => connections.has(name));
}

/** Protocols that are judged only where they bear on a client's boot. */
const HEARD_IN_PASSING: Readonly<Record<string, string>> = {
  ICMP: 'ICMP that explains no step',
  ICMPv6: 'ICMPv6 that explains no step',
  IGMP: 'IGMP that concerns no client',
  DHCPv6: 'DHCPv6 of no client',
};

function strange({ protocol, unjudged, source, destination }: FrameFacts): string {
  if (protocol === 'arp') return 'ARP of no client and about no client';
  if (unjudged !== undefined) return HEARD_IN_PASSING[unjudged] ?? `${unjudged}: no machine judges it`;
  if (protocol === 'other') return 'part of a UDP datagram in IP fragments, which counts where it is whole';
  return `${protocol.toUpperCase()} ${source} to ${destination}: no conversation of a client`;
}

/**
 * Messages that events report, by connection and direction: a segment without an event is part of the message that ends
 * next.
 */
class Messages {
  readonly #ends = new Map<string, MessageEnd[]>();

  constructor(frames: readonly FrameFacts[], ends: readonly MessageEnd[]) {
    const facts = new Map(frames.map((one) => [one.frame, one]));
    for (const end of ends) {
      const at = facts.get(end.frame);
      if (at) this.#list(at).push(end);
    }
    for (const list of this.#ends.values()) list.sort((one, other) => one.frame - other.frame);
  }

  /** The first end at or after a frame. */
  endOf(facts: FrameFacts): MessageEnd | undefined {
    const list = this.#ends.get(keyOf(facts)) ?? [];
    return list[firstFrom(list, facts.frame, ({ frame }) => frame)];
  }

  #list(facts: FrameFacts): MessageEnd[] {
    const key = keyOf(facts);
    const known = this.#ends.get(key);
    if (known) return known;
    const list: MessageEnd[] = [];
    this.#ends.set(key, list);
    return list;
  }
}

const keyOf = ({ source, destination }: FrameFacts): string => `${source}>${destination}`;
