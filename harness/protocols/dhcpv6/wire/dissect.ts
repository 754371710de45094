import { dissectMalformed, layer, type DissectedField, type Dissection } from '../../../packet/dissection.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { hex, hexNumber } from '../../../packet/text.ts';
import { architectureName } from '../../dhcp/wire/architectures.ts';
import { decodeDhcpv6 } from './codec.ts';
import { duidText } from './duid.ts';
import type { Dhcpv6Message, Dhcpv6Option, Dhcpv6RelayMessage } from './message.ts';
import {
  DHCPV6_OPTIONS,
  type Dhcpv6OptionName,
  type Dhcpv6Value,
  everyOption,
  option,
  optionNameOf,
} from './options.ts';
import { dhcpv6StatusName, dhcpv6TypeName } from './types.ts';

/** A message for people: `DHCPv6 ADVERTISE fd77::100 file tftp://[fd77::1]/snponly.efi, transaction 0xaae467`. */
export function dissectDhcpv6(bytes: Uint8Array): Dissection {
  const message = decodeDhcpv6(bytes);
  if (isMalformed(message)) return dissectMalformed(message);
  const type = dhcpv6TypeName(message.type);
  if (message.kind === 'dhcpv6-relay') {
    const { hopCount, linkAddress, peerAddress } = message;
    const head = layer(
      'dhcpv6',
      bytes,
      { type, hopCount, linkAddress, peerAddress },
      { type: [0, 1], hopCount: [1, 1], linkAddress: [2, 16], peerAddress: [18, 16] },
    );
    const carried = option(message, 'relayMessage');
    const inner = carried === undefined || isMalformed(carried) ? undefined : dissectDhcpv6(carried);
    return {
      summary: `DHCPv6 ${type} for ${peerAddress}${inner ? `: ${inner.summary}` : ''}`,
      layers: [withOptions(head, message), ...(inner?.layers ?? [])],
    };
  }
  const transaction = hexNumber(message.transaction, 6);
  const head = layer('dhcpv6', bytes, { type, transaction }, { type: [0, 1], transaction: [1, 3] });
  return { summary: summaryOf(message, type, transaction), layers: [withOptions(head, message)] };
}

function summaryOf(message: Dhcpv6Message, type: string, transaction: string): string {
  const addresses = everyOption(message, 'iaNa').flatMap((association) =>
    isMalformed(association)
      ? []
      : everyOption(association, 'iaAddress').flatMap((one) => (isMalformed(one) ? [] : [one.address])),
  );
  const url = option(message, 'bootFileUrl');
  return [
    `DHCPv6 ${type}`,
    ...addresses,
    ...(url === undefined || isMalformed(url) ? [] : [`file ${url}`]),
    `transaction ${transaction}`,
  ].join(', ');
}

function withOptions(
  head: Dissection['layers'][number],
  { options }: Dhcpv6Message | Dhcpv6RelayMessage,
): Dissection['layers'][number] {
  return { ...head, fields: [...head.fields, ...options.flatMap((one) => optionFields(one, ''))] };
}

/** An option as fields; those inside of it follow, with both numbers: `option 3.5 IA address`. */
function optionFields(one: Dhcpv6Option, outer: string): DissectedField[] {
  const name = optionNameOf(one.code);
  const number = `${outer}${one.code}`;
  const field = (value: string): DissectedField => ({
    name: `option ${number}${name === undefined ? '' : ` ${DHCPV6_OPTIONS[name].name}`}`,
    value,
    bytes: one.data,
  });
  if (name === undefined) return [field(hex(one.data))];
  const value = option({ options: [one] }, name);
  if (value === undefined) return [];
  if (isMalformed(value)) return [field(`malformed: ${value.reason}`)];
  const inner =
    typeof value === 'object' && 'options' in value && !('enterprise' in value)
      ? value.options.flatMap((nested) => optionFields(nested, `${number}.`))
      : [];
  return [field(valueText(name, value)), ...inner];
}

function valueText(name: Dhcpv6OptionName, value: Dhcpv6Value<Dhcpv6OptionName>): string {
  if (value === true) return 'yes';
  if (value instanceof Uint8Array) return hex(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value))
    return value
      .map((one) => (name === 'architectures' ? `${one} (${architectureName(Number(one))})` : String(one)))
      .join(', ');
  if ('kind' in value) return duidText(value);
  if ('status' in value)
    return [dhcpv6StatusName(value.status), value.message].filter((part) => part !== '').join(': ');
  return Object.entries(value)
    .flatMap(([key, field]: [string, unknown]) =>
      key === 'options' ? [] : [`${key} ${Array.isArray(field) ? field.join(', ') : String(field)}`],
    )
    .join(', ');
}

// Array.isArray does not narrow a readonly array.
const isList = (value: unknown): value is readonly (string | number)[] => Array.isArray(value);
