import ipaddr from 'ipaddr.js';
import { firmwareOf } from '../../protocols/dhcp/wire/architectures.ts';
import { architectureOptions, formatVendorClass, machineIdentifierOption } from '../../protocols/dhcp/wire/pxe.ts';
import type { DhcpMessage } from '../../protocols/dhcp/wire/message.ts';
import {
  ipOption,
  messageType,
  numberOption,
  optionIp,
  optionText,
  textOption,
} from '../../protocols/dhcp/wire/options.ts';
import type { ByteOrder } from '../../packet/byte-order.ts';
import { wdsBootProgramOption, wdsValues, type WdsValues } from '../../protocols/dhcp/wire/wds.ts';
import { decodeDhcp, encodeDhcp, type DhcpDraft } from '../../protocols/dhcp/wire/codec.ts';
import { isMalformed, type Field } from '../../packet/malformed.ts';

// What a PXE ROM and wdsnbp send, and what they read in an answer. Pure.

const DISCOVER = 1;
const REQUEST = 3;
/**
 * UDP payload of a ROM's messages: the reference trace's request is a frame of 590 bytes, 14 + 20 + 8 of which are
 * headers.
 */
const MESSAGE_LENGTH = 548;
/** Longest message that is taken: the reference trace's answer has 1024 bytes of payload. */
const MAX_MESSAGE = 1260;
/** Option 94 of an Intel ROM (harness/docs/protocols.md 1.1: UNDI 2.1); UEFI says 3.16. */
const UNDI = { bios: { major: 2, minor: 1 }, uefi: { major: 3, minor: 16 } } as const;
const BROADCAST_FLAG = 0x8000;

/** Who asks: the same in every message. */
export interface Sender {
  readonly mac: string;
  readonly uuid: string;
  readonly architecture: number;
}

/** DISCOVER of a PXE ROM. */
export function discover(sender: Sender, xid: number, secs: number): Uint8Array {
  return message(sender, DISCOVER, { xid, secs, flags: BROADCAST_FLAG });
}

/** REQUEST for an offered address. */
export function addressRequest(sender: Sender, xid: number, offer: Pick<Answer, 'server' | 'yiaddr'>): Uint8Array {
  return message(sender, REQUEST, { xid, flags: BROADCAST_FLAG }, [
    ipOption(54, offer.server),
    ipOption(50, offer.yiaddr),
  ]);
}

/** The question to a boot server, unicast; option 54 is left out as EDK2 does (harness/docs/protocols.md 1.1). */
export function bootServerRequest(sender: Sender, xid: number, ciaddr: string): Uint8Array {
  return message(sender, REQUEST, { xid, ciaddr });
}

/** The same question by the boot program: with option 250. */
export function bootProgramRequest(
  sender: Sender,
  xid: number,
  ciaddr: string,
  values: WdsValues,
  byteOrder: ByteOrder,
): Uint8Array {
  return message(sender, REQUEST, { xid, ciaddr }, [wdsBootProgramOption(values, byteOrder)]);
}

/** What a client reads in an OFFER or ACK. */
export interface Answer {
  readonly type: number;
  readonly xid: number;
  /** Option 54, else siaddr, else where it came from (harness/docs/protocols.md 1.2). */
  readonly server: string;
  readonly fromPort: number;
  readonly yiaddr: string;
  /** Option 1, as a prefix length; 24 without it. */
  readonly prefixLength: number;
  /** Option 60 begins `PXEClient`. */
  readonly ofBootServer: boolean;
  /** Where the boot file is: siaddr, else option 66, else `server`. */
  readonly nextServer: string;
  readonly bootfile: string;
  readonly bcdPath?: string | undefined;
  readonly wds?: WdsValues | undefined;
}

/** A server's message to this client; undefined for anything else on the port. */
export function readAnswer(
  bytes: Uint8Array,
  from: { readonly address: string; readonly port: number },
  sender: Sender,
  byteOrder: ByteOrder,
): Answer | undefined {
  const read = decodeDhcp(bytes);
  if (read.kind === 'malformed' || read.op !== 2 || read.chaddr !== sender.mac) return undefined;
  const type = readable(messageType(read));
  if (type === undefined) return undefined;
  const siaddr = read.siaddr === '0.0.0.0' ? undefined : read.siaddr;
  const server = readable(optionIp(read, 54)) ?? siaddr ?? from.address;
  const bcdPath = readable(optionText(read, 252));
  const wds = wdsValues(read, byteOrder);
  return {
    type,
    server,
    xid: read.xid,
    fromPort: from.port,
    yiaddr: read.yiaddr,
    prefixLength: prefixLengthOf(read),
    ofBootServer: (readable(optionText(read, 60)) ?? '').startsWith('PXEClient'),
    nextServer: siaddr ?? readable(optionText(read, 66)) ?? server,
    bootfile: readable(optionText(read, 67)) ?? read.file,
    bcdPath,
    wds,
  };
}

function message(
  sender: Sender,
  type: number,
  header: Omit<DhcpDraft, 'op' | 'options'>,
  options: DhcpDraft['options'] = [],
): Uint8Array {
  const undi = UNDI[firmwareOf(sender.architecture)];
  return encodeDhcp(
    {
      op: 1,
      chaddr: sender.mac,
      ...header,
      options: [
        numberOption(53, 1, type),
        ...options,
        {
          code: 55,
          data: Uint8Array.of(1, 3, 6, 12, 13, 15, 43, 54, 60, 66, 67, 128, 129, 130, 131, 132, 133, 134, 135, 252),
        },
        numberOption(57, 2, MAX_MESSAGE),
        machineIdentifierOption(sender.uuid),
        ...architectureOptions(sender.architecture, undi),
        textOption(60, formatVendorClass({ client: 'PXEClient', architecture: sender.architecture, undi })),
      ],
    },
    { padTo: MESSAGE_LENGTH },
  );
}

function prefixLengthOf(read: DhcpMessage): number {
  const mask = readable(optionIp(read, 1));
  return (mask === undefined ? null : ipaddr.IPv4.parse(mask).prefixLengthFromSubnetMask()) ?? 24;
}

function readable<T>(field: Field<T>): T | undefined {
  return isMalformed(field) ? undefined : field;
}
