import { execa } from 'execa';
import { mkdir, mkdtemp, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { wimTree } from '../comparison/wim-tree.ts';
import { replaceLargeFile, SAMPLE_TIME_S } from '../recipes/images-linux-sample.ts';

// File systems in files, without root and without a mount. Ids and times are fixed, so that a bundle is the same each time.

/** Times that a file system's maker would take from the clock. The older name is that of e2fsprogs before 1.47.1. */
const FIXED_TIME = {
  SOURCE_DATE_EPOCH: String(SAMPLE_TIME_S),
  E2FSPROGS_FAKE_TIME: String(SAMPLE_TIME_S),
  TZ: 'UTC',
} as const;
const MIB = 2 ** 20;

const TYPE_BITS: Readonly<Record<string, number>> = { file: 0o100000, folder: 0o040000, link: 0o120000 };

interface FileSystem {
  readonly file: string;
  readonly mebibytes: number;
  /** A UUID; eight hexadecimal digits for FAT. */
  readonly id: string;
}

interface SystemFileSystem extends FileSystem {
  /** Of the image's large file, as it is on this disk. */
  readonly randomMiB: number;
}

/** The sample system has some 50 files. mke2fs' default, one for every 4 KiB, makes 16 MiB of tables, which a backup reads, too. */
const INODES = 4096;

/** An ext4 with the sample image in it, as agent/lib/disk.sh makes it and fills it, but for the size of its large file. */
export async function systemFileSystem(
  { file, mebibytes, id, randomMiB }: SystemFileSystem,
  wim: string,
  scratch: string,
): Promise<void> {
  const folder = await mkdtemp(path.join(scratch, 'system-'));
  const tree = path.join(folder, 'tree');
  // Only root may give files away: owners and permissions are set on the file system.
  await execa('wimlib-imagex', ['apply', wim, '1', tree, '--norpfix', '--quiet']);
  const { large, smaller } = await replaceLargeFile(tree, randomMiB);
  await execa(
    'mke2fs',
    [
      ...[
        '-q',
        '-F',
        '-t',
        'ext4',
        '-O',
        '^64bit,^metadata_csum',
        '-J',
        'size=4',
        '-N',
        String(INODES),
        '-L',
        'system',
        '-U',
        id,
      ],
      ...['-E', `nodiscard,lazy_itable_init=1,hash_seed=${id}`, '-d', tree, file, `${mebibytes}M`],
    ],
    { env: FIXED_TIME },
  );
  const entries = [...(await wimTree(wim, {}, [], folder))];
  const commands = entries.flatMap(([name, { type, mode = 0, owner = '0:0' }]) => {
    const [uid, gid] = owner.split(':');
    const fields = [`mode 0${((TYPE_BITS[type] ?? 0) | mode).toString(8)}`, `uid ${uid ?? ''}`, `gid ${gid ?? ''}`];
    const file = name === `/${large}` ? `/${smaller}` : name;
    return fields.map((field) => `set_inode_field "${file}" ${field}\n`);
  });
  // debugfs exits with 0 whatever happened, and says on standard error what did not.
  const { stderr } = await execa('debugfs', ['-w', '-f', '-', file], { input: commands.join(''), env: FIXED_TIME });
  const trouble = stderr.split('\n').filter((line) => !/^debugfs \d/.test(line) && line !== '');
  if (trouble.length > 0) throw new Error(`setting owners and permissions in ${file}: ${trouble.join('; ')}`);
}

/** A swap area. */
export async function swapArea({ file, mebibytes, id }: FileSystem): Promise<void> {
  await emptyFile(file, mebibytes);
  await execa('mkswap', ['--quiet', '--label', 'swap', '--uuid', id, file]);
}

/** The EFI system partition with these files, by their paths on it. */
export async function efiPartition(
  { file, mebibytes, id }: FileSystem,
  files: Readonly<Record<string, Uint8Array>>,
  scratch: string,
): Promise<void> {
  const tree = await mkdtemp(path.join(scratch, 'esp-'));
  const places = new Set<string>();
  for (const [name, data] of Object.entries(files)) {
    const place = path.join(tree, name);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, data);
    await utimes(place, SAMPLE_TIME_S, SAMPLE_TIME_S);
    for (let above = path.dirname(name); above !== '.'; above = path.dirname(above)) places.add(above);
  }
  await emptyFile(file, mebibytes);
  await execa('mkfs.fat', ['-F', '32', '-n', 'ESP', '-i', id, file], { env: FIXED_TIME });
  const folders = [...places].toSorted().map((place) => `::/${place}`);
  await execa('mmd', ['-i', file, ...folders], { env: FIXED_TIME });
  for (const name of Object.keys(files).toSorted())
    await execa('mcopy', ['-m', '-i', file, path.join(tree, name), `::/${name}`], { env: FIXED_TIME });
}

async function emptyFile(file: string, mebibytes: number): Promise<void> {
  await writeFile(file, '');
  await truncate(file, mebibytes * MIB);
}
