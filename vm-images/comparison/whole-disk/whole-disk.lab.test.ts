import { execa } from 'execa';
import { copyFile, mkdir, mkdtemp, open, readFile, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setAttributes } from '../testing/wim-attributes.ts';
import { pseudoRandomBytes } from '../../pseudo-random.ts';
import { compareWholeDisks, type ComparedWholeDisk } from './whole-disk.ts';

const MIB = 2 ** 20;
/** Partitions in MiB: where each begins and how large it is. */
const PARTS = { esp: [1, 4], system: [5, 16], swap: [21, 1], data: [22, 1], windows: [23, 16] } as const;
const DISK_MIB = 40;
const TABLE = [
  'label: gpt',
  'label-id: 3B1E0D8A-6C52-4F97-8E14-70786557AB00',
  ...Object.keys(PARTS).map((name, index) => {
    const type = {
      esp: 'U',
      system: 'L',
      swap: 'S',
      data: '9FDA6C50-8A0F-4E6B-9B1C-2D3E4F506172',
      windows: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
    }[name];
    return `size=${PARTS[name as keyof typeof PARTS][1]}MiB, type=${type ?? ''}, uuid=3B1E0D8A-6C52-4F97-8E14-70786557AB0${index + 1}, name="${name}"`;
  }),
  '',
].join('\n');

let work: string;
/** The disk that everything is compared with; never changed. */
let original: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-whole-'));
  original = path.join(work, 'original.raw');
  await writeFile(original, '');
  await truncate(original, DISK_MIB * MIB);
  await execa('sfdisk', ['--quiet', original], { input: TABLE });
  // A boot loader's code: in the first sector, and behind the table.
  await patch(original, 0, Buffer.from('boot code'));
  await patch(original, 0x8000, Buffer.from('core of a boot loader'));
  const tree = path.join(work, 'tree');
  await mkdir(path.join(tree, 'folder', 'deep'), { recursive: true });
  await writeFile(path.join(tree, 'folder', 'deep', 'random'), pseudoRandomBytes('whole', 100_000));
  await writeFile(path.join(tree, 'folder', 'a long name – ü.txt'), 'text\n');
  await writeFile(path.join(tree, 'empty'), '');
  await utimes(path.join(tree, 'empty'), 1_338_508_800, 1_338_508_800);
  await Promise.all([makeFat(tree), makeExt4(tree), makeNtfs(tree)]);
  await part('swap', (file) => execa('mkswap', ['--quiet', '--label', 'swap', file]));
  await part('data', (file) => writeFile(file, pseudoRandomBytes('data', MIB)));
}, 60_000);
afterAll(() => rm(work, { recursive: true, force: true }));

/** Makes a partition's content in a file, and lays it onto the disk. */
async function part(name: keyof typeof PARTS, make: (file: string) => Promise<unknown>): Promise<void> {
  const [at, size] = PARTS[name];
  const file = path.join(work, `${name}.part`);
  await writeFile(file, '');
  await truncate(file, size * MIB);
  await make(file);
  await putPart(original, file, at);
}

const putPart = (disk: string, file: string, atMiB: number) =>
  execa('dd', [`if=${file}`, `of=${disk}`, 'bs=1M', `seek=${atMiB}`, 'conv=notrunc', 'status=none']);

const makeFat = (tree: string) =>
  part('esp', async (file) => {
    await execa('mkfs.fat', ['-n', 'ESP', file]);
    for (const name of await readdir(tree))
      await execa('mcopy', ['-i', file, '-s', '-m', path.join(tree, name), '::/']);
  });

const makeExt4 = (tree: string) =>
  part('system', async (file) => {
    await execa('mke2fs', ['-q', '-F', '-t', 'ext4', '-L', 'system', '-d', tree, file]);
    await execa('debugfs', ['-w', '-f', '-', file], {
      input: 'ea_set /folder user.note hello\nln /empty /other-name\nsif /empty links_count 2\n',
    });
  });

const makeNtfs = (tree: string) =>
  part('windows', async (file) => {
    const wim = path.join(work, 'windows.wim');
    await execa('mkntfs', ['-q', '-F', '-Q', '-L', 'Windows', file]);
    await execa('wimlib-imagex', ['capture', tree, wim, 'w', '--compress=none', '--quiet']);
    await setAttributes(wim, 'empty', 0x26);
    await execa('wimlib-imagex', ['apply', wim, '1', file, '--quiet']);
    const stream = path.join(work, 'stream');
    await writeFile(stream, '[ZoneTransfer]\r\nZoneId=3\r\n');
    await execa('ntfscp', ['-q', '-f', '-N', 'Zone.Identifier', file, stream, 'folder/deep/random']);
  });

