import { printable, table } from '../manage/table.ts';
import { isFromFuture, nameOf, type Backup } from './catalogue.ts';
import type { Verified } from './verification-record.ts';
import type { VolumeEntry } from './volume-listing.ts';

/** One row of `backups list`, and its JSON. */
export interface ListedBackup {
  readonly client: string;
  readonly id: string;
  readonly state: Backup['state'];
  readonly problems: readonly string[];
  readonly beganAt: string;
  /** Of a backup with a manifest. */
  readonly endedAt?: string | undefined;
  readonly ageS: number;
  /** The clock of the computer was wrong: it counts for no check of ages. */
  readonly isFromFuture: boolean;
  readonly kind?: string | undefined;
  readonly parent?: string | null | undefined;
  /** Size of the disk. */
  readonly diskBytes?: number | undefined;
  /** Of all streams: what was read. */
  readonly streamBytes: number;
  /** What the backup added to the store when it was made. */
  readonly storedBytes: number;
  readonly verified?: Verified | undefined;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function listed(backup: Backup, verified: Verified | undefined, nowMs: number): ListedBackup {
  const { client, id, state, problems, beganAt, manifest, manifestSnapshot, partitionSnapshots } = backup;
  const summaries = partitionSnapshots.flatMap(({ summary }) => summary ?? []);
  return {
    client,
    id,
    state,
    problems,
    beganAt,
    endedAt: manifest?.endedAt,
    ageS: Math.round((nowMs - Date.parse(beganAt)) / 1000),
    isFromFuture: isFromFuture(backup, nowMs),
    kind: manifest?.kind,
    parent: manifest?.parent,
    diskBytes: manifest?.disk.bytes,
    streamBytes: sum(
      manifest?.partitions.map(({ bytes }) => bytes) ?? summaries.map((one) => one.total_bytes_processed),
    ),
    storedBytes:
      sum(manifest?.partitions.map(({ storedBytes }) => storedBytes) ?? summaries.map((one) => one.data_added_packed)) +
      (manifestSnapshot?.summary?.data_added_packed ?? 0),
    verified,
  };
}

export function listTable(all: readonly ListedBackup[]): string[] {
  if (all.length === 0) return ['no backups'];
  return table(
    ['CLIENT', 'BACKUP', 'AGE', 'KIND', 'DISK', 'READ', 'STORED', 'PARENT', 'STATE', 'VERIFIED'],
    all.map((one) => [
      one.client,
      one.id,
      one.isFromFuture ? 'in the future' : age(Math.max(0, one.ageS)),
      one.kind ?? '-',
      one.diskBytes === undefined ? '-' : size(one.diskBytes),
      size(one.streamBytes),
      size(one.storedBytes),
      one.parent ?? '-',
      one.problems.length === 0 ? one.state : `${one.state}: ${one.problems.join('; ')}`,
      one.verified === undefined ? '-' : `${one.verified.outcome}, ${one.verified.at.slice(0, 16)}Z`,
    ]),
  );
}

export function showLines(
  backup: Backup,
  chain: readonly { readonly id: string; readonly isPresent: boolean }[],
  verified: Verified | undefined,
): string[] {
  const { manifest, state, problems, partitionSnapshots } = backup;
  const facts: (readonly [string, string])[] = [
    ['state', state],
    ...problems.map((problem) => ['problem', problem] as const),
    ['began', backup.beganAt],
  ];
  if (manifest !== undefined)
    facts.push(
      ['ended', manifest.endedAt],
      ['kind', manifest.kind],
      ['computer', `${manifest.mac}, ${manifest.firmware}`],
      ['disk', `${manifest.disk.name}, ${size(manifest.disk.bytes)}, table: ${manifest.disk.label}`],
    );
  facts.push([
    'chain',
    chain.length === 0
      ? 'the first of its client'
      : chain.map(({ id, isPresent }) => (isPresent ? id : `${id} (removed; nothing depends on it)`)).join(' ← '),
  ]);
  facts.push([
    'verified',
    verified === undefined
      ? 'never (pxewright backups verify)'
      : [`${verified.outcome}, ${verified.at}`, ...verified.problems].join('; '),
  ]);
  const width = Math.max(...facts.map(([name]) => name.length));
  const partitions =
    manifest === undefined
      ? table(
          ['SNAPSHOT', 'FILE', 'READ'],
          partitionSnapshots.map(({ id, paths, summary }) => [
            id.slice(0, 8),
            paths.join(', '),
            size(summary?.total_bytes_processed ?? 0),
          ]),
        )
      : table(
          ['PARTITION', 'SIZE', 'FILE SYSTEM', 'FORMAT', 'READ', 'STORED', 'SNAPSHOT', 'NAME'],
          manifest.partitions.map((one) => [
            String(one.number),
            size(one.sectors * manifest.disk.sectorBytes),
            one.fileSystem,
            one.format,
            size(one.bytes),
            size(one.storedBytes),
            one.snapshot.slice(0, 8),
            one.name ?? '-',
          ]),
        );
  return [
    nameOf(backup),
    ...facts.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value)}`),
    ...partitions.map((line) => `  ${line}`),
  ];
}

/** Rows of `browse`: `mode owner size modified name`; streams below their file. */
export function volumeTable(entries: readonly VolumeEntry[], shownAs: (entry: VolumeEntry) => string): string[] {
  if (entries.length === 0) return ['empty'];
  return table(
    ['MODE', 'OWNER', 'SIZE', 'MODIFIED', 'NAME'],
    entries.map((one) => [
      one.mode ?? one.attributes ?? '-',
      one.owner ?? '-',
      one.type === 'folder' ? '-' : String(one.bytes),
      one.modified?.replace(/\.\d+/, '') ?? '-',
      `${shownAs(one)}${one.type === 'folder' ? '/' : ''}${one.target === undefined ? '' : ` -> ${one.target}`}`,
    ]),
  );
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function size(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power] ?? ''}`;
}

const AGES = [
  ['w', 604_800],
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;

export function age(seconds: number): string {
  const [unit, unitS] = AGES.find(([name, one]) => seconds >= (name === 'w' ? 2 * one : one)) ?? ['s', 1];
  return `${Math.floor(seconds / unitS)} ${unit}`;
}
