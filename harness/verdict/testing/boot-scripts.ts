import type { WdsValues } from '../../protocols/dhcp/wire/wds.ts';
import {
  arp,
  type Body,
  CLIENT_IP,
  dhcp,
  DHCP_IP,
  type DhcpWords,
  figures,
  type Line,
  SERVER_IP,
  SERVER_MAC,
  tftpProbe,
  tftpRefused,
  tftpTransfer,
} from './event-builders.ts';

const PXE: DhcpWords = { vendorClass: 'PXEClient:Arch:00000:UNDI:002001', arch: 0 };
const LEASE: DhcpWords = { yiaddr: CLIENT_IP, server: DHCP_IP, leaseSeconds: 3600 };

/** DISCOVER twice, as iPXE sends it, then offer, request and ACK; `boot` is what the server adds to both answers. */
export function dhcpRound(boot: DhcpWords = {}, proxyOffer: readonly Line[] = []): Line[] {
  return [
    [3000, dhcp('dhcp.discover', PXE)],
    [1000, dhcp('dhcp.discover', PXE)],
    [1, dhcp('dhcp.offer', { ...LEASE, ...boot })],
    ...proxyOffer,
    [2000, dhcp('dhcp.request', { ...PXE, requested: CLIENT_IP, server: DHCP_IP })],
    [1, dhcp('dhcp.ack', { ...LEASE, ...boot })],
  ];
}

/** The offer of a boot server on a host of its own. */
export function proxyOffer(bootfile?: string): Line[] {
  return [
    [
      1,
      dhcp('proxydhcp.offer', {
        server: SERVER_IP,
        siaddr: SERVER_IP,
        vendorClass: 'PXEClient',
        ...(bootfile === undefined ? {} : { bootfile }),
      }),
    ],
  ];
}

/** The question on port 4011 and its answer. */
export function proxyRound(bootfile = 'boot\\x86\\wdsnbp.com'): Line[] {
  return [
    ...arp(SERVER_IP, SERVER_MAC),
    [
      1,
      dhcp(
        'proxydhcp.request',
        { ...PXE, ciaddr: CLIENT_IP, server: SERVER_IP },
        { from: CLIENT_IP, to: SERVER_IP, toPort: 4011 },
      ),
    ],
    [
      19,
      dhcp(
        'proxydhcp.ack',
        { server: SERVER_IP, siaddr: SERVER_IP, file: bootfile, vendorClass: 'PXEClient' },
        { fromPort: 4011, to: CLIENT_IP },
      ),
    ],
  ];
}

/** A question of wdsnbp and its answer, by option 250; `file` is the next program. */
export function bootProgramRound(
  xid: number,
  asked: WdsValues,
  answered: WdsValues,
  file?: string,
  server = SERVER_IP,
): Line[] {
  return [
    [
      1000,
      dhcp(
        'proxydhcp.request',
        { ...PXE, xid, ciaddr: CLIENT_IP, wds: { architecture: 0, ...asked } },
        { from: CLIENT_IP, to: server, toPort: 4011 },
      ),
    ],
    [
      5,
      dhcp(
        'proxydhcp.ack',
        {
          xid,
          server,
          siaddr: server,
          vendorClass: 'PXEClient',
          wds: answered,
          ...(file === undefined ? {} : { file, bcdPath: 'boot\\x86\\default.bcd' }),
        },
        { from: server, fromPort: 4011, to: CLIENT_IP },
      ),
    ],
  ];
}

/** A boot whose DHCP server names file and server itself (options 66 and 67). */
export const DHCP_ONLY_BOOT: readonly Line[] = [
  ...dhcpRound({ siaddr: SERVER_IP, bootfile: 'pxelinux.0' }),
  ...arp(SERVER_IP, SERVER_MAC),
  ...tftpTransfer('1', 'pxelinux.0', 42_000),
];

/** A boot that finds its file through a boot server on another host. */
export const PROXY_BOOT: readonly Line[] = [
  ...dhcpRound({}, proxyOffer()),
  ...proxyRound(),
  ...tftpProbe('1', 'boot\\x86\\wdsnbp.com', 31_124),
  ...tftpTransfer('2', 'boot\\x86\\wdsnbp.com', 31_124, { blksize: 1456 }),
];

