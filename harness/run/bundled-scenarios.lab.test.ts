import { copyFile, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareWithTshark } from '../protocols/testing/compare-with-tshark.ts';
import type { ClientResult, Result, ScenarioResult } from '../../reports/result.ts';
import { cutBulkPayload } from './testing/cut-bulk-payload.ts';
import { readGoodBoot } from './testing/good-boot.ts';
import { createMutationJudge, essenceOf } from './testing/mutation-judge.ts';
import { tallyMutations } from './testing/mutation-tally.ts';
import { targetsOf } from './testing/mutation-targets.ts';
import { mutationsOf } from './testing/mutations.ts';
import { onlyRun, pxewright, temporaryFolder, type Finished } from './testing/pxewright.ts';

// Every bundled scenario, as a user would run them: the installation with its whole capture kept, and beside it the
// others one after another; those that capture have a test of their own. All assertions share these boots.

const INSTALL = 'wds/install-bios';

interface Run {
  readonly finished: Finished;
  readonly folder: string;
  readonly result: Result;
}

const outs: Awaited<ReturnType<typeof temporaryFolder>>[] = [];
let install: Run;
let others: Run;

beforeAll(async () => {
  [install, others] = await Promise.all([
    run(['scenarios', '--grep', `^${INSTALL}$`, '--full-capture']),
    run(['scenarios', '--grep', `^(?!${INSTALL}$|wds/capture-)\\w+/`, '--workers', '1']),
  ]);
}, 2_400_000);

afterAll(() => Promise.all(outs.map((out) => out[Symbol.asyncDispose]())));

async function run(args: readonly string[]): Promise<Run> {
  const out = await temporaryFolder();
  outs.push(out);
  const finished = await pxewright(['run', ...args, '--out', out.path]);
  return { finished, ...(await onlyRun(out.path)) };
}

function scenarios(): ScenarioResult[] {
  return [...install.result.scenarios, ...others.result.scenarios];
}

function scenario(id: string): ScenarioResult {
  const found = scenarios().find((one) => one.id === id);
  if (!found)
    throw new Error(
      `no scenario ${id} in ${scenarios()
        .map((one) => one.id)
        .join(', ')}`,
    );
  return found;
}

/** A file that the result of a scenario names. */
function evidence(id: string, file: string | undefined): string {
  return join((id === INSTALL ? install : others).folder, file ?? '');
}

/** A client of a scenario; without a name its first. */
function client(id: string, name?: string): ClientResult {
  const { clients } = scenario(id);
  const found = name === undefined ? clients[0] : clients.find((one) => one.name === name);
  if (!found) throw new Error(`${id} has no client ${name ?? 'at all'}`);
  return found;
}

describe('pxewright run scenarios', () => {
  it('passes every bundled scenario and says so', () => {
    // The evidence is gone when this fails: the message holds what the failed steps saw.
    const seen = ({ clients }: ScenarioResult): string =>
      clients
        .flatMap((one) => one.steps)
        .filter((step) => step.verdict === 'failed')
        .map(({ step, actual }) => `${step}: ${actual ?? ''}`)
        .join('; ');
    expect(
      scenarios()
        .filter((one) => one.verdict !== 'passed')
        .map((one) => `${one.id}: ${one.why ?? ''} (${seen(one)})`),
    ).toEqual([]);
    expect([install.finished.exitCode, others.finished.exitCode]).toEqual([0, 0]);
    expect(install.result.scenarios.map((one) => one.id)).toEqual([INSTALL]);
    expect(others.result.scenarios.length).toBeGreaterThanOrEqual(6);
  });

  it('loses no frame of any capture', () => {
    expect(
      scenarios()
        .filter(({ capture }) => capture?.dropped !== 0)
        .map(({ id }) => id),
    ).toEqual([]);
  });

  it.each<[string, string, string, string?]>([
    ['pxe/boot-file-missing', 'tftp.error', 'boot-file-missing'],
    ['pxe/dhcp-silent', 'dhcp.offer', 'dhcp-silent'],
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
  ])('%s fails at %s because of %s', (id, step, cause, name) => {
    const failed = client(id, name).steps.find((one) => one.verdict === 'failed');
    expect(failed).toMatchObject({ step, cause });
    expect(failed?.expected).toBeTruthy();
    expect(failed?.actual).toBeTruthy();
    expect(failed?.why).toBeTruthy();
  });
});

