import { ipOption, numberOption, textOption } from '../../../protocols/dhcp/wire/options.ts';
import { architectureOptions, machineIdentifierOption } from '../../../protocols/dhcp/wire/pxe.ts';
import { encodeDhcp } from '../../../protocols/dhcp/wire/codec.ts';
import type { TftpPacket } from '../../../protocols/tftp/wire/message.ts';
import { encodeTftp } from '../../../protocols/tftp/wire/codec.ts';
import { arpFrame, filler, TRACE_CLIENT, TRACE_SERVER, u8, udpFrame } from './link-frames.ts';

const PXE_PORT = 4011;
const XID = 0x1280_d292;
const UUID = '00020003-0004-0005-0006-000700080009';
const FILE = 'boot\\x86\\wdsnbp.com';
const BLKSIZE = 1456;
/** Blocks of the file that the excerpt still shows. */
const BLOCKS_SHOWN = 8;

/** Client and server ports of the size probe and of the transfer. */
const PROBE = { client: 2070, server: 64_111 } as const;
const TRANSFER = { client: 2071, server: 64_112 } as const;

const toServer = (
  ports: { readonly client: number; readonly server: number },
  packet: TftpPacket,
  port: number = ports.server,
): Uint8Array => udpFrame(TRACE_CLIENT, ports.client, TRACE_SERVER, port, encodeTftp(packet));
const toClient = (ports: { readonly client: number; readonly server: number }, packet: TftpPacket): Uint8Array =>
  udpFrame(TRACE_SERVER, ports.server, TRACE_CLIENT, ports.client, encodeTftp(packet));
const readRequest = (name: string, value: string): TftpPacket => ({
  kind: 'tftp',
  op: 'read-request',
  filename: FILE,
  mode: 'octet',
  options: [{ name, value }],
});
const optionAck = (name: string, value: string): TftpPacket => ({
  kind: 'tftp',
  op: 'option-ack',
  options: [{ name, value }],
});
const ack = (block: number): TftpPacket => ({ kind: 'tftp', op: 'ack', block });

/**
 * Step 1: the client asks the PXE server on port 4011, which names the boot program; the client then probes its size
 * and begins to load it.
 */
export function pxeExcerpt(): Uint8Array[] {
  const request = encodeDhcp(
    {
      op: 1,
      xid: XID,
      secs: 4,
      ciaddr: TRACE_CLIENT.ip,
      chaddr: TRACE_CLIENT.mac,
      options: [
        numberOption(53, 1, 3),
        ipOption(54, TRACE_SERVER.ip),
        {
          code: 55,
          data: u8(
            1,
            2,
            3,
            4,
            5,
            6,
            12,
            13,
            15,
            17,
            18,
            22,
            23,
            28,
            40,
            41,
            42,
            43,
            50,
            51,
            54,
            58,
            59,
            60,
            66,
            67,
            128,
            129,
            130,
            131,
            132,
            133,
            134,
            135,
          ),
        },
        numberOption(57, 2, 1260),
        machineIdentifierOption(UUID),
        ...architectureOptions(0, { major: 2, minor: 1 }),
        textOption(60, 'PXEClient:Arch:00000:UNDI:002001'),
      ],
    },
    { padTo: 548 },
  );
  const answer = encodeDhcp(
    {
      op: 2,
      xid: XID,
      ciaddr: TRACE_CLIENT.ip,
      siaddr: TRACE_SERVER.ip,
      chaddr: TRACE_CLIENT.mac,
      file: FILE,
      options: [
        numberOption(53, 1, 5),
        ipOption(54, TRACE_SERVER.ip),
        machineIdentifierOption(UUID),
        textOption(60, 'PXEClient'),
      ],
    },
    { padTo: 1024 },
  );
  const data = filler(BLOCKS_SHOWN * BLKSIZE, 1);
  return [
    arpFrame(TRACE_CLIENT, TRACE_SERVER, 'request'),
    arpFrame(TRACE_SERVER, TRACE_CLIENT, 'reply'),
    udpFrame(TRACE_CLIENT, 68, TRACE_SERVER, PXE_PORT, request),
    arpFrame(TRACE_SERVER, TRACE_CLIENT, 'request'),
    arpFrame(TRACE_CLIENT, TRACE_SERVER, 'reply'),
    udpFrame(TRACE_SERVER, PXE_PORT, TRACE_CLIENT, 68, answer),
    toServer(PROBE, readRequest('tsize', '0'), 69),
    toClient(PROBE, optionAck('tsize', '31124')),
    toServer(PROBE, { kind: 'tftp', op: 'error', code: 0, message: 'TFTP Aborted' }),
    toServer(TRANSFER, readRequest('blksize', String(BLKSIZE)), 69),
    toClient(TRANSFER, optionAck('blksize', String(BLKSIZE))),
    toServer(TRANSFER, ack(0)),
    ...Array.from({ length: BLOCKS_SHOWN }, (_, index) => [
      toClient(TRANSFER, {
        kind: 'tftp',
        op: 'data',
        block: index + 1,
        data: data.subarray(index * BLKSIZE, (index + 1) * BLKSIZE),
        dataLength: BLKSIZE,
      }),
      toServer(TRANSFER, ack(index + 1)),
    ]).flat(),
  ];
}
