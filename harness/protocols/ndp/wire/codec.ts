import { ipv6At, macText } from '../../../packet/addresses.ts';
import { Cursor } from '../../../packet/cursor.ts';
import { type Malformed, malformed } from '../../../packet/malformed.ts';
import { NDP_TYPES, OPTION_TYPES, type NdpMessage, type NdpOption } from './message.ts';

const MAC_LENGTH = 6;
const NAMES = new Map<number, NdpMessage['type']>(
  Object.entries(NDP_TYPES).map(([name, number]) => [number, name as NdpMessage['type']]),
);

/** Whether ICMPv6 bytes are of neighbour discovery, by their type. */
export function beginsNdp([type = 0]: Uint8Array): boolean {
  return NAMES.has(type);
}

/** Decodes a message of neighbour discovery from its ICMPv6 bytes (RFC 4861 section 4). */
export function decodeNdp(bytes: Uint8Array): NdpMessage | Malformed {
  const type = NAMES.get(bytes[0] ?? 0);
  if (type === undefined)
    return malformed(
      'ndp',
      `expected an ICMPv6 type of ${[...NAMES.keys()].join(', ')}, got ${bytes[0] ?? 'none'}`,
      bytes,
    );
  const cursor = new Cursor(bytes, 'ndp', 1);
  const code = cursor.u8('code');
  cursor.skip(2, 'checksum');
  const body = bodyOf(type, cursor);
  const options: NdpOption[] = [];
  while (cursor.remaining > 0) options.push(optionAt(cursor));
  return cursor.failure ?? { kind: 'ndp', code, ...body, options };
}

type Body = NdpMessage extends infer M ? (M extends NdpMessage ? Omit<M, 'kind' | 'code' | 'options'> : never) : never;

function bodyOf(type: NdpMessage['type'], cursor: Cursor): Body {
  switch (type) {
    case 'router-solicitation':
      cursor.skip(4, 'reserved');
      return { type };
    case 'router-advertisement': {
      const hopLimit = cursor.u8('current hop limit');
      const flags = cursor.u8('flags');
      return {
        type,
        hopLimit,
        managed: (flags & 0x80) !== 0,
        other: (flags & 0x40) !== 0,
        lifetimeSeconds: cursor.u16be('router lifetime'),
        reachableMs: cursor.u32be('reachable time'),
        retransMs: cursor.u32be('retransmission timer'),
      };
    }
    case 'neighbour-solicitation':
      cursor.skip(4, 'reserved');
      return { type, target: ipv6At(cursor.take(16, 'target address')) };
    case 'neighbour-advertisement': {
      const flags = cursor.u8('flags');
      cursor.skip(3, 'reserved');
      return {
        type,
        target: ipv6At(cursor.take(16, 'target address')),
        router: (flags & 0x80) !== 0,
        solicited: (flags & 0x40) !== 0,
        override: (flags & 0x20) !== 0,
      };
    }
  }
}

/** Type 1, length 1 in units of 8 bytes, the first two included. */
function optionAt(whole: Cursor): NdpOption {
  const type = whole.u8('option type');
  const units = whole.u8('option length');
  // "Nodes MUST silently discard an ND packet that contains an option with length zero" (RFC 4861 section 4.6).
  if (units === 0) whole.fail(`option ${type} has length 0`, whole.offset - 1);
  const data = whole.take(units * 8 - 2, `option ${type}`);
  const cursor = new Cursor(data, 'ndp');
  const option = readOption(type, cursor);
  if (cursor.failure) whole.fail(`option ${type}: ${cursor.failure.reason}`);
  return option;
}

function readOption(type: number, cursor: Cursor): NdpOption {
  switch (type) {
    case OPTION_TYPES['source-link-layer']:
      return { kind: 'source-link-layer', mac: macText(cursor.take(MAC_LENGTH, 'hardware address')) };
    case OPTION_TYPES['target-link-layer']:
      return { kind: 'target-link-layer', mac: macText(cursor.take(MAC_LENGTH, 'hardware address')) };
    case OPTION_TYPES.prefix: {
      const length = cursor.u8('prefix length');
      const flags = cursor.u8('flags');
      const validSeconds = cursor.u32be('valid lifetime');
      const preferredSeconds = cursor.u32be('preferred lifetime');
      cursor.skip(4, 'reserved');
      return {
        kind: 'prefix',
        prefix: ipv6At(cursor.take(16, 'prefix')),
        length,
        onLink: (flags & 0x80) !== 0,
        autonomous: (flags & 0x40) !== 0,
        validSeconds,
        preferredSeconds,
      };
    }
    case OPTION_TYPES.mtu:
      cursor.skip(2, 'reserved');
      return { kind: 'mtu', mtu: cursor.u32be('MTU') };
    case OPTION_TYPES.route: {
      const length = cursor.u8('prefix length');
      const preference = (cursor.u8('flags') >> 3) & 3;
      const lifetimeSeconds = cursor.u32be('route lifetime');
      // 0, 8 or 16 bytes of the prefix: what is left out is zero (RFC 4191 section 2.3).
      const prefix = new Uint8Array(16);
      prefix.set(cursor.rest().subarray(0, 16));
      return { kind: 'route', prefix: ipv6At(prefix), length, preference, lifetimeSeconds };
    }
    case OPTION_TYPES['dns-servers']: {
      cursor.skip(2, 'reserved');
      const lifetimeSeconds = cursor.u32be('lifetime');
      const servers: string[] = [];
      while (cursor.remaining > 0) servers.push(ipv6At(cursor.take(16, 'DNS server')));
      return { kind: 'dns-servers', lifetimeSeconds, servers };
    }
    default:
      return { kind: 'other', type, data: cursor.rest() };
  }
}
