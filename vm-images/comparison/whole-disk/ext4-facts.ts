import { execa } from 'execa';
import { mkdtemp, readlink, rm } from 'node:fs/promises';
import path from 'node:path';
import { debugfsAnswers, listExt4 } from '../ext4-tree.ts';
import { modeFacts } from '../wim-listing.ts';
import { facts, firstNames, sha1Of, timeText, type FactTree } from './file-facts.ts';

/**
 * All that an ext4 holds of its files but where their blocks are: content, owner, permissions, flags, extended attributes, hard
 * links, and the four times to the nanosecond.
 */
export async function ext4Facts(file: string, scratch: string): Promise<FactTree> {
  const listed = await listExt4(file);
  const stats = await debugfsAnswers(
    file,
    listed.map(({ inode }) => `stat <${inode}>`),
  );
  const folder = await mkdtemp(path.join(scratch, 'files-'));
  await execa('debugfs', ['-R', `rdump / ${folder}`, file], { cwd: scratch });
  const files = listed.filter(({ mode }) => modeFacts(mode).type !== 'folder');
  const others = firstNames(files.map(({ path: name, inode }) => [name, inode]));
  const tree = new Map<string, Awaited<ReturnType<typeof facts>>>();
  for (const [index, { path: name, mode, owner, size }] of listed.entries()) {
    const { type, mode: rights } = modeFacts(mode);
    const copy = path.join(folder, name);
    tree.set(
      name,
      facts(type, {
        mode: rights.toString(8).padStart(4, '0'),
        owner,
        'hard link of': others.get(name),
        target: type === 'link' ? await readlink(copy) : undefined,
        size: type === 'file' ? `${size} bytes` : undefined,
        'SHA-1': type === 'file' ? await sha1Of(copy) : undefined,
        ...statFacts(stats[index] ?? []),
      }),
    );
  }
  await rm(folder, { recursive: true, force: true });
  return tree;
}

const TIMES = { changed: 'mtime', 'status changed': 'ctime', accessed: 'atime', created: 'crtime' } as const;

/** What debugfs prints of an inode, but what a listing has and the numbers of blocks. */
function statFacts(lines: readonly string[]): Record<string, string | undefined> {
  const text = lines.join('\n');
  const found = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
  return {
    flags: found(/\bFlags: (0x[0-9a-f]+)/),
    links: found(/^Links: (\d+)/m),
    generation: found(/^Generation: (\d+)/m),
    device: found(/^Device major\/minor number: (.*)$/m),
    ...Object.fromEntries(Object.entries(TIMES).map(([name, field]) => [name, timeOf(text, field)])),
    'extended attributes': found(/^Extended attributes:\n((?: {2}.*(?:\n|$))+)/m)
      ?.trim()
      .replaceAll(/\n\s*/g, ', '),
  };
}

/** A signed number of 32 bits; above it two more bits of seconds, and nanoseconds (ext4's i_mtime and i_mtime_extra). */
function timeOf(text: string, field: string): string | undefined {
  const [, low, high = '0'] = new RegExp(`^ *${field}: 0x([0-9a-f]{8})(?::([0-9a-f]{8}))?`, 'm').exec(text) ?? [];
  if (low === undefined) return undefined;
  const extra = Number.parseInt(high, 16);
  return timeText((Number.parseInt(low, 16) | 0) + (extra & 3) * 2 ** 32, extra >>> 2, 9);
}
