import { ByteWriter } from '../../../packet/byte-writer.ts';
import { Cursor } from '../../../packet/cursor.ts';
import { type Field, isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeText, encodeText } from '../../../packet/text.ts';
import { readDuid, writeDuid, type Duid } from './duid.ts';
import {
  address,
  counted,
  domainName,
  type Format,
  listOf,
  opaque,
  present,
  struct,
  text,
  u16,
  u32,
  u8,
  type ValueOf,
} from './formats.ts';
import type { Dhcpv6Option } from './message.ts';
import { readOptions, writeOptions } from './options-area.ts';

/** An identity association with addresses or prefixes that have a lifetime (RFC 8415 sections 21.4, 21.21). */
export interface IdentityAssociation {
  /** Which association of this client. */
  readonly iaid: number;
  /** Seconds until the client renews, and until it asks any server. */
  readonly t1: number;
  readonly t2: number;
  readonly options: readonly Dhcpv6Option[];
}

/** An address of an identity association; lifetimes in seconds (RFC 8415 section 21.6). */
export interface IaAddress {
  readonly address: string;
  readonly preferred: number;
  readonly valid: number;
  readonly options: readonly Dhcpv6Option[];
}

const duid: Format<Duid> = { read: readDuid, write: writeDuid };
/** Options up to the end of the option that they stand in. */
const nested: Format<readonly Dhcpv6Option[]> = { read: readOptions, write: writeOptions };
const association = struct<IdentityAssociation>({ iaid: u32, t1: u32, t2: u32, options: nested });
const countedText = counted(decodeText, encodeText);

/** Every option that this codec reads, by the name that its specification gives it in words. */
export const DHCPV6_OPTIONS = {
  // RFC 8415 section 21.
  clientId: { code: 1, name: 'client identifier', format: duid },
  serverId: { code: 2, name: 'server identifier', format: duid },
  iaNa: { code: 3, name: 'IA for non-temporary addresses', format: association },
  iaTa: {
    code: 4,
    name: 'IA for temporary addresses',
    format: struct<{ readonly iaid: number; readonly options: readonly Dhcpv6Option[] }>({
      iaid: u32,
      options: nested,
    }),
  },
  iaAddress: {
    code: 5,
    name: 'IA address',
    format: struct<IaAddress>({ address, preferred: u32, valid: u32, options: nested }),
  },
  optionRequest: { code: 6, name: 'option request', format: listOf(u16) },
  preference: { code: 7, name: 'preference', format: u8 },
  /** Hundredths of a second since the client began. */
  elapsedTime: { code: 8, name: 'elapsed time', format: u16 },
  relayMessage: { code: 9, name: 'relay message', format: opaque },
  unicast: { code: 12, name: 'server unicast', format: address },
  statusCode: {
    code: 13,
    name: 'status code',
    format: struct<{ readonly status: number; readonly message: string }>({ status: u16, message: text }),
  },
  rapidCommit: { code: 14, name: 'rapid commit', format: present },
  userClass: { code: 15, name: 'user class', format: listOf(countedText) },
  vendorClass: {
    code: 16,
    name: 'vendor class',
    format: struct<{ readonly enterprise: number; readonly classes: readonly string[] }>({
      enterprise: u32,
      classes: listOf(countedText),
    }),
  },
  vendorOptions: {
    code: 17,
    name: 'vendor options',
    format: struct<{ readonly enterprise: number; readonly options: readonly Dhcpv6Option[] }>({
      enterprise: u32,
      options: nested,
    }),
  },
  interfaceId: { code: 18, name: 'interface identifier', format: opaque },
  /** Type of the message that the client must send. */
  reconfigure: { code: 19, name: 'reconfigure message', format: u8 },
  reconfigureAccept: { code: 20, name: 'reconfigure accept', format: present },
  // RFC 3646.
  dnsServers: { code: 23, name: 'DNS servers', format: listOf(address) },
  domainList: { code: 24, name: 'domain search list', format: listOf(domainName) },
  // RFC 8415 section 21.
  iaPd: { code: 25, name: 'IA for prefix delegation', format: association },
  iaPrefix: {
    code: 26,
    name: 'IA prefix',
    format: struct<{
      readonly preferred: number;
      readonly valid: number;
      readonly length: number;
      readonly prefix: string;
      readonly options: readonly Dhcpv6Option[];
    }>({ preferred: u32, valid: u32, length: u8, prefix: address, options: nested }),
  },
  informationRefreshTime: { code: 32, name: 'information refresh time', format: u32 },
  // RFC 5970 section 3.
  bootFileUrl: { code: 59, name: 'boot file URL', format: text },
  bootFileParameters: { code: 60, name: 'boot file parameters', format: listOf(countedText) },
  architectures: { code: 61, name: 'client architecture', format: listOf(u16) },
  networkInterface: {
    code: 62,
    name: 'network interface identifier',
    format: struct<{ readonly type: number; readonly major: number; readonly minor: number }>({
      type: u8,
      major: u8,
      minor: u8,
    }),
  },
  solicitMaxRt: { code: 82, name: 'SOL_MAX_RT', format: u32 },
  informationMaxRt: { code: 83, name: 'INF_MAX_RT', format: u32 },
} as const satisfies Readonly<Record<string, OptionKind>>;

