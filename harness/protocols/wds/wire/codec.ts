import { guidAt } from '../../../packet/addresses.ts';
import { Cursor } from '../../../packet/cursor.ts';
import { malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeText, decodeUtf16ToNul } from '../../../packet/text.ts';

// WDS control packets (MS-WDSC section 2.2.1), little-endian: what the one RPC method of interface 1A927394-… carries.

/** Services by endpoint GUID. */
export const WDS_ENDPOINTS: Readonly<Record<string, string>> = {
  'd8deeb5a-effd-43b2-99fc-1a8a5921c227': 'os-deployment',
  '011d24ac-cb3a-4739-a339-5d2e1b5306ce': 'driver-provisioning',
  '1044dfb7-a36b-40c3-92bb-ac4152187cb3': 'deployment-agent-metadata',
  '6f13a317-3687-4b54-81a5-504daa9062fa': 'multicast-session-initiation',
};

/** Operations of the OS deployment endpoint (MS-WDSOSD section 2.2). */
const WDS_OPERATIONS = {
  2: 'IMG_ENUMERATE',
  3: 'LOG_INIT',
  4: 'LOG_MSG',
  5: 'GET_CLIENT_UNATTEND',
  6: 'GET_UNATTEND_VARIABLES',
  7: 'GET_DOMAIN_JOIN_INFORMATION',
  8: 'RESET_BOOT_PROGRAM',
} as const;

const DRIVER_OPERATIONS = { 0xc8: 'GET_MACHINE_DRIVER_PACKAGES' } as const;

/** Names of all operations. */
export const WDS_OPERATION_NAMES = [...Object.values(WDS_OPERATIONS), ...Object.values(DRIVER_OPERATIONS)];

/** An operation's name at its service (numbers mean nothing without one): `LOG_INIT`, or `operation 99`. */
export function wdsOperationName(service: string, opcode: number): string {
  const names: Readonly<Record<number, string>> =
    service === 'os-deployment' ? WDS_OPERATIONS : service === 'driver-provisioning' ? DRIVER_OPERATIONS : {};
  return names[opcode] ?? `operation ${opcode}`;
}

/**
 * What a client reports with LOG_MSG, by MESSAGE_TYPE (wdsclientapi.h, harness/docs/protocols.md 4.5). @public The
 * protocol's own vocabulary, whole.
 */
export const WDS_MESSAGE_TYPES: Readonly<Record<number, string>> = {
  1: 'error',
  2: 'started',
  3: 'finished',
  4: 'image-selected',
  5: 'apply-started',
  6: 'apply-finished',
  7: 'generic-message',
  8: 'unattend-mode',
  9: 'transfer-start',
  10: 'transfer-end',
  11: 'transfer-downgrade',
  12: 'domain-join-error',
  13: 'post-actions-start',
  14: 'post-actions-end',
  15: 'apply-started-2',
  16: 'apply-finished-2',
  17: 'domain-join-error-2',
  18: 'driver-package-not-accessible',
  19: 'driver-injection-start',
  20: 'driver-injection-end',
  21: 'driver-injection-failure',
  22: 'image-selected-2',
};

export interface WdsVariable {
  readonly name: string;
  /** 1 byte, 2 u16, 4 u32, 8 u64, 0x10 string, 0x20 wide string, 0x40 blob; 0x1000 makes an array of them. */
  readonly type: number;
  /** Elements in order: one unless it is an array. Numbers of 8 bytes are bigint. */
  readonly values: readonly (number | bigint | string | Uint8Array)[];
}

export interface WdsPacket {
  readonly kind: 'wds';
  readonly endpoint: string;
  /** `os-deployment` and the like, or the GUID itself. */
  readonly service: string;
  readonly packetType: 'request' | 'reply';
  /** Of requests. */
  readonly opcode?: number;
  /** Of replies: 0, or a Windows error code. */
  readonly errorCode?: number;
  readonly variables: readonly WdsVariable[];
  /** Set when a variable does not fit; those before it are valid. */
  readonly malformed?: Malformed;
}

const ENDPOINT_HEADER = 40;
const OPERATION_HEADER = 16;
const NAME_BYTES = 66;
// Name, pad, type, value length, array size.
const VARIABLE_HEADER = NAME_BYTES + 2 + 12;

/** Decodes the bytes that WdsRpcMessage carries after their NDR lengths. */
export function decodeWdsPacket(bytes: Uint8Array): WdsPacket | Malformed {
  const cursor = new Cursor(bytes, 'wds');
  const headerSize = cursor.u16le('endpoint header size');
  cursor.skip(6, 'version and packet size');
  const endpoint = guidAt(cursor.take(16, 'endpoint'));
  cursor.skip(16, 'reserved');
  const operationSize = cursor.u32le('operation packet size');
  cursor.skip(2, 'version');
  const type = cursor.u8('packet type');
  cursor.skip(1, 'padding');
  const code = cursor.u32le('operation or error code');
  const count = cursor.u32le('variable count');
  if (cursor.failure) return cursor.failure;
  if (headerSize !== ENDPOINT_HEADER)
    return cursor.fail(`the endpoint header's size must be ${ENDPOINT_HEADER}, got ${headerSize}`, 0);
  if (type !== 1 && type !== 2) return cursor.fail(`packet type must be 1 (request) or 2 (reply), got ${type}`, 46);
  if (operationSize < OPERATION_HEADER || ENDPOINT_HEADER + operationSize > bytes.length)
    return cursor.fail(
      `operation packet size ${operationSize} must be from ${OPERATION_HEADER} to ${bytes.length - ENDPOINT_HEADER}`,
      ENDPOINT_HEADER,
    );
  const area = new Cursor(
    bytes.subarray(0, ENDPOINT_HEADER + operationSize),
    'wds',
    ENDPOINT_HEADER + OPERATION_HEADER,
  );
  const variables = decodeVariables(area, count);
  const service = WDS_ENDPOINTS[endpoint] ?? endpoint;
  return {
    kind: 'wds',
    endpoint,
    service,
    packetType: type === 1 ? 'request' : 'reply',
    ...(type === 1 ? { opcode: code } : { errorCode: code }),
    variables,
    ...(area.failure ? { malformed: area.failure } : {}),
  };
}

