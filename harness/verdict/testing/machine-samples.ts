import type { MachineEvent } from '../../protocols/base/judge/machine-parts.ts';
import { arpMachine } from '../../protocols/arp/judge/machine.ts';
import { dhcpMachine } from '../../protocols/dhcp/judge/machine.ts';
import { httpMachine } from '../../protocols/http/judge/machine.ts';
import { imageMachine } from '../../protocols/wim/judge/machine.ts';
import { UNTOLD } from '../../protocols/base/judge/loading.ts';
import { kerberosMachine } from '../../protocols/kerberos/judge/machine.ts';
import type { Sighting } from '../../protocols/base/judge/step.ts';
import { USUAL_FORM } from '../../protocols/dhcp/judge/wds-facts.ts';
import { wdsnbpMachine } from '../../protocols/dhcp/judge/wdsnbp-machine.ts';
import { ntlmMachine } from '../../protocols/ntlm/judge/machine.ts';
import { proxydhcpMachine } from '../../protocols/dhcp/judge/proxydhcp-machine.ts';
import { rpcMachine } from '../../protocols/rpc/judge/machine.ts';
import { smbMachine } from '../../protocols/smb/judge/machine.ts';
import { tcpMachine } from '../../protocols/tcp/judge/machine.ts';
import { tftpMachine } from '../../protocols/tftp/judge/machine.ts';
import { uploadMachine } from '../../protocols/wim/judge/upload-machine.ts';
import {
  bootProgramRound,
  DHCP_ONLY_BOOT,
  IMAGE_PATH,
  IMAGE_READ,
  PROXY_BOOT,
  rpc,
  RPC_CONTROL,
  rpcFault,
  smb,
  SMB_TREES,
  smbSession,
} from './boot-scripts.ts';
import {
  type Body,
  CLIENT_IP,
  conversation,
  dhcp,
  DHCP_IP,
  figures,
  type Line,
  options,
  SERVER_IP,
  SERVER_MAC,
  tftpProbe,
  tftpRefused,
} from './event-builders.ts';

/** A machine with everything it takes to walk through all of its states. */
export interface MachineSample {
  readonly name: string;
  readonly machine: object;
  readonly input: unknown;
  readonly events: readonly MachineEvent[];
  /** The part of the context that guards look at: with the state's name it tells two situations apart. */
  readonly facts: (context: never) => unknown;
}

const server = { mac: SERVER_MAC, ip: SERVER_IP, port: 80 };
const http = (body: object): Body => ({ connection: `${CLIENT_IP}:1>${SERVER_IP}:80`, server, ...body }) as Body;
const kerberos = (body: object): Body => ({ server: { ...server, port: 88 }, carrier: 'udp', ...body }) as Body;
const ok = { status: 0, statusName: 'STATUS_SUCCESS' };
const file = { path: IMAGE_PATH, share: 'REMINST' };
const PARTIAL = `${IMAGE_PATH}.partial`;
const partial = { path: PARTIAL, share: 'REMINST', fileId: 'a' };
const tftpSeen = { transfer: '1', filename: 'boot\\x86\\wdsnbp.com', server };

