import type { DhcpEvent, ProtocolEvent, TransferFigures } from '../../protocols/base/observe/seen.ts';
import type { DhcpMessage, DhcpOption } from '../../protocols/dhcp/wire/message.ts';
import { wdsBootProgramOption, type WdsValues } from '../../protocols/dhcp/wire/wds.ts';
import type { TftpOption } from '../../protocols/tftp/wire/message.ts';

/** Addresses of the reference trace (harness/docs/protocols.md 0). */
export const CLIENT_MAC = '52:54:00:12:34:56';
export const CLIENT_IP = '172.22.52.222';
export const SERVER_MAC = '52:54:00:00:00:07';
export const SERVER_IP = '172.22.52.207';
export const DHCP_IP = '172.22.52.1';
/** Capture time of the first event, microseconds since the epoch. */
export const START_US = 1_700_000_000_000_000;

/** Events without frame, time and client: `conversation()` adds those. */
export type Body = ProtocolEvent extends infer E
  ? E extends ProtocolEvent
    ? Omit<E, 'frame' | 'atUs' | 'client'>
    : never
  : never;

/** An event of a script: its body, and how long after the event before it, in milliseconds. */
export type Line = readonly [afterMs: number, body: Body];

/** Numbers the lines' frames and gives them their times. */
export function conversation(lines: readonly Line[], client = CLIENT_MAC): ProtocolEvent[] {
  let atUs = START_US;
  return lines.map(([afterMs, body], index) => {
    atUs += Math.round(afterMs * 1000);
    return { ...body, frame: index + 1, atUs, client };
  });
}

const latin = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const address = (ip: string): Uint8Array => Uint8Array.from(ip.split('.'), Number);

/** What a DHCP message says, in the words of its options. */
export interface DhcpWords {
  readonly xid?: number;
  readonly ciaddr?: string;
  readonly yiaddr?: string;
  readonly siaddr?: string;
  readonly file?: string;
  readonly server?: string;
  readonly requested?: string;
  readonly bootfile?: string;
  readonly vendorClass?: string;
  readonly arch?: number;
  readonly leaseSeconds?: number;
  readonly message?: string;
  readonly nextServerName?: string;
  /** Option 250. */
  readonly wds?: WdsValues;
  /** Option 252. */
  readonly bcdPath?: string;
}

/** A DHCP message as the decoder would give it. */
function dhcpMessage(op: 1 | 2, type: number, words: DhcpWords): DhcpMessage {
  const options: DhcpOption[] = [];
  const put = (code: number, data: Uint8Array | undefined): void => {
    if (data) options.push({ code, offset: 240 + options.length, data });
  };
  put(53, Uint8Array.of(type));
  put(54, words.server === undefined ? undefined : address(words.server));
  put(50, words.requested === undefined ? undefined : address(words.requested));
  put(
    51,
    words.leaseSeconds === undefined
      ? undefined
      : Uint8Array.of(0, 0, words.leaseSeconds >> 8, words.leaseSeconds & 0xff),
  );
  put(60, words.vendorClass === undefined ? undefined : latin(words.vendorClass));
  put(93, words.arch === undefined ? undefined : Uint8Array.of(words.arch >> 8, words.arch & 0xff));
  put(67, words.bootfile === undefined ? undefined : latin(words.bootfile));
  put(66, words.nextServerName === undefined ? undefined : latin(words.nextServerName));
  put(56, words.message === undefined ? undefined : latin(words.message));
  if (words.wds) put(250, wdsBootProgramOption(words.wds).data);
  put(252, words.bcdPath === undefined ? undefined : latin(words.bcdPath));
  return {
    kind: 'dhcp',
    op,
    htype: 1,
    hlen: 6,
    hops: 0,
    xid: words.xid ?? 0x1280d292,
    secs: 0,
    flags: 0,
    ciaddr: words.ciaddr ?? '0.0.0.0',
    yiaddr: words.yiaddr ?? '0.0.0.0',
    siaddr: words.siaddr ?? '0.0.0.0',
    giaddr: '0.0.0.0',
    chaddr: CLIENT_MAC,
    sname: '',
    file: words.file ?? '',
    options,
    length: 548,
  };
}

const TYPES: Readonly<Record<string, number>> = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
};

