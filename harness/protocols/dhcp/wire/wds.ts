import { ipv4At, ipv4Bytes } from '../../../packet/addresses.ts';
import type { ByteOrder } from '../../../packet/byte-order.ts';
import type { DhcpMessage } from './message.ts';
import { optionBytes } from './options.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import { decodeSubOptions, encodeSubOptions } from './sub-options.ts';
import { isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeTextToNul, encodeText } from '../../../packet/text.ts';

// Option 250 of WDS: messages between wdsnbp and the server (Windows SDK header WdsBp.h). The header does not say the
// byte order of numbers; big-endian is what the open WDS-like server Namiono writes and what wdsnbp's screen suggests.

/** How option 250 is written where nothing else is known: wdsnbp takes the poll interval for seconds. */
export const USUAL_FORM = { byteOrder: 'big-endian', intervalUnitMs: 1000 } as const satisfies {
  readonly byteOrder: ByteOrder;
  readonly intervalUnitMs: number;
};

/** One known sub-option. */
interface WdsRow {
  readonly code: number;
  readonly name: string;
  readonly payload: 'u8' | 'u16' | 'u32' | 'ip' | 'text' | 'none';
}

const wds = <const Name extends string, const Payload extends WdsRow['payload']>(
  code: number,
  name: Name,
  payload: Payload,
) => ({ code, name, payload });

/** Sub-options of option 250. */
export const WDS_SUB_OPTIONS = [
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
] as const;
const ROWS: readonly WdsRow[] = WDS_SUB_OPTIONS;

type Row = (typeof WDS_SUB_OPTIONS)[number];
type ValueOf<Payload extends WdsRow['payload']> = Payload extends 'none'
  ? true
  : Payload extends 'ip' | 'text'
    ? string
    : number;

/** What option 250 says, by name; written in the order of the keys. */
export type WdsValues = { readonly [R in Row as R['name']]?: ValueOf<R['payload']> };

/** Values of `nextAction`. */
export const WDS_NEXT_ACTIONS = { approval: 1, referral: 3, abort: 5 } as const;
/** Values of `pxeClientPrompt` and `pxePromptDone`. */
export const WDS_PROMPTS = { 'opt-in': 1, 'no-prompt': 2, 'opt-out': 3 } as const;
export const WDS_PROMPT_WORDS = Object.keys(WDS_PROMPTS) as readonly (keyof typeof WDS_PROMPTS)[];

/**
 * One sub-option in wire order; `value` is undefined for a code that WdsBp.h does not name; `data` is set in any case.
 */
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
export function wdsBootProgramData(
  message: Pick<DhcpMessage, 'options'>,
  byteOrder: ByteOrder = USUAL_FORM.byteOrder,
): WdsBootProgramData | undefined {
  const data = optionBytes(message, 250);
  if (!data) return undefined;
  const decoded = decodeSubOptions(data, 'wds');
  const options = decoded.options.map((entry) => {
    const row = ROWS.find((candidate) => candidate.code === entry.code);
    return {
      code: entry.code,
      name: row?.name ?? `sub-option ${entry.code}`,
      value: row && readValue(row, entry.data, byteOrder),
      data: entry.data,
    };
  });
  return { options, ...(decoded.malformed ? { malformed: decoded.malformed } : {}) };
}

/** Option 250 by name, the first of each that can be read; undefined without the option. */
export function wdsValues(message: Pick<DhcpMessage, 'options'>, byteOrder?: ByteOrder): WdsValues | undefined {
  const options = wdsBootProgramData(message, byteOrder)?.options;
  if (!options) return undefined;
  const values: Record<string, number | string | true> = {};
  for (const { name, value } of options) if (value !== undefined && !isMalformed(value)) values[name] ??= value;
  return values;
}

const SIZES = { u8: 1, u16: 2, u32: 4, ip: 4 } as const;

function readValue(row: WdsRow, data: Uint8Array, byteOrder: ByteOrder): WdsSubOption['value'] {
  // An older server sends a byte with the version query (harness/docs/protocols.md 1.6): its presence is what counts.
  if (row.payload === 'none') return true;
  if (row.payload === 'text') return decodeTextToNul(data);
  const size = SIZES[row.payload];
  if (data.length !== size)
    return malformed(
      'wds',
      `sub-option ${row.code} (${row.name}) must have ${size} bytes but has ${data.length}`,
      data,
    );
  return row.payload === 'ip' ? ipv4At(data) : ordered(data, byteOrder).reduce((value, byte) => value * 256 + byte, 0);
}

/** Option 250 for a draft, from values by name in the given order. */
export function wdsBootProgramOption(
  values: WdsValues,
  byteOrder: ByteOrder = USUAL_FORM.byteOrder,
): { code: number; data: Uint8Array } {
  const options = Object.entries(values).map(([name, value]) => {
    const row = ROWS.find((candidate) => candidate.name === name);
    if (!row) throw new EncodeError('wds', 'sub-option', `one of ${ROWS.map((known) => known.name).join(', ')}`, name);
    return { code: row.code, data: writeValue(row, value, byteOrder) };
  });
  return { code: 250, data: encodeSubOptions(options) };
}

function writeValue(row: WdsRow, value: number | string | true, byteOrder: ByteOrder): Uint8Array {
  if (row.payload === 'none') return new Uint8Array(0);
  if (row.payload === 'text') return encodeText(`${value}\0`);
  if (row.payload === 'ip') return ipv4Bytes(String(value));
  const size = SIZES[row.payload];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= 2 ** (8 * size))
    throw new EncodeError('wds', row.name, `a number of ${size} bytes`, String(value));
  return ordered(
    Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * (size - 1 - i))) & 255),
    byteOrder,
  );
}

const ordered = (bytes: Uint8Array, byteOrder: ByteOrder): Uint8Array =>
  byteOrder === 'big-endian' ? bytes : bytes.toReversed();
