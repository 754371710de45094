import type { Step } from '../result.ts';

type Row = readonly [
  atMs: number,
  step: string,
  frames: readonly number[],
  detail?: NonNullable<Step['detail']>,
  durationMs?: number,
  verdict?: Step['verdict'],
];

const NBP = 'boot\\x86\\wdsnbp.com';
const WIM = 'Images\\Linux\\sample.wim';

/** Names, order and figures follow the reference trace's three excerpts; the pace is that of a boot under TCG. */
const ROWS: readonly Row[] = [
  [3004, 'dhcp.discover', [1], { architecture: 'x86 BIOS', xid: '0x1280d292' }],
  [3006, 'dhcp.offer', [2], { ip: '172.22.52.222', server: '172.22.52.1' }, 2],
  [3009, 'proxydhcp.offer', [3], { server: '172.22.52.207' }, 5],
  [6048, 'dhcp.request', [6], { ip: '172.22.52.222' }],
  [6050, 'dhcp.ack', [7], { ip: '172.22.52.222', 'lease-s': 3600 }, 2],
  [6061, 'arp.resolve', [8, 9], { address: '172.22.52.207' }, 0.4],
  [6070, 'proxydhcp.request', [10], { port: 4011 }],
  [6089, 'proxydhcp.ack', [11], { bootfile: NBP, length: 1024 }, 19],
  [7150, 'tftp.read-request', [14], { path: NBP, tsize: 0 }],
  [7151, 'tftp.option-ack', [15], { path: NBP, tsize: 31_124 }, 0.5],
  [7151, 'tftp.size-probe', [14, 16], { path: NBP, bytes: 31_124 }, 0.7],
  [7152, 'tftp.read-request', [17], { path: NBP, blksize: 1456 }],
  [7152, 'tftp.option-ack', [18], { path: NBP, blksize: 1456 }, 0.4],
  [7153, 'tftp.transfer', [17, 64], { path: NBP, blksize: 1456, bytes: 31_124, mbPerSecond: 4.04 }, 7.7],
  [7560, 'tftp.read-request', [66], { path: 'pxelinux.cfg/01-52-54-00-80-d2-92' }],
  [
    7561,
    'tftp.error',
    [67],
    { path: 'pxelinux.cfg/01-52-54-00-80-d2-92', code: 1, message: 'file not found' },
    0.3,
    'recorded',
  ],
  [7620, 'tftp.read-request', [68], { path: 'pxelinux.cfg/default' }],
  [
    7622,
    'tftp.transfer',
    [68, 72],
    { path: 'pxelinux.cfg/default', blksize: 1408, bytes: 412, mbPerSecond: 0.22 },
    1.9,
  ],
  [7700, 'tftp.read-request', [73], { path: 'vmlinuz', blksize: 1408 }],
  [7702, 'tftp.transfer', [73, 17_283], { path: 'vmlinuz', blksize: 1408, bytes: 12_112_832, mbPerSecond: 2.16 }, 5610],
  [13_328, 'tftp.read-request', [17_284], { path: 'initramfs', blksize: 1408 }],
  [
    13_330,
    'tftp.transfer',
    [17_284, 25_150],
    { path: 'initramfs', blksize: 1408, bytes: 5_533_696, mbPerSecond: 2.13 },
    2600,
  ],
  [17_240, 'smb.negotiate', [25_181, 25_184], { dialect: '3.1.1', smb1: true }, 3.1],
  [17_252, 'ntlm.negotiate', [25_186], { carrier: 'smb' }],
  [17_256, 'ntlm.challenge', [25_187], { target: 'SYSTEM' }, 4],
  [17_262, 'ntlm.authenticate', [25_188], { user: 'SYSTEM\\administrateur', workstation: 'PC' }],
  [17_301, 'smb.session-setup', [25_189], { user: 'SYSTEM\\administrateur', status: 'STATUS_SUCCESS' }, 49],
  [17_312, 'smb.tree-connect', [25_190, 25_191], { path: 'IPC$' }, 2],
  [
    17_318,
    'smb.dfs-referral',
    [25_192, 25_193],
    { path: '\\172.22.52.207\\RemInst', status: 'STATUS_NOT_FOUND' },
    1.2,
    'recorded',
  ],
  [17_330, 'smb.tree-connect', [25_194, 25_195], { path: 'RemInst' }, 2],
  [17_480, 'rpc.endpoint-map', [25_201, 25_204], { port: 5040 }, 4],
  [17_492, 'rpc.bind', [25_207, 25_208], { interface: 'WDS control' }, 2],
  [17_499, 'rpc.alter-context', [25_209, 25_210], { authentication: 'ntlm' }, 3],
  [17_505, 'rpc.auth3', [25_211], { user: 'SYSTEM\\administrateur' }],
  [17_522, 'wds.request', [25_212, 25_213], { opnum: 0 }, 17],
  [17_900, 'smb.open', [25_240, 25_241], { path: WIM, bytes: 67_108_864 }, 2],
  [17_908, 'image.header', [25_244, 25_247], { path: WIM, images: 1, bytes: 4096 }, 3],
  [17_921, 'image.tail', [25_250, 25_253], { path: WIM, offset: 67_104_248, bytes: 4616 }, 4],
  [17_940, 'smb.read', [25_260, 68_190], { path: WIM, bytes: 67_108_864, mbPerSecond: 89.96 }, 746],
  [18_700, 'image.transfer', [25_240, 68_190], { path: WIM, bytes: 67_108_864, mbPerSecond: 89.96 }, 800],
  [18_704, 'smb.close', [68_201, 68_202], { path: WIM }, 1],
  [22_640, 'boot.complete', [], { from: 'disk' }],
];

/** Some forty steps of a boot that went well. */
export function wdsSteps(): Step[] {
  return ROWS.map(([atMs, step, frames, detail, durationMs = 0, verdict = 'passed']) => ({
    machine: step.split('.')[0] ?? step,
    step,
    verdict,
    atMs,
    durationMs,
    frames: [...frames],
    detail,
  }));
}
