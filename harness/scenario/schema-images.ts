import { z } from 'zod';
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
  })
  .meta({ description: 'image store on an SMB share' });

