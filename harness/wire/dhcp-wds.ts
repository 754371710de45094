import { ipv4At, ipv4Bytes } from './addresses.ts';
import type { DhcpMessage } from './dhcp-message.ts';
import { numberOption, optionBytes } from './dhcp-options.ts';
import { EncodeError } from './encode-error.ts';
import { decodeSubOptions, encodeSubOptions } from './sub-options.ts';
import { malformed, type Malformed } from './malformed.ts';
import { decodeTextToNul, encodeText } from './text.ts';

// Option 250 of WDS: what wdsnbp and the server tell each other (Windows SDK header WdsBp.h). The header does not say
// the byte order of numbers; big-endian is what the open WDS-like server Namiono writes.

/** One known sub-option. */
interface WdsRow {
  readonly code: number;
  readonly name: string;
  readonly payload: 'u8' | 'u16' | 'u32' | 'ip' | 'text' | 'none';
}

const wds = (code: number, name: string, payload: WdsRow['payload']): WdsRow => ({ code, name, payload });

/** Sub-options of option 250. */
export const WDS_SUB_OPTIONS: readonly WdsRow[] = [
  wds(1, 'architecture', 'u16'),
  wds(2, 'nextAction', 'u8'),
  wds(3, 'pollInterval', 'u16'),
  wds(4, 'pollRetryCount', 'u16'),
  wds(5, 'requestId', 'u32'),
  wds(6, 'message', 'text'),
  wds(7, 'versionQuery', 'none'),
  wds(8, 'serverVersion', 'u32'),
  wds(9, 'referralServer', 'ip'),
  wds(11, 'pxeClientPrompt', 'u8'),
  wds(12, 'pxePromptDone', 'u8'),
  wds(13, 'nbpVersion', 'u16'),
  wds(14, 'actionDone', 'u8'),
  wds(15, 'allowServerSelection', 'u8'),
  wds(16, 'serverFeatures', 'u32'),
];

/** Values of `nextAction`. @public The format's own vocabulary, whole. */
export const WDS_NEXT_ACTIONS: Readonly<Record<number, string>> = { 1: 'approval', 3: 'referral', 5: 'abort' };
/** Values of `pxeClientPrompt` and `pxePromptDone`. @public The format's own vocabulary, whole. */
export const WDS_PROMPTS: Readonly<Record<number, string>> = { 1: 'opt-in', 2: 'no prompt', 3: 'opt-out' };

/** One sub-option in wire order; `value` is undefined for a code that WdsBp.h does not name, whose `data` still stands. */
export interface WdsSubOption {
  readonly code: number;
  readonly name: string;
  readonly value: number | string | true | undefined | Malformed;
  readonly data: Uint8Array;
}

/** What option 250 says. */
export interface WdsBootProgramData {
  readonly options: readonly WdsSubOption[];
  readonly malformed?: Malformed;
}

/** Option 250 of a message; undefined without it. */
export function wdsBootProgramData(message: Pick<DhcpMessage, 'options'>): WdsBootProgramData | undefined {
  const data = optionBytes(message, 250);
  if (!data) return undefined;
  const decoded = decodeSubOptions(data, 'wds');
  const options = decoded.options.map((entry) => {
    const row = WDS_SUB_OPTIONS.find((candidate) => candidate.code === entry.code);
    return { code: entry.code, name: row?.name ?? `sub-option ${entry.code}`, value: row && readValue(row, entry.data), data: entry.data };
  });
  return { options, ...(decoded.malformed ? { malformed: decoded.malformed } : {}) };
}

const SIZES = { u8: 1, u16: 2, u32: 4, ip: 4 } as const;

function readValue(row: WdsRow, data: Uint8Array): WdsSubOption['value'] {
  // An older server sends a byte with the version query (protocols.md 1.6): its presence is what counts.
  if (row.payload === 'none') return true;
  if (row.payload === 'text') return decodeTextToNul(data);
  const size = SIZES[row.payload];
  if (data.length !== size) return malformed('wds', `sub-option ${row.code} (${row.name}) must have ${size} bytes but has ${data.length}`, data);
  return row.payload === 'ip' ? ipv4At(data) : data.reduce((value, byte) => value * 256 + byte, 0);
}

/** Option 250 for a draft, from values by name in the given order. */
export function wdsBootProgramOption(values: Readonly<Record<string, number | string | true>>): { code: number; data: Uint8Array } {
  const options = Object.entries(values).map(([name, value]) => {
    const row = WDS_SUB_OPTIONS.find((candidate) => candidate.name === name);
    if (!row) throw new EncodeError('wds', 'sub-option', `one of ${WDS_SUB_OPTIONS.map((known) => known.name).join(', ')}`, name);
    return { code: row.code, data: writeValue(row, value) };
  });
  return { code: 250, data: encodeSubOptions(options) };
}

function writeValue(row: WdsRow, value: number | string | true): Uint8Array {
  if (row.payload === 'none') return new Uint8Array(0);
  if (row.payload === 'text') return encodeText(`${value}\0`);
  if (row.payload === 'ip') return ipv4Bytes(String(value));
  if (typeof value !== 'number') throw new EncodeError('wds', row.name, 'a number', String(value));
  return numberOption(row.code, SIZES[row.payload], value).data;
}
