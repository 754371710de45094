import { execa } from 'execa';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeStore, writeBackup, type TestStore } from '../backup-store/testing/written-backup.ts';

// Where `extract` writes, and what it says when it cannot: a disk that is one ext4, a backup of it, and one of a client that has a path for
// a name.

const PROGRAM = path.join(import.meta.dirname, '../backups.ts');
const ID = '20261126T100000Z';
const STRANGER = '../../../outside';

let root: string;
let store: TestStore;
const inRoot = (...names: string[]): string => path.join(root, ...names);

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-extract-'));
  await mkdir(inRoot('tree'));
  await writeFile(inRoot('tree', 'letter'), 'Dear Sir\n');
  await execa('truncate', ['-s', '2M', inRoot('disk')]);
  await execa('mkfs.ext4', ['-q', '-d', inRoot('tree'), inRoot('disk')]);
  store = await makeStore(inRoot('store'));
  const manifest = await writeBackup(store, { client: 'pc', id: ID, disk: inRoot('disk') });
  await mkdir(inRoot('list'));
  await writeFile(inRoot('list', 'backup.json'), JSON.stringify(manifest));
  const tags = ['--tag', `backup=${ID}`, '--tag', 'manifest'];
  await execa('restic', ['--no-cache', 'backup', '--quiet', '--host', STRANGER, ...tags, inRoot('list')], {
    env: { RESTIC_REPOSITORY: store.folder, RESTIC_PASSWORD: store.password },
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function extract(...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [PROGRAM, 'backups', 'extract', ...args, `--store=${store.folder}`],
    { reject: false, env: { RESTIC_PASSWORD: store.password } },
  );
  return { exitCode, stdout, stderr };
}

it.concurrent('puts nothing beside the image share, whatever the store calls a client', async () => {
  await mkdir(inRoot('a', 'b', 'share'), { recursive: true });
  const share = ['--to-share', `--share=${inRoot('a', 'b', 'share')}`];
  expect(await extract(`${STRANGER}/${ID}`, '0', '/letter', ...share)).toEqual({
    exitCode: 3,
    stdout: '',
    stderr: `--to-share: expected a backup whose client has a name of letters, digits, dots, hyphens and underscores, got "${STRANGER}"; --to FOLDER takes its files`,
  });
  expect(await readdir(inRoot('a'), { recursive: true })).toEqual(['b', 'b/share']);
  expect(await extract(`${STRANGER}/${ID}`, '0', '/letter', '--to', inRoot('taken'))).toMatchObject({ exitCode: 0 });
  expect(await readFile(inRoot('taken', 'letter'), 'utf8')).toBe('Dear Sir\n');
});

it.concurrent('follows no link out of the image share', async () => {
  await mkdir(inRoot('linked'));
  await mkdir(inRoot('elsewhere'));
  await symlink(inRoot('elsewhere'), inRoot('linked', 'Recovered'));
  expect(await extract('pc', '0', '/letter', '--to-share', `--share=${inRoot('linked')}`)).toEqual({
    exitCode: 3,
    stdout: '',
    stderr: '--to-share: expected folders on the image share, got Recovered, which is none',
  });
  expect(await readdir(inRoot('elsewhere'))).toEqual([]);
});

it.concurrent('says what it expected of --to', async () => {
  await writeFile(inRoot('file'), '');
  for (const [to, why] of [
    ['file', 'EEXIST'],
    ['file/below', 'ENOTDIR'],
  ] as const) {
    const { exitCode, stdout, stderr } = await extract('pc', '0', '/letter', '--to', inRoot(to));
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(`expected a folder that can be written to, got ${inRoot(to)}: ${why}`);
  }
});
