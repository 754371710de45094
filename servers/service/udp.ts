import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Emit } from './event-lines.ts';
import { endText } from './end-text.ts';
import { messageOf } from './service.ts';

/** What a service does with a datagram. */
export type OnDatagram = (bytes: Buffer, from: RemoteInfo) => void;

export interface UdpOptions {
  readonly address: string;
  readonly port: number;
  readonly broadcast?: boolean;
  /** Share the port with another service on this host: each gets every broadcast, one of them each unicast. */
  readonly reuseAddr?: boolean;
  readonly emit: Emit;
  readonly onDatagram: OnDatagram;
}

// Addresses on the wire are numeric: resolving them synchronously spares every send a turn of the event loop.
const numericLookup = (
  host: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
): void => done(null, host, host.includes(':') ? 6 : 4);

/** A UDP socket without an address yet, of the IP that `address` is of. */
function udpSocket({ address, reuseAddr = false }: Pick<UdpOptions, 'address' | 'reuseAddr'>): Socket {
  return address.includes(':')
    ? createSocket({ type: 'udp6', ipv6Only: true, reuseAddr, lookup: numericLookup })
    : createSocket({ type: 'udp4', reuseAddr, lookup: numericLookup });
}

/** A bound UDP socket whose handler cannot bring the service down: what it throws becomes an event. */
export function bindUdp(options: UdpOptions): Promise<Socket> {
  const socket = udpSocket(options);
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(new Error(`binding ${endText(options.address, options.port)}/udp: ${error.message}`, { cause: error }));
    });
    socket.bind({ address: options.address, port: options.port }, () => {
      socket.removeAllListeners('error');
      socket.on('error', (error) => options.emit({ event: 'error', message: `sending: ${error.message}` }));
      socket.on('message', (bytes, from) => {
        try {
          options.onDatagram(bytes, from);
        } catch (error) {
          options.emit({
            event: 'error',
            message: `handling a datagram of ${bytes.length} bytes from ${endText(from.address, from.port)}: ${messageOf(error)}`,
          });
        }
      });
      if (options.broadcast) socket.setBroadcast(true);
      resolve(socket);
    });
  });
}

/** Resolves when the socket is closed. */
export const closed = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.close(resolve));

/** `172.22.52.207:69/udp`, `[fd77::1]:69/udp`: as the ready line prints it. */
export function listeningText(socket: Socket): string {
  const { address, port } = socket.address();
  return `${endText(address, port)}/udp`;
}
