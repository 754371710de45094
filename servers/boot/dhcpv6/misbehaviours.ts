import * as z from 'zod';
import { ARCHITECTURE_WORDS } from '../../../harness/protocols/dhcp/wire/architectures.ts';
import type { MisbehaviourWords } from '../../service/misbehaviour-words.ts';

/** What a DHCPv6 server does wrong on purpose. */
export function dhcpv6Misbehaviours<Duration extends z.ZodType<number>>(words: MisbehaviourWords<Duration>) {
  const { count, duration, expected, flag, word } = words;
  return z
    .strictObject({
      silent: z
        .union([z.literal(true), z.strictObject({ after: count(0, 1_000_000, 'a number of answers') })], {
          error: expected('true, or { after: answers }'),
        })
        .optional()
        .meta({ description: 'never answers, or stops after so many answers', examples: [true, { after: 1 }] }),
      delay: duration.optional().meta({ description: 'delays its answers by this time', examples: ['3s'] }),
      'drop-every': count(1, 1_000_000, 'lost answers: 1 is every one, 3 every third')
        .optional()
        .meta({ description: 'loses every n-th answer', examples: [3] }),
      'no-address': flag.optional().meta({ description: 'has no address for anybody: status NoAddrsAvail' }),
      'unusable-url': flag.optional().meta({ description: 'names the boot file without scheme and brackets' }),
      'other-architecture': word(ARCHITECTURE_WORDS)
        .optional()
        .meta({ description: 'names the boot file of this architecture to everybody', examples: ['uefi-arm64'] }),
      'wrong-xid': flag.optional().meta({ description: "answers with a transaction id other than the client's" }),
      'wrong-server-id': flag.optional().meta({ description: 'answers a REQUEST in the name of another server' }),
      'wrong-client-id': flag.optional().meta({ description: 'answers with the identifier of another client' }),
      'omit-options': z
        .array(count(1, 65_535, 'a DHCPv6 option'))
        .min(1, { error: expected('at least one option') })
        .optional()
        .meta({ description: 'leaves these options out', examples: [[59]] }),
    })
    .meta({ description: 'misbehaves on purpose' });
}
