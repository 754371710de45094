import { macBytes, macText } from '../../../packet/addresses.ts';
import type { ByteWriter } from '../../../packet/byte-writer.ts';
import type { Cursor } from '../../../packet/cursor.ts';
import { hex } from '../../../packet/text.ts';

const LLT = 1;
const EN = 2;
const LL = 3;
const UUID = 4;
const UUID_LENGTH = 16;

/** How a client or a server is told apart from all others (RFC 8415 section 11, RFC 6355). */
export type Duid =
  | {
      readonly kind: 'link-layer-time';
      readonly hardwareType: number;
      /** Seconds since 2000-01-01 UTC, modulo 2^32. */
      readonly time: number;
      /** Hardware address: `52:54:00:77:00:01`. */
      readonly address: string;
    }
  | { readonly kind: 'enterprise'; readonly enterprise: number; readonly identifier: Uint8Array }
  | { readonly kind: 'link-layer'; readonly hardwareType: number; readonly address: string }
  | { readonly kind: 'uuid'; readonly uuid: Uint8Array }
  | { readonly kind: 'other'; readonly type: number; readonly identifier: Uint8Array };

/** Reads a DUID up to the end of the bytes. */
export function readDuid(cursor: Cursor): Duid {
  const type = cursor.u16be('DUID type');
  switch (type) {
    case LLT: {
      const hardwareType = cursor.u16be('hardware type');
      const time = cursor.u32be('DUID time');
      return { kind: 'link-layer-time', hardwareType, time, address: macText(cursor.rest()) };
    }
    case EN:
      return { kind: 'enterprise', enterprise: cursor.u32be('enterprise number'), identifier: cursor.rest() };
    case LL: {
      const hardwareType = cursor.u16be('hardware type');
      return { kind: 'link-layer', hardwareType, address: macText(cursor.rest()) };
    }
    case UUID:
      return { kind: 'uuid', uuid: cursor.take(UUID_LENGTH, 'UUID') };
    default:
      return { kind: 'other', type, identifier: cursor.rest() };
  }
}

/** Writes a DUID. */
export function writeDuid(writer: ByteWriter, duid: Duid): void {
  switch (duid.kind) {
    case 'link-layer-time':
      writer.u16be(LLT).u16be(duid.hardwareType).u32be(duid.time).bytes(macBytes(duid.address));
      return;
    case 'enterprise':
      writer.u16be(EN).u32be(duid.enterprise).bytes(duid.identifier);
      return;
    case 'link-layer':
      writer.u16be(LL).u16be(duid.hardwareType).bytes(macBytes(duid.address));
      return;
    case 'uuid':
      writer.u16be(UUID).bytes(duid.uuid);
      return;
    case 'other':
      writer.u16be(duid.type).bytes(duid.identifier);
  }
}

/** A DUID for people: `LLT 52:54:00:77:00:01`, `UUID 0123…`. */
export function duidText(duid: Duid): string {
  switch (duid.kind) {
    case 'link-layer-time':
      return `LLT ${duid.address}`;
    case 'link-layer':
      return `LL ${duid.address}`;
    case 'enterprise':
      return `EN ${duid.enterprise} ${hex(duid.identifier)}`;
    case 'uuid':
      return `UUID ${uuidText(duid.uuid)}`;
    case 'other':
      return `type ${duid.type} ${hex(duid.identifier)}`;
  }
}

/** 16 bytes in network order, in groups (RFC 6355 section 4). */
function uuidText(uuid: Uint8Array): string {
  return hex(uuid).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
