import type { ClientResult, Result, ScenarioResult, Step, Transfer } from '../result.ts';
import { worstVerdict } from '../worst-verdict.ts';
import { wdsSteps } from './wds-boot.ts';

// Sample Results with the addresses, names and pace of the reference trace and of a boot under TCG. For tests and for
// looking at reports.

const MAC = '52:54:00:80:d2:92';

/** A step that passed, with only the fields that its schema requires. */
export function sampleStep(change: Partial<Step> = {}): Step {
  return {
    machine: 'dhcp',
    step: 'dhcp.discover',
    verdict: 'passed',
    atMs: 3004,
    durationMs: 0,
    frames: [1],
    ...change,
  };
}

/** A client of a BIOS boot. */
export function sampleClient(change: Partial<ClientResult> = {}): ClientResult {
  return {
    name: 'pc',
    mac: MAC,
    firmware: 'bios',
    nic: 'e1000',
    verdict: 'passed',
    steps: [],
    phases: {},
    transfers: [],
    ...change,
  };
}

/** A scenario with one client. */
export function sampleScenario(change: Partial<ScenarioResult> = {}): ScenarioResult {
  return {
    id: 'wds/install-bios',
    file: 'scenarios/wds/install-bios.yaml',
    name: 'WDS install on a BIOS client',
    verdict: 'passed',
    attempt: 1,
    startedAt: '2026-03-02T09:14:07.120Z',
    durationMs: 24_310,
    clients: [sampleClient()],
    ...change,
  };
}

/** A Result of these scenarios under TCG. */
export function sampleResult(scenarios: readonly ScenarioResult[], change: Partial<Result> = {}): Result {
  return {
    schema: 1,
    verdict: scenarios.length === 0 ? 'skipped' : worstVerdict(scenarios.map(({ verdict }) => verdict)),
    startedAt: '2026-03-02T09:14:05.000Z',
    durationMs: scenarios.reduce((sum, { durationMs }) => sum + durationMs, 2200),
    host: {
      accel: 'tcg',
      accelReason: 'the canary boot under kvm did not print its first line within 4.0 s',
      cpus: 2,
      memoryMiB: 7960,
      versions: {
        pxewright: '0.1.0',
        qemu: '10.0.2',
        seabios: '1.16.3',
        ovmf: '2025.02',
        samba: '4.22.3',
        tcpdump: '4.99.5',
        node: '24.21.0',
      },
    },
    scenarios: [...scenarios],
    ...change,
  };
}

/** A TFTP transfer of the network boot program as in the reference trace. */
export function sampleTransfer(change: Partial<Transfer> = {}): Transfer {
  return {
    protocol: 'tftp',
    path: 'boot\\x86\\wdsnbp.com',
    bytes: 31_124,
    startMs: 7450,
    durationMs: 7.7,
    mbPerSecond: 4.04,
    blksize: 1456,
    windowsize: 1,
    blocks: 22,
    retransmissions: 0,
    rttUs: { p50: 318, p95: 402, p99: 611, max: 640 },
    ...change,
  };
}

