import * as z from 'zod';
import { HOT_BACKUPS } from './agent-modes.ts';
import { duration, ipv4, snapshotSize, word } from './values.ts';

/** Largest part of a computer's memory that a snapshot takes unless the scenario says so. */
export const DEFAULT_SNAPSHOT_KIB = 65_536;

const snapshotOfSize = z
  .strictObject({
    snapshot: snapshotSize.meta({
      description: `what the snapshot may keep, in memory, of what is overwritten while it is saved; default ${DEFAULT_SNAPSHOT_KIB / 1024}MiB. When more is overwritten it is lost, and the backup fails`,
      examples: ['64KiB'],
    }),
  })
  .meta({ description: 'a snapshot with other room than the default' });

/** Backups of a computer that goes on working. */
export const hotBackups = z
  .strictObject({
    take: z
      .array(
        z.union([word(HOT_BACKUPS), snapshotOfSize], {
          error: `one of ${HOT_BACKUPS.join(', ')}, or { snapshot: SIZE }`,
        }),
      )
      .min(1, { error: 'at least one backup' })
      .optional()
      .meta({
        description:
          'one backup after the other. By the hypervisor: frozen, at a moment at which the guest agent (qemu-ga) holds the file systems still, or unfrozen; default one frozen. The first saves the whole disk, each later one what changed since. By the agent, as on a computer without a hypervisor: snapshot, of the mounted file system as it is at one moment (device-mapper, as lvcreate --snapshot does it). It reads all that is in use each time, and the store keeps what is new; after one that fails no more are taken',
        examples: [
          ['frozen', 'frozen'],
          ['snapshot', 'snapshot'],
        ],
      }),
    every: duration.optional().meta({
      description:
        'from the begin of one backup by the hypervisor to that of the next; one that is due while another is still being made begins after it. Default: each at once when the one before is over',
      examples: ['20s'],
    }),
    at: ipv4.optional().meta({
      description:
        "address from which the hypervisor speaks to the store, which no other host has; default: one before the boot server's. Steps of room restic from there are this client's",
    }),
  })
  .meta({
    description:
      'the disk of this client, with agent.mode work, is saved to services.backups without stopping it, by the hypervisor or by the agent. Each backup is read back from the store, and must hold what the guest had written by then: a log that ends with a whole record, and an index that says no more than the log',
  });