/** PXELINUX: its library, the configuration names that it tries, kernel and initramfs. */
export const PXELINUX_CHAIN: readonly Line[] = [
  ...tftpTransfer('3', 'boot/ldlinux.c32', 118_000),
  ...tftpRefused('4', 'boot/pxelinux.cfg/01-52-54-00-12-34-56'),
  ...tftpRefused('5', 'boot/pxelinux.cfg/AC1634DE'),
  ...tftpTransfer('6', 'boot/pxelinux.cfg/default', 400),
  ...tftpTransfer('7', 'boot/vmlinuz', 12_000_000),
  ...tftpTransfer('8', 'boot/initrd.img', 5_500_000),
];

/** The booted system asks for an address of its own. */
export const GUEST_DHCP: readonly Line[] = [
  [3000, dhcp('dhcp.discover', { xid: 0x77, vendorClass: 'udhcp 1.37.0' })],
  [1, dhcp('dhcp.offer', { xid: 0x77, ...LEASE })],
  [1, dhcp('dhcp.request', { xid: 0x77, vendorClass: 'udhcp 1.37.0', requested: CLIENT_IP, server: DHCP_IP })],
  [1, dhcp('dhcp.ack', { xid: 0x77, ...LEASE })],
];

/** Body of an event on the client's SMB connection. */
export const smb = (body: object): Body =>
  ({
    connection: `${CLIENT_IP}:49164>${SERVER_IP}:445`,
    server: { mac: SERVER_MAC, ip: SERVER_IP, port: 445 },
    ...body,
  }) as Body;

const OK = { status: 0, statusName: 'STATUS_SUCCESS' };
const MORE = { status: 0xc0000016, statusName: 'STATUS_MORE_PROCESSING_REQUIRED' };

/** TCP, NEGOTIATE and SESSION_SETUP with NTLM; `outcome` is the server's last word. */
export function smbSession(outcome: { readonly status: number; readonly statusName: string } = OK): Line[] {
  return [
    [50, smb({ type: 'tcp.syn', repeated: false })],
    [1, smb({ type: 'tcp.established' })],
    [1, smb({ type: 'smb.negotiate-request', smb1: false, dialects: ['2.1', '3.0', '3.1.1'] })],
    [1, smb({ type: 'smb.negotiate-response', dialect: '3.1.1', wildcard: false, requestFrame: 1, ...OK })],
    [5, smb({ type: 'smb.session-setup-request', authentication: 'ntlm' })],
    [0, smb({ type: 'ntlm.negotiate', flags: 0, carrier: 'smb' })],
    [1, smb({ type: 'ntlm.challenge', flags: 0, targetName: 'SYSTEM', carrier: 'smb' })],
    [0, smb({ type: 'smb.session-setup-response', guest: false, requestFrame: 1, ...MORE })],
    [1, smb({ type: 'smb.session-setup-request', authentication: 'ntlm' })],
    [
      0,
      smb({
        type: 'ntlm.authenticate',
        domain: 'SYSTEM',
        user: 'administrateur',
        workstation: 'PC',
        anonymous: false,
        carrier: 'smb',
      }),
    ],
    [2, smb({ type: 'smb.session-setup-response', guest: false, requestFrame: 1, ...outcome })],
  ];
}

/** TREE_CONNECT to IPC$ with the DFS question, then to the share. */
export const SMB_TREES: readonly Line[] = [
  [1, smb({ type: 'smb.tree-connect-request', path: `\\\\${SERVER_IP}\\IPC$` })],
  [1, smb({ type: 'smb.tree-connect-response', path: `\\\\${SERVER_IP}\\IPC$`, shareType: 2, requestFrame: 1, ...OK })],
  [
    1,
    smb({
      type: 'smb.dfs-referral',
      path: `\\${SERVER_IP}\\REMINST`,
      status: 0xc0000225,
      statusName: 'STATUS_NOT_FOUND',
      requestFrame: 1,
    }),
  ],
  [1, smb({ type: 'smb.tree-connect-request', path: `\\\\${SERVER_IP}\\REMINST` })],
  [
    1,
    smb({ type: 'smb.tree-connect-response', path: `\\\\${SERVER_IP}\\REMINST`, shareType: 1, requestFrame: 1, ...OK }),
  ],
];