/** A DHCP event; requests go from the client to everybody (or to `to`), replies from `from`. */
export function dhcp(
  type: DhcpEvent['type'],
  words: DhcpWords,
  ends: { readonly from?: string; readonly fromPort?: number; readonly to?: string; readonly toPort?: number } = {},
): Body {
  const kind = type.split('.')[1] ?? '';
  const fromClient = ['discover', 'request', 'decline', 'release', 'inform'].includes(kind);
  const from = fromClient
    ? { mac: CLIENT_MAC, ip: ends.from ?? '0.0.0.0', port: ends.fromPort ?? 68 }
    : { mac: SERVER_MAC, ip: ends.from ?? words.server ?? DHCP_IP, port: ends.fromPort ?? 67 };
  const to = fromClient
    ? { mac: SERVER_MAC, ip: ends.to ?? '255.255.255.255', port: ends.toPort ?? 67 }
    : { mac: CLIENT_MAC, ip: ends.to ?? '255.255.255.255', port: ends.toPort ?? 68 };
  return { type, from, to, message: dhcpMessage(fromClient ? 1 : 2, TYPES[kind] ?? 0, words) };
}

/** A meter's figures. */
export function figures(bytes: number, durationMs: number, firstFrame = 1, lastFrame = 1): TransferFigures {
  return {
    bytes,
    durationUs: durationMs * 1000,
    firstFrame,
    lastFrame,
    retransmissions: 0,
    rttUs: { p50: 200, p95: 400, p99: 500, max: 900 },
  };
}

/** `{ tsize: 0, blksize: 1456 }` as TFTP options. */
export function options(values: Readonly<Record<string, number | string>>): TftpOption[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: String(value) }));
}

const tftpSeen = (transfer: string, filename: string, port = 69) => ({
  transfer,
  filename,
  server: { mac: SERVER_MAC, ip: SERVER_IP, port },
});

/** The events of one complete TFTP transfer. */
export function tftpTransfer(
  transfer: string,
  filename: string,
  bytes: number,
  asked: Readonly<Record<string, number>> = { blksize: 1456, tsize: 0 },
): Line[] {
  const blksize = asked['blksize'] ?? 512;
  const granted = { ...asked, ...(asked['tsize'] === undefined ? {} : { tsize: bytes }) };
  const seen = tftpSeen(transfer, filename, 50_000);
  return [
    [
      5,
      {
        ...tftpSeen(transfer, filename),
        type: 'tftp.read-request',
        mode: 'octet',
        options: options(asked),
        repeated: false,
      },
    ],
    [1, { ...seen, type: 'tftp.option-ack', options: options(granted), repeated: false }],
    [1, { ...seen, type: 'tftp.first-data', blockSize: blksize }],
    [
      20,
      {
        ...seen,
        type: 'tftp.complete',
        figures: figures(bytes, 22),
        blocks: Math.floor(bytes / blksize) + 1,
        blksize,
        windowsize: 1,
        tsize: bytes,
      },
    ],
  ];
}

/** A size probe: tsize asked, granted, and the transfer given up (the reference trace's step 1). */
export function tftpProbe(transfer: string, filename: string, bytes: number): Line[] {
  const seen = tftpSeen(transfer, filename, 50_000);
  return [
    [
      5,
      {
        ...tftpSeen(transfer, filename),
        type: 'tftp.read-request',
        mode: 'octet',
        options: options({ tsize: 0 }),
        repeated: false,
      },
    ],
    [1, { ...seen, type: 'tftp.option-ack', options: options({ tsize: bytes }), repeated: false }],
    [1, { ...seen, type: 'tftp.error', code: 0, message: 'TFTP Aborted', by: 'client' }],
  ];
}

/** A read request that the server refuses. */
export function tftpRefused(transfer: string, filename: string, code = 1, message = 'File not found'): Line[] {
  return [
    [
      5,
      {
        ...tftpSeen(transfer, filename),
        type: 'tftp.read-request',
        mode: 'octet',
        options: options({ blksize: 1456 }),
        repeated: false,
      },
    ],
    [1, { ...tftpSeen(transfer, filename, 50_000), type: 'tftp.error', code, message, by: 'server' }],
  ];
}

/** The client asks who has an address, and is told. */
export function arp(ip: string, mac: string): Line[] {
  return [
    [2, { type: 'arp.request', senderMac: CLIENT_MAC, senderIp: CLIENT_IP, targetIp: ip, gratuitous: false }],
    [0.02, { type: 'arp.reply', senderMac: mac, senderIp: ip, targetIp: CLIENT_IP, gratuitous: false }],
  ];
}
