import { execa } from 'execa';
import { cp, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeDisk, makeStore, writeBackup } from '../backup-store/testing/written-backup.ts';

// What surrounds the verbs of the catalogue's program: passwords, outputs that cannot be written, a store that is damaged.

const PROGRAM = path.join(import.meta.dirname, '../backups.ts');
const FIRST = '20261126T100000Z';
const SECOND = '20261127T100000Z';

let root: string;
const inRoot = (...names: string[]): string => path.join(root, ...names);
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-backups-command-'));
  await mkdir(inRoot('tree'));
  await execa('dd', ['if=/dev/urandom', `of=${inRoot('tree', 'random')}`, 'bs=1M', 'count=2', 'status=none']);
  await execa('truncate', ['-s', '8M', inRoot('ext4')]);
  await execa('mkfs.ext4', ['-q', '-d', inRoot('tree'), inRoot('ext4')]);
  await makeDisk(inRoot('disk'), 'gpt', [{ file: inRoot('ext4') }]);
  const store = await makeStore(inRoot('store'));
  for (const id of [FIRST, SECOND]) await writeBackup(store, { client: 'pc', id, disk: inRoot('disk') });
}, 60_000);
afterAll(() => rm(root, { recursive: true }));

/** The program in a shell, which makes pipes and redirections. `$S` is the store. */
async function shell(command: string, store = inRoot('store')) {
  const { exitCode, stdout, stderr } = await execa(
    'bash',
    ['-c', `backups() { ${process.execPath} ${PROGRAM} backups "$@"; }; ${command}`],
    { reject: false, env: { S: `--store=${store}`, RESTIC_PASSWORD: 'secret', ROOT: root } },
  );
  return { exitCode, stdout, stderr };
}

it('takes a password from a pipe, and from a file that was written on Windows', async () => {
  await writeFile(inRoot('windows'), '\uFEFFsecret\r\n');
  for (const file of ['<(echo secret)', '"$ROOT/windows"']) {
    const { exitCode, stdout } = await shell(`unset RESTIC_PASSWORD; backups list $S --password-file ${file}`);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(SECOND)]);
  }
});

it.each([
  [
    'backups list $S --password-file /dev/null',
    /^--password-file: expected a password in the first line of \/dev\/null/,
  ],
  ['RESTIC_PASSWORD= backups list $S', /^RESTIC_PASSWORD: expected a password, got nothing$/],
  ['backups prune $S --retry-lock 99999999999999999w', /expected an age such as 90m, 12h, 7d or 4w/],
])('%s is refused by what is wrong with it', async (command, message) => {
  const { exitCode, stderr } = await shell(command);
  expect([exitCode, stderr]).toEqual([3, expect.stringMatching(message)]);
});

it('fails when what it prints cannot be written, and not when its reader has seen enough', async () => {
  for (const json of ['', '--json'])
    expect(await shell(`backups list $S ${json} > /dev/full`)).toMatchObject({
      exitCode: 2,
      stderr: 'standard output: ENOSPC: no space left on device, write',
    });
  const head = await shell('set -o pipefail; backups extract pc 1 /random $S --to - | head -c 10 | wc -c');
  expect(head).toEqual({ exitCode: 0, stdout: '10', stderr: '' });
});

it('lists what a store has, also where files beside it are damaged, and names these', async () => {
  const folder = inRoot('beside');
  await cp(inRoot('store'), folder, { recursive: true });
  await mkdir(path.join(folder, 'pxewright'), { recursive: true });
  for (const file of ['verified.json', 'schedule.json']) await writeFile(path.join(folder, 'pxewright', file), '{');
  const { exitCode, stdout, stderr } = await shell('backups list $S', folder);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining(SECOND)]);
  expect(stderr).toMatch(/verified\.json: expected JSON/);
  expect(stderr).toMatch(/schedule\.json: expected JSON/);
  expect(await shell('backups show pc $S', folder)).toMatchObject({ exitCode: 0 });
  // What only the schedule can say is an error.
  expect(await shell('backups list --overdue $S', folder)).toMatchObject({ exitCode: 3, stdout: '' });
});

it('says of a damaged store what is missing, and what prune had removed by then', async () => {
  const indexless = inRoot('indexless');
  await cp(inRoot('store'), indexless, { recursive: true });
  await rm(path.join(indexless, 'index'), { recursive: true });
  await mkdir(path.join(indexless, 'index'));
  const { exitCode, stderr } = await shell('backups prune --keep-last 1 $S', indexless);
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/: id [0-9a-f]{64} not found in repository/)]);

  const packless = inRoot('packless');
  await cp(inRoot('store'), packless, { recursive: true });
  const packs = await readdir(path.join(packless, 'data'), { recursive: true, withFileTypes: true });
  const files = packs.filter((one) => one.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
  const sizes = await Promise.all(files.map(async (file) => ({ file, size: (await stat(file)).size })));
  const [largest] = sizes.toSorted((one, other) => other.size - one.size);
  await rm(largest?.file ?? '');
  expect(await shell('backups prune --keep-last 1 $S', packless)).toMatchObject({
    exitCode: 1,
    stderr: `${packless}: packs from index missing in repo; removed before that: pc/${FIRST}; their data stay until a prune comes to its end`,
  });
});
