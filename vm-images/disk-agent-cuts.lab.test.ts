import { execa } from 'execa';
import { cp, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pseudoRandomBytes } from './pseudo-random.ts';
import {
  DiskLab,
  DONE,
  emptyFile,
  isSame,
  makeInitramfs,
  MIB,
  type AgentRun,
  type RunningAgent,
} from './testing/disk-lab.ts';

// Backups and restores are cut at random moments. The store must verify after each cut, what it lists must be whole backups, and
// each of them must come back as the disk was.

let scratch: string;
beforeAll(async () => {
  scratch = await makeInitramfs();
}, 600_000);
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Two lanes, one for each core and kind of stream: together 50 cuts. */
const CUTS = 25;
const BYTES = 8 * MIB;

const LANES = [
  { source: 'an ext4', programs: ['power', 'restic', 'partclone', 'restic-rest-server'] },
  { source: 'a disk of bytes', programs: ['power', 'restic', 'restic-rest-server'] },
] as const;
type Source = (typeof LANES)[number]['source'];

/** Numbers from 0 up to 1, the same each time. */
function randomNumbers(seed: string): () => number {
  const bytes = Buffer.from(pseudoRandomBytes(seed, 4096));
  let at = 0;
  return () => bytes.readUInt16LE((at += 2)) / 65_536;
}

async function makeDisk(source: Source, disk: string): Promise<void> {
  await emptyFile(disk, BYTES);
  if (source === 'an ext4') await execa('mkfs.ext4', ['-q', disk]);
  else await writeFile(disk, pseudoRandomBytes(source, BYTES));
}

/** Something new on the disk for the next backup. */
async function change(source: Source, disk: string, number: number): Promise<void> {
  const content = pseudoRandomBytes(`change ${number}`, 100_000);
  if (source === 'an ext4') {
    await writeFile(`${disk}.content`, content);
    await execa('debugfs', ['-w', '-R', `write ${disk}.content file-${number}`, disk]);
    return;
  }
  const file = await open(disk, 'r+');
  try {
    await file.write(content, 0, content.length, (number % 80) * 100_000);
  } finally {
    await file.close();
  }
}

/** Ids of the backups that the store lists, oldest first. */
async function listed(lab: DiskLab): Promise<string[]> {
  const snapshots = JSON.parse(await lab.restic('snapshots', '--json', '--tag', 'manifest')) as {
    readonly tags: readonly string[];
  }[];
  const ids = snapshots.flatMap(({ tags }) => tags.flatMap((tag) => /^backup=(.*)$/.exec(tag)?.[1] ?? []));
  return ids.toSorted();
}

/** The store verifies, down to each byte. Only the locks of what was ended are in its way. */
async function verify(lab: DiskLab): Promise<void> {
  await rm(lab.file('store/locks'), { recursive: true });
  await mkdir(lab.file('store/locks'));
  await lab.restic('check', '--read-data', '--quiet');
}

describe('50 cuts', () => {
  it.concurrent.each(LANES)('of backup and restore of $source', { timeout: 600_000 }, ({ source, programs }) =>
    DiskLab.with(scratch, async (lab) => {
      const random = randomNumbers(source);
      const disk = lab.file('disk.img');
      /** Disks as they were when a backup of them began, by its id. */
      const saved = new Map<string, string>();
      const finished: string[] = [];
      const keep = async ({ run, result }: AgentRun): Promise<void> => {
        const id = (await readdir(run)).find((name) => name.startsWith('backup-'))?.slice('backup-'.length);
        if (id === undefined) return;
        const copy = lab.file(`saved-${id}.img`);
        await cp(disk, copy);
        saved.set(id, copy);
        if (result?.['ok'] === true) finished.push(id);
      };
      await makeDisk(source, disk);
      const began = performance.now();
      await keep(await lab.agent('backup', disk));
      const wholeMs = performance.now() - began;
      expect(finished).toHaveLength(1);

      let cuts = 0;
      /** Ends one of the programs while the agent runs, or all of them. */
      const cut = async ({ cutPower }: RunningAgent): Promise<void> => {
        const program = programs[Math.floor(random() * programs.length)] ?? 'power';
        await sleep(random() * wholeMs);
        const ended = program === 'power' ? cutPower() : await lab.kill(program);
        if (program === 'restic-rest-server') await lab.startAgain();
        if (ended) cuts++;
      };
      while (cuts < CUTS) {
        if (random() < 0.6) {
          await change(source, disk, cuts);
          await keep(await lab.agent('backup', disk, {}, cut));
          await verify(lab);
        } else {
          const id = finished.at(-1) ?? '';
          const target = await emptyFile(lab.file('target.img'), BYTES);
          const { result } = await lab.agent('restore', target, { option_backup: id }, cut);
          // What was cut can be begun again.
          if (result?.['ok'] !== true)
            expect((await lab.agent('restore', target, { option_backup: id })).result).toEqual(DONE);
          expect(await isSame(target, saved.get(id) ?? '')).toBe(true);
        }
      }

      await verify(lab);
      const ids = await listed(lab);
      expect(ids).toEqual(expect.arrayContaining(finished));
      for (const id of ids) {
        const target = await lab.restored(BYTES, { option_backup: id });
        expect(await isSame(target, saved.get(id) ?? '')).toBe(true);
        await rm(target);
      }
    }),
  );
});