describe('boot services', () => {
  const named = (id: string, step: string) => client(id).steps.filter((one) => one.step === step);

  it('on one host are found by option 60 alone: nobody offers a boot server on port 67', () => {
    expect(named('wds/pxe-on-dhcp-host', 'proxydhcp.offer')).toEqual([]);
    expect(named('wds/pxe-on-dhcp-host', 'proxydhcp.ack')).toHaveLength(1);
  });

  it('show iPXE a menu, which the keys answer: its own choice goes to the listed server, and pictures of prompt and menu were taken before', () => {
    const { screenshots = [] } = client('pxe/menu-by-keys');
    expect(screenshots.map(({ title }) => title).filter((title) => title === 'at dhcp.ack, before keys')).toHaveLength(
      2,
    );
    expect(named('pxe/menu-by-keys', 'proxydhcp.request')[0]?.detail).toMatchObject({
      server: '172.22.52.207',
      options: expect.stringMatching(/\b43\b/) as unknown,
    });
  });

  it("are asked by a played client as the reference trace's ROM asks, which says what it does", async () => {
    const { guest, argv = [] } = client('wds/approval');
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
    expect(argv.at(-1)).toContain('wdsnbp-client.ts');
    const frames = named('wds/approval', 'proxydhcp.request')[0]?.frames ?? [];
    const { capture } = scenario('wds/approval');
    const { frames: decoded } = JSON.parse(
      await readFile(join(dirname(evidence('wds/approval', capture?.file)), 'frames.json'), 'utf8'),
    ) as { frames: { number: number; length: number }[] };
    // Rows 16 and 19 of the trace's first excerpt: request of 590 bytes, answer of 1066.
    expect(decoded.find(({ number }) => number === frames[0])?.length).toBe(590);
    expect(named('wds/approval', 'proxydhcp.ack')[0]?.detail).toMatchObject({ bytes: 1024 });
  });
});

describe('the control channel of a played client', () => {
  const operations = (steps: ClientResult['steps'], name: string) =>
    steps.filter(({ step }) => step === name).map(({ detail }) => detail?.['operation']);

  it('is the whole conversation, in the order of the protocol, and every sealed request was read', () => {
    const { steps, guest } = client('wds/control-channel');
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
    const failed = client('wds/answer-file-damaged').steps.find(({ verdict }) => verdict === 'failed');
    expect(failed).toMatchObject({
      detail: { operation: 'LOG_MSG', messageType: 1 },
      actual: expect.stringContaining('expected the element <unattend>, got "to be written"') as string,
    });
  });
});

