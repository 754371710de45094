import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientResult } from '../../reports/result.ts';
import { planScenarios } from '../plan/scenarios.ts';
import { FIRMWARE_CASES, LOADS, shownCases, type ShownCase } from '../plan/testing/firmware-cases.ts';
import { compareWithTshark } from '../protocols/testing/compare-with-tshark.ts';
import { DHCPV6_FIELDS_OF_A_BOOT } from '../protocols/testing/dhcpv6-fields.ts';
import { NDP_FIELDS_OF_A_BOOT } from '../protocols/testing/ndp-fields.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { findScenarios } from '../scenario/load-scenarios.ts';
import { BundledRun, stepsByClient } from './testing/bundled-run.ts';
import { tallyCapture } from './testing/mutation-tally.ts';
import { PROJECT, pxewright } from './testing/pxewright.ts';

// Every bundled scenario, as a user would run them, but for those that have a test of their own: installation.lab.test.ts,
// capture.lab.test.ts, matrix.lab.test.ts and backup-scenarios.lab.test.ts. All assertions share these boots.

const OTHER_WAYS = ['uefi-ipv6', 'uefi-http', 'uefi-http-ipv6', 'dhcpv6-silent', 'boot-order', 'secure-boot-unsigned'];
const ELSEWHERE = ['install-bios', 'image-group', 'capture-and-redeploy', 'capture-disk-full'];

let run: BundledRun;
beforeAll(async () => {
  run = await BundledRun.start(`^(?!matrix/|backup/|wds/(${ELSEWHERE.join('|')})$)\\w+/`);
}, 2_400_000);
afterAll(() => run[Symbol.asyncDispose]());

describe('pxewright run scenarios', () => {
  it('passes every bundled scenario and says so', () => {
    expect(run.notPassed()).toEqual([]);
    expect(run.exitCode).toBe(0);
    expect(run.scenarios.length).toBeGreaterThan(30);
  });

  it('loses no frame of any capture', () => {
    expect(run.lossy()).toEqual([]);
  });

  it.each<[string, string, string, string?]>([
    ['pxe/tftp-files-refused', 'tftp.error', 'boot-file-missing', 'bios'],
    ['pxe/tftp-files-refused', 'tftp.error', 'tftp-access-denied', 'uefi'],
    ['pxe/tftp-error-midway', 'tftp.error', 'tftp-refused'],
    ['pxe/tftp-stalls', 'tftp.transfer', 'transfer-stalled'],
    ['pxe/tftp-too-slow', 'tftp.transfer', 'tftp-silent'],
    ['pxe/tftp-wrong-size', 'tftp.transfer', 'transfer-size-mismatch'],
    ['pxe/tftp-blocks-enlarged', 'tftp.option-ack', 'tftp-illegal-option-ack'],
    ['pxe/dhcp-silent', 'dhcp.offer', 'dhcp-silent'],
    ['pxe/boot-order-disk-first', 'dhcp.discover', 'wrong-boot-order'],
    ['pxe/dhcpv6-silent', 'dhcpv6.advertise', 'dhcpv6-silent'],
    ['pxe/dhcpv6-without-boot-file', 'dhcpv6.request', 'no-boot-file'],
    ['wds/wrong-password', 'smb.session-setup', 'wrong-password'],
    ['wds/image-missing', 'smb.open', 'image-missing'],
    ['wds/clock-skew', 'kerberos.as', 'clock-skew'],
    ['wds/logons-refused', 'smb.session-setup', 'account-locked', 'locked'],
    ['wds/logons-refused', 'smb.session-setup', 'password-expired', 'expired'],
    ['wds/logons-refused', 'kerberos.as', 'unknown-user', 'unknown'],
    ['wds/image-damaged', 'image.header', 'image-damaged'],
    ['wds/image-truncated', 'image.header', 'image-truncated'],
    ['wds/image-wrong-architecture', 'image.tail', 'image-wrong-architecture'],
    ['wds/driver-missing', 'smb.negotiate', 'guest-no-network'],
    ['wds/both-on-port-67', 'proxydhcp.offer', 'pxe-and-dhcp-both-on-67'],
    ['wds/option-60-without-boot-server', 'proxydhcp.ack', 'option-60-without-boot-server'],
    ['wds/two-boot-servers', 'proxydhcp.ack', 'two-boot-servers'],
    ['wds/no-boot-file-for-architecture', 'tftp.transfer', 'no-boot-file-for-architecture'],
    ['wds/transport-server-only', 'tftp.transfer', 'transport-server-only'],
    ['wds/unknown-computer-ignored', 'tftp.transfer', 'unknown-computer-ignored'],
    ['wds/approval-rejected', 'wdsnbp.rejected', 'device-rejected'],
    ['wds/approval-never-decided', 'wdsnbp.approved', 'device-pending'],
    ['wds/referral-unanswered', 'proxydhcp.ack', 'referral-unanswered'],
    ['wds/prompt-unanswered', 'tftp.transfer', 'prompt-unanswered'],
    ['wds/control-unreachable', 'tcp.connect', 'control-service-unreachable'],
    ['wds/control-refused', 'rpc.bind', 'rpc-bind-refused'],
    ['wds/control-wrong-password', 'rpc.fault', 'wrong-password'],
    ['wds/control-fault', 'rpc.fault', 'rpc-operation-unknown'],
    ['wds/control-error', 'wds.error', 'wds-refused'],
    ['wds/answer-file-damaged', 'wds.request', 'client-reported-error'],
    ['wds/multicast-sender-silent', 'multicast.join', 'multicast-sender-silent'],
  ])('%s fails at %s because of %s', (id, step, cause, name) => {
    const failed = run.client(id, name).steps.find((one) => one.verdict === 'failed');
    expect(failed).toMatchObject({ step, cause });
    expect(failed?.expected).toBeTruthy();
    expect(failed?.actual).toBeTruthy();
    expect(failed?.why).toBeTruthy();
  });
});

