import { isMalformed } from '../../packet/malformed.ts';
import type { Packet } from '../../packet/packet.ts';
import { isNdp } from '../ndp/observe/observer.ts';
import { decodeNdp } from '../ndp/wire/codec.ts';
import type { NdpOption } from '../ndp/wire/message.ts';
import type { Fields } from './observed-fields.ts';

/** Fields of neighbour discovery that a boot of firmware has, in tshark's names. */
export const NDP_FIELDS_OF_A_BOOT = [
  'icmpv6.nd.ns.target_address',
  'icmpv6.nd.na.target_address',
  'icmpv6.nd.na.flag.s',
  'icmpv6.nd.na.flag.o',
  'icmpv6.nd.ra.flag.m',
  'icmpv6.nd.ra.flag.o',
  'icmpv6.nd.ra.router_lifetime',
  'icmpv6.opt.type',
  'icmpv6.opt.src_linkaddr',
  'icmpv6.opt.target_linkaddr',
  'icmpv6.opt.prefix',
  'icmpv6.opt.prefix.length',
  'icmpv6.opt.prefix.flag.a',
  'icmpv6.opt.prefix.valid_lifetime',
  'icmpv6.opt.mtu',
] as const;

/** All that are compared. */
export const NDP_FIELDS = [...NDP_FIELDS_OF_A_BOOT, 'icmpv6.opt.rdnss'] as const;

const TYPES: Readonly<Record<Exclude<NdpOption['kind'], 'other'>, number>> = {
  'source-link-layer': 1,
  'target-link-layer': 2,
  prefix: 3,
  mtu: 5,
  route: 24,
  'dns-servers': 25,
};

/** What our decoder says of a message of neighbour discovery, in tshark's names. */
export function ndpFields(packet: Packet): Fields {
  const message = isNdp(packet) ? decodeNdp(packet.payload) : undefined;
  if (message === undefined || isMalformed(message)) return {};
  const { options } = message;
  const router = message.type === 'router-advertisement' ? message : undefined;
  const advertised = message.type === 'neighbour-advertisement' ? message : undefined;
  const prefixes = options.flatMap((one) => (one.kind === 'prefix' ? [one] : []));
  return {
    'icmpv6.nd.ns.target_address': message.type === 'neighbour-solicitation' ? [message.target] : [],
    'icmpv6.nd.na.target_address': advertised ? [advertised.target] : [],
    'icmpv6.nd.na.flag.s': advertised ? [flag(advertised.solicited)] : [],
    'icmpv6.nd.na.flag.o': advertised ? [flag(advertised.override)] : [],
    'icmpv6.nd.ra.flag.m': router ? [flag(router.managed)] : [],
    'icmpv6.nd.ra.flag.o': router ? [flag(router.other)] : [],
    'icmpv6.nd.ra.router_lifetime': router ? [String(router.lifetimeSeconds)] : [],
    'icmpv6.opt.type': options.map((one) => String(one.kind === 'other' ? one.type : TYPES[one.kind])),
    'icmpv6.opt.src_linkaddr': options.flatMap((one) => (one.kind === 'source-link-layer' ? [one.mac] : [])),
    'icmpv6.opt.target_linkaddr': options.flatMap((one) => (one.kind === 'target-link-layer' ? [one.mac] : [])),
    'icmpv6.opt.prefix': prefixes.map(({ prefix }) => prefix),
    'icmpv6.opt.prefix.length': prefixes.map(({ length }) => String(length)),
    'icmpv6.opt.prefix.flag.a': prefixes.map(({ autonomous }) => flag(autonomous)),
    'icmpv6.opt.prefix.valid_lifetime': prefixes.map(({ validSeconds }) => String(validSeconds)),
    'icmpv6.opt.mtu': options.flatMap((one) => (one.kind === 'mtu' ? [String(one.mtu)] : [])),
    'icmpv6.opt.rdnss': options.flatMap((one) => (one.kind === 'dns-servers' ? one.servers : [])),
  };
}

const flag = (set: boolean): string => (set ? 'True' : 'False');
