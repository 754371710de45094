import type { Frame } from '../packet/frame.ts';
import { decodeIsakmpHeader, ISAKMP_PORT } from '../protocols/isakmp/wire/codec.ts';
import { isMalformed } from '../packet/malformed.ts';
import type { Packet } from '../packet/packet.ts';
import type { Credential } from '../protocols/ntlm/observe/credentials.ts';
import type { ProtocolEvent } from '../protocols/base/observe/seen.ts';
import { KerberosObserver } from '../protocols/kerberos/observe/observer.ts';
import { destinationOf, sourceOf } from '../protocols/base/observe/flow-ends.ts';
import { RpcEndpoints } from '../protocols/rpc/observe/endpoints.ts';
import { TcpObserver } from '../protocols/tcp/observe/observer.ts';
import { TftpObserver } from '../protocols/tftp/observe/observer.ts';
import type { Stamp } from '../protocols/base/observe/event-body.ts';
import { WimFiles } from '../protocols/wim/observe/files.ts';

/** Everything that one client does: two clients share nothing. */
export class ClientObserver {
  readonly client: string;
  readonly #tftp: TftpObserver;
  readonly #kerberos: KerberosObserver;
  readonly #tcp: TcpObserver;
  readonly #emit: (event: ProtocolEvent) => void;

  constructor(client: string, credentials: readonly Credential[], emit: (event: ProtocolEvent) => void) {
    this.client = client;
    this.#emit = emit;
    this.#tftp = new TftpObserver(client, emit);
    this.#kerberos = new KerberosObserver(client, emit);
    this.#tcp = new TcpObserver(client, { files: new WimFiles(), endpoints: new RpcEndpoints(), credentials, emit });
  }

  /** Takes a UDP packet; returns how many payload bytes the evidence needs, -1 when it belongs to nothing known. */
  udp(packet: Packet, frame: Frame, fromClient: boolean): number {
    const ofKerberos = this.#kerberos.packet(packet, frame, fromClient);
    const kept = ofKerberos >= 0 ? ofKerberos : this.#tftp.packet(packet, frame, fromClient);
    // Last: it is one packet of a boot, where TFTP has thousands.
    return kept < 0 && (packet.udp?.destinationPort === ISAKMP_PORT || packet.udp?.sourcePort === ISAKMP_PORT)
      ? this.#isakmp(packet, frame, fromClient)
      : kept;
  }

  #isakmp(packet: Packet, frame: Frame, fromClient: boolean): number {
    const header = decodeIsakmpHeader(packet.payload);
    const seen = { frame: frame.number, atUs: frame.atUs, client: this.client };
    if (isMalformed(header))
      this.#emit({ type: 'malformed', malformed: { ...header, bytes: header.bytes.slice() }, ...seen });
    else
      this.#emit({
        type: 'isakmp.message',
        exchange: header.exchange,
        by: fromClient ? 'client' : 'server',
        server: fromClient ? destinationOf(packet) : sourceOf(packet),
        ...seen,
      });
    return packet.payloadLength;
  }

  /** Takes a TCP segment; returns how many payload bytes the evidence needs. */
  tcp(packet: Packet, frame: Frame, fromClient: boolean): number {
    return this.#tcp.packet(packet, frame, fromClient);
  }

  /** Whether a segment to this client belongs to a connection that is known as its own. */
  owns(packet: Packet): boolean {
    return this.#tcp.owns(packet);
  }

  /** The capture is over. */
  finish(at: Stamp): void {
    this.#tftp.finish(at, 'the capture ended');
    this.#tcp.finish(at, 'the capture ended');
  }
}