async function patch(file: string, at: number, bytes: Uint8Array): Promise<void> {
  await using handle = await open(file, 'r+');
  await handle.write(bytes, 0, bytes.length, at);
}

/** A copy of the disk with a change, compared with the original. */
async function changed(change: (disk: string) => Promise<unknown>): Promise<ComparedWholeDisk> {
  const disk = path.join(work, 'changed.raw');
  await copyFile(original, disk);
  await change(disk);
  return compareWholeDisks({ disk, with: original, workFolder: work });
}

/** The same with a change to one partition's content, by programs that take a file. */
const changedIn = (name: keyof typeof PARTS, change: (file: string) => Promise<unknown>) =>
  changed(async (disk) => {
    const file = path.join(work, 'change.part');
    await copyFile(path.join(work, `${name}.part`), file);
    await change(file);
    await putPart(disk, file, PARTS[name][0]);
  });
const debugfs = (file: string, ...commands: readonly string[]) =>
  execa('debugfs', ['-w', '-f', '-', file], { input: commands.map((command) => `${command}\n`).join('') });

/** Flips bits of a byte. */
async function flip(file: string, at: number, bits = 1): Promise<void> {
  const byte = (await readFile(file))[at] ?? 0;
  await patch(file, at, Uint8Array.of(byte ^ bits));
}

/** Where NTFS keeps times and attributes of a file: $STANDARD_INFORMATION, the first attribute of its record. */
async function standardInformation(file: string, name: string): Promise<number> {
  const volume = await readFile(file);
  const nameAt = volume.indexOf(Buffer.from(name, 'utf16le'), volume.indexOf('FILE0'));
  const record = volume.lastIndexOf('FILE0', nameAt);
  return record + volume.readUInt16LE(record + 20) + 24;
}

it('finds a copy equal, and says how much of each partition it compared', async () => {
  const { differences, partitions, filesCompared } = await changed(() => Promise.resolve());
  expect(differences).toEqual([]);
  expect(partitions).toMatchObject([
    { number: 1, fileSystem: 'vfat', bytes: 4 * MIB, filesCompared: 5 },
    // With the root and lost+found.
    { number: 2, fileSystem: 'ext4', bytes: 16 * MIB, filesCompared: 8 },
    { number: 3, fileSystem: 'swap', bytes: MIB, bytesCompared: 4096, filesCompared: 0 },
    { number: 4, fileSystem: 'unknown', bytes: MIB, bytesCompared: MIB, filesCompared: 0 },
    { number: 5, fileSystem: 'ntfs', bytes: 16 * MIB, filesCompared: 6 },
  ]);
  expect(filesCompared).toBe(19);
  for (const { bytesCompared, bytes, fileSystem } of partitions) {
    expect(bytesCompared).toBeGreaterThan(1000);
    if (fileSystem !== 'unknown') expect(bytesCompared).toBeLessThan(bytes / 2);
  }
  expect((await readdir(work)).filter((name) => name.startsWith('whole-'))).toEqual([]);
});

/** A difference: its path, and words that stand in what was expected and what came. */
type Told = readonly [path: string, expected: string, actual: string];

