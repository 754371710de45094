import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../reports/testing/temporary-folder.ts';

// The agent's own shell code, in the boot image's shell, with folders in place of the share and of the disk.

const SCRIPT = path.join(import.meta.dirname, 'agent', 'lib', 'recover.sh');
const TEXTS = { 'etc/hostname': 'pc\n', 'home/a folder/letter': 'dear\n', 'home/b': 'b' };
const ID = '20261128T111500Z';

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let share: string;
let target: string;
beforeEach(async () => {
  root = await temporaryFolder();
  share = path.join(root.path, 'share');
  target = path.join(root.path, 'target');
  await mkdir(path.join(target, 'etc'), { recursive: true });
  await mkdir(share);
});
afterEach(() => root[Symbol.asyncDispose]());

/** Puts files on the share as they are recovered, and their list. */
async function onShare(id: string, texts: Readonly<Record<string, string>> = TEXTS): Promise<string> {
  const folder = path.join(share, 'Recovered', 'pc', id);
  const lines: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    const file = path.join(folder, 'partition-1', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    lines.push(`${createHash('sha256').update(text).digest('hex')}  partition-1/${name}\n`);
  }
  await writeFile(path.join(folder, 'partition-1.sha256'), `${lines.join('')}# files: ${lines.length}\n`);
  return folder;
}

const FOLDER = path.dirname(SCRIPT);

/** What the agent does with these options. */
function agent(command: string, options: { readonly paths: string; readonly backup?: string }) {
  const script = `
    . ${FOLDER}/events.sh; . ${SCRIPT}
    SHARE=${share} TARGET=${target} RECOVER_ALL=${root.path}/all RECOVER_LIST=${root.path}/list
    option_backupof=pc option_backup=\${BACKUP} option_paths=\${PATHS} disk_partition=/dev/vda1
    screen_stage() { :; }
    fail() { echo "failed: $2"; exit 1; }
    set -f
    ${command}`;
  const env = { ...process.env, PATHS: options.paths, BACKUP: options.backup ?? 'latest' };
  const { status, stdout, stderr } = spawnSync('busybox', ['sh', '-c', script], { env, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}`.trim() };
}

const look = (paths: string, backup?: string) =>
  agent('recover_look && echo "$recover_id"', { paths, ...(backup === undefined ? {} : { backup }) });
const copy = (paths: string) =>
  agent('recover_look && recover_copy && echo "$recover_files files, $recover_bytes bytes, [$recover_told]"', {
    paths,
  });

describe('what is wanted', () => {
  it('is not there before all of it is', async () => {
    expect(look('/etc/hostname').status).not.toBe(0);
    const folder = await onShare(ID);
    expect(look('/etc/hostname\n/home/')).toEqual({ status: 0, said: ID });
    expect(look('/etc/hostname\n/home/c').status).not.toBe(0);
    expect(look('/hom').status).not.toBe(0);
    await rename(path.join(folder, 'partition-1.sha256'), path.join(folder, 'partition-1.sha256.partial'));
    expect(look('/etc/hostname').status).not.toBe(0);
  });

  it('is not there in a list of which a part was read', async () => {
    const list = path.join(await onShare(ID), 'partition-1.sha256');
    const whole = await readFile(list);
    // A line that is cut, lines that are missing, and a number that is.
    const [lines, line] = [whole.lastIndexOf('#'), whole.indexOf('\n')];
    for (const bytes of [0, 66, line, line + 1, lines - 2, lines, lines + 1, whole.length - 2]) {
      await writeFile(list, whole.subarray(0, bytes));
      expect([bytes, look('/etc').status]).toEqual([bytes, 1]);
    }
    await writeFile(list, whole.subarray(0, -1));
    expect(look('/etc').said).toBe(ID);
  });

  it('is of the newest backup that has it, or of the one with that id', async () => {
    await onShare(ID);
    await onShare('20261129T111500Z', { 'etc/hostname': 'new\n' });
    expect(look('/etc/hostname').said).toBe('20261129T111500Z');
    expect(look('/home').said).toBe(ID);
    expect(look('/etc/hostname', ID).said).toBe(ID);
    expect(look('/home', '20261129T111500Z').status).not.toBe(0);
  });
});

describe('files that are recovered', () => {
  it('get to the paths that they had, and keep permissions where they replace one', async () => {
    await onShare(ID);
    await writeFile(path.join(target, 'etc', 'hostname'), 'another\n');
    await chmod(path.join(target, 'etc', 'hostname'), 0o4754);
    const { status, said } = copy('/etc/hostname\n/home');
    expect(status).toBe(0);
    const [, files, list = ''] = /^(3 files, 9 bytes), (\[.*\])$/.exec(said) ?? [];
    expect(files).toBe('3 files, 9 bytes');
    expect(JSON.parse(list)).toMatchObject([
      { path: '/etc/hostname', sha256: createHash('sha256').update('pc\n').digest('hex') },
      { path: '/home/a folder/letter' },
      { path: '/home/b' },
    ]);
    for (const [name, text] of Object.entries(TEXTS))
      expect(await readFile(path.join(target, name), 'utf8')).toBe(text);
    const modeOf = async (name: string): Promise<number> => (await lstat(path.join(target, name))).mode & 0o7777;
    expect(await modeOf('etc/hostname')).toBe(0o754);
    expect(await modeOf('home/b')).toBe(0o600);
    expect(await modeOf('home/a folder')).toBe(0o700);
    expect(execFileSync('find', [target, '-name', '*.partial'], { encoding: 'utf8' })).toBe('');
  });

  it('go through no link of the disk, and take no folder’s place', async () => {
    await onShare(ID);
    const elsewhere = path.join(root.path, 'elsewhere');
    await mkdir(elsewhere);
    await symlink(elsewhere, path.join(target, 'home'));
    expect(copy('/home').said).toBe(
      'failed: /home/a folder/letter: /home on the disk is a link; recover it by the path to which that leads',
    );
    expect(execFileSync('ls', [elsewhere], { encoding: 'utf8' })).toBe('');
    await symlink(path.join(elsewhere, 'x'), path.join(target, 'etc', 'hostname'));
    expect(copy('/etc/hostname').said).toMatch(/is a link on the disk/);
    await mkdir(path.join(target, 'b'));
    await onShare(ID, { b: 'b', '../c': 'c' });
    expect(copy('/b').said).toBe('failed: /b: is a folder on the disk');
    expect(copy('/../c').said).toBe('failed: /../c: its path leads elsewhere');
  });

  it('leave the old file when they cannot be read', async () => {
    const folder = await onShare(ID);
    await writeFile(path.join(target, 'etc', 'hostname'), 'old\n');
    await rename(path.join(folder, 'partition-1', 'etc'), path.join(folder, 'partition-1', 'gone'));
    expect(copy('/etc/hostname').said).toMatch(/^failed: \/etc\/hostname: cp: can't stat .*No such file/);
    expect(await readFile(path.join(target, 'etc', 'hostname'), 'utf8')).toBe('old\n');
  });
});
