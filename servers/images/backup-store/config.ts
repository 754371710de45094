import * as z from 'zod';
import { RESTIC_PORT } from '../../../harness/protocols/restic/wire/ports.ts';
import { ip, port } from '../../service/config-fields.ts';
import { CONFIG_WORDS } from '../../service/config-words.ts';
import { scheduleSchema } from '../backups/schedule.ts';
import { backupStoreMisbehaviours } from './misbehaviours.ts';

/** Configuration of the store of disk backups. */
export const backupStoreConfigSchema = z.strictObject({
  address: ip,
  port: port.default(RESTIC_PORT),
  /** Folder of the store; made when it is not there. Nothing outside of it is served. */
  root: z.string('expected a folder').min(1, 'expected a folder'),
  /** Password of the store: what backups are encrypted with. An empty folder becomes a store with it. */
  password: z.string('expected a password').min(1, 'expected a password'),
  /** A new store's key is derived from its password at once, and not as slowly as restic makes it: for one that ends with its lab. */
  quickKey: z.boolean('expected true or false').optional(),
  /** What the store may hold, its 256 folders included (1 MiB on most file systems); what would exceed it is refused (507). */
  maxBytes: z.int('expected bytes').min(1, 'expected bytes').optional(),
  /** What the store says of its clients from now on (`pxewright backups list`); absent: what it has said before. */
  schedule: scheduleSchema.optional(),
  /** HTTPS: certificate and key as PEM. */
  tls: z
    .strictObject({
      certificate: z.string('expected a file').min(1, 'expected a file'),
      key: z.string('expected a file').min(1, 'expected a file'),
    })
    .optional(),
  misbehave: backupStoreMisbehaviours(CONFIG_WORDS).optional(),
  startTimeoutMs: z.int().min(100).max(60_000).default(20_000),
});
export type BackupStoreConfig = z.output<typeof backupStoreConfigSchema>;
