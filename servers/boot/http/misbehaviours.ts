import * as z from 'zod';
import type { MisbehaviourWords } from '../../service/misbehaviour-words.ts';

/** What the HTTP server does wrong on purpose. */
export function httpMisbehaviours<Duration extends z.ZodType<number>>(words: MisbehaviourWords<Duration>) {
  const { count, duration, expected } = words;
  const url = { error: expected('a URL or path, percent-encoded') };
  return z
    .strictObject({
      status: count(400, 599, 'an HTTP status')
        .optional()
        .meta({ description: 'answers every request with this status', examples: [503] }),
      redirect: z
        .string(url)
        .regex(/^[!-~]+$/, url)
        .optional()
        .meta({ description: 'sends every request to another place (302)' }),
      'truncate-after': count(0, Number.MAX_SAFE_INTEGER, 'a number of bytes')
        .optional()
        .meta({ description: 'announces the whole file, sends that many bytes and resets the connection' }),
      delay: duration.optional().meta({ description: 'delays its answers by this time' }),
    })
    .meta({ description: 'misbehaves on purpose' });
}
