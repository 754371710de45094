import type { BackupManifest } from '../../backup-store/manifest.ts';

// A partition table is what sfdisk(8) dumps, as text: one line a partition, numbers in sectors. For a disk of another
// size the last partition grows to the disk's end, or ends earlier; every other one stays where it is, as do the ids.

/** A partition table for a disk of a certain size. */
export interface FittedTable {
  /** What sfdisk reads. */
  readonly script: string;
  /** The partition that was given another size; absent when all keep theirs. */
  readonly resized?: ResizedPartition;
}

/** A partition and the size that it has on the other disk. */
export interface ResizedPartition {
  readonly number: number;
  readonly startSector: number;
  readonly sectors: number;
}

/** The disk ends before its last partition begins, or in its first sectors. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
  /** The least size of a disk for this table, not for what its file systems hold. */
  readonly leastBytes: number;

  constructor(leastBytes: number) {
    super(`expected a disk of at least ${leastBytes} bytes`);
    this.leastBytes = leastBytes;
  }
}

type Disk = BackupManifest['disk'];

interface Line {
  readonly at: number;
  readonly number: number;
  readonly start: number;
  readonly size: number;
  readonly type: string;
}

/** Partitions of an MBR that hold others. */
const EXTENDED: ReadonlySet<string> = new Set(['5', '05', 'f', '0f', '85']);
/** The first partition of an MBR that lies in an extended one. */
const FIRST_LOGICAL = 5;
/** An MBR counts sectors in 32 bits. */
const MBR_SECTORS = 2 ** 32;
/** A GPT of 128 entries, 128 bytes each, unless its dump says otherwise. */
const GPT_ENTRIES = 128;
const GPT_ENTRY_BYTES = 128;
/** Where partitions that are resized end: what partitioning programs align to. */
const ALIGNMENT_BYTES = 2 ** 20;

/**
 * Fits the table of a disk, as sfdisk dumped it, to a disk of `bytes`. Of a larger disk the last partition gets the rest if
 * `canGrow` says so of its number. Throws `NoRoomError`.
 */
export function fitTable(dump: string, disk: Disk, bytes: number, canGrow: (number: number) => boolean): FittedTable {
  if (bytes === disk.bytes) return { script: dump };
  const text = dump.split('\n');
  const lines = text.flatMap(partitionLine);
  const isContainer = ({ number, type }: Line): boolean =>
    disk.label === 'dos' && number < FIRST_LOGICAL && EXTENDED.has(type.toLowerCase());
  const last = lines.filter((line) => !isContainer(line)).toSorted((a, b) => b.start - a.start)[0];
  const behind = sectorsBehind(dump, disk);
  const end = Math.min(Math.floor(bytes / disk.sectorBytes), disk.label === 'dos' ? MBR_SECTORS : Infinity) - behind;
  const withoutEnd = (changed: readonly string[]): string =>
    changed.filter((line) => !line.startsWith('last-lba:')).join('\n');
  const isLarger = bytes > disk.bytes;
  if (last === undefined || (isLarger && !canGrow(last.number))) return { script: withoutEnd(text) };

  const newEnd = lastEnd(last, end, isLarger, ALIGNMENT_BYTES / disk.sectorBytes);
  if (newEnd <= last.start) throw new NoRoomError((last.start + 1 + behind) * disk.sectorBytes);
  const sectors = newEnd - last.start;
  if (sectors === last.size) return { script: withoutEnd(text) };
  const sizes = new Map([[last.at, sectors]]);
  const container = last.number >= FIRST_LOGICAL ? lines.find(isContainer) : undefined;
  if (container !== undefined) sizes.set(container.at, newEnd - container.start);
  const changed = text.map((line, at) => {
    const size = sizes.get(at);
    return size === undefined ? line : line.replace(/\bsize= *\d+/, `size=${size}`);
  });
  return { script: withoutEnd(changed), resized: { number: last.number, startSector: last.start, sectors } };
}

/** Sectors at the end of a disk that no partition may use: a GPT keeps its copy there. */
function sectorsBehind(dump: string, { label, sectorBytes }: Disk): number {
  return label === 'gpt' ? gptEntrySectors(dump, sectorBytes) + 1 : 0;
}

/** Sectors at the start of a disk that sfdisk writes: the MBR, and a GPT's header and entries. */
export function tableSectors(dump: string, { label, sectorBytes }: Disk): number {
  return label === 'gpt' ? gptEntrySectors(dump, sectorBytes) + 2 : 1;
}

/** Where the first partition begins, an extended one as well; undefined for a table without any. */
export function firstSector(dump: string): number | undefined {
  const starts = dump.split('\n').flatMap((line) => partitionLine(line, 0).map(({ start }) => start));
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** Number of the first partition of a backup that its table has not at the same place; undefined where all are there. */
export function partitionElsewhere(
  dump: string,
  { partitions }: Pick<BackupManifest, 'partitions'>,
): number | undefined {
  const lines = new Map(dump.split('\n').flatMap((line) => partitionLine(line, 0).map((one) => [one.number, one])));
  return partitions.find(({ number, startSector, sectors }) => {
    const line = lines.get(number);
    return line?.start !== startSector || line.size !== sectors;
  })?.number;
}

function gptEntrySectors(dump: string, sectorBytes: number): number {
  const entries = Number(/^table-length: *(\d+)/m.exec(dump)?.[1] ?? GPT_ENTRIES);
  return Math.ceil((entries * GPT_ENTRY_BYTES) / sectorBytes);
}

/** Where the last partition ends: never earlier than before on a larger disk, and as before where it still fits. */
function lastEnd({ start, size }: Line, end: number, larger: boolean, alignment: number): number {
  const before = start + size;
  const aligned = Math.floor(end / alignment) * alignment;
  if (larger) return Math.max(before, aligned);
  if (before <= end) return before;
  return aligned > start ? aligned : end;
}

/** `/dev/vda2 : start= 2048, size= 4096, type=83, …` */
function partitionLine(text: string, at: number): Line[] {
  const { node, rest } = /^(?<node>\S+) *: *(?<rest>start=.*)$/.exec(text)?.groups ?? {};
  if (node === undefined || rest === undefined) return [];
  const field = (name: string): string => new RegExp(`\\b${name}= *([^, ]+)`).exec(rest)?.[1] ?? '';
  return [
    {
      at,
      number: Number(/\d+$/.exec(node)?.[0]),
      start: Number(field('start')),
      size: Number(field('size')),
      type: field('type'),
    },
  ];
}
