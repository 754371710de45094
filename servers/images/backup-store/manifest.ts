import * as z from 'zod';
import { mac, positive } from '../../service/config-fields.ts';
import { configProblems } from '../../service/service.ts';

// What backup.json of a backup says: the list that makes the snapshots of a disk's partitions one backup (decision 193).
// The agent's backup.sh writes it, and its restore.sh reads it with awk.

/** File of this content in the snapshot with the tag `manifest`, beside `table.sfdisk` and `boot.bin`. */
export const MANIFEST_FILE = 'backup.json';

/**
 * When the backup with this id began, ISO 8601: its id is that time in UTC, and names it among those of its client. Undefined for what is no
 * time, such as the hour 25: it would be neither older nor newer than any other backup.
 */
export function backupTimeOf(id: string): string | undefined {
  const [whole, ...fields] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(id) ?? [];
  if (whole === undefined) return undefined;
  const [year = '', month = '', day = '', hour = '', minute = '', second = ''] = fields;
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  const read = new Date(time);
  // JavaScript takes 24:00 for the next day, and 30 February for a day in March.
  return !Number.isNaN(read.getTime()) && read.toISOString() === time.replace('Z', '.000Z') ? time : undefined;
}

/** Name of a client in the catalogue, which is the host of its snapshots. */
export const BACKUP_CLIENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

const backupId = z
  .string('expected an id')
  .refine((id) => backupTimeOf(id) !== undefined, 'expected an id, which is a time such as 20261128T111500Z');
const whole = z.int('expected a whole number').min(0, 'expected a whole number that is not negative');
const time = z.iso.datetime('expected a time in UTC such as 2026-11-28T11:15:00Z');

/** How the stream of a snapshot is read: partclone's, the first page of a swap area, or every byte. */
const STREAM_FORMATS = ['extfs', 'ntfs', 'fat', 'swap', 'raw'] as const;

/** A swap area is its first page (decision 193). */
const SWAP_STREAM_BYTES = 4096;

const partitionSchema = z
  .strictObject({
    /** From 1; 0 stands for a whole disk without a table. */
    number: z.int('expected a whole number').min(0).max(128, 'expected a number up to 128'),
    startSector: whole,
    sectors: positive,
    /** GUID of a GPT, hex byte of an MBR; a whole disk has none. */
    type: z
      .string()
      .regex(/^([0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}|[0-9a-f]{1,2})$/i, 'expected a GUID or a hex byte')
      .optional(),
    name: z.string().optional(),
    uuid: z.string().optional(),
    /** What was recognised by its magic, such as `ext4`, `ntfs`, `vfat`, `swap`; `unknown` for anything else. */
    fileSystem: z.string('expected the name of a file system').min(1, 'expected the name of a file system'),
    /** `raw` for a file system that is not known, or was not unmounted cleanly. */
    format: z.enum(STREAM_FORMATS, `expected one of ${STREAM_FORMATS.join(', ')}`),
    /** The snapshot that holds the stream. */
    snapshot: z
      .string('expected the id of a snapshot')
      .regex(/^[0-9a-f]{64}$/, 'expected the id of a snapshot, 64 hex digits'),
    /** Of the stream. */
    bytes: whole,
    /** What this snapshot added to the store, compressed and encrypted. */
    storedBytes: whole,
  })
  .refine(({ number, type }) => number === 0 || type !== undefined, {
    path: ['type'],
    message: 'expected a GUID or a hex byte',
  });

/** `backup.json`, format 1. */
export const backupManifestSchema = z
  .strictObject({
    format: z.literal(1, 'expected format 1; a newer version of pxewright may have made this backup'),
    id: backupId,
    client: z
      .string('expected the name of a client')
      .regex(BACKUP_CLIENT, 'expected a name of letters, digits, dots, hyphens and underscores'),
    mac,
    firmware: z.enum(['bios', 'uefi'], 'expected bios or uefi'),
    /** `hot`: the disk was in use, and this is one point in time of it. */
    kind: z.enum(['cold', 'hot'], 'expected cold or hot'),
    /** The client's newest complete backup before this one, with which it shares what did not change; null for the first. */
    parent: backupId.nullable(),
    beganAt: time,
    endedAt: time,
    disk: z.strictObject({
      /** The kernel's, such as `vda`. */
      name: z.string(),
      bytes: positive,
      sectorBytes: positive.refine((bytes) => [512, 4096].includes(bytes), 'expected 512 or 4096'),
      label: z.enum(['gpt', 'dos', 'none'], 'expected gpt, dos or none'),
    }),
    /** Those with content; an extended partition of an MBR is in the table alone. A disk without any is saved as a whole. */
    partitions: z.array(partitionSchema).min(1, 'expected at least one partition'),
  })
  .superRefine(({ disk, partitions }, context) => {
    if (disk.bytes % disk.sectorBytes !== 0)
      context.addIssue({ code: 'custom', path: ['disk', 'bytes'], message: 'expected a size in whole sectors' });
    const numbers = new Set<number>();
    for (const [index, { number, startSector, sectors, format, bytes }] of partitions.entries()) {
      const wrong = (field: string, message: string): void =>
        context.addIssue({ code: 'custom', path: ['partitions', index, field], message });
      if (numbers.has(number)) wrong('number', 'expected each partition once');
      numbers.add(number);
      if ((number === 0) !== (disk.label === 'none'))
        wrong('number', disk.label === 'none' ? 'expected 0, since the disk has no table' : 'expected 1 or more');
      if ((startSector + sectors) * disk.sectorBytes > disk.bytes)
        wrong('sectors', `expected a partition that ends on the disk of ${disk.bytes} bytes`);
      const other = partitions.find(
        (one, before) =>
          before < index && startSector < one.startSector + one.sectors && one.startSector < startSector + sectors,
      );
      if (other !== undefined) wrong('startSector', `expected a place that partition ${other.number} does not have`);
      const ownBytes = sectors * disk.sectorBytes;
      if (format === 'raw' && bytes !== ownBytes)
        wrong('bytes', `expected ${ownBytes}, every byte of the partition, since its stream is raw`);
      if (format === 'swap' && bytes > Math.min(ownBytes, SWAP_STREAM_BYTES))
        wrong('bytes', `expected at most the ${SWAP_STREAM_BYTES} bytes of a page, since its stream is a swap area's`);
    }
  });
export type BackupManifest = z.output<typeof backupManifestSchema>;
export type BackupPartition = BackupManifest['partitions'][number];

/** `no-json`: not JSON at all; `other-format`: of another version; `bad-field`: JSON that is not a manifest. */
export type ManifestProblem = 'no-json' | 'other-format' | 'bad-field';

/** A manifest, or why there is none: `message` names each field, what was expected and what came. */
export type ReadManifest =
  | { readonly manifest: BackupManifest; readonly problem?: undefined; readonly message?: undefined }
  | { readonly manifest?: undefined; readonly problem: ManifestProblem; readonly message: string };

/** Reads the text of `backup.json`; throws for nothing. */
export function readBackupManifest(text: string): ReadManifest {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    return { problem: 'no-json', message: `${MANIFEST_FILE}: ${(error as Error).message}` };
  }
  const parsed = backupManifestSchema.safeParse(input);
  if (parsed.success) return { manifest: parsed.data };
  const format = parsed.error.issues.find(({ path }) => path.length === 1 && path[0] === 'format');
  const message = configProblems(parsed.error, input)
    .map((problem) => `${MANIFEST_FILE}: ${problem}`)
    .join('\n');
  return { problem: format === undefined ? 'bad-field' : 'other-format', message };
}
