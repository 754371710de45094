import * as z from 'zod';
import { ARCHITECTURE_WORDS } from '../../../harness/protocols/dhcp/wire/architectures.ts';
import type { MisbehaviourWords } from '../../service/misbehaviour-words.ts';

/** What a DHCP or proxyDHCP server does wrong on purpose. */
export function dhcpMisbehaviours<Duration extends z.ZodType<number>>(words: MisbehaviourWords<Duration>) {
  const { client, count, duration, expected, flag, word } = words;
  const someSilence = z.strictObject({
    after: count(0, 1_000_000, 'a number of answers').optional(),
    for: z
      .array(client)
      .min(1, { error: expected('at least one client') })
      .optional(),
    architectures: z
      .array(word(ARCHITECTURE_WORDS))
      .min(1, { error: expected('at least one architecture') })
      .optional(),
  });
  return z
    .strictObject({
      silent: z
        .union([z.literal(true), someSilence], {
          error: expected('true, or { after: answers }, { for: [clients] } or { architectures: [names] }'),
        })
        .optional()
        .meta({
          description:
            'never answers; or stops after so many answers; or ignores these clients, or those that name one of these architectures (option 93)',
          examples: [true, { after: 1 }, { for: ['pc'] }, { architectures: ['uefi-x64'] }],
        }),
      delay: duration.optional().meta({ description: 'delays its answers by this time', examples: ['3s'] }),
      nak: flag.optional().meta({ description: 'refuses every REQUEST' }),
      'drop-every': count(1, 1_000_000, 'lost answers: 1 is every one, 3 every third')
        .optional()
        .meta({ description: 'loses every n-th answer', examples: [3] }),
      'wrong-xid': flag.optional().meta({ description: "answers with a transaction id other than the client's" }),
      'wrong-server-id': flag.optional().meta({ description: 'names an unused address as the server' }),
      'omit-options': z
        .array(count(1, 254, 'a DHCP option'))
        .min(1, { error: expected('at least one option') })
        .optional()
        .meta({ description: 'leaves these options out', examples: [[54]] }),
    })
    .meta({ description: 'misbehaves on purpose' });
}
