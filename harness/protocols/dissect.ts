import { dissectDhcp } from './dhcp/wire/dissect.ts';
import { dissectKerberos, dissectKerberosSegment } from './kerberos/wire/dissect.ts';
import { dissectLink } from '../packet/dissect-link.ts';
import { dissectRpc } from './rpc/wire/dissect.ts';
import { dissectSmb } from './smb/wire/dissect.ts';
import { beginsSmb } from './smb/wire/header.ts';
import { dissectTftp } from './tftp/wire/dissect.ts';
import {
  dissectMalformed,
  layer,
  type DissectedField,
  type DissectedLayer,
  type Dissection,
} from '../packet/dissection.ts';
import type { Frame } from '../packet/frame.ts';
import { decodeHttpHead } from './http/wire/codec.ts';
import { decodeIsakmpHeader, ISAKMP_PORT } from './isakmp/wire/codec.ts';
import { decodeFrame, type Packet } from '../packet/packet.ts';
import { decodeText } from '../packet/text.ts';

/** Where a field or layer lies: its first byte from the start of the frame, and how many are of it. */
interface Place {
  readonly offset?: number;
  readonly length?: number;
}

/** One field of a frame, both parts as text, with its bytes where they are known. */
export interface FrameField extends Place {
  readonly name: string;
  readonly value: string;
}

/** One layer of a frame. */
export interface FrameLayer extends Place {
  readonly name: string;
  readonly fields: readonly FrameField[];
}

/** A frame for people: a summary in one line, and its layers, outermost first. */
export interface DissectedFrame {
  readonly summary: string;
  readonly layers: readonly FrameLayer[];
}

/** What a frame alone cannot tell. */
export interface DissectHints {
  /** UDP ports of running TFTP transfers: data does not come from port 69. */
  readonly tftpPorts?: ReadonlySet<number>;
}

/**
 * A frame for people: everything in it that stands on its own, by well-known ports, with a summary in Wireshark's
 * spirit. For reports; it looks at one frame and remembers nothing.
 */
export function dissect(frame: Frame, linkType: number, hints: DissectHints = {}): DissectedFrame {
  const packet = decodeFrame(frame.bytes, linkType, frame.originalLength);
  const link = dissectLink(packet, frame.bytes);
  const application = packet.malformed ? dissectMalformed(packet.malformed) : dissectApplication(packet, hints);
  const layers = [...link.layers, ...(application?.layers ?? [])];
  return { summary: (application ?? link).summary, layers: layers.map((one) => placedLayer(one, frame.bytes)) };
}

const placedLayer = ({ name, fields, bytes }: DissectedLayer, frame: Uint8Array): FrameLayer => ({
  name,
  fields: fields.map((field) => placedField(field, frame)),
  ...place(bytes, frame),
});

const placedField = ({ name, value, bytes }: DissectedField, frame: Uint8Array): FrameField => ({
  name,
  value,
  ...place(bytes, frame),
});

// Dissectors hand out views of the frame, so a view's own offset says where it lies; a copy lies nowhere.
function place(bytes: Uint8Array | undefined, frame: Uint8Array): Place {
  return bytes?.buffer === frame.buffer ? { offset: bytes.byteOffset - frame.byteOffset, length: bytes.length } : {};
}

function dissectApplication(packet: Packet, hints: DissectHints): Dissection | undefined {
  if (packet.payload.length === 0) return undefined;
  if (packet.udp)
    return isWholeDatagram(packet)
      ? dissectUdp(packet, [packet.udp.sourcePort, packet.udp.destinationPort], hints)
      : undefined;
  return packet.tcp ? dissectTcp(packet, [packet.tcp.sourcePort, packet.tcp.destinationPort]) : undefined;
}

const isWholeDatagram = (packet: Packet): boolean => !(packet.ipv4?.fragment ?? packet.ipv6?.fragment);

function dissectUdp(packet: Packet, ports: readonly number[], hints: DissectHints): Dissection | undefined {
  if (ports.some((port) => port === 67 || port === 68 || port === 4011)) return dissectDhcp(packet.payload);
  if (ports.includes(ISAKMP_PORT)) return dissectIsakmp(packet.payload);
  if (ports.some((port) => port === 69 || hints.tftpPorts?.has(port)))
    return dissectTftp(packet.payload, packet.payloadLength);
  return ports.includes(88) ? dissectKerberos(packet.payload) : undefined;
}

function dissectIsakmp(bytes: Uint8Array): Dissection {
  const header = decodeIsakmpHeader(bytes);
  if (header.kind === 'malformed') return dissectMalformed(header);
  const { initiator, responder, version, exchange, length } = header;
  return {
    summary: `ISAKMP ${exchange}`,
    layers: [
      layer(
        'isakmp',
        bytes,
        { initiator, responder, version, exchange, length },
        { initiator: [0, 8], responder: [8, 8], version: [17, 1], exchange: [18, 1], length: [24, 4] },
      ),
    ],
  };
}

function dissectTcp(packet: Packet, ports: readonly number[]): Dissection | undefined {
  if (beginsSmb(packet.payload)) return dissectSmb(packet.payload);
  if (ports.includes(88)) return dissectKerberosSegment(packet.payload);
  if (ports.includes(135) || ports.includes(5040))
    return dissectRpc(packet.payload, ports[1] === 135 || ports[1] === 5040);
  return ports.includes(80) ? dissectHttp(packet.payload) : undefined;
}

// A segment in the middle of a body looks like nothing: TCP's own summary says enough about it.
function dissectHttp(bytes: Uint8Array): Dissection | undefined {
  const head = decodeHttpHead(bytes);
  if (!head || head.kind === 'malformed') return undefined;
  const [first = ''] = decodeText(bytes.subarray(0, head.headLength)).split(/\r?\n/, 1);
  const http = layer('http', bytes.subarray(0, head.headLength), { line: first }, { line: [0, first.length] });
  return { summary: `HTTP ${first}`, layers: [{ ...http, fields: [...http.fields, ...head.headers] }] };
}
