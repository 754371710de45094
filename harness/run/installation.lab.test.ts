import { copyFile, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareWithTshark } from '../protocols/testing/compare-with-tshark.ts';
import { BundledRun, stepsByClient } from './testing/bundled-run.ts';
import { cutBulkPayload } from './testing/cut-bulk-payload.ts';
import { readGoodBoot } from './testing/good-boot.ts';
import { createMutationJudge, essenceOf } from './testing/mutation-judge.ts';
import { tallyMutations } from './testing/mutation-tally.ts';
import { targetsOf } from './testing/mutation-targets.ts';
import { mutationsOf } from './testing/mutations.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';

// The two installations that are compared with one another, with their whole captures kept: the bundled scenario that
// README shows, and the same image out of a group that shares its data.

const INSTALL = 'wds/install-bios';
const GROUP = 'wds/image-group';

let run: BundledRun;
beforeAll(async () => {
  run = await BundledRun.start(`^(${INSTALL}|${GROUP})$`, '--full-capture');
}, 600_000);
afterAll(() => run[Symbol.asyncDispose]());

describe('pxewright run', () => {
  it('passes both installations and says so', () => {
    expect(run.notPassed()).toEqual([]);
    expect(run.exitCode).toBe(0);
    expect(run.scenarios.map(({ id }) => id).toSorted()).toEqual([GROUP, INSTALL]);
  });

  it('loses no frame of any capture', () => {
    expect(run.lossy()).toEqual([]);
  });
});

describe('the full installation', () => {
  it('is judged from the first DISCOVER to the last byte of the image', () => {
    const passed = run
      .client(INSTALL)
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
    const { phases, transfers } = run.client(INSTALL);
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
    expect(image?.operation).toBe('read-bulk');
    expect(image?.rttUs.p50).toBeGreaterThan(0);
  });

  it('leaves a disk that holds the image, file by file, and boots by itself', () => {
    const { guest } = run.client(INSTALL);
    expect(guest?.disk?.differences).toEqual([]);
    expect(guest?.disk?.filesCompared).toBeGreaterThan(20);
    expect(guest?.disk?.bootedBySelf).toBe(true);
    expect(guest?.agent.map((record) => record.event)).toEqual(
      expect.arrayContaining(['agent.started', 'agent.logon', 'agent.images', 'agent.result', 'installed.up']),
    );
  });

  it('keeps screenshots that are PNG files, and logs', async () => {
    const { screenshots = [], serialLog = '' } = run.client(INSTALL);
    expect(screenshots.length).toBeGreaterThan(2);
    for (const { file } of screenshots)
      expect((await readFile(run.evidence(file))).subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect((await readFile(run.evidence(serialLog), 'utf8')).length).toBeGreaterThan(0);
  });

  it('is decoded as tshark decodes it, frame by frame', { timeout: 300_000 }, async () => {
    const { capture } = run.scenario(INSTALL);
    const compared = await compareWithTshark(run.evidence(capture?.file));
    expect(compared.disagreements).toEqual([]);
    expect(compared.notCompared).toBe(0);
    expect(compared.frames).toBe(capture?.frames);
  });
});

describe('an image group with a shared Res.rwm', () => {
  it('is installed from both files, and of Res.rwm only what the image needs is counted', () => {
    const transfers = run
      .client(GROUP)
      .steps.filter((one) => one.step === 'image.transfer' && one.verdict === 'passed');
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
    const [whole, grouped] = [run.client(INSTALL).guest?.disk, run.client(GROUP).guest?.disk];
    expect([whole?.differences, grouped?.differences]).toEqual([[], []]);
    expect(grouped?.filesCompared).toBe(whole?.filesCompared);
    const bytesOf = (disk: typeof whole) => (disk?.fileSystem?.blocks ?? 0) * (disk?.fileSystem?.blockSize ?? 0);
    // The partition fills the disk: 2 GiB and 1 GiB, less the first MiB.
    expect([bytesOf(whole), bytesOf(grouped)]).toEqual([2 ** 31 - 2 ** 20, 2 ** 30 - 2 ** 20]);
    expect(grouped?.fileSystem?.uuid).not.toBe(whole?.fileSystem?.uuid);
  });
});

describe('pxewright replay', () => {
  it("gives the same steps from a run's own capture as the live run did", { timeout: 120_000 }, async () => {
    for (const one of run.scenarios) expect(await run.replayed(one)).toEqual(stepsByClient(one.clients));
  });

  it('gives the same steps from the capture as it is kept by default, bulk payload cut', {
    timeout: 120_000,
  }, async () => {
    await using folder = await temporaryFolder();
    const install = run.scenario(INSTALL);
    const whole = run.evidence(install.capture?.file);
    const { cut, of } = await cutBulkPayload(whole, join(folder.path, 'capture.pcap'));
    await copyFile(join(dirname(whole), 'judged-with.json'), join(folder.path, 'judged-with.json'));
    expect(cut).toBeLessThan(of / 5);
    expect(await run.replayed(install, join(folder.path, 'capture.pcap'))).toEqual(stepsByClient(install.clients));
  });
});

describe('the full installation, changed in one frame', () => {
  const prepare = async () => {
    const boot = await readGoodBoot(run.evidence(run.scenario(INSTALL).capture?.file));
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
    expect(essenceOf(judge.good)).toBe(essenceOf(run.client(INSTALL)));
    const some = mutations.filter((_, index) => index % Math.ceil(mutations.length / 50) === 0);
    expect(
      some.filter((mutation) => judge.judged(mutation) !== judge.replayed(mutation)).map(({ name }) => name),
    ).toEqual([]);
  });
});
