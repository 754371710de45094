import * as z from 'zod';
import { STEP_NAMES } from '../../protocols/words.ts';
import { stepName } from './steps.ts';
import { count, duration, name, word } from './values.ts';

const isStep = (when: string): boolean => STEP_NAMES.some((step) => step === when);

/** What happens to a VM while it boots or works. */
export const incidents = z
  .array(
    z
      .strictObject({
        when: z
          .union([name, stepName], {
            error: "the agent's event, e.g. restore, or a step, e.g. tftp.option-ack",
          })
          .meta({
            description: 'a screen or event of the agent, or a step that has passed; the first of them counts',
            examples: ['restore', 'tftp.option-ack'],
          }),
        percent: count(1, 99, 'a percentage')
          .optional()
          .meta({
            description:
              'not before the event says so much: backup, restore, apply, capture and receive say how far they are',
            examples: [50],
          }),
        delay: duration.optional().meta({ description: 'how long after that; default 0s', examples: ['2s'] }),
        what: word(['unplug', 'pause', 'power-off']).optional().meta({
          description:
            'unplug (default): its network cable is out; pause: it stands still, its clock too, and its cable is in; both for the time of `for`, or `until`. power-off: it loses its power, and its story is over',
        }),
        for: duration.optional().meta({
          description: 'how long the cable is out, or the computer stands still; default: until the end',
          examples: ['10s'],
        }),
        until: z
          .strictObject({
            client: name.meta({ description: 'another client', examples: ['first'] }),
            step: stepName.meta({ description: 'a step that it passes', examples: ['multicast.start'] }),
          })
          .optional()
          .meta({
            description:
              'in place of `for`: until another client has passed a step, which on a fast host is sooner than any time that one could name, and later on a busy one',
          }),
      })
      .refine(({ when, percent }) => percent === undefined || !isStep(when), {
        path: ['percent'],
        error: 'no such key beside a step, which says no percentage',
      })
      .refine((value) => value.what !== 'power-off' || value.for === undefined, {
        path: ['for'],
        error: 'no such key beside what: power-off',
      })
      .refine((value) => value.what !== 'power-off' || value.until === undefined, {
        path: ['until'],
        error: 'no such key beside what: power-off',
      })
      .refine((value) => value.for === undefined || value.until === undefined, {
        path: ['until'],
        error: 'one end of the incident: for or until',
      })
      .meta({ description: 'an incident' }),
  )
  .min(1, { error: 'at least one incident' });