describe('what each firmware does', () => {
  let shown: readonly ShownCase[];
  beforeAll(async () => {
    const files = await findScenarios(join(PROJECT, 'scenarios'));
    shown = shownCases((await Promise.all(files.map((file) => loadScenario(file)))).flatMap(planScenarios));
  });

  it.each(FIRMWARE_CASES)('%s, %s: the boot goes that way, and the judge says why', (firmware, what) => {
    const ran = shown.filter(
      (one) => one.firmware === firmware && one.what === what && run.scenarios.some(({ id }) => id === one.id),
    );
    expect(ran).not.toEqual([]);
    for (const { id, client: name, cause } of ran) {
      const client = run.client(id, name);
      expect({ id, firmware: client.firmware, verdict: client.verdict }).toEqual({ id, firmware, verdict: 'passed' });
      const [failed] = client.steps.filter(({ verdict }) => verdict === 'failed');
      expect({ id, cause: failed?.cause }).toEqual({ id, cause });
      if (cause !== undefined) continue;
      const loaded = client.steps.filter(({ step, verdict }) => verdict === 'passed' && LOADS.includes(step));
      expect(new Set(loaded.map(({ detail }) => detail?.['path'])).size, id).toBeGreaterThan(1);
    }
  });
});

it.each([
  ['pxe/uefi-ipv6', 'pxe-ipv6'],
  ['pxe/uefi-http', 'http-ipv4'],
  ['pxe/uefi-http-ipv6', 'http-ipv6'],
  ['pxe/dhcp-silent', 'pxe-ipv4'],
])('%s names its transport, %s, and begins with it', (id, transport) => {
  const client = run.client(id);
  expect(client.transport).toBe(transport);
  const overIpv6 = transport.endsWith('ipv6');
  const asks = client.steps.find(({ detail, verdict }) => detail?.['arch'] !== undefined && verdict === 'passed');
  expect([asks?.step, asks?.detail?.['arch']]).toEqual([
    overIpv6 ? 'dhcpv6.solicit' : 'dhcp.discover',
    transport.startsWith('http') ? 16 : transport === 'pxe-ipv6' ? 7 : 0,
  ]);
});