/** Body of an event on one of the client's RPC connections. */
export const rpc = (port: number, body: object): Body =>
  ({
    connection: `${CLIENT_IP}:${port + 40_000}>${SERVER_IP}:${port}`,
    server: { mac: SERVER_MAC, ip: SERVER_IP, port },
    ...body,
  }) as Body;

const MAPPER = { interface: 'endpoint mapper', version: '3.0', level: 1 };
const WDS = { interface: 'WDS control', version: '1.0' };
const BOUND = { result: 0, reason: 0, refusedAssociation: false, maxTransmit: 5840, maxReceive: 5840 };
const OPEN_CALL = { user: '', level: 1, sealed: false, firstFrame: 1, fragments: 1, bytes: 200 };
const SEALED_CALL = { ...OPEN_CALL, user: 'SYSTEM\\administrateur', level: 6, sealed: true };
const packet = (operation: string) => ({ service: 'os-deployment', operation, values: { version: 1 } });

/** Where WDS control listens, asked of the endpoint mapper. */
export const RPC_MAPPING: readonly Line[] = [
  [10, rpc(135, { type: 'tcp.syn', repeated: false })],
  [1, rpc(135, { type: 'tcp.established' })],
  [1, rpc(135, { type: 'rpc.bind', callId: 1, ...MAPPER })],
  [1, rpc(135, { type: 'rpc.bind-answer', callId: 1, ...MAPPER, ...BOUND, requestFrame: 1 })],
  [1, rpc(135, { type: 'rpc.request', callId: 2, ...OPEN_CALL, interface: 'endpoint mapper', opnum: 3 })],
  [1, rpc(135, { type: 'rpc.endpoint-map', callId: 2, ...WDS, ip: SERVER_IP, port: 5040, status: 0, requestFrame: 1 })],
];

/** WDS control before the logon: the log is opened. */
export const RPC_UNAUTHENTICATED: readonly Line[] = [
  [1, rpc(5040, { type: 'tcp.syn', repeated: false })],
  [1, rpc(5040, { type: 'tcp.established' })],
  [1, rpc(5040, { type: 'rpc.bind', callId: 1, ...WDS, level: 1 })],
  [1, rpc(5040, { type: 'rpc.bind-answer', callId: 1, ...WDS, level: 1, ...BOUND, requestFrame: 1 })],
  [1, rpc(5040, { type: 'wds.request', callId: 2, ...OPEN_CALL, ...packet('LOG_INIT'), opcode: 3 })],
  [1, rpc(5040, { type: 'wds.reply', callId: 2, ...OPEN_CALL, ...packet('LOG_INIT'), errorCode: 0, requestFrame: 1 })],
];

/** The logon on the same connection, as the reference trace's step 2 has it. */
export function rpcLogon(passwordFits?: boolean): Line[] {
  return [
    [5, rpc(5040, { type: 'rpc.alter-context', callId: 3, ...WDS, level: 6 })],
    [0, rpc(5040, { type: 'ntlm.negotiate', flags: 0, carrier: 'rpc' })],
    [1, rpc(5040, { type: 'rpc.alter-context-answer', callId: 3, ...WDS, level: 6, ...BOUND, requestFrame: 1 })],
    [0, rpc(5040, { type: 'ntlm.challenge', flags: 0, targetName: 'SYSTEM', carrier: 'rpc' })],
    [1, rpc(5040, { type: 'rpc.auth3', callId: 3, user: 'SYSTEM\\administrateur', level: 6 })],
    [
      0,
      rpc(5040, {
        type: 'ntlm.authenticate',
        domain: 'SYSTEM',
        user: 'administrateur',
        workstation: 'PC',
        anonymous: false,
        carrier: 'rpc',
        ...(passwordFits === undefined ? {} : { passwordFits }),
      }),
    ],
    [1, rpc(5040, { type: 'wds.request', callId: 3, ...SEALED_CALL, ...packet('IMG_ENUMERATE'), opcode: 2 })],
  ];
}

