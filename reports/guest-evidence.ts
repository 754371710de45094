import * as z from 'zod';

/** Evidence of the second kind: what the guest's agent said and what its disk holds. It explains; the wire judges. */
export const guestEvidenceSchema = z.strictObject({
  agent: z
    .array(
      z.strictObject({
        atMs: z.number().describe('milliseconds from power-on'),
        event: z.string().describe('name of the event (vm-images/README.md lists them)'),
        detail: z.record(z.string(), z.unknown()).optional().describe('what the event was about'),
      }),
    )
    .describe('what the agent in the guest, or a played client, said'),
  disk: z
    .strictObject({
      filesCompared: z.int().meta({
        description: 'files, folders and links that were compared, and single files whose hash was',
      }),
      differences: z
        .array(
          z.strictObject({
            path: z.string().describe('on the disk; in front of it the partition, where whole disks were compared'),
            expected: z.string().describe('as the image, or the other disk, has it'),
            actual: z.string().describe('as the disk has it'),
          }),
        )
        .describe('files that are not as they should be'),
      ignored: z.array(z.string()).readonly().optional().meta({
        description:
          'paths of the disk or the image that were not compared, by the patterns of `after.ignore` in plan.json',
      }),
      notCompared: z.array(z.string()).readonly().optional().meta({
        description: 'what the image holds and the file system of the disk has no place for, in sentences',
      }),
      partitions: z
        .array(
          z.strictObject({
            number: z.int().describe('in the partition table; 0 for a disk without one'),
            fileSystem: z.enum(['ext4', 'ntfs', 'vfat', 'swap', 'unknown']).describe('what it holds'),
            bytes: z.int().describe('its size on the disk that was restored'),
            largerByBytes: z.int().optional().describe('by how much it is larger on this disk'),
            bytesCompared: z.int().meta({
              description:
                'bytes that were compared one by one, those in use; 0 where a file system grew with its partition',
            }),
            filesCompared: z.int().describe('files, folders and links that were compared'),
          }),
        )
        .readonly()
        .optional()
        .meta({ description: 'how much of each partition `after.restored-from` compared' }),
      bootedBySelf: z.boolean().optional().describe('whether the installed system came up from the disk alone'),
      fileSystem: z
        .strictObject({
          uuid: z.string().describe('its UUID'),
          blocks: z.int().describe('its size in blocks'),
          blockSize: z.int().describe('bytes of a block'),
        })
        .optional()
        .describe('the file system that the installation created, not that of the captured disk'),
    })
    .optional()
    .describe('what the installed disk holds'),
  hotBackups: z
    .array(
      z.strictObject({
        id: z.string().describe('the backup in the store, by the time of the moment that it holds'),
        kind: z
          .enum(['full', 'increment', 'snapshot'])
          .describe(
            'by the hypervisor: the whole disk, or what changed since the backup before; by the agent: all that was in use in a snapshot of the mounted file system',
          ),
        copiedBytes: z
          .int()
          .describe(
            'what QEMU copied of the disk: all of it, or the clusters that changed; what a snapshot kept of that which was overwritten while it was saved',
          ),
        storedBytes: z.int().describe('what the store grew by for its partitions, compressed and encrypted'),
        frozenMs: z
          .int()
          .optional()
          .describe('milliseconds for which the file systems stood still; absent for one that was taken without'),
        clean: z.boolean().describe('whether the file system with the work is as if it had been unmounted'),
        records: z.int().describe('records of the work in it, whole and in order'),
        removed: z.literal(true).optional().describe("the store's retention has removed it afterwards"),
      }),
    )
    .readonly()
    .optional()
    .describe(
      'backups that the hypervisor, or the agent by itself, took of the disk while the guest worked, read back from the store',
    ),
  recovered: z
    .strictObject({
      backup: z.string().describe('the backup, `CLIENT/ID`'),
      files: z
        .array(
          z.strictObject({
            path: z.string().describe('in the backup, and on the disk'),
            bytes: z.int().describe('its size'),
            sha256: z.string().describe('of what the backup has'),
          }),
        )
        .describe('files that were put on the image share while the client waited, and then looked for on its disk'),
    })
    .optional()
    .describe('what the client recovered of a backup'),
  virtualMachines: z
    .array(
      z.strictObject({
        backup: z.string().describe('the backup, `CLIENT/ID`'),
        format: z.string().describe('format of the disk, as `pxewright backups convert` knows it'),
        files: z.array(z.string()).describe('what was made of the backup: the disk, and what its target imports'),
        bytes: z.int().describe('size of the disk that the guest sees'),
        startedBySelf: z.boolean().describe('whether its system came up from this disk'),
      }),
    )
    .readonly()
    .optional()
    .describe('virtual machines that were made of the newest backup of the client, and started'),
  nextStart: z
    .strictObject({
      bootOrder: z.array(z.string()).describe('devices that the firmware was to try, in order'),
      device: z.enum(['disk', 'network', 'none']).describe('what it started from'),
    })
    .optional()
    .describe('the start after the story, with the boot order that the client then has'),
  joined: z
    .strictObject({
      computer: z.string().describe('name of the account'),
      dnsHostName: z.string().optional().describe('host name that the directory has for it'),
      keyOpensAccount: z.boolean().describe('whether the key on the disk opens it'),
    })
    .optional()
    .meta({
      description:
        'the computer account of the installed system: the host name that the directory has for it, and whether the key on the disk opens it',
    }),
});
