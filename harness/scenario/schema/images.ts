import * as z from 'zod';
import { WINDOWS_ARCHITECTURE_NAMES } from '../../protocols/wim/wire/architectures.ts';
import { extraFiles } from './files.ts';
import { count, flag, ipv4, line, size, userName, wirePath, word } from './values.ts';

// The image store.

const damage = z
  .union(
    [
      z.strictObject({
        truncate: z
          .string()
          .regex(/^[1-9]?\d%$/)
          .meta({ description: 'size to cut the file to', examples: ['60%'] }),
      }),
      z.strictObject({
        'flip-byte-at': count(0, Number.MAX_SAFE_INTEGER, 'an offset in the file').meta({
          description: 'inverts all bits of the byte at this offset',
        }),
      }),
      z.strictObject({
        architecture: word(WINDOWS_ARCHITECTURE_NAMES).meta({
          description: 'the architecture that every image of the file claims',
        }),
      }),
    ],
    { error: 'exactly one of truncate: 60%, flip-byte-at: OFFSET, architecture: x86' },
  )
  .meta({ description: 'what is wrong with the file' });

/** The image store, RemInst. */
export const images = z
  .strictObject({
    at: ipv4.optional().meta({ description: 'default: where the boot server is' }),
    share: z
      .string({ error: 'a share name' })
      .regex(/^[A-Za-z0-9_-]{1,80}$/, { error: 'a share name, e.g. REMINST' })
      .optional()
      .meta({ description: 'default REMINST' }),
    writable: z
      .union([flag, z.array(userName).min(1, { error: 'at least one user' })], {
        error: 'true, false or a list of users',
      })
      .optional()
      .meta({
        description: 'who may write to the store: everybody (true), nobody (false, the default), or these users',
        examples: [true, ['administrateur']],
      }),
    capacity: size.optional().meta({
      description: 'size of the volume of the store, including its initial content; default: as much as the lab has',
      examples: ['64MiB'],
    }),
    root: z
      .string({ error: 'a folder' })
      .regex(/^(\.{1,2}([\\/]|$)|[\\/])/, { error: 'a folder that begins with ./, ../ or /' })
      .optional()
      .meta({
        description:
          'a RemInst folder of your own instead of the bundled one (./ relative to this file; outside of its folder it needs --allow-root), copied into the lab; `groups` names its images',
        examples: ['./RemInst'],
      }),
    groups: z
      .record(
        line,
        z
          .array(
            z
              .string({ error: 'an image file' })
              .regex(/^[^\\/\0]+\.wim$/i, { error: 'an image file name ending in .wim' }),
          )
          .min(1, { error: 'at least one image' }),
      )
      .optional()
      .meta({
        description:
          'image group: its images, found on the share as Images\\group\\image; default Linux: [sample.wim]. The group “Linux 2012” (base.wim, workshop.wim) has a shared Res.rwm',
        examples: [{ Linux: ['sample.wim'] }],
      }),
    packages: z
      .string({ error: 'a bundle or a folder' })
      .min(1, { error: 'a bundle, e.g. packages/sample, or a folder, e.g. ./packages' })
      .optional()
      .meta({
        description:
          'Debian packages that answer files can name, found on the share below Packages: the bundle packages/sample, or a folder of your own (./ relative to this file; outside of its folder it needs --allow-root)',
        examples: ['packages/sample'],
      }),
    'driver-packages': z
      .array(z.string({ error: 'the name of a driver package' }))
      .optional()
      .meta({
        description:
          'driver packages that the control service offers to installed systems, found on the share below DriverPackages',
        examples: [['rtl8139']],
      }),
    files: extraFiles('WdsClientUnattend\\pc01.xml'),
    damage: z
      .record(wirePath, damage)
      .optional()
      .meta({
        description: 'files of the share that are damaged before it is served',
        examples: [{ 'Images\\Linux\\sample.wim': { truncate: '60%' } }],
      }),
  })
  .refine(({ root, groups }) => root === undefined || groups !== undefined, {
    path: ['groups'],
    error: 'the image groups of the folder that `root` names, e.g. { Linux: [own.wim] }',
  })
  .meta({ description: 'image store on an SMB share' });
