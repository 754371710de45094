import { architectureName } from './architectures.ts';
import { ipxeFeatures, ipxeOptionName } from './dhcp-ipxe.ts';
import type { DhcpMessage, DhcpOption } from './dhcp-message.ts';
import { describeOption } from './dhcp-option-registry.ts';
import { DHCP_MESSAGE_TYPES, messageType, optionText } from './dhcp-options.ts';
import { PXE_SUB_OPTIONS } from './dhcp-pxe-vendor.ts';
import { clientArchitectures, clientMachineIdentifier } from './dhcp-pxe.ts';
import { wdsBootProgramData } from './dhcp-wds.ts';
import { decodeDhcp } from './dhcp.ts';
import { dissectMalformed, layer, type DissectedField, type Dissection } from './dissection.ts';
import { isMalformed } from './malformed.ts';
import { decodeSubOptions } from './sub-options.ts';
import { hex, hexNumber } from './text.ts';

/** A DHCP message: `DHCP ACK yiaddr 172.22.52.100 file boot\x86\wdsnbp.com xid 0x1280d292`. */
export function dissectDhcp(bytes: Uint8Array): Dissection {
  const message = decodeDhcp(bytes);
  if (message.kind === 'malformed') return dissectMalformed(message);
  const { op, htype, hops, secs, ciaddr, yiaddr, siaddr, giaddr, chaddr, sname, file, length } = message;
  const head = layer('dhcp', { op, htype, hops, xid: hexNumber(message.xid), secs, flags: hexNumber(message.flags, 4), ciaddr, yiaddr, siaddr, giaddr, chaddr, sname, file, length });
  const trouble = message.malformed ? [{ name: 'malformed', value: message.malformed.reason }] : [];
  return { summary: summaryOf(message), layers: [{ name: 'dhcp', fields: [...head.fields, ...message.options.flatMap((option) => optionFields(message, option)), ...trouble] }] };
}

function summaryOf(message: DhcpMessage): string {
  const type = messageType(message);
  const name = isMalformed(type) ? 'of malformed type' : type === undefined ? 'BOOTP' : (DHCP_MESSAGE_TYPES[type] ?? `of type ${type}`);
  const bootFile = optionText(message, 67);
  const file = typeof bootFile === 'string' ? bootFile : message.file;
  const parts = [
    `DHCP ${name}`,
    message.yiaddr === '0.0.0.0' ? '' : `yiaddr ${message.yiaddr}`,
    message.ciaddr === '0.0.0.0' ? '' : `ciaddr ${message.ciaddr}`,
    file === '' ? '' : `file ${file}`,
    `xid ${hexNumber(message.xid)}`,
    message.malformed ? `(malformed: ${message.malformed.reason})` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function optionFields(message: DhcpMessage, option: DhcpOption): DissectedField[] {
  const { name, value } = describeOption(option);
  switch (option.code) {
    case 53:
      return [{ name, value: `${value} (${DHCP_MESSAGE_TYPES[option.data[0] ?? 0] ?? 'unassigned'})` }];
    case 93: {
      const architectures = clientArchitectures(message);
      return [{ name, value: Array.isArray(architectures) ? architectures.map((one) => `${one} (${architectureName(one)})`).join(', ') : value }];
    }
    case 97: {
      const uuid = clientMachineIdentifier(message);
      return [{ name, value: typeof uuid === 'string' ? uuid : value }];
    }
    case 43:
      return [{ name, value }, ...nested(option, (code) => Object.entries(PXE_SUB_OPTIONS).find(([, number]) => number === code)?.[0] ?? `sub-option ${code}`)];
    case 175:
      return [{ name, value: ipxeFeatures(decodeSubOptions(option.data)).join(', ') }, ...nested(option, ipxeOptionName)];
    case 250:
      return [{ name, value }, ...(wdsBootProgramData({ options: [option] })?.options ?? []).map((one) => ({ name: `250.${one.code} ${one.name}`, value: wdsValue(one.value, one.data) }))];
    default:
      return [{ name, value }];
  }
}

function nested(option: DhcpOption, nameOf: (code: number) => string): DissectedField[] {
  const { options, malformed } = decodeSubOptions(option.data);
  const fields = options.map(({ code, data }) => ({ name: `${option.code}.${code} ${nameOf(code)}`, value: hex(data) }));
  return malformed ? [...fields, { name: `${option.code} malformed`, value: malformed.reason }] : fields;
}

function wdsValue(value: NonNullable<ReturnType<typeof wdsBootProgramData>>['options'][number]['value'], data: Uint8Array): string {
  if (value === undefined) return hex(data);
  return typeof value === 'object' ? `malformed: ${value.reason}` : String(value);
}
