import { execa } from 'execa';
import { cp, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { ensureBundles } from '../index.ts';

const AGENT = path.join(import.meta.dirname, '..', 'agent');

/**
 * Unpacks the boot image's programs for backup and restore into the folder `root`, with the agent's scripts and `disk-agent.sh`, which
 * runs them on a file instead of a computer. BusyBox is the host's.
 */
export async function unpackDiskAgent(root: string): Promise<void> {
  for (const folder of ['dev', 'proc', 'run', 'tmp', 'bin', 'agent'])
    await mkdir(path.join(root, folder), { recursive: true });
  await cp('/bin/busybox', path.join(root, 'bin', 'busybox'));
  const { stdout } = await execa('/bin/busybox', ['--list']);
  for (const name of stdout.split('\n').filter((name) => name !== 'busybox'))
    await symlink('busybox', path.join(root, 'bin', name));
  const bundle = (await ensureBundles(['agent-backup'])).get('agent-backup');
  const image = path.join(bundle?.folder ?? '', 'backup.img');
  await execa('sh', ['-c', 'zstd -qdc "$1" | cpio -idm --quiet', 'unpack', image], { cwd: root });
  await cp(path.join(AGENT, 'lib'), path.join(root, 'agent'), { recursive: true });
  await cp(path.join(AGENT, 'json.awk'), path.join(root, 'agent', 'json.awk'));
  await cp(path.join(import.meta.dirname, 'disk-agent.sh'), path.join(root, 'agent', 'disk-agent.sh'));
}
