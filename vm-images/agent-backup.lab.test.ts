import { execa } from 'execa';
import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBundles } from './index.ts';
import { pseudoRandomBytes } from './pseudo-random.ts';

// The programs of the initramfs save and restore file systems with nothing of the host but its kernel: what they need of
// libraries and folders is in the initramfs.

const MIB = 1024 * 1024;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-agent-backup-'));
  const bundle = (await ensureBundles(['agent-backup'])).get('agent-backup');
  const image = path.join(bundle?.folder ?? '', 'backup.img');
  await execa('sh', ['-c', 'zstd -qdc "$1" | cpio -idm --quiet', 'unpack', image], { cwd: root });
  for (const folder of ['dev', 'proc', 'run', 'bin', 'tmp']) await mkdir(path.join(root, folder), { recursive: true });
  await cp('/bin/busybox', path.join(root, 'bin', 'sh'));
  await writeFile(path.join(root, 'run', 'content'), pseudoRandomBytes('backup', MIB / 2));
  await inInitramfs('restic init -q');
}, 600_000);
afterAll(() => rm(root, { recursive: true, force: true }));

/** Runs shell code with the initramfs as the root of a namespace of its own; its standard output. */
async function inInitramfs(code: string): Promise<string> {
  const namespace = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const script =
    'mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && exec chroot "$1" /bin/sh -c "set -eo pipefail; $2"';
  const { stdout } = await execa(
    'unshare',
    [...namespace, '--mount', '--pid', '--fork', 'sh', '-c', script, 'test', root, code],
    {
      env: {
        RESTIC_PASSWORD: 'secret',
        RESTIC_REPOSITORY: '/run/store',
        HOME: '/tmp',
        PATH: '/usr/sbin:/usr/bin:/bin',
      },
    },
  );
  return stdout;
}

/** Makes a file system of 40 MiB in `file`, with one file of half a MiB where the tools of the host can write one. */
async function makeFileSystem(kind: 'extfs' | 'fat' | 'ntfs', file: string): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, '');
  await truncate(file, 40 * MIB);
  const content = path.join(root, 'run', 'content');
  if (kind === 'extfs') {
    await execa('mkfs.ext4', ['-q', file]);
    await execa('debugfs', ['-w', '-R', `write ${content} content`, file]);
  } else if (kind === 'ntfs') {
    await execa('mkntfs', ['--quiet', '--quick', '--force', file]);
    await execa('ntfscp', ['--quiet', file, content, 'content']);
  } else await execa('busybox', ['mkdosfs', file]);
}

describe('the initramfs for backup and restore', () => {
  it.concurrent.each(['extfs', 'fat', 'ntfs'] as const)('saves and restores %s', { timeout: 60_000 }, async (kind) => {
    const disk = path.join(root, 'run', kind);
    await makeFileSystem(kind, disk);
    // There already, as a partition is: on a file that is not, partclone fails now and then (2 of 25 times, "open error(2)").
    const restored = path.join(root, 'run', `${kind}.restored`);
    await writeFile(restored, '');
    await inInitramfs(`
      restic backup -q --stdin-filename ${kind} --stdin-from-command -- \
        partclone.${kind} -q -f 1 -L /run/${kind}.log -a 0 -c -s /run/${kind} -o -
      restic dump --path /${kind} latest ${kind} |
        partclone.restore -q -f 1 -L /run/${kind}.log -C -s - -O /run/${kind}.restored`);
    await truncate(restored, 40 * MIB);
    const [before, after] = [await readFile(disk), await readFile(restored)];
    // The copy of NTFS's boot sector lies behind its last cluster, where partclone does not look (decision 193).
    if (kind === 'ntfs') before.copy(after, after.length - 512, 0, 512);
    expect(after.equals(before)).toBe(true);
  });

  it('divides a disk, and grows a file system', { timeout: 60_000 }, async () => {
    const disk = path.join(root, 'run', 'disk');
    await makeFileSystem('extfs', disk);
    await truncate(disk, 80 * MIB);
    const grown = await inInitramfs('e2fsck -fp /run/disk >/run/messages; resize2fs /run/disk 2>&1');
    expect(grown).toContain('/run/disk is now 81920 (1k) blocks long');
    const { stdout } = await execa('debugfs', ['-R', 'cat content', disk], { encoding: 'buffer' });
    expect(Buffer.from(stdout).equals(await readFile(path.join(root, 'run', 'content')))).toBe(true);
    await makeFileSystem('ntfs', disk);
    await truncate(disk, 80 * MIB);
    expect(await inInitramfs('ntfsresize -i -f /run/disk')).toMatch(/Current device size: 83886080/);
    expect(await inInitramfs('echo , | sfdisk -q /run/disk --label gpt; sfdisk -d /run/disk')).toContain('label: gpt');
  });
});