/** A good boot with some forty steps: PXE, WDS, NTLM, image, disk. */
export function goodBoot(): ScenarioResult {
  const folder = 'wds-install-bios';
  return sampleScenario({
    tags: ['smoke', 'wds'],
    capture: { file: `${folder}/capture.pcap`, frames: 68_412, dropped: 0, link: 'ethernet' },
    labTimings: [
      { title: 'namespace and bridge', startMs: 0, durationMs: 41 },
      { title: 'trees', startMs: 41, durationMs: 96 },
      { title: 'services ready', startMs: 137, durationMs: 412 },
      { title: 'capture listening', startMs: 549, durationMs: 88 },
      { title: 'VM created, paused', startMs: 637, durationMs: 214 },
      { title: 'boot judged', startMs: 851, durationMs: 22_640 },
      { title: 'evidence written', startMs: 23_491, durationMs: 530 },
      { title: 'teardown', startMs: 24_021, durationMs: 289 },
    ],
    rerun: [
      'npm run -s pxewright -- run scenarios/wds/install-bios.yaml --accel tcg',
      `npm run -s pxewright -- replay reports/runs/2026-03-02T09-14-05/${folder}/capture.pcap --scenario scenarios/wds/install-bios.yaml`,
    ],
    clients: [
      sampleClient({
        ip: '172.22.52.222',
        steps: wdsSteps(),
        phases: {
          firmware: 3004,
          dhcp: 3046,
          proxy: 19,
          nbp: 1072,
          kernel: 8769,
          os: 1310,
          authentication: 61,
          image: 796,
        },
        phaseSpans: [
          { phase: 'firmware', startMs: 0, durationMs: 3004 },
          { phase: 'dhcp', startMs: 3004, durationMs: 3046 },
          { phase: 'proxy', startMs: 6070, durationMs: 19 },
          { phase: 'nbp', startMs: 6089, durationMs: 1072 },
          { phase: 'kernel', startMs: 7161, durationMs: 8769 },
          { phase: 'os', startMs: 15_930, durationMs: 1310 },
          { phase: 'authentication', startMs: 17_240, durationMs: 61 },
          { phase: 'image', startMs: 17_908, durationMs: 796 },
        ],
        transfers: [
          sampleTransfer(),
          sampleTransfer({
            path: 'pxelinux.cfg/default',
            bytes: 412,
            startMs: 7620,
            durationMs: 1.9,
            mbPerSecond: 0.22,
            blksize: 1408,
            blocks: 1,
          }),
          sampleTransfer({
            path: 'vmlinuz',
            bytes: 12_112_832,
            startMs: 7700,
            durationMs: 5610,
            mbPerSecond: 2.16,
            blksize: 1408,
            blocks: 8603,
            retransmissions: 2,
            rttUs: { p50: 604, p95: 801, p99: 1490, max: 101_200 },
          }),
          sampleTransfer({
            path: 'initramfs',
            bytes: 5_533_696,
            startMs: 13_330,
            durationMs: 2600,
            mbPerSecond: 2.13,
            blksize: 1408,
            blocks: 3931,
            rttUs: { p50: 611, p95: 790, p99: 1320, max: 2410 },
          }),
          sampleTransfer({
            protocol: 'smb',
            path: 'Images\\Linux\\sample.wim',
            bytes: 67_108_864,
            startMs: 17_940,
            durationMs: 746,
            mbPerSecond: 89.96,
            blksize: undefined as never,
            windowsize: undefined as never,
            blocks: undefined as never,
            rttUs: { p50: 9120, p95: 14_800, p99: 21_030, max: 24_900 },
          }),
        ].map(withoutUndefined),
        guest: {
          agent: [
            { atMs: 16_740, event: 'started', detail: { kernel: '6.12.48', nic: 'e1000' } },
            { atMs: 17_310, event: 'menu', detail: { entries: ['Linux sample', 'Boot from disk'] } },
            { atMs: 17_330, event: 'key', detail: { key: 'ret' } },
            { atMs: 18_702, event: 'image-applied', detail: { files: 1204, seconds: 1.1 } },
            { atMs: 19_480, event: 'power-off' },
            { atMs: 22_320, event: 'installed-system-up', detail: { from: 'disk' } },
          ],
          disk: { filesCompared: 1204, differences: [], bootedBySelf: true },
        },
        serialLog: `${folder}/serial-pc.log`,
        screenshots: [
          { file: `${folder}/screenshots/menu.png`, atMs: 17_310, title: 'agent menu' },
          { file: `${folder}/screenshots/installed.png`, atMs: 22_330, title: 'installed system' },
        ],
        argv: [
          'qemu-system-x86_64',
          '-name',
          'pc',
          '-machine',
          'pc,accel=tcg',
          '-m',
          '512',
          '-S',
          '-display',
          'none',
          '-qmp',
          'unix:qmp-pc.sock,server=on,wait=off',
          '-netdev',
          'tap,id=n0,ifname=tap-pc,script=no,downscript=no',
          '-device',
          `e1000,netdev=n0,mac=${MAC},bootindex=0`,
          '-drive',
          'file=disk pc.qcow2,if=none,id=d0,format=qcow2',
          '-device',
          'ide-hd,drive=d0,bootindex=1',
        ],
      }),
    ],
  });
}

/** A boot whose network boot program is not there. */
export function failedBoot(): ScenarioResult {
  const why = 'the boot file that the proxy named does not exist below the TFTP root';
  return sampleScenario({
    id: 'pxe/boot-file-missing[firmware=uefi]',
    file: 'scenarios/pxe/uefi.yaml',
    name: 'UEFI client fetches ipxe.efi',
    tags: ['uefi'],
    verdict: 'failed',
    durationMs: 11_900,
    why,
    capture: { file: 'pxe-boot-file-missing-firmware-uefi/capture.pcap', frames: 14, dropped: 0 },
    rerun: ['npm run -s pxewright -- run scenarios/pxe/uefi.yaml --matrix firmware=uefi'],
    clients: [
      sampleClient({
        name: 'laptop',
        ip: '172.22.52.223',
        firmware: 'uefi',
        nic: 'virtio-net-pci',
        verdict: 'failed',
        why,
        phases: { firmware: 2980, dhcp: 4020, nbp: 12 },
        steps: [
          ...wdsSteps().slice(0, 5),
          sampleStep({
            machine: 'tftp',
            step: 'tftp.read-request',
            atMs: 7002,
            frames: [9],
            detail: { path: 'ipxe.efi', blksize: 1468 },
          }),
          sampleStep({
            machine: 'tftp',
            step: 'tftp.transfer',
            verdict: 'failed',
            atMs: 7004,
            durationMs: 2.1,
            frames: [9, 10],
            detail: { path: 'ipxe.efi' },
            expected: 'the whole of ipxe.efi by TFTP',
            actual: 'ERROR code 1 "file not found: ipxe.efi" from 172.22.52.207',
            why,
            cause: 'boot-file-missing',
          }),
          sampleStep({
            machine: 'tftp',
            step: 'tftp.error',
            verdict: 'recorded',
            atMs: 7004,
            frames: [10],
            detail: { code: 1, message: 'file not found: ipxe.efi' },
          }),
        ],
        firmwareVariables: {
          bootOrder: ['Boot0001 UEFI PXEv4 (MAC:525400000001)', 'Boot0000 UiApp'],
          secureBoot: true,
          changes: [
            { name: 'Boot0001', after: 'UEFI PXEv4 (MAC:525400000001): PciRoot(0x0)/Pci(0x2,0x0)' },
            { name: 'BootOrder', before: 'Boot0000', after: 'Boot0001, Boot0000' },
          ],
        },
        serialLog: 'pxe-boot-file-missing-firmware-uefi/serial-laptop.log',
      }),
    ],
  });
}

