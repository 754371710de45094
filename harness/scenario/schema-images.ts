import { z } from 'zod';
import { extraFiles } from './schema-files.ts';
import { ipv4, line } from './schema-values.ts';

// The image store.

/** The image store, RemInst. */
export const images = z
  .strictObject({
    at: ipv4.optional().meta({ description: 'default: where the boot server is' }),
    share: z.string({ error: 'a share name' }).regex(/^[A-Za-z0-9_-]{1,80}$/, { error: 'a share name, e.g. REMINST' }).optional().meta({ description: 'default REMINST' }),
    groups: z
      .record(line, z.array(z.string({ error: 'an image file' }).regex(/^[^\\/\0]+\.wim$/i, { error: 'an image file name ending in .wim' })).min(1, { error: 'at least one image' }))
      .optional()
      .meta({ description: 'image group: its images, found on the share as Images\\group\\image; default Linux: [sample.wim]', examples: [{ Linux: ['sample.wim'] }] }),
    packages: z
      .string({ error: 'a bundle or a folder' })
      .min(1, { error: 'a bundle, e.g. packages/sample, or a folder, e.g. ./packages' })
      .optional()
      .meta({ description: 'Debian packages that answer files can name, found on the share below Packages: the bundle packages/sample, or a folder of your own (./ or ../ relative to this file, or absolute)', examples: ['packages/sample'] }),
    'driver-packages': z
      .array(z.string({ error: 'the name of a driver package' }))
      .optional()
      .meta({ description: 'driver packages that the control service offers to installed systems, found on the share below DriverPackages', examples: [['rtl8139']] }),
    files: extraFiles('WdsClientUnattend\\pc01.xml'),
  })
  .meta({ description: 'image store on an SMB share' });