describe('an image group with a shared Res.rwm', () => {
  const GROUP = 'wds/image-group';

  it('is installed from both files, and of Res.rwm only what the image needs is counted', () => {
    const transfers = client(GROUP).steps.filter((one) => one.step === 'image.transfer' && one.verdict === 'passed');
    const [shared, image] = transfers;
    expect(transfers).toHaveLength(2);
    expect(shared?.detail).toMatchObject({ path: 'Images\\Linux 2012\\Res.rwm', whole: false });
    expect(image?.detail).toMatchObject({
      path: 'Images\\Linux 2012\\base.wim',
      sharedPath: 'Images\\Linux 2012\\Res.rwm',
      whole: true,
    });
    const { ownBytes = 0, sharedBytes = 0 } = image?.detail as { ownBytes?: number; sharedBytes?: number };
    expect(ownBytes).toBeLessThan(20_000);
    expect(sharedBytes).toBeGreaterThan(30e6);
    expect(sharedBytes).toBeLessThanOrEqual(shared?.detail?.['distinctBytes'] as number);
  });

  it('deploys files, not sectors: the same files as the whole image gives, in a file system of another size and identity', () => {
    const [whole, grouped] = [client(INSTALL).guest?.disk, client(GROUP).guest?.disk];
    expect([whole?.differences, grouped?.differences]).toEqual([[], []]);
    expect(grouped?.filesCompared).toBe(whole?.filesCompared);
    const bytesOf = (disk: typeof whole) => (disk?.fileSystem?.blocks ?? 0) * (disk?.fileSystem?.blockSize ?? 0);
    // The partition fills the disk: 2 GiB and 1 GiB, less the first MiB.
    expect([bytesOf(whole), bytesOf(grouped)]).toEqual([2 ** 31 - 2 ** 20, 2 ** 30 - 2 ** 20]);
    expect(grouped?.fileSystem?.uuid).not.toBe(whole?.fileSystem?.uuid);
  });
});

