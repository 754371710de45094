import { execa } from 'execa';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientResult, Result, ScenarioResult } from '../../reports/result.ts';
import { compareWithTshark } from '../protocols/testing/compare-with-tshark.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, PROJECT, pxewright } from './testing/pxewright.ts';

// A system installed, captured and deployed again, and a capture that its store has no room for: the bundled scenarios,
// with the store of the first kept on the host, so that others can look at what was uploaded.

interface Run {
  readonly scenario: ScenarioResult;
  readonly folder: string;
  readonly file: string;
}

const outs: Awaited<ReturnType<typeof temporaryFolder>>[] = [];
let redeploy: Run;
let full: Run;

beforeAll(async () => {
  [redeploy, full] = await Promise.all([
    run('capture-and-redeploy', '\n  state: ./state'),
    run('capture-disk-full', ''),
  ]);
}, 900_000);

afterAll(() => Promise.all(outs.map((out) => out[Symbol.asyncDispose]())));

async function run(name: string, services: string): Promise<Run> {
  const out = await temporaryFolder();
  const place = await temporaryFolder();
  outs.push(out, place);
  const file = join(place.path, `${name}.yaml`);
  await writeFile(
    file,
    (await readFile(join(PROJECT, 'scenarios', 'wds', `${name}.yaml`), 'utf8')).replace(
      '\nservices:',
      `\nservices:${services}`,
    ),
  );
  await pxewright(['run', file, '--full-capture', '--out', out.path]);
  const { folder, result } = await onlyRun(out.path);
  const [scenario] = result.scenarios;
  if (!scenario) throw new Error(`${name} has no result`);
  return { scenario, folder, file };
}

function client({ scenario }: Run, name: string): ClientResult {
  const found = scenario.clients.find((one) => one.name === name);
  if (!found) throw new Error(`no client ${name} in ${scenario.clients.map((one) => one.name).join(', ')}`);
  return found;
}

const said = (one: ClientResult, event: string) => one.guest?.agent.find((record) => record.event === event)?.detail;
const step = (one: ClientResult, name: string) => one.steps.find((each) => each.step === name);
const uploaded = ({ file }: Run): string => join(file, '..', 'state', 'reminst', 'Images', 'Linux', 'captured.wim');

describe('a system that is captured and deployed again', () => {
  it('passes, VM by VM', () => {
    expect({
      why: redeploy.scenario.why,
      verdicts: redeploy.scenario.clients.map(({ name, verdict }) => [name, verdict]),
    }).toEqual({
      why: undefined,
      verdicts: [
        ['reference', 'passed'],
        ['capture', 'passed'],
        ['copy', 'passed'],
      ],
    });
    expect(redeploy.scenario.capture?.dropped).toBe(0);
  });

  it('is written under another name, renamed when it is whole, and measured', () => {
    const capture = client(redeploy, 'capture');
    expect(step(capture, 'image.upload')).toMatchObject({
      verdict: 'passed',
      detail: { path: 'Images\\Linux\\captured.wim', writtenAs: 'Images\\Linux\\captured.wim.partial', images: 1 },
    });
    expect(step(capture, 'smb.rename')).toMatchObject({
      verdict: 'passed',
      detail: { to: 'Images\\Linux\\captured.wim' },
    });
    const upload = capture.transfers.find(({ direction }) => direction === 'upload');
    expect(upload?.bytes).toBeGreaterThanOrEqual(Number(said(capture, 'agent.captured')?.['bytes']));
    expect(capture.phases['capture']).toBeGreaterThan(0);
  });

  it('takes the identity out of the system, and each copy makes one of its own', () => {
    expect(said(client(redeploy, 'capture'), 'agent.generalised')?.['paths']).toEqual([
      '/etc/machine-id',
      '/etc/hostname',
      '/var/log/boot.log',
    ]);
    const [first, second] = ['reference', 'copy'].map((name) => said(client(redeploy, name), 'installed.up'));
    for (const key of ['machineId', 'hostname']) {
      expect(first?.[key]).toMatch(/^[a-z0-9-]{8,}$/);
      expect(second?.[key]).not.toBe(first?.[key]);
    }
  });

  it('has the files of the reference, but for those', () => {
    const disk = client(redeploy, 'copy').guest?.disk;
    expect(disk).toMatchObject({ differences: [], bootedBySelf: true });
    expect(disk?.filesCompared).toBeGreaterThan(40);
  });

  it('is an image that wimlib verifies, with everything that a file of Linux has', async () => {
    const image = uploaded(redeploy);
    expect((await readdir(join(image, '..'))).sort()).toEqual(['captured.wim', 'sample.wim']);
    await execa('wimlib-imagex', ['verify', image]);
    const { stdout: info } = await execa('wimlib-imagex', ['info', image]);
    expect(info).toMatch(/^Image Count: +1$/m);
    expect(info).toMatch(/^Attributes: +.*Integrity info/m);
    const list = async (wim: string) =>
      (await execa('wimlib-imagex', ['dir', wim, '1', '--detailed', '--path=/srv'])).stdout.match(
        /^(Full Path|UNIX Data).*$/gm,
      );
    expect(await list(image)).toEqual(await list(join(image, '..', 'sample.wim')));
  });

  it('is decoded as tshark decodes it, uploads and renames too', { timeout: 600_000 }, async () => {
    const compared = await compareWithTshark(join(redeploy.folder, redeploy.scenario.capture?.file ?? ''));
    expect(compared.disagreements).toEqual([]);
    expect(compared.agreed['smb2.write_length']).toBeGreaterThan(20);
  });

  it.each(['redeploy', 'full'])(
    'gives the same steps when its capture is replayed: %s',
    { timeout: 300_000 },
    async (which) => {
      const { scenario, folder, file } = which === 'full' ? full : redeploy;
      const replayed = await pxewright([
        'replay',
        join(folder, scenario.capture?.file ?? ''),
        '--scenario',
        file,
        '--json',
      ]);
      const again = (JSON.parse(replayed.stdout) as Result).scenarios[0]?.clients ?? [];
      expect(again.map(({ name, steps, poweredOnMs }) => ({ name, steps, poweredOnMs }))).toEqual(
        scenario.clients.map(({ name, steps, poweredOnMs }) => ({ name, steps, poweredOnMs })),
      );
    },
  );
});

describe('a capture that its store has no room for', () => {
  it('fails by name, as the scenario expects', () => {
    expect({ why: full.scenario.why, verdict: full.scenario.verdict }).toEqual({ why: undefined, verdict: 'passed' });
    expect(client(full, 'capture').steps.find(({ verdict }) => verdict === 'failed')).toMatchObject({
      step: 'image.upload',
      cause: 'server-disk-full',
      actual: 'STATUS_DISK_FULL',
    });
  });

  it('is told by the agent, and leaves no image', () => {
    expect(said(client(full, 'capture'), 'agent.result')).toMatchObject({
      ok: false,
      stage: 'capture',
      error: expect.stringMatching(/^writing Images\\Linux\\captured\.wim to .*No space left on device/) as string,
    });
    expect(step(client(full, 'capture'), 'smb.rename')).toBeUndefined();
  });

  it('leaves the services to the next one, who may only read and is told so', () => {
    const reader = client(full, 'reader');
    expect(reader.steps.find(({ verdict }) => verdict === 'failed')).toMatchObject({
      step: 'smb.open',
      cause: 'access-denied',
    });
    expect(said(reader, 'agent.result')).toMatchObject({
      ok: false,
      error: expect.stringContaining('as SYSTEM\\operateur: Permission denied') as string,
    });
  });
});