const SCRIPTS: Readonly<Record<string, readonly Line[]>> = {
  arp: [
    [1, { type: 'arp.request', senderMac: 'a', senderIp: '0.0.0.0', targetIp: SERVER_IP, gratuitous: false }],
    [1, { type: 'arp.request', senderMac: 'a', senderIp: SERVER_IP, targetIp: SERVER_IP, gratuitous: true }],
    [1, { type: 'arp.request', senderMac: 'a', senderIp: CLIENT_IP, targetIp: SERVER_IP, gratuitous: false }],
    [1, { type: 'arp.reply', senderMac: 'b', senderIp: SERVER_IP, targetIp: CLIENT_IP, gratuitous: false }],
    [1, { type: 'arp.reply', senderMac: 'c', senderIp: SERVER_IP, targetIp: CLIENT_IP, gratuitous: false }],
  ],
  dhcp: [
    ...DHCP_ONLY_BOOT.filter(([, body]) => body.type.startsWith('dhcp.')),
    [1, dhcp('dhcp.offer', { xid: 5, yiaddr: CLIENT_IP, server: SERVER_IP })],
    [1, dhcp('dhcp.ack', { xid: 5, yiaddr: CLIENT_IP, server: SERVER_IP })],
    [1, dhcp('dhcp.nak', { server: SERVER_IP })],
    [1, dhcp('dhcp.decline', {})],
    [1, dhcp('dhcp.release', {})],
    [1, dhcp('dhcp.inform', {})],
  ],
  proxydhcp: [
    ...PROXY_BOOT.filter(([, body]) => body.type.startsWith('proxydhcp.') || body.type === 'tftp.read-request'),
    [1, dhcp('proxydhcp.offer', { server: SERVER_IP, bootfile: 'a.0', vendorClass: 'PXEClient' })],
    [1, dhcp('proxydhcp.ack', { server: SERVER_IP, vendorClass: 'PXEClient' }, { fromPort: 4011 })],
    [1, dhcp('dhcp.ack', { server: SERVER_IP, bootfile: 'a.0', vendorClass: 'PXEClient' })],
    [1, dhcp('dhcp.offer', { server: SERVER_IP, yiaddr: CLIENT_IP })],
    ...bootProgramRound(9, {}, { nextAction: 3, referralServer: DHCP_IP }),
  ],
  wdsnbp: [
    ...bootProgramRound(1, {}, { nextAction: 1, requestId: 1 }),
    ...bootProgramRound(2, { pxePromptDone: 1 }, { nextAction: 5 }),
    ...bootProgramRound(3, {}, { nextAction: 3, referralServer: DHCP_IP }),
    ...bootProgramRound(4, {}, { pxeClientPrompt: 1 }, 'pxeboot.com'),
  ],
  tftp: [
    ...PROXY_BOOT.filter(([, body]) => body.type.startsWith('tftp.')),
    ...tftpProbe('1', 'a', 1).slice(0, 1),
    ...tftpRefused('1', 'a', 2).slice(1),
    ...tftpRefused('1', 'pxelinux.cfg/default').slice(1),
    [1, { ...tftpSeen, type: 'tftp.retransmission', block: 1, by: 'server' }],
    [1, { ...tftpSeen, type: 'tftp.gap', expectedBlock: 1, block: 2 }],
    [1, { ...tftpSeen, type: 'tftp.anomaly', anomaly: { kind: 'block-zero-first' } }],
    [
      1,
      {
        ...tftpSeen,
        type: 'tftp.unfinished',
        reason: 'over',
        figures: figures(1, 1),
        blocks: 1,
        blksize: 512,
        windowsize: 1,
      },
    ],
    [1, { ...tftpSeen, type: 'tftp.write-request', mode: 'octet', options: options({}), repeated: false }],
  ],
  tcp: [
    [1, http({ type: 'tcp.syn', repeated: false })],
    [1, http({ type: 'tcp.established' })],
    [1, http({ type: 'tcp.reset', by: 'server' })],
    [1, http({ type: 'tcp.closed' })],
    [1, http({ type: 'tcp.lost', bytes: 5, by: 'server' })],
    [1, http({ type: 'tcp.disorder', repeated: 1, late: 1 })],
  ],
  http: [
    [1, http({ type: 'http.request', method: 'GET', path: '/a.efi' })],
    [1, http({ type: 'http.response', status: 200, path: '/a.efi', contentLength: 5 })],
    [1, http({ type: 'http.complete', method: 'GET', path: '/a.efi', status: 200, figures: figures(5, 1) })],
    [1, http({ type: 'http.complete', method: 'GET', path: '/a.efi', status: 404, figures: figures(0, 1) })],
    [1, http({ type: 'http.unfinished', method: 'GET', path: '/a.efi', reason: 'over', figures: figures(0, 1) })],
    [1, http({ type: 'tcp.closed' })],
    [1, http({ type: 'tcp.reset', by: 'server' })],
  ],
  smb: [
    ...smbSession(),
    ...smbSession({ status: 0xc000006d, statusName: 'STATUS_LOGON_FAILURE' }).slice(-1),
    ...SMB_TREES.slice(0, 3),
    ...IMAGE_READ.filter(([, body]) => body.type.startsWith('smb.')).slice(0, 3),
    [
      1,
      smb({
        type: 'smb.open',
        ...file,
        fileId: '',
        directory: false,
        endOfFile: 0,
        requestFrame: 1,
        status: 0xc0000034,
        statusName: 'STATUS_OBJECT_NAME_NOT_FOUND',
      }),
    ],
    [
      1,
      smb({
        type: 'smb.read-refused',
        ...file,
        fileId: 'a',
        offset: 0,
        length: 5,
        endOfFile: 9,
        status: 0xc0000043,
        statusName: 'STATUS_SHARING_VIOLATION',
      }),
    ],
    [1, smb({ type: 'smb.first-write', ...file, fileId: 'a', offset: 0, length: 5 })],
    [1, smb({ type: 'smb.write', ...file, fileId: 'a', bytes: 5 })],
    [
      1,
      smb({
        type: 'smb.write-refused',
        ...file,
        fileId: 'a',
        offset: 0,
        length: 5,
        status: 0xc000007f,
        statusName: 'STATUS_DISK_FULL',
      }),
    ],
    [1, smb({ type: 'smb.rename', ...file, fileId: 'a', to: 'b.wim', replaceIfExists: false, requestFrame: 1, ...ok })],
    [
      1,
      smb({
        type: 'smb.rename',
        ...file,
        fileId: 'a',
        to: 'b.wim',
        replaceIfExists: false,
        requestFrame: 1,
        status: 0xc0000022,
        statusName: 'STATUS_ACCESS_DENIED',
      }),
    ],
    [1, smb({ type: 'smb.other', command: 'query-info', status: 0xc0000022, statusName: 'STATUS_ACCESS_DENIED' })],
    [
      1,
      smb({
        type: 'smb.unfinished',
        ...file,
        fileId: 'a',
        reason: 'over',
        figures: figures(1, 1),
        reads: 1,
        endOfFile: 1,
      }),
    ],
    [1, smb({ type: 'smb.opaque', why: 'encrypted' })],
    [1, smb({ type: 'smb.retried', reason: 'twice' })],
    [1, smb({ type: 'smb.anomaly', reason: 'x' })],
    [1, smb({ type: 'tcp.closed' })],
    [1, smb({ type: 'tcp.reset', by: 'server' })],
  ],
  kerberos: [
    [
      1,
      kerberos({
        type: 'kerberos.as-request',
        user: 'administrateur',
        realm: 'SYSTEM.LAB',
        service: 'krbtgt/SYSTEM.LAB',
        encryptionTypes: [],
        preAuthenticated: false,
      }),
    ],
    [
      1,
      kerberos({
        type: 'kerberos.error',
        during: 'as',
        code: 25,
        codeName: 'KDC_ERR_PREAUTH_REQUIRED',
        user: 'administrateur',
        realm: 'SYSTEM.LAB',
      }),
    ],
    [
      1,
      kerberos({
        type: 'kerberos.error',
        during: 'as',
        code: 18,
        codeName: 'KDC_ERR_CLIENT_REVOKED',
        realm: 'SYSTEM.LAB',
        ntStatus: 0xc0000234,
        ntStatusName: 'STATUS_ACCOUNT_LOCKED_OUT',
      }),
    ],
    [
      1,
      kerberos({
        type: 'kerberos.error',
        during: 'tgs',
        code: 7,
        codeName: 'KDC_ERR_S_PRINCIPAL_UNKNOWN',
        realm: 'SYSTEM.LAB',
      }),
    ],
    [1, kerberos({ type: 'kerberos.error', during: 'ap', code: 37, codeName: 'KRB_AP_ERR_SKEW', realm: 'SYSTEM.LAB' })],
    [
      1,
      kerberos({
        type: 'kerberos.tgs-request',
        realm: 'SYSTEM.LAB',
        service: 'cifs/wds.system.lab',
        encryptionTypes: [],
        preAuthenticated: false,
      }),
    ],
    [
      1,
      kerberos({
        type: 'kerberos.tgs-reply',
        user: 'administrateur',
        realm: 'SYSTEM.LAB',
        service: 'cifs/wds.system.lab',
        encryptionType: 'rc4-hmac',
      }),
    ],
    [
      1,
      kerberos({
        type: 'kerberos.as-reply',
        user: 'administrateur',
        realm: 'SYSTEM.LAB',
        service: 'krbtgt/SYSTEM.LAB',
        encryptionType: 'rc4-hmac',
      }),
    ],
    [1, kerberos({ type: 'kerberos.ap-request', service: 'cifs/wds.system.lab', realm: 'SYSTEM.LAB' })],
  ],
  rpc: [
    ...RPC_CONTROL.filter(([, body]) => !body.type.startsWith('ntlm.')),
    ...rpcFault(5),
    [
      1,
      rpc(5040, {
        type: 'rpc.response',
        callId: 3,
        user: '',
        level: 1,
        sealed: false,
        firstFrame: 1,
        fragments: 1,
        bytes: 4,
        interface: 'x',
        opnum: 1,
        requestFrame: 1,
      }),
    ],
    [
      1,
      rpc(5040, { type: 'ntlm.authenticate', domain: '', user: '', workstation: '', anonymous: true, carrier: 'rpc' }),
    ],
    [1, rpc(5040, { type: 'rpc.other', name: 'shutdown', by: 'server' })],
    [1, rpc(5040, { type: 'rpc.anomaly', reason: 'x' })],
    [1, rpc(5040, { type: 'tcp.closed' })],
    [1, rpc(5040, { type: 'tcp.reset', by: 'server' })],
  ],
  ntlm: smbSession().filter(([, body]) => body.type.startsWith('ntlm.')),
  image: [
    ...IMAGE_READ.filter(([, body]) => !body.type.startsWith('smb.open')),
    [1, smb({ type: 'wim.damaged', path: IMAGE_PATH, fileId: 'a', reason: 'no magic' })],
    [
      1,
      smb({
        type: 'wim.set-read',
        path: IMAGE_PATH,
        fileId: 'a',
        sharedPath: 'Images\\Linux\\Res.rwm',
        ownBytes: 4096,
        sharedBytes: 4096,
        neededBytes: 9000,
      }),
    ],
    [
      1,
      smb({
        type: 'wim.set-read',
        path: IMAGE_PATH,
        fileId: 'a',
        sharedPath: 'Images\\Linux\\Res.rwm',
        ownBytes: 4096,
        sharedBytes: 9000,
        neededBytes: 9000,
      }),
    ],
    [
      1,
      smb({
        type: 'smb.close',
        ...file,
        fileId: 'a',
        figures: figures(1_000_000, 3),
        reads: 2,
        endOfFile: 9_000_000,
        requestFrame: 1,
        ...ok,
      }),
    ],
    [1, smb({ type: 'smb.unfinished', ...file, fileId: 'a', reason: 'over', reads: 0, endOfFile: 9_000_000 })],
  ],
  upload: [
    [1, smb({ type: 'smb.first-write', ...partial, offset: 0, length: 65_536 })],
    [1, smb({ type: 'wim.header-written', path: PARTIAL, fileId: 'a', complete: false, imageCount: 1, endsAt: 0 })],
    [1, smb({ type: 'wim.header-written', path: PARTIAL, fileId: 'a', complete: true, imageCount: 1, endsAt: 5 })],
    [
      1,
      smb({
        type: 'wim.header-written',
        path: PARTIAL,
        fileId: 'a',
        complete: false,
        imageCount: 0,
        endsAt: 0,
        reason: 'no magic',
      }),
    ],
    [1, smb({ type: 'smb.write', ...partial, bytes: 5, writes: 1, figures: figures(5, 1) })],
    [
      1,
      smb({
        type: 'smb.write-refused',
        ...partial,
        offset: 0,
        length: 5,
        status: 0xc000007f,
        statusName: 'STATUS_DISK_FULL',
      }),
    ],
    [1, smb({ type: 'smb.close', ...partial, reads: 0, endOfFile: 5, requestFrame: 1, ...ok })],
    [1, smb({ type: 'smb.close', ...file, fileId: 'a', reads: 0, endOfFile: 5, requestFrame: 1, ...ok })],
    [1, smb({ type: 'smb.unfinished', ...partial, reason: 'over', reads: 0, endOfFile: 5 })],
    [1, smb({ type: 'smb.rename', ...partial, to: IMAGE_PATH, replaceIfExists: false, requestFrame: 1, ...ok })],
    [1, smb({ type: 'smb.rename', ...partial, to: 'notes.txt', replaceIfExists: false, requestFrame: 1, ...ok })],
    [
      1,
      smb({
        type: 'smb.rename',
        ...partial,
        to: IMAGE_PATH,
        replaceIfExists: false,
        requestFrame: 1,
        status: 0xc0000022,
        statusName: 'STATUS_ACCESS_DENIED',
      }),
    ],
    [
      1,
      smb({
        type: 'smb.rename',
        ...partial,
        to: 'notes.txt',
        replaceIfExists: false,
        requestFrame: 1,
        status: 0xc0000022,
        statusName: 'STATUS_ACCESS_DENIED',
      }),
    ],
  ],
};

