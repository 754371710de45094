import * as z from 'zod';
import type { MisbehaviourWords } from '../../service/misbehaviour-words.ts';

/** Faults that happen to the content of the store, in the order in which they happen when they are due together. */
export const CONTENT_FAULTS = ['damage-pack', 'remove-pack', 'remove-index', 'remove-snapshot', 'stale-lock'] as const;
export type ContentFault = (typeof CONTENT_FAULTS)[number];

/** What the store of disk backups does wrong on purpose. */
export function backupStoreMisbehaviours<Duration extends z.ZodType<number>>(words: MisbehaviourWords<Duration>) {
  const { count, duration, expected } = words;
  const when = count(1, 1000, 'a number of complete backups');
  const requests = count(0, 1_000_000, 'a number of requests');
  return z
    .strictObject({
      'damage-pack': when
        .optional()
        .meta({ description: 'changes one byte in the largest pack once so many backups are complete', examples: [1] }),
      'remove-pack': when
        .optional()
        .meta({ description: 'removes the largest pack once so many backups are complete', examples: [1] }),
      'remove-index': when
        .optional()
        .meta({ description: 'removes the indexes once so many backups are complete', examples: [1] }),
      'remove-snapshot': when.optional().meta({
        description: "removes the last partition's snapshot of the backup that is the n-th to be complete",
        examples: [1],
      }),
      'stale-lock': count(0, 1000, 'a number of complete backups')
        .optional()
        .meta({
          description:
            'leaves the exclusive lock of a program that is gone, once so many backups are complete; 0: before the first client comes',
          examples: [0],
        }),
      gone: z
        .strictObject({
          'after-writes': requests
            .optional()
            .meta({ description: 'when so many packs were written; 0: before any client comes', examples: [1] }),
          'after-reads': requests.optional().meta({
            description: 'when packs were read from so often; a backup reads from the one before it, too',
            examples: [3],
          }),
          for: duration.optional().meta({ description: 'comes back after this time; default: never' }),
        })
        .refine((gone) => (gone['after-writes'] === undefined) !== (gone['after-reads'] === undefined), {
          error: expected('one of after-writes and after-reads'),
        })
        .optional()
        .meta({ description: 'goes away in the middle of what a client does, its connections with it' }),
    })
    .meta({ description: 'misbehaves on purpose' });
}
