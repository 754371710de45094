import * as z from 'zod';
import { RESTIC_PORT } from '../../protocols/restic/wire/ports.ts';
import { REFERENCE_LAB } from '../../../servers/service/reference-lab.ts';
import { backupStoreMisbehaviour } from './misbehaviour.ts';
import { CERTIFICATE_KINDS } from './certificate-kinds.ts';
import { count, ipv4, name, password, period, size, word } from './values.ts';

// The store of disk backups, and what a client restores from it.

const id = z
  .string({ error: 'an id, e.g. 20261128T111500Z, or latest' })
  .regex(/^(latest|[0-9]{8}T[0-9]{6}Z)$/, { error: 'an id, e.g. 20261128T111500Z, or latest' });

const tls = z
  .union(
    [
      z.literal(true),
      z.strictObject({
        certificate: word(CERTIFICATE_KINDS).optional().meta({
          description:
            'what clients are to make of it: `expired`; `unknown-authority`, which none of them knows; `other-name`, for another address than the store has; default: valid',
        }),
      }),
    ],
    { error: 'true, or what the certificate is, e.g. { certificate: expired }' },
  )
  .meta({
    description:
      'HTTPS with a certificate for the address of the store, by an authority that is made for the lab and that agents get with their boot image; what goes over it is then judged by its connections and volumes',
    examples: [true, { certificate: 'expired' }],
  });

const number = count(1, 100_000, 'a number of backups');

/** When clients are to be saved, and what is kept of them. */
const schedule = z
  .strictObject({
    every: period.optional().meta({
      description:
        'how often each client is to be saved: `pxewright backups list` says when its next backup is due, and fails with --overdue when one is late',
      examples: ['24h'],
    }),
    keep: z
      .strictObject({
        last: number.optional().meta({ description: 'the newest so many of each client', examples: [7] }),
        daily: number.optional().meta({ description: 'the newest of each of so many days (UTC)', examples: [7] }),
        weekly: number
          .optional()
          .meta({ description: 'the newest of each of so many weeks (from Monday, UTC)', examples: [4] }),
        within: period
          .optional()
          .meta({ description: "what is at most so much older than the client's newest", examples: ['30d'] }),
      })
      .refine((keep) => Object.keys(keep).length > 0, { error: 'one of last, daily, weekly, within' })
      .optional()
      .meta({
        description:
          'retention: a backup stays if one rule keeps it, and the newest of each client always. The lab applies it after each backup that one of its clients or hypervisors has made, and `pxewright backups prune` when it is given no rule',
        examples: [{ last: 7, weekly: 4 }],
      }),
  })
  .meta({
    description:
      'when clients are to be saved and what is kept, written into the store; {} forgets what was. Default: what the store says already. Who saves them is said elsewhere: clients[].agent, clients[].hot-backups, or a job of your own',
  });

/** The store of disk backups. */
export const backups = z
  .strictObject({
    at: ipv4.optional().meta({ description: 'default: where the image store is, else where the boot server is' }),
    port: count(1, 65_535, 'a TCP port')
      .optional()
      .meta({ description: `TCP port; default ${RESTIC_PORT}` }),
    password: password.optional().meta({
      description: `password with which the store is encrypted; clients get it from the boot server; default ${REFERENCE_LAB.account.password}`,
      examples: [REFERENCE_LAB.account.password],
    }),
    capacity: size.optional().meta({
      description:
        'what the store may hold: it refuses what would exceed that; default: as much as the lab, or the disk of `store`, has',
      examples: ['64MiB'],
    }),
    store: z
      .string({ error: 'a folder, e.g. ./backups' })
      .regex(/^[^\0]{1,4096}$/, { error: 'a folder, e.g. ./backups' })
      .optional()
      .meta({
        description:
          'keeps the store in this folder (relative to this file; outside of its folder it needs --allow-root) from run to run; an empty folder becomes a store. Default: each run has a new store',
        examples: ['./backups'],
      }),
    tls: tls.optional(),
    schedule: schedule.optional().meta({ examples: [{ every: '24h', keep: { last: 7 } }] }),
    misbehave: backupStoreMisbehaviour.optional(),
  })
  .meta({
    description:
      'store of disk backups: a repository of restic over HTTP or HTTPS, for clients with agent.mode backup, restore and work',
  });

/** Which backup a client restores, or recovers files of. */
export const chosenBackup = z
  .strictObject({
    of: name.optional().meta({
      description: 'client whose disk was saved; default: this client itself',
      examples: ['pc'],
    }),
    id: id.optional().meta({
      description: 'which of its backups, by the time at which it began (UTC); default latest',
      examples: ['latest', '20261128T111500Z'],
    }),
  })
  .meta({ description: 'backup to restore, or to recover files of' });

/** What a client recovers of a backup. */
export const recoveredPaths = z
  .array(
    z.string({ error: 'a path' }).regex(/^(\/(?!\.{1,2}(\/|$))[^\0\\\r\n/]+)+\/?$/, {
      error: 'an absolute path in the backup, without . and .., with forward slashes, e.g. /etc/hostname',
    }),
  )
  .min(1, { error: 'at least one path' })
  .meta({
    description:
      'files and folders of the backup that mode: recover brings back, each to the path that it had, in the first ext4 partition. While the client waits, the lab runs `pxewright backups extract --to-share` for them; when it has ended, each file on its disk must be what the backup has',
    examples: [['/etc/hostname', '/home']],
  });