function decodeVariables(cursor: Cursor, count: number): WdsVariable[] {
  const variables: WdsVariable[] = [];
  while (variables.length < count) {
    const start = cursor.offset;
    const name = decodeUtf16ToNul(cursor.take(NAME_BYTES, 'variable name'));
    cursor.skip(2, 'padding');
    const type = cursor.u32le('variable type');
    const length = cursor.u32le('value length');
    const elements = (type & 0x1000) !== 0 ? cursor.u32le('array size') : (cursor.skip(4, 'array size'), 1);
    const data = cursor.take(length * elements, `value of ${name}`);
    if (cursor.failure) break;
    variables.push({ name, type, values: elementsOf(data, type & ~0x1000, length, elements) });
    skipPadding(cursor, start, name, variables.length < count);
  }
  return variables;
}

// A block is a multiple of 16. How much padding that is differs between writers (harness/docs/protocols.md 4.3): the
// next block begins at the next multiple after the value, or one later when the writer adds 16 to a value that ends
// there.
function skipPadding(cursor: Cursor, start: number, name: string, another: boolean): void {
  const used = cursor.offset - start;
  cursor.skip(Math.min((16 - (used % 16)) % 16, cursor.remaining), `padding of ${name}`);
  while (
    another &&
    cursor.remaining >= VARIABLE_HEADER + 16 &&
    isZero(cursor.bytes.subarray(cursor.offset, cursor.offset + 16))
  )
    cursor.skip(16, `padding of ${name}`);
}

function elementsOf(data: Uint8Array, type: number, length: number, elements: number): WdsVariable['values'] {
  // Elements without bytes: nothing to read, however many are claimed.
  if (length === 0) return [];
  return Array.from({ length: elements }, (_, i) => elementOf(data.subarray(i * length, (i + 1) * length), type));
}

function elementOf(data: Uint8Array, type: number): number | bigint | string | Uint8Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (type === 1 && data.length === 1) return view.getUint8(0);
  if (type === 2 && data.length === 2) return view.getUint16(0, true);
  if (type === 4 && data.length === 4) return view.getUint32(0, true);
  if (type === 8 && data.length === 8) return view.getBigUint64(0, true);
  if (type === 0x10) return decodeText(data).replace(/\0.*$/s, '');
  if (type === 0x20) return decodeUtf16ToNul(data);
  return data;
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/**
 * The packet inside an NDR stub: size, size again as the array's count, bytes (MS-WDSC section 3.1.4.1). Replies have a
 * pointer between the two.
 */
export function wdsPacketBytes(stub: Uint8Array, direction: 'request' | 'response'): Uint8Array | Malformed {
  const cursor = new Cursor(stub, 'wds');
  const size = cursor.u32le('packet size');
  const pointer = direction === 'response' ? cursor.u32le('pointer') : 1;
  if (!cursor.failure && pointer === 0) return malformed('wds', 'the reply has no packet', stub, 4);
  const count = cursor.u32le('array count');
  const packet = cursor.take(size, 'packet');
  if (cursor.failure) return cursor.failure;
  return count === size ? packet : malformed('wds', `array count ${count} differs from packet size ${size}`, stub, 4);
}

/** The packet inside an NDR stub, decoded. */
export function decodeWdsStub(stub: Uint8Array, direction: 'request' | 'response'): WdsPacket | Malformed {
  const packet = wdsPacketBytes(stub, direction);
  return packet instanceof Uint8Array ? decodeWdsPacket(packet) : packet;
}

/**
 * What WdsRpcMessage returns in a reply without a packet, which is size, a null pointer and the result (MS-WDSC section
 * 3.1.4.1). Undefined for a reply that has a packet or is cut.
 */
export function wdsReturnWithoutPacket(stub: Uint8Array): number | undefined {
  const cursor = new Cursor(stub, 'wds');
  cursor.skip(4, 'packet size');
  return cursor.u32le('pointer') === 0 ? wdsReturnValue(stub) : undefined;
}

/**
 * What WdsRpcMessage returns, after the reply's packet: 0, or a Windows error code. Undefined in a stub that is cut.
 */
export function wdsReturnValue(stub: Uint8Array): number | undefined {
  const cursor = new Cursor(stub, 'wds');
  const size = cursor.u32le('packet size');
  if (cursor.u32le('pointer') !== 0) {
    cursor.skip(4 + size, 'packet');
    cursor.skip((4 - (cursor.offset % 4)) % 4, 'padding');
  }
  const value = cursor.u32le('return value');
  return cursor.failure ? undefined : value;
}
