import { z } from 'zod';
import { ipv4, line, password, userName, word } from './schema-values.ts';

// The image store and who may use it.

/** Accounts that the image store asks for. */
export const authentication = z
  .strictObject({
    kind: word(['standalone']).optional().meta({ description: 'standalone: the file server knows its users itself (NTLM)' }),
    domain: z
      .string({ error: 'a NetBIOS domain name, e.g. SYSTEM' })
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,14}$/, { error: 'a NetBIOS domain name of at most 15 letters, digits and hyphens, e.g. SYSTEM' })
      .optional()
      .meta({ description: 'default SYSTEM', examples: ['SYSTEM'] }),
    users: z
      .array(z.strictObject({ name: userName, password }))
      .min(1, { error: 'at least one user' })
      .max(32, { error: 'at most 32 users' })
      .optional()
      .meta({ description: 'default: administrateur with password Passw0rd.lab', examples: [[{ name: 'administrateur', password: 'Passw0rd.lab' }]] }),
  })
  .meta({ description: 'who may log on' });

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

