import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareWithTshark } from '../wire/testing/compare-with-tshark.ts';
import type { ClientResult, Result, ScenarioResult } from '../../reports/result.ts';
import { onlyRun, pxewright, temporaryFolder, type Finished } from './testing/pxewright.ts';

// Every bundled scenario in one call, two labs at once, as a user would run them; all assertions share these boots.

let out: Awaited<ReturnType<typeof temporaryFolder>>;
let finished: Finished;
let run: { folder: string; result: Result };

beforeAll(async () => {
  out = await temporaryFolder();
  finished = await pxewright(['run', 'scenarios', '--workers', '2', '--out', out.path]);
  run = await onlyRun(out.path);
}, 900_000);

afterAll(() => out[Symbol.asyncDispose]());

function scenario(id: string): ScenarioResult {
  const found = run.result.scenarios.find((one) => one.id === id);
  if (!found) throw new Error(`no scenario ${id} in ${run.result.scenarios.map((one) => one.id).join(', ')}`);
  return found;
}

function client(id: string): ClientResult {
  const [first] = scenario(id).clients;
  if (!first) throw new Error(`${id} has no client`);
  return first;
}

describe('pxewright run scenarios', () => {
  it('passes every bundled scenario and says so', () => {
    expect(run.result.scenarios.filter((one) => one.verdict !== 'passed').map(({ id, why }) => `${id}: ${why ?? ''}`)).toEqual([]);
    expect(finished.exitCode).toBe(0);
    expect(run.result.scenarios.length).toBeGreaterThanOrEqual(7);
  });

  it('loses no frame of any capture', () => {
    expect(run.result.scenarios.map(({ id, capture }) => [id, capture?.dropped])).toEqual(run.result.scenarios.map(({ id }) => [id, 0]));
  });

  it.each([
    ['pxe/boot-file-missing', 'tftp.error', 'boot-file-missing'],
    ['pxe/dhcp-silent', 'dhcp.offer', 'dhcp-silent'],
    ['wds/wrong-password', 'smb.session-setup', 'wrong-password'],
    ['wds/image-missing', 'smb.open', 'image-missing'],
  ])('%s fails at %s because of %s', (id, step, cause) => {
    const failed = client(id).steps.find((one) => one.verdict === 'failed');
    expect(failed).toMatchObject({ step, cause });
    expect(failed?.expected).toBeTruthy();
    expect(failed?.actual).toBeTruthy();
    expect(failed?.why).toBeTruthy();
  });
});

describe('the full installation', () => {
  it('is judged from the first DISCOVER to the last byte of the image', () => {
    const passed = client('wds/install-bios').steps.filter((one) => one.verdict === 'passed').map((one) => one.step);
    for (const step of ['arp.resolve', 'dhcp.discover', 'dhcp.offer', 'proxydhcp.offer', 'dhcp.request', 'dhcp.ack', 'proxydhcp.request', 'proxydhcp.ack', 'tftp.read-request', 'tftp.option-ack', 'tftp.transfer',
      'smb.negotiate', 'ntlm.negotiate', 'ntlm.challenge', 'ntlm.authenticate', 'smb.session-setup', 'smb.tree-connect', 'smb.open', 'smb.close', 'image.header', 'image.tail', 'image.transfer', 'boot.complete']) {
      expect(passed).toContain(step);
    }
  });

  it('measures phases and transfers', () => {
    const { phases, transfers } = client('wds/install-bios');
    for (const phase of ['firmware', 'dhcp', 'nbp', 'kernel', 'authentication', 'image']) expect(phases[phase]).toBeGreaterThan(0);
    expect(transfers.find((one) => one.protocol === 'tftp' && /vmlinuz$/.test(one.path))).toMatchObject({ retransmissions: 0 });
    const image = transfers.filter((one) => one.protocol === 'smb' && /sample\.wim$/i.test(one.path)).toSorted((a, b) => b.bytes - a.bytes)[0];
    expect(image?.bytes).toBeGreaterThan(30e6);
    expect(image?.rttUs.p50).toBeGreaterThan(0);
  });

  it('leaves a disk that holds the image, file by file, and boots by itself', () => {
    const { guest } = client('wds/install-bios');
    expect(guest?.disk?.differences).toEqual([]);
    expect(guest?.disk?.filesCompared).toBeGreaterThan(20);
    expect(guest?.disk?.bootedBySelf).toBe(true);
    expect(guest?.agent.map((record) => record.event)).toEqual(expect.arrayContaining(['agent.started', 'agent.logon', 'agent.images', 'agent.result', 'installed.up']));
  });

  it('keeps screenshots that are PNG files, and logs', async () => {
    const { screenshots = [], serialLog = '' } = client('wds/install-bios');
    expect(screenshots.length).toBeGreaterThan(2);
    for (const { file } of screenshots) expect((await readFile(join(run.folder, file))).subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect((await readFile(join(run.folder, serialLog), 'utf8')).length).toBeGreaterThan(0);
  });

  it('is decoded as tshark decodes it, frame by frame', { timeout: 300_000 }, async () => {
    const compared = await compareWithTshark(join(run.folder, scenario('wds/install-bios').capture?.file ?? ''));
    expect(compared.disagreements).toEqual([]);
    expect(compared.frames).toBe(scenario('wds/install-bios').capture?.frames);
  });
});

describe('pxewright replay', () => {
  it('gives the same steps from a run\'s own capture as the live run did', { timeout: 120_000 }, async () => {
    for (const { id, file, capture } of run.result.scenarios) {
      const replayed = await pxewright(['replay', join(run.folder, capture?.file ?? ''), '--scenario', file, '--json']);
      const result = JSON.parse(replayed.stdout) as Result;
      expect({ id, steps: result.scenarios[0]?.clients[0]?.steps }).toEqual({ id, steps: client(id).steps });
    }
  });

  it('judges a capture without a scenario', async () => {
    const replayed = await pxewright(['replay', join(run.folder, scenario('pxe/dhcp-only').capture?.file ?? '')]);
    expect(replayed.exitCode).toBe(0);
    expect(replayed.stdout).toContain('tftp.transfer');
  });
});
