import { execa } from 'execa';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBundles } from './index.ts';

// Packages that the agent's own shell code installs on a target. dpkg must find them as if it had installed them.

const LIB = path.join(import.meta.dirname, 'agent', 'lib', 'packages.sh');

let work: string;
let packages: string;
let target: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-packages-'));
  packages = (await ensureBundles(['packages/sample'])).get('packages/sample')?.folder ?? '';
  target = path.join(work, 'target');
  for (const folder of ['dev', 'proc', 'bin', 'etc']) await mkdir(path.join(target, folder), { recursive: true });
  await execa('cp', ['/bin/busybox', path.join(target, 'bin', 'sh')]);
  await writeFile(path.join(target, 'etc', 'hostname'), 'PC01\n');
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** Applies a package file as the agent does, as root of a namespace of its own. */
async function apply(file: string): Promise<string> {
  // The agent keeps its scratch copy of a package below /run.
  const script = `mount -t tmpfs run /run; . "$1"; TARGET=$2; if package_apply "$3"; then echo "$package_name $package_version"; else echo "failed: $package_error"; fi`;
  const namespace = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const { stdout } = await execa('unshare', [
    ...namespace,
    '--mount',
    '--pid',
    '--fork',
    'busybox',
    'sh',
    '-c',
    script,
    'test',
    LIB,
    target,
    file,
  ]);
  return stdout;
}

const dpkgQuery = async (...args: string[]) =>
  (await execa('dpkg-query', [`--admindir=${target}/var/lib/dpkg`, ...args])).stdout;

describe('packages on top of an image', () => {
  it('are unpacked, configured on the target, and known to dpkg', async () => {
    expect(await apply(path.join(packages, 'writer_1.0_all.deb'))).toBe('writer 1.0');
    expect(await apply(path.join(packages, 'drawing_2.1_all.deb'))).toBe('drawing 2.1');
    expect(await readFile(path.join(target, 'usr/share/writer/template.txt'), 'utf8')).toBe('Dear Sir or Madam,\n');
    expect(await readFile(path.join(target, 'etc/writer.conf'), 'utf8')).toBe('licensed to PC01\n');
    expect(await dpkgQuery('-W', '-f', '${Package} ${Version} ${Status}\n')).toBe(
      'drawing 2.1 install ok installed\nwriter 1.0 install ok installed',
    );
    expect((await dpkgQuery('-L', 'writer')).split('\n')).toContain('/usr/share/writer/template.txt');
    const { stdout } = await execa('sh', [
      '-c',
      'dpkg --admindir="$1/var/lib/dpkg" --audit; dpkg --root="$1" --verify',
      'sh',
      target,
    ]);
    expect(stdout).toBe('');
  });

  it('are refused with a reason: not a package, altered, for another architecture', async () => {
    await writeFile(path.join(work, 'no.deb'), 'no archive');
    expect(await apply(path.join(work, 'no.deb'))).toMatch(/^failed: not a Debian package: /);
    expect(await apply(path.join(work, 'missing.deb'))).toBe('failed: no such file on the share');
    expect(await apply(await built('altered', 'all', 'exit 0', `${'0'.repeat(32)}  usr/share/altered`))).toBe(
      'failed: not on the disk as packed: usr/share/altered: FAILED',
    );
    expect(await apply(await built('other', 'riscv64', 'exit 0'))).toMatch(
      /^failed: it is for riscv64, this computer is \w+$/,
    );
    expect(await dpkgQuery('-W', '-f', '${Package} ')).toBe('drawing writer ');
  });

  // An ordinary user's namespace cannot bind the host's /dev, and mount says so before the script speaks.
  it.skipIf(process.getuid?.() !== 0)('are refused for a failing script, with its words', async () => {
    expect(await apply(await built('fails', 'all', 'echo out of paper; exit 3'))).toBe(
      'failed: postinst: out of paper',
    );
    expect(await dpkgQuery('-W', '-f', '${Package} ')).toBe('drawing writer ');
  });
});

async function built(name: string, architecture: string, postinst: string, md5sums = ''): Promise<string> {
  const tree = path.join(work, name);
  await mkdir(path.join(tree, 'DEBIAN'), { recursive: true });
  await writeFile(
    path.join(tree, 'DEBIAN', 'control'),
    `Package: ${name}\nVersion: 1\nArchitecture: ${architecture}\nMaintainer: nobody <nobody@localhost>\nDescription: test\n`,
  );
  await writeFile(path.join(tree, 'DEBIAN', 'postinst'), `#!/bin/sh\n${postinst}\n`, { mode: 0o755 });
  await mkdir(path.join(tree, 'usr', 'share'), { recursive: true });
  await writeFile(path.join(tree, 'usr', 'share', name), 'content\n');
  if (md5sums !== '') await writeFile(path.join(tree, 'DEBIAN', 'md5sums'), `${md5sums}\n`);
  await execa('dpkg-deb', ['--build', '--root-owner-group', '-Zxz', tree, `${tree}.deb`]);
  return `${tree}.deb`;
}
