import type { Socket } from 'node:dgram';
import { encodeDhcp, type DhcpDraft } from '../../../harness/protocols/dhcp/wire/codec.ts';
import type { DhcpMisbehaviour } from './config.ts';
import { fitted, misbehave } from './misbehave.ts';
import { about } from './decision.ts';
import type { DhcpRequest, Peer } from './request.ts';
import type { Emit } from '../../service/event-lines.ts';
import { faultsOf, type Faults } from '../../service/faults.ts';

export interface SenderOptions {
  readonly misbehave: DhcpMisbehaviour;
  readonly padTo: number | undefined;
  readonly maxDelayed: number;
  readonly emit: Emit;
}

/** Sends the replies of a DHCP or proxyDHCP server, and loses, delays or spoils them when its configuration says so. */
export class ReplySender {
  sent = 0;
  lost = 0;
  readonly faults: Faults<keyof DhcpMisbehaviour>;
  readonly #options: SenderOptions;
  readonly #delayed = new Set<NodeJS.Timeout>();
  #replies = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.faults = faultsOf(options.misbehave, options.emit);
  }

  send(socket: Socket, request: DhcpRequest, reply: DhcpDraft, to: Peer): void {
    const fate = misbehave(reply, ++this.#replies, this.#options.misbehave, request);
    for (const how of fate.misbehaved) this.faults.came(how);
    if ('lost' in fate) {
      this.#lose(request, fate.lost);
      return;
    }
    const { draft, dropped } = fitted(fate.draft, request.maxLength);
    if (dropped.length > 0)
      this.#options.emit({
        event: 'trimmed',
        ...about(request),
        message: `the reply would be longer than the ${request.maxLength} bytes that the client takes; left out options ${dropped.join(', ')}`,
      });
    const padTo = this.#options.padTo;
    // Only the configuration decides about padding: Windows servers, too, pad without regard to option 57.
    const bytes = encodeDhcp(draft, padTo === undefined ? {} : { padTo });
    if (fate.delayMs === 0) {
      this.#now(socket, bytes, to);
      return;
    }
    if (this.#delayed.size >= this.#options.maxDelayed) {
      this.#lose(request, `${this.#delayed.size} replies wait already, the limit is ${this.#options.maxDelayed}`);
      return;
    }
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      this.#now(socket, bytes, to);
    }, fate.delayMs);
    this.#delayed.add(timer);
  }

  stop(): void {
    for (const timer of this.#delayed) clearTimeout(timer);
    this.#delayed.clear();
  }

  #now(socket: Socket, bytes: Uint8Array, to: Peer): void {
    this.sent++;
    // Without a callback a failing send would be an 'error' event on the socket, far from its cause.
    socket.send(bytes, to.port, to.ip, (error) => {
      if (error) this.#options.emit({ event: 'error', message: `sending to ${to.ip}:${to.port}: ${error.message}` });
    });
  }

  #lose(request: DhcpRequest, message: string): void {
    this.lost++;
    this.#options.emit({ event: 'lost', ...about(request), message });
  }
}
