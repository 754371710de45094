import * as z from 'zod';
import { MENU_TEXT } from '../../../vm-images/boot-configurations.ts';
import { MENU_MODES } from './agent-modes.ts';
import { duration, word } from './values.ts';

// The menu of the network boot program: the boot image in more than one role.

const identifier = z
  .string({ error: 'a word' })
  .regex(/^[a-z][a-z0-9-]{0,19}$/, { error: 'a word of lower-case letters, digits and hyphens, e.g. rescue' });
const title = z
  .string({ error: 'a text' })
  .regex(MENU_TEXT, { error: 'printable ASCII of 1 to 60 characters without ^ \' " ` $ \\ { }' });

/** The menu of the network boot program. */
export const bootMenu = z
  .strictObject({
    title: title.optional().meta({ description: 'heading; default Network boot', examples: ['Network boot'] }),
    timeout: duration
      .refine((ms) => ms >= 1000 && ms % 1000 === 0 && ms <= 600_000, { error: 'whole seconds, 1s to 10m' })
      .optional()
      .meta({ description: 'how long it waits for a key before the default entry starts; default 5s' }),
    default: identifier.optional().meta({
      description:
        'name of the entry that starts when nobody presses a key; default: the first. A client with `agent.mode` and without keys for the menu (`when: boot-menu`) has a configuration of its own, in which the first entry of that mode is the default',
      examples: ['deploy'],
    }),
    entries: z
      .array(
        z
          .strictObject({
            name: identifier.meta({ description: 'name of the entry', examples: ['rescue'] }),
            title: title.meta({ description: 'text of the entry', examples: ['Save the disk of this computer'] }),
            mode: word(MENU_MODES)
              .optional()
              .meta({ description: 'role in which the boot image starts, as agent.mode has it; default install' }),
            key: z
              .string({ error: 'a letter or digit' })
              .regex(/^[a-z0-9]$/, { error: 'a lower-case letter or a digit' })
              .optional()
              .meta({ description: 'key that starts the entry at once', examples: ['b'] }),
          })
          .meta({ description: 'an entry' }),
      )
      .min(1, { error: 'at least one entry' }),
  })
  .meta({
    description:
      'menu of the network boot program (PXELINUX, GRUB or iPXE) that starts the boot image, with an entry for each of its roles; without it the boot image starts at once. `agent.keys` with `when: boot-menu` choose from it',
  });