/** Our lab broke: no verdict on any client. */
function labError(): ScenarioResult {
  return sampleScenario({
    id: 'wds/many-clients',
    file: 'scenarios/wds/many-clients.yaml',
    name: 'Eight clients at once',
    verdict: 'error',
    durationMs: 31_000,
    why: 'tcpdump dropped 4812 frames: no verdict without the whole wire',
    clients: [sampleClient({ verdict: 'error' })],
    capture: { file: 'wds-many-clients/capture.pcap', frames: 90_211, dropped: 4812 },
  });
}

/** A replay of a capture that ends while the client waits. */
export function inconclusiveBoot(): ScenarioResult {
  const why = 'the capture ends 4.1 s after DISCOVER 4 (frame 4), no OFFER yet: capture until the client gives up';
  return sampleScenario({
    id: 'no-offer',
    file: 'no-offer.pcap',
    name: 'no-offer.pcap',
    verdict: 'inconclusive',
    why,
    capture: { file: 'no-offer.pcap', frames: 4, dropped: 0 },
    clients: [
      sampleClient({
        verdict: 'inconclusive',
        why,
        steps: [
          sampleStep({ machine: 'dhcp', step: 'dhcp.unfinished', verdict: 'recorded', frames: [4], durationMs: 4100 }),
        ],
        phases: {},
        transfers: [],
      }),
      sampleClient({ name: 'printer', verdict: 'passed', booting: false, steps: [], phases: {}, transfers: [] }),
    ],
  });
}

/** A prerequisite is missing. */
export function skippedScenario(): ScenarioResult {
  return sampleScenario({
    id: 'pxe/arm64',
    file: 'scenarios/pxe/arm64.yaml',
    name: 'arm64 client over PXE',
    verdict: 'skipped',
    durationMs: 3,
    why: 'qemu-system-aarch64 is not installed (apt install qemu-system-arm)',
    clients: [],
  });
}

/** A negative scenario: it passed because the expected failure came. */
function negativeScenario(): ScenarioResult {
  const failed = failedBoot();
  return {
    ...failed,
    id: 'pxe/wrong-bootfile',
    file: 'scenarios/pxe/wrong-bootfile.yaml',
    name: 'Wrong boot file name is diagnosed',
    verdict: 'passed',
    capture: { file: 'pxe-wrong-bootfile/capture.pcap', frames: 14, dropped: 0 },
    expectedFailure: { step: 'tftp.transfer', cause: 'boot-file-missing' },
    clients: failed.clients.map((client) => ({ ...client, verdict: 'passed' as const })),
  };
}

/** One of everything. */
export function mixedResult(): Result {
  return sampleResult([goodBoot(), failedBoot(), labError(), skippedScenario(), negativeScenario()]);
}

function withoutUndefined(transfer: Transfer): Transfer {
  return Object.fromEntries(
    Object.entries(transfer).filter(([, value]) => (value as unknown) !== undefined),
  ) as Transfer;
}

/** A failed scenario of three clients: one with two failed steps and an agent's word, one with a bad disk, one good. */
export function severalFindings(): ScenarioResult {
  const failed = (step: string, why: string, atMs: number) =>
    sampleStep({ machine: step.split('.')[0] ?? '', step, verdict: 'failed', atMs, frames: [atMs], why, cause: 'x' });
  return sampleScenario({
    verdict: 'failed',
    clients: [
      sampleClient({
        name: 'alpha',
        verdict: 'failed',
        why: 'dhcp.ack: the lease is too short',
        steps: [
          failed('dhcp.ack', 'the lease is too short', 10),
          failed('tftp.transfer', 'the server fell silent', 20),
        ],
        findings: ['the agent in the guest says: no image'],
      }),
      sampleClient({
        name: 'beta',
        verdict: 'failed',
        why: 'the disk differs in 3 files',
        findings: ['the disk differs in 3 files', 'the disk does not boot by itself'],
      }),
      sampleClient({ name: 'gamma' }),
    ],
  });
}