describe('each thing that is other than it was is found', () => {
  const sfdisk = (disk: string, option: string, ...args: readonly string[]) =>
    execa('sfdisk', ['--quiet', option, disk, ...args]);
  const GUID = '3B1E0D8A-6C52-4F97-8E14-70786557ABFF';
  const expectTold = (differences: ComparedWholeDisk['differences'], told: readonly Told[]): void => {
    for (const [where, expected, actual] of told)
      expect(differences).toContainEqual({
        path: where,
        expected: expect.stringContaining(expected) as string,
        actual: expect.stringContaining(actual) as string,
      });
  };

  it('in the partition table', async () => {
    const { differences } = await changed(async (disk) => {
      await sfdisk(disk, '--disk-id', GUID);
      await sfdisk(disk, '--part-uuid', '2', GUID);
      await sfdisk(disk, '--part-label', '5', 'other');
      await sfdisk(disk, '--part-type', '1', 'L');
      await sfdisk(disk, '--part-attrs', '4', 'RequiredPartition');
      await sfdisk(disk, '--delete', '3');
      // The second copy of the table.
      await flip(disk, DISK_MIB * MIB - 500);
    });
    expectTold(differences, [
      ['partition table', 'id 3B1E0D8A-6C52-4F97-8E14-70786557AB00', `id ${GUID}`],
      ['partition 2', 'uuid 3B1E0D8A-6C52-4F97-8E14-70786557AB02', `uuid ${GUID}`],
      ['partition 5', 'name windows', 'name other'],
      ['partition 1', 'type C12A7328-F81F-11D2-BA4B-00A0C93EC93B', 'type 0FC63DAF-8483-4772-8E79-3D69D8477DE4'],
      ['partition 4', 'attrs none', 'attrs RequiredPartition'],
      ['partition 3', 'a partition', 'missing'],
      ['partition table', 'no errors', 'The backup GPT table is corrupt'],
    ]);
    expect(differences).toHaveLength(7);
  });

  it('in boot code, a swap area, what nobody knows, and what is no file system any more', async () => {
    const { differences } = await changed(async (disk) => {
      await flip(disk, 0x8001);
      await flip(disk, 0);
      await flip(disk, PARTS.swap[0] * MIB + 1036);
      await flip(disk, PARTS.data[0] * MIB + 77_777);
      await flip(disk, PARTS.data[0] * MIB + 99_999);
      await patch(disk, PARTS.windows[0] * MIB + 3, Buffer.from('XXXX'));
    });
    expectTold(differences, [
      ['boot code', '0x62 at byte 0', '0x63, the first of 2 sectors that differ'],
      ['partition 3', 'at byte 1036', '0x'],
      ['partition 3', 'UUID ', 'UUID '],
      ['partition 4', 'at byte 77777', 'the first of 2 sectors that differ'],
      ['partition 5', 'file system ntfs', 'file system unknown'],
    ]);
    expect(differences).toHaveLength(5);
  });

  const RANDOM = '/folder/deep/random';
  it.each<[name: 'system' | 'esp' | 'windows', change: (file: string) => Promise<unknown>, told: readonly Told[]]>([
    [
      'system',
      async (file) => {
        await debugfs(file, 'sif /empty mode 0100600', 'sif /folder gid 7', 'sif /empty mtime_extra 4');
        await debugfs(file, `sif ${RANDOM} atime @1`, 'sif /empty flags 0x80010', 'unlink /other-name');
        await debugfs(file, 'ea_set /folder user.note hellO');
      },
      [
        ['/empty', 'mode 0644', 'mode 0600'],
        ['/folder', 'owner ', ':7'],
        ['/empty', 'changed 2012-06-01T00:00:00.000000000Z', 'changed 2012-06-01T00:00:00.000000001Z'],
        [RANDOM, 'accessed ', 'accessed 1970-01-01T00:00:01'],
        ['/empty', 'flags 0x80000', 'flags 0x80010'],
        ['/folder', 'user.note (5) = "hello"', 'user.note (5) = "hellO"'],
        ['/other-name', 'file', 'missing'],
      ],
    ],
    [
      'esp',
      async (file) => {
        await flip(file, (await readFile(file)).indexOf('text\n'));
        await execa('mattrib', ['-i', file, '+h', '::/empty']);
        await flip(file, (await readFile(file)).indexOf('EMPTY      ') + 24, 4);
      },
      [
        ['/folder/a long name – ü.txt', 'SHA-1 ', 'SHA-1 '],
        ['/empty', 'attributes archive', 'attributes hidden, archive'],
        ['/empty', 'changed 2012-06-01', 'changed 2012-06-05'],
      ],
    ],
    [
      'windows',
      async (file) => {
        await flip(file, (await readFile(file)).indexOf('[ZoneTransfer]'));
        await flip(file, (await standardInformation(file, 'empty')) + 32, 2);
        await flip(file, (await standardInformation(file, 'empty')) + 8);
        await flip(file, (await readFile(file)).indexOf(pseudoRandomBytes('whole', 64)) + 50_000);
      },
      [
        [RANDOM, 'stream Zone.Identifier of 26 bytes, SHA-1 ', 'stream Zone.Identifier of 26 bytes, SHA-1 '],
        ['/empty', 'attributes hidden, system, archive', 'attributes system, archive'],
        ['/empty', 'changed 2012-06-01T00:00:00.0000000Z', 'changed 2012-06-01T00:00:00.0000001Z'],
        [RANDOM, 'SHA-1 ', 'SHA-1 '],
      ],
    ],
  ])('in the files of %s, and by its bytes', async (name, change, told) => {
    const { differences } = await changedIn(name, change);
    const where = `partition ${Object.keys(PARTS).indexOf(name) + 1}`;
    expectTold(
      differences,
      told.map(([file, ...words]) => [`${where}: ${file}`, ...words]),
    );
    expectTold(differences, [[where, ' at byte ', '0x']]);
  });
});

