import { dissectLink } from '../packet/dissect-link.ts';
import { dissectMalformed, type DissectedField, type DissectedLayer, type Dissection } from '../packet/dissection.ts';
import type { Frame } from '../packet/frame.ts';
import { decodeFrame, type Packet } from '../packet/packet.ts';
import { PROTOCOLS } from './index.ts';
import { portsOf, type ExtraPorts } from './ports.ts';
import type { Carried } from './protocol.ts';

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

/** Facts that a frame alone does not show. */
export interface DissectHints {
  /** UDP ports of running conversations, by protocol: TFTP data does not come from port 69. */
  readonly udpPorts?: Readonly<Partial<Record<string, ReadonlySet<number>>>>;
  /** Ports that services were given beside their protocol's own. */
  readonly ports?: ExtraPorts;
}

/**
 * A frame for people: everything in it that stands on its own, by well-known ports, with a summary in Wireshark's
 * spirit. For reports; it looks at one frame and remembers nothing.
 */
export function dissect(frame: Frame, linkType: number, hints: DissectHints = {}): DissectedFrame {
  const packet = decodeFrame(frame.bytes, frame.linkType ?? linkType, frame.originalLength);
  const link = dissectLink(packet, frame.bytes);
  const application = packet.malformed ? dissectMalformed(packet.malformed) : dissectApplication(packet, hints);
  const layers = [...link.layers, ...(application?.layers ?? [])];
  const tunnels = (packet.tunnels ?? []).map(({ protocol, id }) => (id === undefined ? protocol : `${protocol} ${id}`));
  return {
    summary: [...tunnels, (application ?? link).summary].join(' | '),
    layers: layers.map((one) => placedLayer(one, frame.bytes)),
  };
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

// Dissectors hand out views of the frame, so a view's own offset says where it lies; a copy has no place in the frame.
function place(bytes: Uint8Array | undefined, frame: Uint8Array): Place {
  return bytes?.buffer === frame.buffer ? { offset: bytes.byteOffset - frame.byteOffset, length: bytes.length } : {};
}

function dissectApplication(packet: Packet, hints: DissectHints): Dissection | undefined {
  const { udp, tcp, payload, payloadLength } = packet;
  if (payload.length === 0 || packet.ipv4?.fragment || packet.ipv6?.fragment) return undefined;
  if (udp) return dissectBy(udpProtocol(packet, hints), payload, carried('udp', udp, payloadLength));
  if (tcp) return dissectSegment(payload, carried('tcp', tcp, payloadLength), hints);
  return dissectBy(sharedProtocol(packet, hints), payload, {
    carrier: 'link',
    toServer: false,
    wireLength: payloadLength,
  });
}

type AnyProtocol = (typeof PROTOCOLS)[number];
interface Ports {
  readonly sourcePort: number;
  readonly destinationPort: number;
}
type Flow = Carried & { readonly ports: readonly number[] };

const carried = (carrier: 'udp' | 'tcp', { sourcePort, destinationPort }: Ports, wireLength: number): Flow => ({
  carrier,
  // The client's port is the larger one, by the habit of all stacks that take ports from a range of their own.
  toServer: destinationPort < sourcePort,
  wireLength,
  ports: [sourcePort, destinationPort],
});

const dissectBy = (protocol: AnyProtocol | undefined, payload: Uint8Array, flow: Carried): Dissection | undefined =>
  protocol?.dissect?.(payload, flow);

const sharedProtocol = (packet: Packet, { ports }: DissectHints): AnyProtocol | undefined =>
  PROTOCOLS.find(({ name, shared }) => shared?.claims(packet, ports?.[name]));

function udpProtocol(packet: Packet, hints: DissectHints): AnyProtocol | undefined {
  const ports = [packet.udp?.sourcePort ?? 0, packet.udp?.destinationPort ?? 0];
  return (
    sharedProtocol(packet, hints) ??
    PROTOCOLS.find(({ udp, name }) =>
      ports.some((port) => udp?.ports.includes(port) || hints.udpPorts?.[name]?.has(port)),
    )
  );
}

/** By its bytes where they identify it, else by its ports. */
function dissectSegment(payload: Uint8Array, flow: Flow, { ports: extra }: DissectHints): Dissection | undefined {
  const speaking =
    PROTOCOLS.find(({ tcp }) => tcp?.signature?.(payload) !== undefined) ??
    PROTOCOLS.find((protocol) => portsOf(protocol, extra).some((port) => flow.ports.includes(port)));
  if (!speaking) return undefined;
  const ports = portsOf(speaking, extra);
  const listens = (port: number | undefined): boolean => port !== undefined && ports.includes(port);
  const toServer = listens(flow.ports[1]) || (!listens(flow.ports[0]) && flow.toServer);
  return dissectBy(speaking, payload, { ...flow, toServer });
}
