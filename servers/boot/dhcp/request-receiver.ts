import type { Emit } from '../../service/event-lines.ts';
import type { OnDatagram } from '../../service/udp.ts';
import { readRequest, type DhcpRequest } from './request.ts';

/** Separates requests from other datagrams, which it refuses with an event, and counts both. */
export class RequestReceiver {
  received = 0;
  refused = 0;
  readonly #emit: Emit;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** What a socket does with a datagram: `take` gets those that are requests. */
  handler(take: (request: DhcpRequest) => void): OnDatagram {
    return (bytes, from) => {
      this.received++;
      const request = readRequest(bytes, { ip: from.address, port: from.port });
      if (typeof request !== 'string') {
        take(request);
        return;
      }
      this.refused++;
      this.#emit({
        event: 'error',
        message: `refused a datagram of ${bytes.length} bytes from ${from.address}:${from.port}: ${request}`,
      });
    };
  }
}