describe('a UEFI installation', () => {
  it('divides the disk by a GPT behind an EFI system partition, is on the disk as in the image, and starts from it', () => {
    const { guest, steps, firmware } = run.client('wds/install-uefi');
    const said = (event: string) => guest?.agent.find((one) => one.event === event)?.detail;
    expect(firmware).toBe('uefi');
    expect(said('agent.started')).toMatchObject({ firmware: 'uefi' });
    expect(said('agent.partitioned')).toMatchObject({ partitions: 2, system: '/dev/vda2' });
    expect(guest?.disk).toMatchObject({ differences: [] });
    expect(guest?.nextStart).toEqual({ bootOrder: ['disk'], device: 'disk' });
    expect(guest?.disk?.filesCompared).toBeGreaterThan(40);
    expect(said('installed.up')).toMatchObject({ root: '/dev/vda2' });
    // The firmware chose the boot program: the scenario names none.
    expect(steps.find(({ step }) => step === 'tftp.transfer')?.detail).toMatchObject({
      path: 'boot\\x64\\wdsmgfw.efi',
      windowsize: 4,
    });
  });

  it('on Arm runs the kernel, the programs and the boot loader for that processor, from the network and from the disk', () => {
    const { guest, firmware, architecture, steps } = run.client('wds/install-arm64');
    const said = (event: string) => guest?.agent.find((one) => one.event === event)?.detail;
    expect([firmware, architecture]).toEqual(['uefi-arm64', '11 (ARM64 UEFI)']);
    expect(said('agent.started')).toMatchObject({
      kernel: expect.stringMatching(/arm64$/) as unknown,
      firmware: 'uefi',
    });
    expect(steps.find(({ step }) => step === 'tftp.transfer')?.detail).toMatchObject({ program: 'efi-arm64' });
    expect(guest?.disk).toMatchObject({ differences: [] });
    expect(guest?.disk?.filesCompared).toBeGreaterThan(40);
    expect(guest?.nextStart).toEqual({ bootOrder: ['disk'], device: 'disk' });
    expect(said('installed.up')).toMatchObject({
      root: '/dev/vda2',
      kernel: expect.stringMatching(/arm64$/) as unknown,
    });
  });

  it('under Secure Boot starts from the disk with Secure Boot on, by what the agent put on its EFI system partition', () => {
    const { guest, firmware, firmwareVariables } = run.client('wds/install-secure-boot');
    const said = (event: string) => guest?.agent.find((one) => one.event === event)?.detail;
    expect(firmware).toBe('uefi-secure-boot');
    expect(firmwareVariables).toMatchObject({ secureBoot: true });
    expect(guest?.disk).toMatchObject({ differences: [] });
    expect(guest?.disk?.filesCompared).toBeGreaterThan(40);
    expect(guest?.nextStart).toEqual({ bootOrder: ['disk'], device: 'disk' });
    expect(said('installed.up')).toMatchObject({ root: '/dev/vda2' });
  });
});

describe('an image by multicast', () => {
  const detailOf = (id: string, name: string) =>
    run.client(id, name).steps.find(({ step, verdict }) => step === 'multicast.transfer' && verdict === 'passed')
      ?.detail ?? {};
  const received = (id: string, name: string) =>
    run.client(id, name).guest?.agent.find(({ event }) => event === 'agent.received')?.detail;

  it('comes to two computers at once, whole, for less than two of them would read from the share', () => {
    const sizes = ['bios', 'uefi'].map((name) => {
      const { guest, transfers } = run.client('wds/multicast', name);
      const { bytes, wireBytes } = detailOf('wds/multicast', name);
      expect(guest?.disk, name).toMatchObject({ differences: [] });
      expect(guest?.disk?.filesCompared, name).toBeGreaterThan(40);
      // The agent's own count, and the wire's.
      expect(received('wds/multicast', name), name).toMatchObject({ bytes });
      expect(
        transfers.find(({ protocol }) => protocol === 'multicast'),
        name,
      ).toMatchObject({ bytes });
      expect(Number(wireBytes), name).toBeLessThan(2 * Number(bytes));
      return bytes;
    });
    expect(new Set(sizes).size).toBe(1);
  });

  it('comes whole to a straggler and to a late computer, although a third one is lost in the middle', () => {
    const id = 'wds/multicast-straggler';
    expect(Number(detailOf(id, 'straggler')['askedAgain'])).toBeGreaterThan(0);
    for (const name of ['straggler', 'late'])
      expect(received(id, name), name).toMatchObject({ bytes: detailOf(id, name)['bytes'] });
    expect(received(id, 'lost')).toBeUndefined();
  });
});

