import { execa } from 'execa';
import { once } from 'node:events';
import { chmod, cp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { saveDisk } from '../servers/images/backups/save-disk.ts';
import { pseudoRandomBytes } from './pseudo-random.ts';
import { DiskLab, DONE, emptyFile, isSame, makeInitramfs, MIB, type RunningAgent } from './testing/disk-lab.ts';

const SECTOR = 512;
const LOSE_ANSWER = path.join(import.meta.dirname, '../harness/protocols/restic/testdata/lose-answer.py');
const CONTENT = pseudoRandomBytes('disk agent', 3 * MIB);

let scratch: string;
beforeAll(async () => {
  scratch = await makeInitramfs();
  await writeFile(path.join(scratch, 'content'), CONTENT);
}, 600_000);
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Changes a byte in the middle of a file of the store. */
async function damage(file: string): Promise<void> {
  await chmod(file, 0o600);
  const handle = await open(file, 'r+');
  try {
    await handle.write(Buffer.of(0x55), 0, 1, Math.floor((await handle.stat()).size / 2));
  } finally {
    await handle.close();
  }
}

/** Makes a file system with CONTENT in it, or a swap area. */
async function makeFileSystem(kind: 'ext4' | 'ntfs' | 'vfat' | 'swap', file: string, bytes: number): Promise<void> {
  await emptyFile(file, bytes);
  const content = path.join(scratch, 'content');
  if (kind === 'ext4') {
    await execa('mkfs.ext4', ['-q', file]);
    await execa('debugfs', ['-w', '-R', `write ${content} content`, file]);
  } else if (kind === 'ntfs') {
    await execa('mkntfs', ['--quiet', '--quick', '--force', file]);
    await execa('ntfscp', ['--quiet', file, content, 'content']);
  } else await execa('busybox', [kind === 'vfat' ? 'mkdosfs' : 'mkswap', file]);
}

/** Divides a file as sfdisk is told, and fills its first MiB behind the table like a boot loader. */
async function makeDisk(file: string, bytes: number, table: readonly string[]): Promise<string> {
  await emptyFile(file, bytes);
  await execa('sfdisk', ['--quiet', file], { input: `${table.join('\n')}\n` });
  const boot = pseudoRandomBytes('boot code', MIB);
  const gap = table[0] === 'label: gpt' ? 34 : 1;
  await place(file, boot.subarray(0, 440), 0);
  await place(file, boot.subarray(gap * SECTOR), gap);
  return file;
}

/** Writes bytes, or a file, to a file from a sector on. */
async function place(file: string, content: Uint8Array | string, sector: number): Promise<void> {
  const from = typeof content === 'string' ? [`if=${content}`] : [];
  const options = typeof content === 'string' ? {} : { input: content };
  await execa(
    'dd',
    [...from, `of=${file}`, `bs=${SECTOR}`, `seek=${sector}`, 'conv=notrunc', 'iflag=fullblock', 'status=none'],
    options,
  );
}

/** A piece of a disk as a file of its own. */
async function piece(disk: string, startSector: number, sectors: number): Promise<string> {
  const file = `${disk}.${startSector}`;
  await execa('dd', [
    `if=${disk}`,
    `of=${file}`,
    `bs=${SECTOR}`,
    `skip=${startSector}`,
    `count=${sectors}`,
    'status=none',
  ]);
  return file;
}

/** Lines of sfdisk's dump of a disk, without its name. */
const dump = async (disk: string): Promise<string[]> =>
  (await execa('sfdisk', ['-d', disk])).stdout
    .replaceAll(disk, 'disk')
    .split('\n')
    .filter((line) => line !== '');

const EXT4_START = 53_248;
const GPT_BYTES = 64 * MIB;

/** ESP, NTFS, swap, something without a file system, and ext4 up to the end. */
async function gptDisk(lab: DiskLab): Promise<string> {
  const disk = await makeDisk(lab.file('gpt.img'), GPT_BYTES, [
    'label: gpt',
    'start=2048, size=8192, type=U, name="EFI system partition"',
    String.raw`start=10240, size=32768, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, name="Basic data \x22c\x22", attrs="GUID:63"`,
    'start=43008, size=8192, type=S',
    'start=51200, size=2048, type=21686148-6449-6E6F-744E-656564454649',
    `start=${EXT4_START}, type=L, name="système"`,
  ]);
  const file = lab.file('content');
  for (const [kind, start, sectors] of [
    ['vfat', 2048, 8192],
    ['ntfs', 10_240, 32_768],
    ['swap', 43_008, 8192],
    ['ext4', EXT4_START, 75_743],
  ] as const) {
    await makeFileSystem(kind, file, Math.floor((sectors * SECTOR) / 4096) * 4096);
    await place(disk, file, start);
  }
  await place(disk, pseudoRandomBytes('core image', MIB), 51_200);
  return disk;
}

describe("the agent's backup and restore", () => {
  it.concurrent(
    'save a disk, and write it back byte for byte, to a larger one with its last partition grown',
    { timeout: 120_000 },
    () =>
      DiskLab.with(scratch, async (lab) => {
        const disk = await gptDisk(lab);
        const manifest = await lab.backup(disk);
        expect(manifest).toMatchObject({
          client: 'pc',
          mac: '52:54:00:12:34:56',
          firmware: 'bios',
          parent: null,
          disk: { bytes: GPT_BYTES, sectorBytes: SECTOR, label: 'gpt' },
          partitions: [
            { number: 1, fileSystem: 'vfat', format: 'fat', name: 'EFI system partition' },
            { number: 2, fileSystem: 'ntfs', format: 'ntfs', name: 'Basic data "c"' },
            { number: 3, fileSystem: 'swap', format: 'swap', bytes: 4096 },
            { number: 4, fileSystem: 'unknown', format: 'raw', bytes: MIB },
            { number: 5, fileSystem: 'ext4', format: 'extfs', name: 'système' },
          ],
        });
        expect(await isSame(await lab.restored(GPT_BYTES), disk)).toBe(true);

        const larger = await lab.restored(GPT_BYTES + 32 * MIB, {
          option_client: 'other',
          option_backupof: 'pc',
          option_backup: manifest.id,
        });
        const [before, after] = [await dump(disk), await dump(larger)];
        expect(after.slice(0, -1)).toEqual(
          before.slice(0, -1).map((line) => line.replace(/^last-lba: .*/, 'last-lba: 196574')),
        );
        expect(after.at(-1)).toBe(before.at(-1)?.replace(/size= *\d+/, 'size=      141312'));
        expect(await isSame(await piece(larger, 34, EXT4_START - 34), await piece(disk, 34, EXT4_START - 34))).toBe(
          true,
        );
        const system = await piece(larger, EXT4_START, 141_312);
        await execa('e2fsck', ['-fn', system]);
        expect((await execa('dumpe2fs', ['-h', system])).stdout).toMatch(/Block count: +70656\n/);
        const { stdout } = await execa('debugfs', ['-R', 'cat content', system], { encoding: 'buffer' });
        expect(Buffer.from(stdout).equals(CONTENT)).toBe(true);

        const small = await emptyFile(lab.file('small.img'), GPT_BYTES - 2 * MIB);
        expect((await lab.agent('restore', small)).result).toMatchObject({
          ok: false,
          stage: 'partition',
          error: `disk /run/disk is too small: it has 65011712 bytes (62 MiB), backup ${manifest.id} needs 66077184 (64 MiB)`,
        });
        expect(await isSame(small, await emptyFile(lab.file('empty.img'), GPT_BYTES - 2 * MIB))).toBe(true);
      }),
  );

  it.concurrent(
    'grow what lies in an extended partition, and save what was not unmounted as it is',
    { timeout: 120_000 },
    () =>
      DiskLab.with(scratch, async (lab) => {
        const [dirty, ntfs] = [lab.file('dirty'), lab.file('ntfs')];
        const disk = await makeDisk(lab.file('dos.img'), 32 * MIB, [
          'label: dos',
          'start=2048, size=16384, type=83, bootable',
          'start=18432, size=47104, type=f',
          'start=20480, size=45056, type=7',
        ]);
        await makeFileSystem('ext4', dirty, 8 * MIB);
        await execa('debugfs', ['-w', '-R', 'ssv state 0', dirty]);
        await place(disk, dirty, 2048);
        await makeFileSystem('ntfs', ntfs, 22 * MIB);
        await place(disk, ntfs, 20_480);

        const first = await lab.backup(disk);
        expect(first.partitions).toMatchObject([
          { number: 1, type: '83', fileSystem: 'ext4', format: 'raw', bytes: 8 * MIB },
          { number: 5, type: '7', fileSystem: 'ntfs', format: 'ntfs' },
        ]);
        // Nothing changed: the second one stores next to nothing, and names the first.
        const second = await lab.backup(disk);
        expect(second.parent).toBe(first.id);
        expect(second.partitions.reduce((sum, { storedBytes }) => sum + storedBytes, 0)).toBeLessThan(5000);

        const larger = await lab.restored(48 * MIB, { option_backup: first.id });
        expect((await dump(larger)).slice(-3)).toEqual([
          expect.stringMatching(/^disk1 : start= *2048, size= *16384, type=83, bootable$/),
          expect.stringMatching(/^disk2 : start= *18432, size= *79872, type=f$/),
          expect.stringMatching(/^disk5 : start= *20480, size= *77824, type=7$/),
        ]);
        expect(await isSame(await piece(larger, 1, 18_431), await piece(disk, 1, 18_431))).toBe(true);
        // The hypervisor's backups are written back, too.
        const about = { client: 'pc', mac: '52:54:00:12:34:56', firmware: 'bios', kind: 'hot', disk } as const;
        const store = { folder: lab.file('store'), password: lab.password };
        const beganAt = '2099-01-01T00:00:00Z';
        await saveDisk(store, { ...about, id: '20990101T000000Z', parent: second.id, beganAt });
        expect(await isSame(await lab.restored(32 * MIB), disk)).toBe(true);

        const grown = await piece(larger, 20_480, 77_824);
        expect((await execa('ntfsresize', ['--info', '--force', grown])).stdout).toMatch(
          /Current volume size: 398\d{5} bytes/,
        );
        const { stdout } = await execa('ntfscat', ['--force', grown, 'content'], { encoding: 'buffer' });
        expect(Buffer.from(stdout).equals(CONTENT)).toBe(true);
      }),
  );

  it.concurrent('write a disk back to a smaller one when what is at its end is a swap area', { timeout: 120_000 }, () =>
    DiskLab.with(scratch, async (lab) => {
      const swap = lab.file('swap');
      const disk = await makeDisk(lab.file('swap.img'), 12 * MIB, [
        'label: dos',
        'start=2048, size=2048, type=83',
        'start=4096, size=20480, type=82',
      ]);
      await place(disk, pseudoRandomBytes('system', MIB), 2048);
      await makeFileSystem('swap', swap, 10 * MIB);
      await place(disk, swap, 4096);
      await lab.backup(disk);
      const smaller = await lab.restored(6 * MIB);
      expect((await dump(smaller)).slice(-2)).toEqual([
        expect.stringMatching(/^disk1 : start= *2048, size= *2048, type=83$/),
        expect.stringMatching(/^disk2 : start= *4096, size= *8192, type=82$/),
      ]);
      expect(await isSame(await piece(smaller, 1, 4095), await piece(disk, 1, 4095))).toBe(true);
      const page = await readFile(await piece(smaller, 4096, 8));
      expect(page.readUInt32LE(1028)).toBe((8192 * SECTOR) / 4096 - 1);
      // Everything else is the same, its UUID among it.
      page.writeUInt32LE((20_480 * SECTOR) / 4096 - 1, 1028);
      expect(page.equals(await readFile(await piece(disk, 4096, 8)))).toBe(true);
    }),
  );

  it.concurrent(
    'save a disk without a table, two computers at once, and leave a store that is full as it was',
    { timeout: 120_000 },
    () =>
      DiskLab.with(scratch, async (lab) => {
        const disk = lab.file('whole.img');
        await makeFileSystem('ext4', disk, 8 * MIB);
        const copy = lab.file('copy.img');
        await cp(disk, copy);
        const [one] = await Promise.all([lab.backup(disk), lab.backup(copy, { option_client: 'other' })]);
        expect(one).toMatchObject({ disk: { label: 'none' }, partitions: [{ number: 0, format: 'extfs' }] });

        const another = lab.file('another.img');
        await writeFile(another, pseudoRandomBytes('does not fit', 8 * MIB));
        await lab.stop();
        await lab.startAgain(10 * MIB);
        expect((await lab.agent('backup', another)).result).toMatchObject({
          ok: false,
          stage: 'backup',
          error: 'saving partition 0 of /run/disk: the store is full (507 Insufficient Storage)',
        });
        await lab.restic('check', '--read-data', '--quiet');
        expect(await isSame(await lab.restored(8 * MIB, { option_backupof: 'other' }), disk)).toBe(true);
      }),
  );

  it.concurrent(
    'start restic again, when the store has a pack and went away before it said so',
    { timeout: 120_000 },
    () =>
      DiskLab.with(scratch, async (lab) => {
        const disk = lab.file('whole.img');
        await writeFile(disk, pseudoRandomBytes('raw', 8 * MIB));
        const relay = execa('python3', [LOSE_ANSWER, '127.0.0.1', '0', ...lab.address.split(':')], { reject: false });
        try {
          const [port] = (await once(relay.stdout, 'data')) as [Buffer];
          await lab.backup(disk, { option_store: `127.0.0.1:${port.toString().trim()}` });
        } finally {
          relay.kill();
          await relay;
        }
        // A pack that was named twice would be there in vain only; nothing is damaged, nothing is missing.
        await lab.restic('check', '--read-data', '--quiet');
        expect(await isSame(await lab.restored(8 * MIB), disk)).toBe(true);
      }),
  );

  it.concurrent('survive a store that comes back, and give up one that does not', { timeout: 120_000 }, () =>
    DiskLab.with(scratch, async (lab) => {
      const disk = lab.file('whole.img');
      await writeFile(disk, pseudoRandomBytes('raw', 24 * MIB));
      const stop = async ({ reported }: RunningAgent): Promise<void> => {
        await reported('agent.backup');
        await lab.stop();
      };
      const gone = await lab.agent('backup', disk, { STORE_GONE_SECONDS: '2', STORE_END_SECONDS: '2' }, stop);
      expect(gone.result).toMatchObject({
        ok: false,
        stage: 'backup',
        error: expect.stringMatching(
          /^saving partition 0 of \/run\/disk: the store has not answered for \d+ s$/,
        ) as string,
      });
      expect((await lab.agent('restore', disk)).result).toMatchObject({
        ok: false,
        stage: 'store',
        error: expect.stringMatching(/^no store of backups answers at 127\.0\.0\.1:/) as string,
      });
      await lab.startAgain();
      expect((await lab.agent('restore', disk)).result).toMatchObject({
        ok: false,
        stage: 'find',
        error: expect.stringMatching(/ has no backup of pc$/) as string,
      });
      const restart = async (agent: RunningAgent): Promise<void> => {
        await stop(agent);
        await lab.startAgain();
      };
      expect((await lab.agent('backup', disk, {}, restart)).result).toEqual(DONE);
      // One that takes connections and says nothing more.
      const freeze = async ({ reported }: RunningAgent): Promise<void> => {
        await reported('agent.restore');
        await lab.kill('restic-rest-server', 'SIGSTOP');
      };
      const short = { STORE_SILENT_SECONDS: '1', STORE_ANSWER_SECONDS: '1', STORE_END_SECONDS: '1' };
      const target = await emptyFile(lab.file('target.img'), 24 * MIB);
      expect((await lab.agent('restore', target, { ...short, STORE_GONE_SECONDS: '3' }, freeze)).result).toMatchObject({
        ok: false,
        stage: 'restore',
        error: expect.stringMatching(
          /^\/run\/disk is incomplete: reading partition 0 of backup \S+: the store has not answered for \d+ s$/,
        ) as string,
      });
      await lab.kill('restic-rest-server', 'SIGCONT');
      expect(await isSame(await lab.restored(24 * MIB), disk)).toBe(true);
    }),
  );

  it.concurrent('name what is wrong with a store', { timeout: 120_000 }, () =>
    DiskLab.with(scratch, async (lab) => {
      const disk = lab.file('whole.img');
      await writeFile(disk, pseudoRandomBytes('raw', MIB));
      const error = async (told: Readonly<Record<string, string>> = {}): Promise<string> => {
        const { result } = await lab.agent('restore', disk, told);
        return `${String(result?.['stage'])}: ${String(result?.['error'])}`;
      };
      const { id, partitions } = await lab.backup(disk);
      expect(await error({ option_storepassword: 'another' })).toBe(
        `store: ${lab.address}: wrong password of the store`,
      );
      expect(await error({ option_backup: '20200101T000000Z' })).toBe(
        `find: the store at ${lab.address} has no backup 20200101T000000Z of pc; it has ${id}`,
      );

      // Whoever held the store alone has died: its lock is removed when it was this computer's. So slow a check holds it for ten seconds.
      const locks = path.join(lab.file('store'), 'locks');
      const holder = execa(
        'unshare',
        [
          '--user',
          '--map-root-user',
          '--uts',
          'sh',
          '-c',
          'hostname pc; exec restic --no-cache --repo "$1" --limit-download 100 check --read-data',
          'test',
          lab.file('store'),
        ],
        {
          env: { RESTIC_PASSWORD: lab.password },
          reject: false,
        },
      );
      const held = async (): Promise<void> =>
        expect(await readdir(locks)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
      await vi.waitFor(held, { timeout: 20_000, interval: 5 });
      holder.kill('SIGKILL');
      await holder;
      await held();
      await lab.backup(disk);
      expect(await readdir(locks)).toHaveLength(0);

      for (const entry of await readdir(path.join(lab.file('store'), 'data'), {
        recursive: true,
        withFileTypes: true,
      })) {
        const file = path.join(entry.parentPath, entry.name);
        if (entry.isFile() && (await stat(file)).size > MIB) await damage(file);
      }
      expect(await error({ option_backup: id })).toMatch(
        /^restore: \/run\/disk is incomplete: reading partition 0 of backup \S+: .*ciphertext verification failed/,
      );
      await lab.restic('forget', partitions[0]?.snapshot ?? '');
      expect(await error({ option_backup: id })).toBe(
        `find: backup ${id} of pc is incomplete: the store has no snapshot ${partitions[0]?.snapshot.slice(0, 8)} of partition 0; restore another backup`,
      );
    }),
  );
});
