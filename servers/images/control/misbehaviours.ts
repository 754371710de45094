import * as z from 'zod';
import { WDS_OPERATION_NAMES } from '../../../harness/protocols/wds/wire/codec.ts';
import type { MisbehaviourWords } from '../../service/misbehaviour-words.ts';

/** What the control service does wrong on purpose. */
export function controlMisbehaviours<Duration extends z.ZodType<number>>(words: MisbehaviourWords<Duration>) {
  const { count, duration, flag, word } = words;
  const byOperation = z.partialRecord(word(WDS_OPERATION_NAMES), count(1, 0xffff_ffff, 'a status'));
  return z
    .strictObject({
      // Reasons: C706 section 12.6.3.1.
      'refuse-bind': count(0, 65_535, 'a reason')
        .optional()
        .meta({
          description:
            'refuses every bind (bind_nak) with this reason: 1 congestion, 2 local limit, 4 protocol version, 8 authentication',
          examples: [1],
        }),
      faults: byOperation.optional().meta({
        description: 'answers these operations with a fault of this status',
        examples: [{ IMG_ENUMERATE: 0x1c01_0002 }],
      }),
      errors: byOperation.optional().meta({
        description: 'answers these operations with a reply of this Windows error code',
        examples: [{ IMG_ENUMERATE: 1168 }],
      }),
      delay: duration.optional().meta({ description: 'delays each answer by this time' }),
      'drop-after-auth3': flag.optional().meta({ description: 'closes the connection after an AUTH3' }),
    })
    .meta({ description: 'misbehaves on purpose' });
}
