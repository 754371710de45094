import { architectureName } from './architectures.ts';
import { ipxeFeatures, ipxeOptionName } from './ipxe.ts';
import type { DhcpMessage, DhcpOption } from './message.ts';
import { describeOption } from './option-registry.ts';
import { DHCP_MESSAGE_TYPES, messageType, optionText } from './options.ts';
import { PXE_SUB_OPTIONS } from './pxe-vendor.ts';
import { clientArchitectures, clientMachineIdentifier } from './pxe.ts';
import { userClasses } from './user-class.ts';
import { wdsBootProgramData } from './wds.ts';
import { decodeDhcp } from './codec.ts';
import {
  dissectMalformed,
  layer,
  type DissectedField,
  type Dissection,
  type Layout,
} from '../../../packet/dissection.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { decodeSubOptions } from './sub-options.ts';
import { hex, hexNumber } from '../../../packet/text.ts';

// RFC 2131 section 2.
const FIXED: Layout = {
  op: [0, 1],
  htype: [1, 1],
  hops: [3, 1],
  xid: [4, 4],
  secs: [8, 2],
  flags: [10, 2],
  ciaddr: [12, 4],
  yiaddr: [16, 4],
  siaddr: [20, 4],
  giaddr: [24, 4],
  chaddr: [28, 16],
  sname: [44, 64],
  file: [108, 128],
};

/** A DHCP message: `DHCP ACK yiaddr 172.22.52.100 file boot\x86\wdsnbp.com xid 0x1280d292`. */
export function dissectDhcp(bytes: Uint8Array, { wireLength = bytes.length } = {}): Dissection {
  const message = decodeDhcp(bytes, wireLength);
  if (message.kind === 'malformed') return dissectMalformed(message);
  const { op, htype, hops, secs, ciaddr, yiaddr, siaddr, giaddr, chaddr, sname, file, length } = message;
  const head = layer(
    'dhcp',
    bytes,
    {
      op,
      htype,
      hops,
      xid: hexNumber(message.xid),
      secs,
      flags: hexNumber(message.flags, 4),
      ciaddr,
      yiaddr,
      siaddr,
      giaddr,
      chaddr,
      sname,
      file,
      length,
    },
    FIXED,
  );
  const trouble = message.malformed ? [{ name: 'malformed', value: message.malformed.reason }] : [];
  return {
    summary: summaryOf(message),
    layers: [
      {
        ...head,
        fields: [
          ...head.fields,
          ...message.options.flatMap((option) => optionFields(message, option, bytes)),
          ...trouble,
        ],
      },
    ],
  };
}

function summaryOf(message: DhcpMessage): string {
  const type = messageType(message);
  const name = isMalformed(type)
    ? 'of malformed type'
    : type === undefined
      ? 'BOOTP'
      : (DHCP_MESSAGE_TYPES[type] ?? `of type ${type}`);
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

function optionFields(message: DhcpMessage, option: DhcpOption, whole: Uint8Array): DissectedField[] {
  const { name, value } = describeOption(option);
  const bytes = whole.subarray(option.offset, option.offset + 2 + option.data.length);
  switch (option.code) {
    case 53:
      return [{ name, bytes, value: `${value} (${DHCP_MESSAGE_TYPES[option.data[0] ?? 0] ?? 'unassigned'})` }];
    case 77:
      return [{ name, bytes, value: userClasses({ options: [option] }).join(', ') }];
    case 93: {
      const architectures = clientArchitectures(message);
      return [
        {
          name,
          bytes,
          value: Array.isArray(architectures)
            ? architectures.map((one) => `${one} (${architectureName(one)})`).join(', ')
            : value,
        },
      ];
    }
    case 97: {
      const uuid = clientMachineIdentifier(message);
      return [{ name, bytes, value: typeof uuid === 'string' ? uuid : value }];
    }
    case 43:
      return [
        { name, bytes, value },
        ...nested(
          option,
          (code) => Object.entries(PXE_SUB_OPTIONS).find(([, number]) => number === code)?.[0] ?? `sub-option ${code}`,
        ),
      ];
    case 175:
      return [
        { name, bytes, value: ipxeFeatures(decodeSubOptions(option.data)).join(', ') },
        ...nested(option, ipxeOptionName),
      ];
    case 250:
      return [
        { name, bytes, value },
        ...(wdsBootProgramData({ options: [option] })?.options ?? []).map((one) => ({
          name: `250.${one.code} ${one.name}`,
          bytes: one.data,
          value: wdsValue(one.value, one.data),
        })),
      ];
    default:
      return [{ name, bytes, value }];
  }
}

function nested(option: DhcpOption, nameOf: (code: number) => string): DissectedField[] {
  const { options, malformed } = decodeSubOptions(option.data);
  const fields = options.map(({ code, data }) => ({
    name: `${option.code}.${code} ${nameOf(code)}`,
    bytes: data,
    value: hex(data),
  }));
  return malformed ? [...fields, { name: `${option.code} malformed`, value: malformed.reason }] : fields;
}

function wdsValue(
  value: NonNullable<ReturnType<typeof wdsBootProgramData>>['options'][number]['value'],
  data: Uint8Array,
): string {
  if (value === undefined) return hex(data);
  return typeof value === 'object' ? `malformed: ${value.reason}` : String(value);
}
