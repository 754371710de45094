import { guidBytes } from '../../../packet/addresses.ts';
import { ByteWriter } from '../../../packet/byte-writer.ts';
import { joinBytes } from '../../../packet/bytes.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import { encodeText, encodeUtf16 } from '../../../packet/text.ts';
import type { WdsVariable } from './codec.ts';

/** A WDS control packet to write; the counterpart of `WdsPacket`. */
export interface WdsPacketDraft {
  /** GUID of the service. */
  readonly endpoint: string;
  readonly packetType: 'request' | 'reply';
  /** Operation of a request; of a reply 0, or a Windows error code. */
  readonly code: number;
  readonly variables?: readonly WdsVariable[];
}

const ENDPOINT_HEADER = 40;
const NAME_BYTES = 66;
const BLOCK = 16;
const ARRAY = 0x1000;

/**
 * The bytes of a packet (MS-WDSC section 2.2.1). Known clients write the size without the endpoint header, against the
 * document: a reader should ignore it.
 */
export function encodeWdsPacket({ endpoint, packetType, code, variables = [] }: WdsPacketDraft): Uint8Array {
  const packet = new ByteWriter();
  packet.u16le(ENDPOINT_HEADER).u16le(0x100).u32le(0).bytes(guidBytes(endpoint)).zeros(16);
  packet
    .u32le(0)
    .u16le(0x100)
    .u8(packetType === 'request' ? 1 : 2)
    .zeros(1)
    .u32le(code)
    .u32le(variables.length);
  for (const variable of variables) writeVariable(packet, variable);
  return packet
    .patchU32le(4, packet.length)
    .patchU32le(ENDPOINT_HEADER, packet.length - ENDPOINT_HEADER)
    .done();
}

function writeVariable(packet: ByteWriter, { name, type, values }: WdsVariable): void {
  const text = encodeUtf16(name);
  if (text.length + 2 > NAME_BYTES)
    throw new EncodeError('wds', 'variable name', `at most ${NAME_BYTES / 2 - 1} characters`, name);
  const elements = values.map((value) => elementBytes(name, type & ~ARRAY, value));
  // Elements of an array have one length: the longest one's.
  const length = elements.reduce((longest, element) => Math.max(longest, element.length), 0);
  const start = packet.length;
  packet
    .bytes(text)
    .zeros(NAME_BYTES + 2 - text.length)
    .u32le(type)
    .u32le(length)
    .u32le(type & ARRAY ? elements.length : 0);
  for (const element of elements) packet.bytes(element).zeros(length - element.length);
  packet.zeros((BLOCK - ((packet.length - start) % BLOCK)) % BLOCK);
}

function elementBytes(name: string, type: number, value: WdsVariable['values'][number]): Uint8Array {
  const bytes = new ByteWriter();
  if (typeof value === 'number' && type === 1) return bytes.u8(value).done();
  if (typeof value === 'number' && type === 2) return bytes.u16le(value).done();
  if (typeof value === 'number' && type === 4) return bytes.u32le(value).done();
  if (typeof value === 'bigint' && type === 8) return bytes.u64le(value).done();
  if (typeof value === 'string' && type === 0x10) return encodeText(`${value}\0`);
  if (typeof value === 'string' && type === 0x20) return encodeUtf16(`${value}\0`);
  if (value instanceof Uint8Array) return value;
  throw new EncodeError('wds', `variable ${name}`, `a value of type 0x${type.toString(16)}`, typeof value);
}

/** The stub of WdsRpcMessage's request: size, the array's count, the packet (MS-WDSC section 3.1.4.1). */
export function encodeWdsRequestStub(packet: Uint8Array): Uint8Array {
  return joinBytes([new ByteWriter().u32le(packet.length).u32le(packet.length).done(), packet]);
}

/**
 * The stub of its reply: size, a pointer, the array's count, the packet, and what the method returns; without a packet
 * the pointer is null.
 */
export function encodeWdsReplyStub(packet: Uint8Array | undefined, returnValue = 0): Uint8Array {
  const stub = new ByteWriter().u32le(packet?.length ?? 0).u32le(packet ? 0x2_0000 : 0);
  if (packet) stub.u32le(packet.length).bytes(packet).align(4);
  return stub.u32le(returnValue).done();
}