describe('a client that boots from the network at every start', () => {
  it('is installed again, and the result says so by name, with the frames of both installations', () => {
    const { guest, steps, findings } = run.client('wds/reinstall-loop');
    expect(guest?.nextStart).toEqual({ bootOrder: ['network', 'disk'], device: 'network' });
    expect(guest?.agent.filter(({ event }) => event === 'agent.partitioned')).toHaveLength(2);
    const again = steps.filter(({ step }) => step === 'boot.reinstalled');
    expect(again).toMatchObject([{ cause: 'reinstall-loop', detail: { path: 'boot\\x86\\wdsnbp.com', times: 2 } }]);
    const reads = steps.filter(({ step }) => step === 'image.transfer').map(({ frames }) => frames.at(-1));
    expect(again[0]?.frames).toEqual([reads[0], reads.at(-1)]);
    expect(findings?.join()).toContain('reinstall loop: the client read “Images\\Linux\\sample.wim” 2 times');
  });
});

describe('captures of other ways to boot', () => {
  const captures = () => OTHER_WAYS.map((name) => run.evidence(run.scenario(`pxe/${name}`).capture?.file));

  it('changed in one frame are judged otherwise at least 98 times of 100', { timeout: 240_000 }, async () => {
    const tallies = [];
    for (const file of captures()) tallies.push(await tallyCapture(file));
    const tried = tallies.reduce((sum, tally) => sum + tally.tried, 0);
    const missed = tallies.flatMap((tally, index) => tally.missed.map((name) => `${OTHER_WAYS[index]}: ${name}`));
    expect(tried).toBeGreaterThan(3000);
    expect(1 - missed.length / tried, missed.join('\n')).toBeGreaterThanOrEqual(0.98);
    // Of a short capture one order that nobody cares about is more.
    for (const { share } of tallies) expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.92);
  });

  it('are read by tshark as by our decoders, in every field that a machine uses', { timeout: 60_000 }, async () => {
    const compared = await Promise.all(captures().map((file) => compareWithTshark(file)));
    expect(compared.flatMap(({ disagreements }) => disagreements)).toEqual([]);
    const agreed = [...DHCPV6_FIELDS_OF_A_BOOT, ...NDP_FIELDS_OF_A_BOOT].filter((field) =>
      compared.some((one) => (one.agreed[field] ?? 0) > 0),
    );
    expect(agreed).toContain('dhcpv6.iaaddr.ip');
    expect(agreed).toContain('icmpv6.nd.ra.flag.m');
  });
});

it('a TPM has the firmware, the boot order and the boot program measured into its registers, under BIOS and UEFI', () => {
  for (const name of ['second-card', 'empty-disk-uefi']) {
    const { commands = 0, measurements = {} } = run.client('pxe/boot-order', name).tpm ?? {};
    expect(commands, name).toBeGreaterThan(Object.values(measurements).reduce((sum, count) => sum + count, 0));
    // What the firmware is, what it starts, and that it does (TCG PC Client Platform Firmware Profile section 3.3.4).
    expect(Object.keys(measurements), name).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  }
  expect(run.client('pxe/boot-order', 'empty-disk').tpm).toBeUndefined();
});