const sample = (
  name: string,
  machine: object,
  facts: MachineSample['facts'] = () => 0,
  input?: unknown,
): MachineSample => {
  const events = conversation(SCRIPTS[name] ?? []) as MachineEvent[];
  const last = events.at(-1)?.atUs ?? 0;
  return {
    name,
    machine,
    input,
    facts,
    events: [...events, { type: 'deadline', atUs: last + 1, waitingFor: 'a test' }],
  };
};

/** Every protocol machine with events that reach all of its states. */
export const MACHINE_SAMPLES: readonly MachineSample[] = [
  sample('arp', arpMachine, (context: { probe: boolean; mac: string }) => [context.probe, context.mac]),
  sample('dhcp', dhcpMachine, (context: { xid: number; offers: readonly unknown[] }) => [
    context.xid,
    Math.min(context.offers.length, 1),
  ]),
  sample(
    'proxydhcp',
    proxydhcpMachine,
    (context: { askedIp: string; offers: readonly unknown[] }) => [context.askedIp, Math.min(context.offers.length, 2)],
    USUAL_FORM,
  ),
  sample(
    'wdsnbp',
    wdsnbpMachine,
    (context: { pendingSince: Sighting; promptDone: string }) => [context.pendingSince.frame > 0, context.promptDone],
    USUAL_FORM,
  ),
  sample(
    'tftp',
    tftpMachine,
    (context: { path: string; granted: unknown; options: unknown }) => [context.path, context.granted, context.options],
    UNTOLD,
  ),
  sample('tcp', tcpMachine),
  sample('http', httpMachine, () => 0, UNTOLD),
  sample(
    'smb',
    smbMachine,
    (context: { openedFile: boolean; missed: unknown; smb1: boolean }) => [
      context.openedFile,
      context.missed !== undefined,
      context.smb1,
    ],
    { expectedPaths: [] },
  ),
  sample('ntlm', ntlmMachine),
  sample('kerberos', kerberosMachine, () => 0, { exchange: 'as' }),
  sample('rpc', rpcMachine, (context: { calls: readonly unknown[]; binding: string }) => [
    context.calls.length > 0,
    context.binding,
  ]),
  sample(
    'image',
    imageMachine,
    (context: { bytes: number; header: unknown }) => [Math.min(context.bytes, 1), context.header],
    { architecture: undefined },
  ),
  sample('upload', uploadMachine, (context: { bytes: number; header: unknown; refused: boolean }) => [
    Math.min(context.bytes, 1),
    context.header,
    context.refused,
  ]),
];
