import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { beginJob, readJobs } from './job-log.ts';

let store: string;
const log = (): string => path.join(store, 'pxewright', 'jobs.jsonl');
beforeEach(async () => {
  store = await mkdtemp(path.join(tmpdir(), 'pxewright-jobs-'));
});
afterEach(() => rm(store, { recursive: true, force: true }));

it('has nothing where nothing was attempted', async () => {
  expect(await readJobs(store)).toEqual({ jobs: [], damagedLines: 0 });
});

it('tells a job while it runs, and what came of it', async () => {
  const job = await beginJob(store, { kind: 'backup', by: 'agent', client: 'pc' });
  expect((await readJobs(store)).jobs).toMatchObject([{ kind: 'backup', client: 'pc', outcome: 'running' }]);
  await job.end({ outcome: 'failed', reason: 'the store is full' });
  const { jobs } = await readJobs(store);
  expect(jobs).toMatchObject([{ client: 'pc', by: 'agent', outcome: 'failed', reason: 'the store is full' }]);
  expect(Date.parse(jobs[0]?.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(jobs[0]?.beganAt ?? ''));
  expect(await readdir(path.join(store, 'pxewright', 'running'))).toEqual([]);
});

it('tells a job whose process was killed as interrupted', async () => {
  const program = `
    import { beginJob } from ${JSON.stringify(path.join(import.meta.dirname, 'job-log.ts'))};
    await beginJob(${JSON.stringify(store)}, { kind: 'verify', by: 'command' });
    process.stdout.write('begun');
    setInterval(() => undefined, 60_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  expect((await readJobs(store)).jobs).toMatchObject([{ kind: 'verify', outcome: 'running' }]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect((await readJobs(store)).jobs).toMatchObject([
    { kind: 'verify', outcome: 'interrupted', reason: 'whoever did it is gone' },
  ]);
});

it('passes over what is no job, and half a line does not swallow the next one', async () => {
  await (await beginJob(store, { kind: 'prune', by: 'command' })).end({ outcome: 'done', bytes: 5 });
  await appendFile(log(), '{"job":"x"}\n\u0000\n[]\n{"job":"2026');
  await (await beginJob(store, { kind: 'verify', by: 'command' })).end({ outcome: 'done' });
  const { jobs, damagedLines } = await readJobs(store);
  expect(jobs.map(({ kind, outcome }) => [kind, outcome])).toEqual([
    ['verify', 'done'],
    ['prune', 'done'],
  ]);
  expect(damagedLines).toBe(4);
});

it('forgets the older half of a log that has grown long', async () => {
  const one = await beginJob(store, { kind: 'verify', by: 'command' });
  await appendFile(log(), 'x'.repeat(5 * 2 ** 20));
  await one.end({ outcome: 'done' });
  expect((await readFile(log())).length).toBeLessThan(2 * 2 ** 20 + 1000);
  expect((await readJobs(store)).jobs).toMatchObject([{ outcome: 'done' }]);
});

it('writes through no link', async () => {
  const other = path.join(store, 'other');
  await writeFile(other, 'untouched');
  await mkdir(path.dirname(log()));
  await symlink(other, log());
  await expect(beginJob(store, { kind: 'verify', by: 'command' })).rejects.toThrow(/ELOOP/);
  await rm(log());
  await writeFile(log(), 'x'.repeat(5 * 2 ** 20));
  await symlink(other, `${log()}.new`);
  await (await beginJob(store, { kind: 'verify', by: 'command' })).end({ outcome: 'done' });
  expect((await readFile(log())).length).toBeLessThan(3 * 2 ** 20);
  expect(await readFile(other, 'utf8')).toBe('untouched');
});