it('takes no notice of what is not in use', async () => {
  const { differences } = await changed(async (disk) => {
    // Behind the files of each: nothing is near the end.
    for (const [at, size] of [PARTS.esp, PARTS.system, PARTS.swap, PARTS.windows])
      await flip(disk, (at + size) * MIB - 700_000);
  });
  expect(differences).toEqual([]);
});

describe('a larger disk', () => {
  /** The disk as a restoration to a larger one makes it: the last partition and its file system have all the room. */
  async function grown(
    disk: string,
    from: string,
    atMiB: number,
    grow: (file: string) => Promise<unknown>,
  ): Promise<void> {
    await copyFile(from, disk);
    const larger = (DISK_MIB + 24) * MIB;
    await truncate(disk, larger);
    const { stdout } = await execa('sfdisk', ['-d', from]);
    const lines = stdout
      .replaceAll(/^(last|first)-lba.*$/gm, '')
      .trimEnd()
      .split('\n');
    const last = lines.pop()?.replace(/, size= *\d+/, '') ?? '';
    await execa('sfdisk', ['--quiet', disk], { input: [...lines, last, ''].join('\n') });
    const file = path.join(work, 'grown.part');
    await execa('dd', [`if=${from}`, `of=${file}`, 'bs=1M', `skip=${atMiB}`, 'conv=sparse', 'status=none']);
    await truncate(file, larger - (atMiB + 1) * MIB);
    await grow(file);
    await putPart(disk, file, atMiB);
  }

  it('is equal when what grew holds the same files: NTFS', async () => {
    const { differences, partitions } = await changed((disk) =>
      grown(disk, original, PARTS.windows[0], (file) =>
        execa('ntfsresize', ['--force', '--force', '--no-progress-bar', file], { input: 'y\n' }),
      ),
    );
    expect(differences).toEqual([]);
    expect(partitions.map(({ largerByBytes }) => largerByBytes)).toEqual([
      ...[undefined, undefined, undefined, undefined],
      // The GPT's second copy takes the last sectors, and partitions end at a MiB.
      24 * MIB,
    ]);
    expect(partitions.at(-1)).toMatchObject({ fileSystem: 'ntfs', bytesCompared: 0, filesCompared: 6 });
  });

  it('is equal when what grew holds the same files: ext4, in an MBR', async () => {
    const mbr = path.join(work, 'mbr.raw');
    await writeFile(mbr, '');
    await truncate(mbr, DISK_MIB * MIB);
    await execa('sfdisk', ['--quiet', mbr], {
      input: 'label: dos\nlabel-id: 0x50584501\nstart=2048, type=83, size=16MiB\n',
    });
    await putPart(mbr, path.join(work, 'system.part'), 1);
    const disk = path.join(work, 'mbr-larger.raw');
    await grown(disk, mbr, 1, async (file) => {
      await execa('e2fsck', ['-fp', file], { reject: false });
      await execa('resize2fs', [file]);
    });
    const { differences, partitions } = await compareWholeDisks({ disk, with: mbr, workFolder: work });
    expect(differences).toEqual([]);
    expect(partitions).toMatchObject([{ number: 1, fileSystem: 'ext4', bytesCompared: 0, filesCompared: 8 }]);
    // Smaller than it was is never a copy.
    const back = await compareWholeDisks({ disk: mbr, with: disk, workFolder: work });
    expect(back.differences.map((one) => one.path)).toContain('disk');
  });

  it('is not equal when what grew was damaged on the way', async () => {
    const { differences } = await changed((disk) =>
      grown(disk, original, PARTS.windows[0], async (file) => {
        await execa('ntfsresize', ['--force', '--force', '--no-progress-bar', file], { input: 'y\n' });
        await flip(file, (await readFile(file)).indexOf('[ZoneTransfer]'));
      }),
    );
    expect(differences.map((one) => one.path)).toEqual(['partition 5: /folder/deep/random']);
  });
});

it('takes a disk without a table as one file system', async () => {
  const [one, other] = [path.join(work, 'bare-1'), path.join(work, 'bare-2')];
  for (const file of [one, other]) await copyFile(path.join(work, 'system.part'), file);
  expect(await compareWholeDisks({ disk: other, with: one, workFolder: work })).toMatchObject({
    differences: [],
    partitions: [{ number: 0, fileSystem: 'ext4', filesCompared: 8 }],
  });
  await debugfs(other, 'sif /empty uid 5');
  const { differences } = await compareWholeDisks({ disk: other, with: one, workFolder: work });
  expect(differences.map((difference) => difference.path)).toEqual(['disk', 'disk: /empty', 'disk: /other-name']);
});
