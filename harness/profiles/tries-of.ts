import type { LadderName } from '../protocols/base/judge/ladders.ts';
import type { Sighting } from '../protocols/base/judge/step.ts';
import type { ProtocolEvent } from '../protocols/events.ts';

/** A request that is repeated, by the events that a capture shows of it. */
interface Question {
  /** The ladders that its tries show. */
  readonly ladders: readonly LadderName[];
  readonly asks: ProtocolEvent['type'];
  /** What ends it: an answer, or that the client goes on. */
  readonly ends: readonly ProtocolEvent['type'][];
  /** Which of several conversations an event belongs to. */
  readonly of: (event: ProtocolEvent) => string;
}

const one = (): string => '';
const transfer = (event: ProtocolEvent): string => ('transfer' in event ? event.transfer : '');
const connection = (event: ProtocolEvent): string => ('connection' in event ? event.connection : '');

const QUESTIONS: readonly Question[] = [
  { ladders: ['discover', 'discover-offered'], asks: 'dhcp.discover', ends: ['dhcp.request', 'dhcp.ack'], of: one },
  { ladders: ['request'], asks: 'dhcp.request', ends: ['dhcp.ack', 'dhcp.nak'], of: one },
  { ladders: ['proxy-request'], asks: 'proxydhcp.request', ends: ['proxydhcp.ack'], of: one },
  {
    ladders: ['read-request'],
    asks: 'tftp.read-request',
    ends: ['tftp.option-ack', 'tftp.first-data', 'tftp.error'],
    of: transfer,
  },
  { ladders: ['syn'], asks: 'tcp.syn', ends: ['tcp.established', 'tcp.reset'], of: connection },
  { ladders: ['solicit'], asks: 'dhcpv6.solicit', ends: ['dhcpv6.advertise', 'dhcpv6.request'], of: one },
  { ladders: ['request-6'], asks: 'dhcpv6.request', ends: ['dhcpv6.reply'], of: one },
  { ladders: ['router-solicitation'], asks: 'ndp.router-solicitation', ends: ['ndp.router-advertisement'], of: one },
];

/** Tries that nobody answered, after which the client did something else or fell silent. */
export interface Vain {
  readonly ladders: readonly LadderName[];
  readonly tries: readonly Sighting[];
}

/** Fewer tries show no ladder. */
const MIN_TRIES = 3;
/** A program that gives up is silent for longer than its last wait, or begins anew. */
const SILENCE = 1.5;

/**
 * Collects the tries of each request of one client. Whether the last try was the last one shows what comes after it: so
 * long a silence as no wait before, up to the capture's end or to the next question of that kind.
 */
export class TriesOf {
  readonly #open = new Map<string, { readonly question: Question; readonly tries: Sighting[] }>();
  readonly #vain: Vain[] = [];

  event(event: ProtocolEvent): void {
    for (const question of QUESTIONS) {
      const key = `${question.asks} ${question.of(event)}`;
      if (question.ends.includes(event.type)) this.#open.delete(key);
      if (event.type !== question.asks) continue;
      const open = this.#open.get(key);
      if (open && isOver(open.tries, event.atUs)) {
        this.#take(open);
        this.#open.delete(key);
      }
      const going = this.#open.get(key) ?? { question, tries: [] };
      going.tries.push({ frame: event.frame, atUs: event.atUs });
      this.#open.set(key, going);
    }
  }

  /** What was asked in vain, when the capture is over. */
  end(atUs: number): readonly Vain[] {
    for (const open of this.#open.values()) if (isOver(open.tries, atUs)) this.#take(open);
    return this.#vain;
  }

  #take({ question, tries }: { readonly question: Question; readonly tries: readonly Sighting[] }): void {
    if (tries.length >= MIN_TRIES) this.#vain.push({ ladders: question.ladders, tries: [...tries] });
  }
}

function isOver(tries: readonly Sighting[], atUs: number): boolean {
  const [before, last] = tries.slice(-2);
  return before !== undefined && last !== undefined && atUs - last.atUs > SILENCE * 2 * (last.atUs - before.atUs);
}