/** An option: its number, its name for people, how its payload reads. */
interface OptionKind {
  readonly code: number;
  readonly name: string;
  readonly format: Format<unknown>;
}

/** An option by name. */
export type Dhcpv6OptionName = keyof typeof DHCPV6_OPTIONS;
/** What an option says. */
export type Dhcpv6Value<N extends Dhcpv6OptionName> = ValueOf<(typeof DHCPV6_OPTIONS)[N]['format']>;

interface HasOptions {
  readonly options: readonly Dhcpv6Option[];
}

/** What the first option of this name says. */
export function option<N extends Dhcpv6OptionName>({ options }: HasOptions, name: N): Field<Dhcpv6Value<N>> {
  const found = options.find(({ code }) => code === DHCPV6_OPTIONS[name].code);
  return found && readValue(found, name);
}

/** What every option of this name says, in wire order. */
export function everyOption<N extends Dhcpv6OptionName>(
  { options }: HasOptions,
  name: N,
): (Dhcpv6Value<N> | Malformed)[] {
  return options.filter(({ code }) => code === DHCPV6_OPTIONS[name].code).map((found) => readValue(found, name));
}

/**
 * An option for a message to send.
 */
export function makeOption<N extends Dhcpv6OptionName>(name: N, value: Dhcpv6Value<N>): Dhcpv6Option {
  const writer = new ByteWriter();
  const { code, format } = DHCPV6_OPTIONS[name];
  // One name, so one format and its own value; TypeScript cannot follow that through an index.
  (format as Format<unknown>).write(writer, value);
  return { code, data: writer.done() };
}

/** The name of an option's number; undefined where this codec has none. */
export function optionNameOf(code: number): Dhcpv6OptionName | undefined {
  return NAMES.get(code);
}

/** The first of the options, those inside of associations and addresses included, that does not decode. */
export function malformedOption({ options }: HasOptions): Malformed | undefined {
  for (const found of options) {
    const name = NAMES.get(found.code);
    if (name === undefined) continue;
    const value = readValue(found, name);
    if (isMalformed(value)) return value;
    const inner = CONTAINERS.has(name) ? malformedOption(value as HasOptions) : undefined;
    if (inner) return inner;
  }
  return undefined;
}

/** Options that carry options of DHCPv6; those of a vendor are that vendor's. */
const CONTAINERS: ReadonlySet<Dhcpv6OptionName> = new Set(['iaNa', 'iaTa', 'iaAddress', 'iaPd', 'iaPrefix']);

const NAMES: ReadonlyMap<number, Dhcpv6OptionName> = new Map(
  Object.entries(DHCPV6_OPTIONS).map(([name, { code }]) => [code, name as Dhcpv6OptionName]),
);

function readValue<N extends Dhcpv6OptionName>({ code, data }: Dhcpv6Option, name: N): Dhcpv6Value<N> | Malformed {
  const cursor = new Cursor(data, 'dhcpv6');
  const value = DHCPV6_OPTIONS[name].format.read(cursor) as Dhcpv6Value<N>;
  if (cursor.failure) return { ...cursor.failure, reason: `option ${code}: ${cursor.failure.reason}` };
  return cursor.remaining === 0
    ? value
    : malformed('dhcpv6', `option ${code} has ${cursor.remaining} bytes more than its format`, data, cursor.offset);
}