describe('boot services', () => {
  const named = (id: string, step: string) => run.client(id).steps.filter((one) => one.step === step);

  it('on one host are found by option 60 alone: nobody offers a boot server on port 67', () => {
    expect(named('wds/pxe-on-dhcp-host', 'proxydhcp.offer')).toEqual([]);
    expect(named('wds/pxe-on-dhcp-host', 'proxydhcp.ack')).toHaveLength(1);
  });

  it('show iPXE a menu, which the keys answer: its own choice goes to the listed server, and pictures of prompt and menu were taken before', () => {
    const { screenshots = [] } = run.client('pxe/menu-by-keys');
    expect(screenshots.map(({ title }) => title).filter((title) => title === 'at dhcp.ack, before keys')).toHaveLength(
      2,
    );
    expect(named('pxe/menu-by-keys', 'proxydhcp.request')[0]?.detail).toMatchObject({
      server: '172.22.52.207',
      options: expect.stringMatching(/\b43\b/) as unknown,
    });
  });

  it("are asked by a played client as the reference trace's ROM asks, which says what it does", async () => {
    const { guest, argv = [] } = run.client('wds/approval');
    expect(guest?.agent.map(({ event }) => event)).toEqual([
      'client.ready',
      'rom.offer',
      'rom.offer',
      'rom.address',
      'loaded',
      'nbp.pending',
      'nbp.pending',
      'nbp.prompt',
      'nbp.next-program',
      'loaded',
      'agent.result',
    ]);
    expect(argv.at(-1)).toContain('wdsnbp/client.ts');
    const frames = named('wds/approval', 'proxydhcp.request')[0]?.frames ?? [];
    const { capture } = run.scenario('wds/approval');
    const { frames: decoded } = JSON.parse(
      await readFile(join(dirname(run.evidence(capture?.file)), 'frames.json'), 'utf8'),
    ) as { frames: { number: number; length: number; summary: string }[] };
    // Rows 16 and 19 of the trace's first excerpt: request of 590 bytes, answer of 1066.
    expect(decoded.find(({ number }) => number === frames[0])?.length).toBe(590);
    // A transfer's DATA and ACK have ports that both ends chose for it.
    const ofTransfers = new Set(named('wds/approval', 'tftp.transfer').flatMap((step) => step.frames));
    const shown = decoded.filter(({ number }) => ofTransfers.has(number)).map(({ summary }) => summary.split(' ')[0]);
    expect(new Set(shown)).toEqual(new Set(['TFTP']));
    expect(named('wds/approval', 'proxydhcp.ack')[0]?.detail).toMatchObject({ bytes: 1024 });
  });
});

describe('the control channel of a played client', () => {
  const operations = (steps: ClientResult['steps'], name: string) =>
    steps.filter(({ step }) => step === name).map(({ detail }) => detail?.['operation']);

  it('is the whole conversation, in the order of the protocol, and every sealed request was read', () => {
    const { steps, guest } = run.client('wds/control-channel');
    const asked = [
      'LOG_INIT',
      'GET_CLIENT_UNATTEND',
      'LOG_MSG',
      'IMG_ENUMERATE',
      'LOG_MSG',
      'LOG_MSG',
      'LOG_MSG',
      'GET_DOMAIN_JOIN_INFORMATION',
      'RESET_BOOT_PROGRAM',
      'LOG_MSG',
    ];
    expect(operations(steps, 'wds.request')).toEqual(asked);
    expect(operations(steps, 'wds.reply')).toEqual(asked);
    expect(
      guest?.agent.filter(({ event }) => event === 'control.answer').map(({ detail }) => detail?.['operation']),
    ).toEqual(asked);
    expect(guest?.agent.at(-1)).toMatchObject({ event: 'agent.result', detail: { status: 'ok' } });
  });

  it('carries what the client reports of its answer file', () => {
    const failed = run.client('wds/answer-file-damaged').steps.find(({ verdict }) => verdict === 'failed');
    expect(failed).toMatchObject({
      detail: { operation: 'LOG_MSG', messageType: 1 },
      actual: expect.stringContaining('expected the element <unattend>, got "to be written"') as string,
    });
  });
});

