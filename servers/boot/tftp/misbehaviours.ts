import * as z from 'zod';
import type { MisbehaviourWords } from '../../service/misbehaviour-words.ts';

/** What the TFTP server does wrong on purpose. */
export function tftpMisbehaviours<Duration extends z.ZodType<number>>(words: MisbehaviourWords<Duration>) {
  const { count, duration, expected, flag, path, word } = words;
  const paths = z.array(path).min(1, { error: expected('at least one name') });
  const blocks = z.array(count(1, 65_535, 'a block')).min(1, { error: expected('at least one block') });
  return z
    .strictObject({
      missing: paths.optional().meta({
        description: 'answers "file not found" for names that are there',
        examples: [['boot\\x86\\wdsnbp.com']],
      }),
      denied: paths
        .optional()
        .meta({ description: 'answers "access violation" for these names', examples: [['boot\\x86\\wdsnbp.com']] }),
      'drop-block': blocks
        .optional()
        .meta({ description: 'loses the first transmission of these blocks, in every transfer', examples: [[3]] }),
      'duplicate-block': blocks.optional().meta({ description: 'sends these blocks twice', examples: [[3]] }),
      'error-after-block': count(0, 65_535, 'a block')
        .optional()
        .meta({ description: 'ends every transfer with an ERROR after that block' }),
      'stall-after-block': count(0, 65_535, 'a block').optional().meta({ description: 'goes silent after that block' }),
      'oack-enlarges-blksize': count(1, 1024, 'bytes')
        .optional()
        .meta({ description: 'grants blocks larger than asked for by this much' }),
      'oack-omit': z
        .array(word(['blksize', 'tsize', 'windowsize', 'timeout', 'msftwindow']))
        .optional()
        .meta({ description: 'grants all options but these' }),
      'wrong-tsize': z
        .int({ error: expected('a whole number') })
        .optional()
        .meta({ description: 'adds this to the size that it reports' }),
      'data-from-port-69': flag.optional().meta({ description: 'answers from port 69 instead of a port of its own' }),
      delay: duration.optional().meta({ description: 'delays the answer to each request by this time' }),
    })
    .meta({ description: 'misbehaves on purpose' });
}
