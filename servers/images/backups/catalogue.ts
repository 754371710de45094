import { availableParallelism } from 'node:os';
import editDistance from 'damerau-levenshtein';
import { ManagementError } from '../../state/management-error.ts';
import { backupTimeOf, MANIFEST_FILE, readBackupManifest, type BackupManifest } from '../backup-store/manifest.ts';
import { partitionOf } from './partition-file.ts';
import { DamagedBackupError, restic, type BackupStore } from './restic.ts';

/**
 * `complete`: its manifest and all that this names are in the store. `incomplete`: something of it is missing or cannot
 * be read, and `problems` says what. `unfinished`: no manifest, so that it was cut or is still under way.
 */
export type BackupState = 'complete' | 'incomplete' | 'unfinished';

/** A snapshot of restic's, as far as the catalogue reads it. */
export interface Snapshot {
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly hostname: string;
  readonly paths: readonly string[];
  readonly tags?: readonly string[];
  readonly summary?: { readonly total_bytes_processed: number; readonly data_added_packed: number };
}

/** All that a store has of one disk of one client at one time. */
export interface Backup {
  readonly client: string;
  readonly id: string;
  readonly state: BackupState;
  /** What is wrong with it, in words. */
  readonly problems: readonly string[];
  /** ISO 8601, in UTC: what its id says, or when its first snapshot was made where that is no time. */
  readonly beganAt: string;
  readonly manifest?: BackupManifest | undefined;
  readonly manifestSnapshot?: Snapshot | undefined;
  /** Those of partitions, also of ones that no manifest names. */
  readonly partitionSnapshots: readonly Snapshot[];
}

/** What a store has. */
export interface Catalogue {
  /** By client, the oldest first. */
  readonly backups: readonly Backup[];
  /** Snapshots that restic could not read while it listed the others, in its words. */
  readonly warnings: readonly string[];
}

/** The form of an id; whether it is a time, its manifest's schema asks. */
const BACKUP_TAG = /^backup=(\d{8}T\d{6}Z)$/;
const MANIFEST_TAG = 'manifest';
/** restic leaves such a snapshot out of its list, and ends with 0 all the same. */
const UNREAD_SNAPSHOT = /^Ignoring |failed to load snapshot/;

/** Reads the list of snapshots and every manifest: a start of restic for each, half a second of key derivation. */
export async function readCatalogue(store: BackupStore): Promise<Catalogue> {
  const { stdout, stderr } = await restic(store, ['snapshots', '--json', '--no-lock']);
  const snapshots = JSON.parse(stdout) as readonly Snapshot[];
  const ofOne = Map.groupBy(snapshots.filter(idOf), (one) => `${one.hostname}/${idOf(one) ?? ''}`);
  const present = new Map(snapshots.map((one) => [one.id, one]));
  const backups = await inTurns([...ofOne.values()], (own) => backupOf(store, own, present));
  return {
    backups: backups.toSorted((a, b) => compare(a.client, b.client) || compare(a.id, b.id)),
    warnings: stderr.split('\n').filter((line) => UNREAD_SNAPSHOT.test(line)),
  };
}

/** The parents of a backup that its manifests name, the nearest first; the last one may be gone from the store. */
export function chainOf(backups: readonly Backup[], backup: Backup): readonly { id: string; isPresent: boolean }[] {
  const chain: { id: string; isPresent: boolean }[] = [];
  let parent = backup.manifest?.parent;
  while (typeof parent === 'string') {
    const id: string = parent;
    if (chain.some((one) => one.id === id)) break;
    const found = backups.find((one) => one.client === backup.client && one.id === id);
    chain.push({ id, isPresent: found !== undefined });
    parent = found?.manifest?.parent;
  }
  return chain;
}

/** Clocks may differ by so much: what Kerberos, and with it Active Directory, allows by default (RFC 4120, 1.6). */
const CLOCK_SKEW_MS = 300_000;

/** Whether the clock of the computer was wrong when this backup was made: no age, and no order among others, can be told from its id. */
export function isFromFuture({ beganAt }: Pick<Backup, 'beganAt'>, nowMs: number): boolean {
  return Date.parse(beganAt) > nowMs + CLOCK_SKEW_MS;
}

/** How a person names a backup. */
export const BACKUP_NAME = 'CLIENT/ID, ID where it is unique, or CLIENT for its newest complete backup';

/** The one backup that a person names. One from the future is a client's newest where it has no other. */
export function namedBackup(backups: readonly Backup[], text: string, nowMs: number = Date.now()): Backup {
  const names = [...new Set(backups.map(({ client }) => client))];
  if (names.includes(text.replace(/\/latest$/, ''))) {
    const client = text.replace(/\/latest$/, '');
    const complete = backups.filter((one) => one.client === client && one.state === 'complete');
    const newest = complete.findLast((one) => !isFromFuture(one, nowMs)) ?? complete.at(-1);
    if (newest !== undefined) return newest;
    throw new ManagementError(`expected a complete backup of ${client}, got none (“pxewright backups list” says why)`);
  }
  const [found, other] = backups.filter((one) => one.id === text || nameOf(one) === text);
  if (found === undefined) {
    const near = [...names, ...backups.flatMap((one) => [one.id, nameOf(one)])]
      .map((name) => ({ name, edits: editDistance(name.toLowerCase(), text.toLowerCase()).steps }))
      .toSorted((a, b) => a.edits - b.edits)
      .slice(0, 3)
      .map(({ name }) => name);
    throw new ManagementError(
      `expected a backup of the store (${BACKUP_NAME}), got "${text}"${near.length === 0 ? '; the store has none' : `; nearest: ${near.join(', ')}`}`,
    );
  }
  if (other !== undefined)
    throw new ManagementError(
      `expected one backup, got "${text}", which several clients have: ${backups
        .filter((one) => one.id === text)
        .map(nameOf)
        .join(', ')}`,
    );
  return found;
}