describe('an answer file for each computer', () => {
  const ID = 'wds/unattended-answer-file';
  const events = (name: string, event: string) =>
    (run.scenario(ID).clients.find((one) => one.name === name)?.guest?.agent ?? [])
      .filter((record) => record.event === event)
      .map(({ detail = {} }) => detail);

  it('is asked for, taken, and worked off while the deployment server hears of it', () => {
    expect(events('pc-1', 'agent.answer-file')).toMatchObject([{ flags: 1, computer: 'PC01', packages: 2 }]);
    expect(events('pc-2', 'agent.answer-file')).toMatchObject([{ flags: 1, computer: '%MACHINENAME%', packages: 1 }]);
    for (const name of ['pc-1', 'pc-2']) {
      expect(events(name, 'agent.control').filter(({ ok }) => ok !== true)).toEqual([]);
      expect(events(name, 'agent.control').map(({ operation }) => operation)).toEqual(
        expect.arrayContaining([
          'LOG_INIT',
          'GET_CLIENT_UNATTEND',
          'LOG_MSG',
          'IMG_ENUMERATE',
          'GET_MACHINE_DRIVER_PACKAGES',
          'GET_DOMAIN_JOIN_INFORMATION',
          'RESET_BOOT_PROGRAM',
        ]),
      );
    }
    expect(events('pc-1', 'agent.partitioned')).toMatchObject([{ partitions: 2 }]);
    expect(events('pc-1', 'agent.package').map(({ name, version }) => [name, version])).toEqual([
      ['writer', '1.0'],
      ['drawing', '2.1'],
    ]);
    expect(events('pc-2', 'agent.drivers-offered')).toMatchObject([{ packages: 'rtl8139' }]);
  });

  it('makes two computers of one image, which say so when they start from their disks', () => {
    expect(events('pc-1', 'installed.up')).toMatchObject([
      { hostname: 'PC01', packages: 'writer drawing', firstStart: 0 },
    ]);
    expect(events('pc-2', 'installed.up')).toMatchObject([{ hostname: 'PC02', packages: 'writer' }]);
  });
});

describe('a boot image without the driver of the network card', () => {
  const agent = (id: string) => run.client(id).guest?.agent ?? [];

  it('says in the guest which card it is', () => {
    expect(agent('wds/driver-missing').find(({ event }) => event === 'agent.result')?.detail).toMatchObject({
      ok: false,
      stage: 'network',
      error: expect.stringContaining('PCI 10ec:8139') as string,
    });
  });

  it('installs with the driver package added, and by that package', () => {
    expect(agent('wds/driver-package-added').find(({ event }) => event === 'agent.drivers')?.detail).toMatchObject({
      driver: '8139cp',
      packages: 'rtl8139',
    });
    expect(agent('wds/driver-package-added').find(({ event }) => event === 'agent.result')?.detail).toMatchObject({
      ok: true,
    });
  });
});

describe('an installation in a domain', () => {
  it('ends as a member of it: the directory knows the computer, and the key on the disk opens its account', () => {
    const { guest, steps } = run.client('wds/active-directory');
    expect(guest?.joined).toEqual({ computer: 'PC01', dnsHostName: 'pc01.system.lab', keyOpensAccount: true });
    expect(guest?.disk).toMatchObject({ differences: [], bootedBySelf: true });
    // Found by the endpoint mapper that the controller's host has for both.
    expect(
      guest?.agent
        .filter(({ event, detail }) => event === 'agent.control' && detail?.['ok'] === true)
        .map(({ detail }) => detail?.['operation']),
    ).toEqual(expect.arrayContaining(['IMG_ENUMERATE', 'GET_DOMAIN_JOIN_INFORMATION']));
    expect(steps.filter(({ verdict }) => verdict === 'passed').map(({ step }) => step)).toEqual(
      expect.arrayContaining(['kerberos.as', 'kerberos.tgs', 'kerberos.ap', 'image.transfer']),
    );
  });
});

describe('pxewright replay', () => {
  it("gives the same steps from a run's own capture as the live run did", { timeout: 240_000 }, async () => {
    for (const one of run.scenarios)
      expect({ id: one.id, steps: await run.replayed(one) }).toEqual({ id: one.id, steps: stepsByClient(one.clients) });
  });

  it('judges a capture without a scenario', async () => {
    const { capture } = run.scenario('pxe/dhcp-only');
    const replayed = await pxewright(['replay', run.evidence(capture?.file)]);
    expect(replayed.exitCode).toBe(0);
    expect(replayed.stdout).toContain('tftp.transfer');
  });
});