describe('the full installation', () => {
  it('is judged from the first DISCOVER to the last byte of the image', () => {
    const passed = client(INSTALL)
      .steps.filter((one) => one.verdict === 'passed')
      .map((one) => one.step);
    for (const step of [
      'arp.resolve',
      'dhcp.discover',
      'dhcp.offer',
      'proxydhcp.offer',
      'dhcp.request',
      'dhcp.ack',
      'proxydhcp.request',
      'proxydhcp.ack',
      'tftp.read-request',
      'tftp.option-ack',
      'tftp.transfer',
      'smb.negotiate',
      'ntlm.negotiate',
      'ntlm.challenge',
      'ntlm.authenticate',
      'smb.session-setup',
      'smb.tree-connect',
      'smb.open',
      'smb.close',
      'image.header',
      'image.tail',
      'image.transfer',
      'boot.complete',
    ]) {
      expect(passed).toContain(step);
    }
  });

  it('measures phases and transfers', () => {
    const { phases, transfers } = client(INSTALL);
    for (const phase of ['firmware', 'dhcp', 'nbp', 'kernel', 'authentication', 'image'])
      expect(phases[phase]).toBeGreaterThan(0);
    expect(transfers.find((one) => one.protocol === 'tftp' && /vmlinuz$/.test(one.path))).toMatchObject({
      blksize: 1408,
      windowsize: 1,
    });
    const image = transfers
      .filter((one) => one.protocol === 'smb' && /sample\.wim$/i.test(one.path))
      .toSorted((a, b) => b.bytes - a.bytes)[0];
    expect(image?.bytes).toBeGreaterThan(30e6);
    expect(image?.rttUs.p50).toBeGreaterThan(0);
  });

  it('leaves a disk that holds the image, file by file, and boots by itself', () => {
    const { guest } = client(INSTALL);
    expect(guest?.disk?.differences).toEqual([]);
    expect(guest?.disk?.filesCompared).toBeGreaterThan(20);
    expect(guest?.disk?.bootedBySelf).toBe(true);
    expect(guest?.agent.map((record) => record.event)).toEqual(
      expect.arrayContaining(['agent.started', 'agent.logon', 'agent.images', 'agent.result', 'installed.up']),
    );
  });

  it('keeps screenshots that are PNG files, and logs', async () => {
    const { screenshots = [], serialLog = '' } = client(INSTALL);
    expect(screenshots.length).toBeGreaterThan(2);
    for (const { file } of screenshots)
      expect((await readFile(evidence(INSTALL, file))).subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect((await readFile(evidence(INSTALL, serialLog), 'utf8')).length).toBeGreaterThan(0);
  });

  it('is decoded as tshark decodes it, frame by frame', { timeout: 300_000 }, async () => {
    const { capture } = scenario(INSTALL);
    const compared = await compareWithTshark(evidence(INSTALL, capture?.file));
    expect(compared.disagreements).toEqual([]);
    expect(compared.notCompared).toBe(0);
    expect(compared.frames).toBe(capture?.frames);
  });
});

describe('an answer file for each computer', () => {
  const ID = 'wds/unattended-answer-file';
  const events = (name: string, event: string) =>
    (scenario(ID).clients.find((one) => one.name === name)?.guest?.agent ?? [])
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
  const agent = (id: string) => client(id).guest?.agent ?? [];

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
    const { guest, steps } = client('wds/active-directory');
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
  it("gives the same steps from a run's own capture as the live run did", { timeout: 120_000 }, async () => {
    for (const { id, file, capture } of scenarios()) {
      const replayed = await pxewright(['replay', evidence(id, capture?.file), '--scenario', file, '--json']);
      const result = JSON.parse(replayed.stdout) as Result;
      const stepsOf = (clients: readonly ClientResult[] = []) =>
        Object.fromEntries(clients.map(({ name, steps }) => [name, steps]));
      expect({ id, steps: stepsOf(result.scenarios[0]?.clients) }).toEqual({
        id,
        steps: stepsOf(scenario(id).clients),
      });
    }
  });

  it('gives the same steps from the capture as it is kept by default, bulk payload cut', {
    timeout: 120_000,
  }, async () => {
    await using folder = await temporaryFolder();
    const whole = evidence(INSTALL, scenario(INSTALL).capture?.file);
    const { cut, of } = await cutBulkPayload(whole, join(folder.path, 'capture.pcap'));
    await copyFile(join(dirname(whole), 'judged-with.json'), join(folder.path, 'judged-with.json'));
    expect(cut).toBeLessThan(of / 5);
    const replayed = await pxewright([
      'replay',
      join(folder.path, 'capture.pcap'),
      '--scenario',
      scenario(INSTALL).file,
      '--json',
    ]);
    expect((JSON.parse(replayed.stdout) as Result).scenarios[0]?.clients[0]?.steps).toEqual(client(INSTALL).steps);
  });

  it('judges a capture without a scenario', async () => {
    const replayed = await pxewright(['replay', evidence('pxe/dhcp-only', scenario('pxe/dhcp-only').capture?.file)]);
    expect(replayed.exitCode).toBe(0);
    expect(replayed.stdout).toContain('tftp.transfer');
  });
});

describe('the full installation, changed in one frame', () => {
  const prepare = async () => {
    const boot = await readGoodBoot(evidence(INSTALL, scenario(INSTALL).capture?.file));
    const judge = createMutationJudge(boot);
    return { judge, mutations: mutationsOf(boot.frames, targetsOf(boot, judge)) };
  };

  it('is judged otherwise, or its steps record the change: 95 % and more of every removed, repeated, reordered and altered frame', {
    timeout: 600_000,
  }, async () => {
    const { judge, mutations } = await prepare();
    const { rows, share, missed } = tallyMutations(judge, mutations);
    console.table(rows);
    console.log(`not noticed:\n${missed.join('\n')}`);
    expect(mutations.length).toBeGreaterThan(2000);
    for (const kind of ['remove', 'duplicate', 'reorder', 'alter'])
      expect(rows.find(({ what }) => what === kind)?.tried).toBeGreaterThan(200);
    for (const frames of ['named frames', 'bulk frames'])
      expect(rows.find(({ what }) => what === frames)?.share, missed.join('\n')).toBeGreaterThanOrEqual(95);
    expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.95);
  });

  it('is judged from its changed conversations as from all of its frames', { timeout: 300_000 }, async () => {
    const { judge, mutations } = await prepare();
    expect(essenceOf(judge.good)).toBe(essenceOf(client(INSTALL)));
    const some = mutations.filter((_, index) => index % Math.ceil(mutations.length / 50) === 0);
    expect(
      some.filter((mutation) => judge.judged(mutation) !== judge.replayed(mutation)).map(({ name }) => name),
    ).toEqual([]);
  });
});
