import { guidAt, guidBytes, ipv4At, ipv4Bytes } from '../../../packet/addresses.ts';
import { ByteWriter } from '../../../packet/byte-writer.ts';
import { Cursor } from '../../../packet/cursor.ts';
import type { RpcSyntax } from './codec.ts';
import type { Malformed } from '../../../packet/malformed.ts';

// The endpoint mapper's ept_map (C706 appendix O, MS-RPCE section 2.2.1.2.5): where an interface listens.

/** ept_map's operation number. @public */
export const EPT_MAP = 3;
/** No such interface here (EPT_S_NOT_REGISTERED). */
export const EPT_NOT_REGISTERED = 0x16c9_a0d6;

/** One floor of a tower: protocol and its data, left and right (C706 appendix L). */
export interface TowerFloor {
  readonly protocol: number;
  /** After the protocol byte: in the first two floors a UUID and a major version. */
  readonly identifier: Uint8Array;
  readonly data: Uint8Array;
}

/** What the five floors of a tower over TCP say; absent what they do not. */
export interface Tower {
  readonly floors: readonly TowerFloor[];
  readonly interface?: RpcSyntax;
  readonly transfer?: RpcSyntax;
  /** Connection-oriented RPC over TCP: `ncacn_ip_tcp`. */
  readonly overTcp: boolean;
  readonly port?: number;
  readonly ip?: string;
}

export interface EptMapRequest {
  readonly kind: 'ept-map-request';
  readonly object?: string;
  readonly tower: Tower;
  readonly maxTowers: number;
}

export interface EptMapResponse {
  readonly kind: 'ept-map-response';
  readonly towers: readonly Tower[];
  readonly status: number;
}

// Protocol identifiers of floors (C706 appendix I).
const UUID_FLOOR = 0x0d;
const CONNECTION_FLOOR = 0x0b;
const TCP_FLOOR = 0x07;
const IP_FLOOR = 0x09;
const HANDLE_LENGTH = 20;

/** The stub of an ept_map request. */
export function decodeEptMapRequest(stub: Uint8Array): EptMapRequest | Malformed {
  const cursor = new Cursor(stub, 'ept');
  const object = cursor.u32le('object pointer') === 0 ? undefined : guidAt(cursor.take(16, 'object'));
  const towerPointer = cursor.u32le('tower pointer');
  if (!cursor.failure && towerPointer === 0) return cursor.fail('the request has no tower', cursor.offset - 4);
  const tower = decodeTower(cursor);
  cursor.skip(HANDLE_LENGTH, 'entry handle');
  const maxTowers = cursor.u32le('max towers');
  return cursor.failure ?? { kind: 'ept-map-request', ...(object === undefined ? {} : { object }), tower, maxTowers };
}

/** The stub of an ept_map response. */
export function decodeEptMapResponse(stub: Uint8Array): EptMapResponse | Malformed {
  const cursor = new Cursor(stub, 'ept');
  cursor.skip(HANDLE_LENGTH + 4 + 4 + 4, 'entry handle, number of towers, array bounds');
  const count = cursor.u32le('actual count');
  // Each is a pointer of four bytes: a false count fails at the end of the bytes, before it can take memory.
  const pointers: number[] = [];
  while (pointers.length < count && !cursor.failure) pointers.push(cursor.u32le('tower pointer'));
  const towers: Tower[] = [];
  for (const pointer of pointers) {
    if (cursor.failure) break;
    if (pointer !== 0) towers.push(decodeTower(cursor));
  }
  const status = cursor.u32le('status');
  return cursor.failure ?? { kind: 'ept-map-response', towers, status };
}

/**
 * A request for an interface over TCP, as impacket's hept_map and Windows' RpcEpResolveBinding write it: port and
 * address are zero.
 */
export function encodeEptMapRequest(wanted: {
  readonly interface: RpcSyntax;
  readonly transfer: RpcSyntax;
  readonly maxTowers?: number;
}): Uint8Array {
  const stub = new ByteWriter().u32le(0).u32le(1);
  writeTower(stub, tcpTower(wanted.interface, wanted.transfer, 0, '0.0.0.0'));
  return stub
    .zeros(HANDLE_LENGTH)
    .u32le(wanted.maxTowers ?? 4)
    .done();
}

