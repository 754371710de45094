import * as z from 'zod';
import { STEP_NAMES } from '../../protocols/words.ts';
import { duration, name, word } from './values.ts';

/** What happens to a VM while it boots or works. */
export const incidents = z
  .array(
    z
      .strictObject({
        when: z
          .union([name, z.enum(STEP_NAMES)], {
            error: "the agent's event, e.g. restore, or a step, e.g. tftp.option-ack",
          })
          .meta({
            description: 'a screen or event of the agent, or a step that has passed; the first of them counts',
            examples: ['restore', 'tftp.option-ack'],
          }),
        delay: duration.optional().meta({ description: 'how long after that; default 0s', examples: ['2s'] }),
        what: word(['unplug', 'power-off']).optional().meta({
          description:
            'unplug (default): its network cable is out, for the time of `for`; power-off: it loses its power, and its story is over',
        }),
        for: duration
          .optional()
          .meta({ description: 'how long the cable is out; default: until the end', examples: ['10s'] }),
      })
      .refine((value) => value.what !== 'power-off' || value.for === undefined, {
        path: ['for'],
        error: 'no such key beside what: power-off',
      })
      .meta({ description: 'an incident' }),
  )
  .min(1, { error: 'at least one incident' });
