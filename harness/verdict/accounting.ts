import type { ClientResult, Step } from '../../reports/result.ts';
import type { MeteredTransfer } from '../protocols/base/observe/metered-transfer.ts';
import type { ProtocolEvent } from '../protocols/events.ts';
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

/**
 * Accounts for every frame of a capture: which steps or meter took it, or why nothing did. `events` are all events of
 * the observer, in order, and `clients` the judge's results.
 */
export function accountFrames(
  frames: readonly FrameFacts[],
  events: readonly ProtocolEvent[],
  clients: readonly Pick<ClientResult, 'steps'>[],
): FrameAccount[] {
  const steps = stepsByFrame(clients);
  const ended = watchTransfers();
  const transfers = Map.groupBy(
    events.flatMap((event) => ended(event) ?? []),
    ({ client, server }) => `${client}>${server}`,
  );
  const messages = new Messages(frames, events);
  const connections = new Set(events.flatMap((event) => ('connection' in event ? [event.connection] : [])));
  return frames.map((facts) => {
    const named = steps.get(facts.frame);
    if (named) return { frame: facts.frame, by: 'step', what: named.join(', ') };
    const transfer = [
      ...(transfers.get(`${facts.source}>${facts.destination}`) ?? []),
      ...(transfers.get(`${facts.destination}>${facts.source}`) ?? []),
    ].find((one) => counts(one, facts));
    if (transfer) return { frame: facts.frame, by: 'meter', what: transfer.what };
    const connection = connectionOf(facts, connections);
    if (connection === undefined) return { frame: facts.frame, by: 'nothing', what: strange(facts) };
    if (facts.payloadLength === 0)
      return { frame: facts.frame, by: 'meter', what: `tcp ${connection}: ${facts.control}` };
    const message = messages.endOf(facts);
    const partOf = message && steps.get(message.frame);
    if (partOf)
      return {
        frame: facts.frame,
        by: 'step',
        what: `${partOf.join(', ')} (part of the message that ends in frame ${message.frame})`,
      };
    return {
      frame: facts.frame,
      by: 'nothing',
      what: message
        ? `${message.type}: no machine judges it`
        : `data of connection ${connection} that no event reports`,
    };
  });
}

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

function counts({ figures, lastFrame = figures.lastFrame }: MeteredTransfer, facts: FrameFacts): boolean {
  return facts.frame >= figures.firstFrame && facts.frame <= lastFrame && facts.payloadLength > 0;
}

function connectionOf(
  { protocol, source, destination }: FrameFacts,
  connections: ReadonlySet<string>,
): string | undefined {
  if (protocol !== 'tcp') return undefined;
  return [`${source}>${destination}`, `${destination}>${source}`].find((name) => connections.has(name));
}

function strange({ protocol, unjudged, source, destination }: FrameFacts): string {
  if (protocol === 'arp') return 'ARP of no client and about no client';
  if (unjudged !== undefined) return `${unjudged}: no machine judges it`;
  if (protocol === 'other') return 'part of a UDP datagram in IP fragments, which counts where it is whole';
  return `${protocol.toUpperCase()} ${source} to ${destination}: no conversation of a client`;
}

/**
 * Messages that events report, by connection and direction: a segment without an event is part of the message that ends
 * next.
 */
class Messages {
  readonly #ends = new Map<string, { readonly frame: number; readonly type: string }[]>();

  constructor(frames: readonly FrameFacts[], events: readonly ProtocolEvent[]) {
    const facts = new Map(frames.map((one) => [one.frame, one]));
    for (const event of events) {
      if (!('connection' in event) || event.type.startsWith('tcp.')) continue;
      for (const frame of [event.frame, 'requestFrame' in event ? event.requestFrame : 0]) {
        const at = facts.get(frame);
        if (at) this.#list(at).push({ frame, type: event.type });
      }
    }
    for (const list of this.#ends.values()) list.sort((one, other) => one.frame - other.frame);
  }

  endOf(facts: FrameFacts): { readonly frame: number; readonly type: string } | undefined {
    return this.#list(facts).find(({ frame }) => frame >= facts.frame);
  }

  #list({ source, destination }: FrameFacts): { readonly frame: number; readonly type: string }[] {
    const key = `${source}>${destination}`;
    const known = this.#ends.get(key);
    if (known) return known;
    const list: { readonly frame: number; readonly type: string }[] = [];
    this.#ends.set(key, list);
    return list;
  }
}