/** The answer: the interface listens on this port of this address, or is not registered. */
export function encodeEptMapResponse(
  found:
    | { readonly interface: RpcSyntax; readonly transfer: RpcSyntax; readonly port: number; readonly ip: string }
    | undefined,
  maxTowers: number,
): Uint8Array {
  const stub = new ByteWriter()
    .zeros(HANDLE_LENGTH)
    .u32le(found ? 1 : 0)
    .u32le(maxTowers)
    .u32le(0)
    .u32le(found ? 1 : 0);
  if (found) {
    stub.u32le(3); // a pointer: any number but zero
    writeTower(stub, tcpTower(found.interface, found.transfer, found.port, found.ip));
  }
  return stub.u32le(found ? 0 : EPT_NOT_REGISTERED).done();
}

// A conformant structure: the array's count, the length, the floors, and padding to the next field.
function decodeTower(cursor: Cursor): Tower {
  const count = cursor.u32le('tower count');
  const length = cursor.u32le('tower length');
  if (!cursor.failure && count !== length)
    cursor.fail(`tower length ${length} differs from array count ${count}`, cursor.offset - 4);
  const bytes = cursor.take(length, 'tower');
  cursor.skip((4 - (length % 4)) % 4, 'padding of the tower');
  return towerOf(floorsIn(cursor, bytes));
}

function floorsIn(cursor: Cursor, bytes: Uint8Array): TowerFloor[] {
  const tower = new Cursor(bytes, 'ept');
  const count = cursor.failure ? 0 : tower.u16le('floor count');
  const floors: TowerFloor[] = [];
  while (floors.length < count) {
    const left = tower.take(tower.u16le('left length'), 'left side');
    const data = tower.take(tower.u16le('right length'), 'right side');
    if (tower.failure) break;
    floors.push({ protocol: left[0] ?? 0, identifier: left.subarray(1), data });
  }
  if (tower.failure) cursor.fail(`tower: ${tower.failure.reason}`);
  return floors;
}

function towerOf(floors: readonly TowerFloor[]): Tower {
  const rest = floors.slice(2);
  const tcp = rest.find(({ protocol, data }) => protocol === TCP_FLOOR && data.length === 2);
  const ip = rest.find(({ protocol, data }) => protocol === IP_FLOOR && data.length === 4);
  const own = syntaxOf(floors[0]);
  const transfer = syntaxOf(floors[1]);
  return {
    floors,
    ...(own ? { interface: own } : {}),
    ...(transfer ? { transfer } : {}),
    overTcp: rest[0]?.protocol === CONNECTION_FLOOR && tcp !== undefined,
    ...(tcp ? { port: ((tcp.data[0] ?? 0) << 8) | (tcp.data[1] ?? 0) } : {}),
    ...(ip ? { ip: ipv4At(ip.data) } : {}),
  };
}

function syntaxOf(floor: TowerFloor | undefined): RpcSyntax | undefined {
  if (floor?.protocol !== UUID_FLOOR || floor.identifier.length !== 18 || floor.data.length !== 2) return undefined;
  const number = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  return { uuid: guidAt(floor.identifier), version: `${number(floor.identifier, 16)}.${number(floor.data, 0)}` };
}

function tcpTower(own: RpcSyntax, transfer: RpcSyntax, port: number, ip: string): readonly TowerFloor[] {
  const none = new Uint8Array(0);
  return [
    syntaxFloor(own),
    syntaxFloor(transfer),
    { protocol: CONNECTION_FLOOR, identifier: none, data: new Uint8Array(2) },
    { protocol: TCP_FLOOR, identifier: none, data: Uint8Array.of(port >> 8, port & 0xff) },
    { protocol: IP_FLOOR, identifier: none, data: ipv4Bytes(ip) },
  ];
}

function syntaxFloor({ uuid, version }: RpcSyntax): TowerFloor {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return {
    protocol: UUID_FLOOR,
    identifier: new ByteWriter().bytes(guidBytes(uuid)).u16le(major).done(),
    data: new ByteWriter().u16le(minor).done(),
  };
}

function writeTower(stub: ByteWriter, floors: readonly TowerFloor[]): void {
  const tower = new ByteWriter().u16le(floors.length);
  for (const { protocol, identifier, data } of floors)
    tower
      .u16le(1 + identifier.length)
      .u8(protocol)
      .bytes(identifier)
      .u16le(data.length)
      .bytes(data);
  stub.u32le(tower.length).u32le(tower.length).bytes(tower.done()).align(4);
}
