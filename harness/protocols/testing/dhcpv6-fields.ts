import { isMalformed, type Field, type Malformed } from '../../packet/malformed.ts';
import { hex } from '../../packet/text.ts';
import { decodeDhcpv6 } from '../dhcpv6/wire/codec.ts';
import type { Duid } from '../dhcpv6/wire/duid.ts';
import type { Dhcpv6Option } from '../dhcpv6/wire/message.ts';
import { everyOption, option } from '../dhcpv6/wire/options.ts';
import type { Fields } from './observed-fields.ts';

/** Fields of DHCPv6 that a boot of firmware has, in tshark's names. */
export const DHCPV6_FIELDS_OF_A_BOOT = [
  'dhcpv6.msgtype',
  'dhcpv6.xid',
  'dhcpv6.option.type',
  'dhcpv6.option.length',
  'dhcpv6.duid.type',
  'dhcpv6.duidllt.link_layer_addr',
  'dhcpv6.duiduuid.bytes',
  'dhcpv6.iaid',
  'dhcpv6.iaid.t1',
  'dhcpv6.iaid.t2',
  'dhcpv6.iaaddr.ip',
  'dhcpv6.iaaddr.pref_lifetime',
  'dhcpv6.iaaddr.valid_lifetime',
  'dhcpv6.requested_option_code',
  'dhcpv6.option_preference',
  'dhcpv6.elapsed_time',
  'dhcpv6.status_code',
  'dhcpv6.status_msg',
  'dhcpv6.vendorclass.enterprise',
  'dhcpv6.vendorclass.data',
  'dhcpv6.userclass.opaque_data',
] as const;

/**
 * All that are compared. Of options 59 to 62 tshark reads only where they are: their payload is compared in the codec's own
 * tests.
 */
export const DHCPV6_FIELDS = [
  ...DHCPV6_FIELDS_OF_A_BOOT,
  'dhcpv6.duidll.link_layer_addr',
  'dhcpv6.iata',
  'dhcpv6.dns_server',
  'dhcpv6.interface_id',
  'dhcpv6.hopcount',
  'dhcpv6.linkaddr',
  'dhcpv6.peeraddr',
] as const;

/** What our decoder says of a DHCPv6 message, in tshark's names. */
export function dhcpv6Fields(payload: Uint8Array): Fields {
  const message = decodeDhcpv6(payload);
  if (isMalformed(message)) return {};
  const inner = option(message, 'relayMessage');
  const carried = inner && !isMalformed(inner) ? dhcpv6Fields(inner) : {};
  const own = fieldsOf(message.options);
  const all = {
    ...own,
    'dhcpv6.msgtype': [String(message.type)],
    ...(message.kind === 'dhcpv6'
      ? { 'dhcpv6.xid': [`0x${message.transaction.toString(16).padStart(6, '0')}`] }
      : {
          'dhcpv6.hopcount': [String(message.hopCount)],
          'dhcpv6.linkaddr': [message.linkAddress],
          'dhcpv6.peeraddr': [message.peerAddress],
        }),
  } as Fields;
  return Object.fromEntries(DHCPV6_FIELDS.map((field) => [field, [...(all[field] ?? []), ...(carried[field] ?? [])]]));
}

function fieldsOf(options: readonly Dhcpv6Option[]): Fields {
  const from = { options };
  const all = flattened(options);
  const duids = options.flatMap((one): Duid[] => {
    if (one.code !== 1 && one.code !== 2) return [];
    const duid = option({ options: [one] }, one.code === 1 ? 'clientId' : 'serverId');
    return duid === undefined || isMalformed(duid) ? [] : [duid];
  });
  const associations = sound(everyOption(from, 'iaNa'));
  const addresses = associations.flatMap((one) => sound(everyOption(one, 'iaAddress')));
  const statuses = [from, ...associations].flatMap((one) => sound(everyOption(one, 'statusCode')));
  const vendorClasses = sound(everyOption(from, 'vendorClass'));
  return {
    'dhcpv6.option.type': all.map(({ code }) => String(code)),
    'dhcpv6.option.length': all.map(({ data }) => String(data.length)),
    'dhcpv6.duid.type': duids.map(({ kind }) => DUID_TYPES[kind] ?? ''),
    'dhcpv6.duidllt.link_layer_addr': duids.flatMap((duid) => (duid.kind === 'link-layer-time' ? [duid.address] : [])),
    'dhcpv6.duidll.link_layer_addr': duids.flatMap((duid) => (duid.kind === 'link-layer' ? [duid.address] : [])),
    'dhcpv6.duiduuid.bytes': duids.flatMap((duid) => (duid.kind === 'uuid' ? [hex(duid.uuid)] : [])),
    'dhcpv6.iaid': associations.map(({ iaid }) => iaid.toString(16).padStart(8, '0')),
    'dhcpv6.iata': sound(everyOption(from, 'iaTa')).map(({ iaid }) => iaid.toString(16).padStart(8, '0')),
    'dhcpv6.iaid.t1': associations.map(({ t1 }) => String(t1)),
    'dhcpv6.iaid.t2': associations.map(({ t2 }) => String(t2)),
    'dhcpv6.iaaddr.ip': addresses.map(({ address }) => address),
    'dhcpv6.iaaddr.pref_lifetime': addresses.map(({ preferred }) => String(preferred)),
    'dhcpv6.iaaddr.valid_lifetime': addresses.map(({ valid }) => String(valid)),
    'dhcpv6.requested_option_code': sound([option(from, 'optionRequest')])
      .flat()
      .map(String),
    'dhcpv6.option_preference': sound([option(from, 'preference')]).map(String),
    'dhcpv6.elapsed_time': sound([option(from, 'elapsedTime')]).map((hundredths) => String(hundredths * 10)),
    'dhcpv6.status_code': statuses.map(({ status }) => String(status)),
    'dhcpv6.status_msg': statuses.flatMap(({ message }) => (message === '' ? [] : [message])),
    'dhcpv6.vendorclass.enterprise': vendorClasses.map(({ enterprise }) => String(enterprise)),
    'dhcpv6.vendorclass.data': vendorClasses.flatMap(({ classes }) => classes),
    'dhcpv6.userclass.opaque_data': sound([option(from, 'userClass')])
      .flat()
      .map((text) => Buffer.from(text).toString('hex')),
    'dhcpv6.dns_server': sound([option(from, 'dnsServers')]).flat(),
    'dhcpv6.interface_id': sound([option(from, 'interfaceId')]).map(hex),
  };
}

const DUID_TYPES: Readonly<Record<string, string>> = {
  'link-layer-time': '1',
  enterprise: '2',
  'link-layer': '3',
  uuid: '4',
};

/** All options in wire order, those inside of associations behind theirs. */
function flattened(options: readonly Dhcpv6Option[]): Dhcpv6Option[] {
  return options.flatMap((one) => {
    const from = { options: [one] };
    const associations = sound([...everyOption(from, 'iaNa'), ...everyOption(from, 'iaTa')]);
    return [one, ...associations.flatMap((association) => flattened(association.options))];
  });
}

const sound = <T>(fields: readonly (Field<T> | Malformed)[]): T[] =>
  fields.flatMap((field) => (field === undefined || isMalformed(field) ? [] : [field]));