/** `CLIENT/ID`, which is unique in a store. */
export function nameOf({ client, id }: Pick<Backup, 'client' | 'id'>): string {
  return `${client}/${id}`;
}

/** The manifest of a backup that can be read. */
export function manifestOf(backup: Backup): BackupManifest {
  if (backup.manifest !== undefined) return backup.manifest;
  throw new ManagementError(
    `expected a backup with a manifest, got ${nameOf(backup)}, which is ${backup.state}: ${backup.problems.join('; ')}`,
  );
}

function idOf({ tags = [] }: Snapshot): string | undefined {
  return tags.flatMap((tag) => BACKUP_TAG.exec(tag)?.[1] ?? [])[0];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

async function backupOf(
  store: BackupStore,
  own: readonly Snapshot[],
  present: ReadonlyMap<string, Snapshot>,
): Promise<Backup> {
  const isManifest = ({ tags = [] }: Snapshot): boolean => tags.includes(MANIFEST_TAG);
  const partitionSnapshots = own.filter((one) => !isManifest(one));
  const [manifestSnapshot, second] = own.filter(isManifest);
  const client = own[0]?.hostname ?? '';
  const id = (own[0] && idOf(own[0])) ?? '';
  const beganAt = backupTimeOf(id) ?? new Date(Math.min(...own.map(({ time }) => Date.parse(time)))).toISOString();
  const about = { client, id, beganAt, partitionSnapshots };
  if (manifestSnapshot === undefined)
    return {
      ...about,
      state: 'unfinished',
      problems: ['it has no manifest: it was cut, or is still under way'],
    };
  const read = await readManifest(store, manifestSnapshot);
  if (typeof read === 'string') return { ...about, state: 'incomplete', problems: [read], manifestSnapshot };
  const problems = [
    ...(second === undefined ? [] : ['it has two manifests']),
    ...(read.client === client && read.id === id ? [] : [`its manifest is of ${read.client}/${read.id}`]),
    ...missingParts(read, new Map(partitionSnapshots.map((one) => [one.id, one])), present),
  ];
  return {
    ...about,
    state: problems.length === 0 ? 'complete' : 'incomplete',
    problems,
    manifest: read,
    manifestSnapshot,
  };
}

/** The manifest, or why it cannot be read. */
async function readManifest(store: BackupStore, { id, paths }: Snapshot): Promise<BackupManifest | string> {
  try {
    const { stdout } = await restic(store, ['dump', '--no-lock', id, `${paths[0] ?? ''}/${MANIFEST_FILE}`]);
    const { manifest, message } = readBackupManifest(stdout);
    return manifest ?? message;
  } catch (error) {
    if (!(error instanceof DamagedBackupError)) throw error;
    return `its manifest, snapshot ${id.slice(0, 8)}, cannot be read: ${error.message}`;
  }
}

/** What the manifest names and the backup does not have. The snapshot of another one goes with that. */
function missingParts(
  manifest: BackupManifest,
  own: ReadonlyMap<string, Snapshot>,
  present: ReadonlyMap<string, Snapshot>,
): string[] {
  return manifest.partitions.flatMap(({ number, snapshot, bytes }) => {
    const found = own.get(snapshot);
    const name = `partition ${number}: its snapshot ${snapshot.slice(0, 8)}`;
    if (found === undefined) return [present.has(snapshot) ? `${name} is not of this backup` : `${name} is missing`];
    const stored = found.summary?.total_bytes_processed;
    return stored === undefined || stored === bytes ? [] : [`${name} has ${stored} bytes, the manifest says ${bytes}`];
  });
}

/** As many at once as the host has processors: each is a process that computes. */
async function inTurns<Input, Output>(
  inputs: readonly Input[],
  work: (input: Input) => Promise<Output>,
): Promise<Output[]> {
  const outputs: Output[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < inputs.length; index = next++) outputs[index] = await work(inputs[index] as Input);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return outputs;
}

/** The partition that a person names by its number; where a disk has only one, it need not be named. */
export function namedPartition(backup: Backup, text: string): number {
  const manifest = manifestOf(backup);
  const partition = /^\d{1,3}$/.test(text) ? partitionOf(manifest, Number(text)) : undefined;
  if (partition !== undefined) return partition.number;
  throw new ManagementError(
    `expected the number of a partition of ${nameOf(backup)}, got "${text}"; it has ${manifest.partitions
      .map(({ number, fileSystem }) => `${number} (${fileSystem})`)
      .join(', ')}`,
  );
}
