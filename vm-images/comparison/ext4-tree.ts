import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readlink } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { modeFacts, type TreeEntry } from './wim-listing.ts';

const ROOT_INODE = 2;

interface Listed {
  readonly path: string;
  readonly inode: number;
  readonly mode: number;
  readonly owner: string;
  readonly size: number;
}

/**
 * Every file, folder and link of an ext4 file system, by absolute path. Needs neither root nor a mount: debugfs reads
 * the file system. `device` is a file, or `FILE?offset=BYTES`.
 */
export async function ext4Tree(device: string, scratch: string): Promise<Map<string, TreeEntry>> {
  const listed = await listExt4(device);
  const times = await modificationTimes(
    device,
    listed.map(({ inode }) => inode),
  );
  const folder = await mkdtemp(path.join(scratch, 'files-'));
  // For content alone: only root may give the copies their owners, and links get no times.
  await execa('debugfs', ['-R', `rdump / ${folder}`, device], { cwd: scratch });
  const tree = new Map<string, TreeEntry>();
  for (const { path: name, inode, mode, owner, size } of listed) {
    const copy = path.join(folder, name);
    const modifiedS = times.get(inode);
    const entry = { ...modeFacts(mode), owner, ...(modifiedS === undefined ? {} : { modifiedS }) };
    if (entry.type === 'link') tree.set(name, { ...entry, target: await readlink(copy) });
    else tree.set(name, entry.type === 'file' ? { ...entry, size, sha1: await sha1Of(copy) } : entry);
  }
  return tree;
}

/** Lists folder after folder, all of one depth at once. */
export async function listExt4(device: string): Promise<Listed[]> {
  const found: Listed[] = [];
  let folders: readonly Pick<Listed, 'path' | 'inode'>[] = [{ path: '/', inode: ROOT_INODE }];
  while (folders.length > 0) {
    const outputs = await debugfsAnswers(
      device,
      folders.map(({ inode }) => `ls -p <${inode}>`),
    );
    const entries = outputs.flatMap((lines, index) => parseFolder(lines, folders[index]?.path ?? '/'));
    // Only the root is in no other folder.
    found.push(...entries.filter(({ path: name }) => name !== '/' || found.length === 0));
    folders = entries.filter(({ path: name, mode }) => name !== '/' && modeFacts(mode).type === 'folder');
  }
  return found;
}

/** Lines `/INODE/MODE/UID/GID/NAME/SIZE/` of one folder. Its own entry is left out, unless it is the root. */
function parseFolder(lines: readonly string[], folder: string): Listed[] {
  return lines.flatMap((line) => {
    const [, inode, mode, uid, gid, name = '', size] = /^\/(\d+)\/(\d+)\/(\d+)\/(\d+)\/(.*)\/(\d*)\/$/.exec(line) ?? [];
    if (inode === undefined) {
      if (line === '') return [];
      throw new Error(
        `listing ${folder} on the disk: ${JSON.stringify(line)}, expected an entry; a name with a line break cannot be listed`,
      );
    }
    const isRoot = name === '.' && folder === '/';
    // Unused room in a folder has the inode 0.
    if (inode === '0' || name === '..' || (name === '.' && !isRoot)) return [];
    return [
      {
        path: isRoot ? '/' : path.posix.join(folder, name),
        inode: Number(inode),
        mode: Number.parseInt(mode ?? '', 8),
        owner: `${uid ?? ''}:${gid ?? ''}`,
        size: Number(size),
      },
    ];
  });
}

/** Seconds since 1970, by inode. */
async function modificationTimes(device: string, inodes: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const outputs = await debugfsAnswers(
    device,
    inodes.map((inode) => `stat <${inode}>`),
  );
  return new Map(
    outputs.flatMap((lines, index) => {
      const [, low, extra = '0'] = /^ *mtime: 0x([0-9a-f]{8})(?::([0-9a-f]{8}))?/m.exec(lines.join('\n')) ?? [];
      if (low === undefined) return [];
      // A signed number of 32 bits, and two more bits above it (ext4's i_mtime and i_mtime_extra).
      const seconds = (Number.parseInt(low, 16) | 0) + (Number.parseInt(extra, 16) & 3) * 2 ** 32;
      return [[inodes[index] ?? 0, seconds] as const];
    }),
  );
}

/** The output lines of each debugfs command, of one run for all. */
export async function debugfsAnswers(device: string, commands: readonly string[]): Promise<string[][]> {
  const { stdout } = await execa('debugfs', ['-f', '-', device], {
    input: commands.map((command) => `${command}\n`).join(''),
    maxBuffer: 1e9,
  });
  const outputs: string[][] = [];
  for (const line of stdout.split('\n')) {
    if (line === `debugfs: ${commands[outputs.length] ?? ''}`) outputs.push([]);
    else outputs.at(-1)?.push(line);
  }
  if (outputs.length !== commands.length)
    throw new Error(`debugfs answered ${outputs.length} of ${commands.length} commands on ${device}`);
  return outputs;
}

async function sha1Of(file: string): Promise<string> {
  const hash = createHash('sha1');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
