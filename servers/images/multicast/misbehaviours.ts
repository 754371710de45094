import * as z from 'zod';
import type { MisbehaviourWords } from '../../service/misbehaviour-words.ts';

/** What the multicast sender does wrong on purpose. */
export function multicastMisbehaviours<Duration extends z.ZodType<number>>(words: MisbehaviourWords<Duration>) {
  const { count, flag, expected } = words;
  return z
    .strictObject({
      silent: flag.optional().meta({ description: 'true: there is no sender, so that nobody answers receivers' }),
      'never-starts': flag
        .optional()
        .meta({ description: 'true: lets receivers in and never begins, as if it waited for more of them' }),
      'dies-after': count(1, Number.MAX_SAFE_INTEGER, 'a number of bytes').optional().meta({
        description: 'is gone, without a word, when it has sent about that many bytes of the image, and stays away',
      }),
      'flip-byte-at': count(0, Number.MAX_SAFE_INTEGER, 'an offset in the file').optional().meta({
        description: 'sends the image with all bits of the byte at this offset inverted; the share has the right one',
      }),
    })
    .refine((all) => (all.silent !== true && all['never-starts'] !== true) || Object.keys(all).length === 1, {
      error: expected('silent or never-starts alone: nothing is sent then'),
    })
    .meta({ description: 'misbehaves on purpose' });
}
