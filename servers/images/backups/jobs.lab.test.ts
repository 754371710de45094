import { execa } from 'execa';
import { appendFile, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeDisk, makeStore, writeBackup, type TestStore } from '../backup-store/testing/written-backup.ts';
import { writeSchedule } from './schedule.ts';

// What was attempted with a store, on a real one: three backups of one client, which no lab has started, and one of another that was cut.

const PROGRAM = path.join(import.meta.dirname, '../backups.ts');
const IDS = ['20261125T100000Z', '20261126T100000Z', '20261127T100000Z'] as const;
const [FIRST, SECOND, THIRD] = IDS;

let root: string;
let original: TestStore;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-jobs-'));
  await execa('truncate', ['-s', '4M', path.join(root, 'ext4')]);
  await execa('mkfs.ext4', ['-q', path.join(root, 'ext4')]);
  const disk = path.join(root, 'disk');
  await makeDisk(disk, 'dos', [{ file: path.join(root, 'ext4') }]);
  original = await makeStore(path.join(root, 'store'));
  for (const id of IDS) await writeBackup(original, { client: 'pc', id, disk });
  await writeBackup(original, { client: 'other', id: FIRST, disk, cut: true });
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** The store for one test. */
async function copied(name: string): Promise<TestStore> {
  const folder = path.join(root, name);
  await cp(original.folder, folder, { recursive: true });
  return { ...original, folder };
}

const starts = (store: TestStore, args: readonly string[]) =>
  execa(process.execPath, [PROGRAM, 'backups', ...args, `--store=${store.folder}`], {
    reject: false,
    env: { RESTIC_PASSWORD: store.password },
  });

async function backups(store: TestStore, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await starts(store, args);
  return { exitCode, stdout, stderr };
}

async function json(store: TestStore, ...args: readonly string[]): Promise<unknown> {
  const { stdout, stderr } = await backups(store, ...args, '--json');
  return JSON.parse(stdout || JSON.stringify(stderr));
}

it.concurrent('tells what strangers have saved from what they left', async () => {
  const store = await copied('strangers');
  expect(await json(store, 'list', '--jobs')).toMatchObject([
    ...[THIRD, SECOND].map((id) => ({ client: 'pc', kind: 'backup', backup: `pc/${id}`, outcome: 'done' })),
    { client: 'other', kind: 'backup', outcome: 'unfinished' },
    { client: 'pc', kind: 'backup', backup: `pc/${FIRST}`, outcome: 'done' },
  ]);
  expect((await backups(store, 'list', '--jobs', '--client', 'pc')).stdout).toMatch(
    /^BEGAN +TOOK +CLIENT +JOB +BY +BACKUP +BYTES +OUTCOME\n2026-11-27T10:00:00Z +1 min +pc +backup +- +pc\/20261127T100000Z .* done\n/,
  );
});

it.concurrent('tells commands, the newest first, and why one failed', async () => {
  const store = await copied('commands');
  const to = path.join(root, 'restored.img');
  expect(await backups(store, 'restore', `pc/${SECOND}`, '--to', to)).toMatchObject({ exitCode: 0 });
  expect(await backups(store, 'restore', 'pc', '--to', to)).toMatchObject({ exitCode: 3 });
  await backups(store, 'prune', '--keep-last', '2');
  await rm(path.join(store.folder, 'data'), { recursive: true });
  expect(await backups(store, 'verify', `pc/${THIRD}`)).toMatchObject({ exitCode: 1 });
  const jobs = (await json(store, 'list', '--jobs')) as { by?: string }[];
  expect(jobs.filter(({ by }) => by === 'command')).toMatchObject([
    { kind: 'verify', client: 'pc', outcome: 'failed', reason: `damaged: pc/${THIRD}` },
    { kind: 'prune', outcome: 'done' },
    { kind: 'restore', backup: `pc/${THIRD}`, outcome: 'failed', reason: expect.stringContaining(to) as unknown },
    { kind: 'restore', backup: `pc/${SECOND}`, outcome: 'done', bytes: 6 * 2 ** 20 },
  ]);
  expect((await backups(store, 'show', `pc/${SECOND}`)).stdout).toMatch(
    / restore +command +pc\/\d{8}T\d{6}Z +6\.0 MiB +done$/m,
  );
});

it.concurrent('prunes no store that is in use, or waits for its client', async ({ expect: own }) => {
  const store = await copied('in-use');
  const client = execa('restic', ['--no-cache', '--repo', store.folder, 'backup', '--stdin'], {
    reject: false,
    stdin: 'pipe',
    env: { RESTIC_PASSWORD: store.password },
  });
  await own.poll(() => readdir(path.join(store.folder, 'locks')), { timeout: 60_000 }).not.toEqual([]);
  own(await backups(store, 'prune', '--keep-last', '1')).toMatchObject({ exitCode: 3 });
  const waits = backups(store, 'prune', '--keep-last', '1', '--retry-lock', '1m');
  const newest = async () => ((await json(store, 'list', '--jobs')) as object[])[0];
  await own.poll(newest, { timeout: 60_000 }).toMatchObject({ kind: 'prune', outcome: 'running' });
  client.kill('SIGINT');
  own(await waits).toMatchObject({ exitCode: 0 });
  own(((await json(store, 'list', '--jobs')) as object[]).slice(0, 3)).toMatchObject([
    { kind: 'prune', by: 'command', outcome: 'done' },
    { kind: 'prune', outcome: 'skipped', reason: own.stringContaining('already locked') as unknown },
    { kind: 'backup', backup: `pc/${THIRD}` },
  ]);
});

it.concurrent('says when the next backup is due, and keeps what its schedule keeps', async () => {
  const store = await copied('scheduled');
  expect(await backups(store, 'list', '--overdue')).toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(/^--overdue: expected a store with a schedule/) as unknown,
  });
  await writeSchedule(store, { everyMs: 10 * 365 * 86_400_000, keep: { last: 2 } });
  expect((await json(store, 'list')) as object[]).toMatchObject([
    {},
    {},
    {},
    { id: THIRD, nextDueAt: '2036-11-24T10:00:00.000Z' },
  ]);
  expect((await backups(store, 'list', '--client', 'pc')).stdout).toMatch(/^pc: next backup due in \d+ w \(2036-/m);
  expect(await backups(store, 'list', '--overdue', '--client', 'pc')).toMatchObject({ exitCode: 0 });
  const late = await backups(store, 'list', '--overdue');
  expect(late).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(/^other +- +- +overdue: it has no complete one$/m) as unknown,
  });
  expect(await json(store, 'prune')).toMatchObject({
    backups: [{ client: 'other' }, { id: FIRST, outcome: 'removed' }, { id: SECOND }, { id: THIRD }],
  });
  expect(await json(store, 'prune', '--keep-last', '1', '--dry-run')).toMatchObject({
    backups: [{ client: 'other' }, { id: SECOND, outcome: 'would be removed' }, { id: THIRD, outcome: 'kept' }],
  });
});

it.concurrent('reads a log in which anybody may have written', async () => {
  const store = await copied('hostile');
  await backups(store, 'verify', '--all');
  await appendFile(
    path.join(store.folder, 'pxewright', 'jobs.jsonl'),
    `{"job":"20261128T000000Z-00000000","kind":"prune","by":"command","beganAt":"2026-11-28T00:00:00Z","outcome":"failed","reason":"\\u001b[2J"}\n{"job":\n`,
  );
  const { stdout, stderr, exitCode } = await backups(store, 'list', '--jobs');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('failed: ?[2J');
  expect(stderr).toBe('the log of jobs: 1 lines are no jobs, and were passed over');
});