/** The answer to the last request of the logon. */
export const RPC_ENUMERATED: readonly Line[] = [
  [
    2,
    rpc(5040, {
      type: 'wds.reply',
      callId: 3,
      ...SEALED_CALL,
      ...packet('IMG_ENUMERATE'),
      errorCode: 0,
      requestFrame: 1,
    }),
  ],
];
/** The server refuses that request. */
export function rpcFault(status: number): Line[] {
  return [
    [
      2,
      rpc(5040, {
        type: 'rpc.fault',
        callId: 3,
        interface: 'WDS control',
        opnum: 0,
        operation: 'IMG_ENUMERATE',
        user: 'SYSTEM\\administrateur',
        status,
        requestFrame: 1,
      }),
    ],
  ];
}

/** The whole control channel. */
export const RPC_CONTROL: readonly Line[] = [
  ...RPC_MAPPING,
  ...RPC_UNAUTHENTICATED,
  ...rpcLogon(true),
  ...RPC_ENUMERATED,
];

/** Path of the image in the scripts, as the client writes it. */
export const IMAGE_PATH = 'Images\\Linux\\sample.wim';
const IMAGE_BYTES = 64 * 1024 * 1024;
const file = (fileId: string) => ({ path: IMAGE_PATH, share: 'REMINST', fileId });

/** The image is looked at (header and list), then read as a whole. */
export const IMAGE_READ: readonly Line[] = [
  [5, smb({ type: 'smb.open', ...file('a'), directory: false, endOfFile: IMAGE_BYTES, requestFrame: 1, ...OK })],
  [1, smb({ type: 'smb.first-read', ...file('a'), offset: 0, length: 4096 })],
  [
    1,
    smb({
      type: 'wim.header',
      path: IMAGE_PATH,
      fileId: 'a',
      imageCount: 1,
      bootIndex: 0,
      partNumber: 1,
      totalParts: 1,
      compressed: true,
      treesOnly: false,
      xmlOffset: IMAGE_BYTES - 1200,
      xmlSize: 1200,
      endOfFile: IMAGE_BYTES,
      firstFrame: 1,
      bytes: 4096,
    }),
  ],
  [
    1,
    smb({
      type: 'wim.tail',
      path: IMAGE_PATH,
      fileId: 'a',
      offset: IMAGE_BYTES - 4096,
      bytes: 4096,
      images: [{ index: 1, name: 'Sample', totalBytes: 1 }],
      firstFrame: 1,
    }),
  ],
  [
    1,
    smb({
      type: 'smb.close',
      ...file('a'),
      figures: figures(8192, 3),
      reads: 2,
      endOfFile: IMAGE_BYTES,
      requestFrame: 1,
      ...OK,
    }),
  ],
  [5, smb({ type: 'smb.open', ...file('b'), directory: false, endOfFile: IMAGE_BYTES, requestFrame: 1, ...OK })],
  [1, smb({ type: 'smb.first-read', ...file('b'), offset: 0, length: 65536 })],
  [
    700,
    smb({
      type: 'smb.close',
      ...file('b'),
      figures: figures(IMAGE_BYTES, 690),
      reads: 1024,
      endOfFile: IMAGE_BYTES,
      requestFrame: 1,
      ...OK,
    }),
  ],
];

/** Everything from power-on to the image, as the bundled WDS-like install does it. */
export const WDS_INSTALL: readonly Line[] = [
  ...PROXY_BOOT,
  ...PXELINUX_CHAIN,
  ...GUEST_DHCP,
  ...RPC_CONTROL,
  ...smbSession(),
  ...SMB_TREES,
  ...IMAGE_READ,
  [10, smb({ type: 'tcp.closed' })],
];
