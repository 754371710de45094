import { z } from 'zod';
import { count, duration, flag, name, wirePath, word } from './values.ts';

// How services misbehave on purpose. Everything is counted and nothing random, so that a scenario repeats exactly.
// The plan turns each key into the service's own configuration; a test holds every one of them against the services'
// schemas.

const every = (what: string) => count(1, 1_000_000, `${what}: 1 is every one, 3 every third`);

/** DHCP and proxyDHCP alike. */
export const dhcpMisbehaviour = z
  .strictObject({
    silent: z
      .union(
        [
          z.literal(true),
          z.strictObject({
            after: count(0, 1_000_000, 'a number of answers').optional(),
            for: z.array(name).min(1, { error: 'at least one client' }).optional(),
          }),
        ],
        {
          error: 'true, or { after: answers } or { for: [clients] }',
        },
      )
      .optional()
      .meta({
        description: 'never answers; or only so many times; or not to these clients',
        examples: [true, { after: 1 }, { for: ['pc'] }],
      }),
    delay: duration.optional().meta({ description: 'answers that much later', examples: ['3s'] }),
    nak: flag.optional().meta({ description: 'refuses every REQUEST' }),
    'drop-every': every('lost answers')
      .optional()
      .meta({ description: 'loses every n-th answer', examples: [3] }),
    'wrong-xid': flag.optional().meta({ description: "answers with a transaction id that is not the client's" }),
    'wrong-server-id': flag.optional().meta({ description: 'names an address that nobody has as the server' }),
    'omit-options': z
      .array(count(1, 254, 'a DHCP option'))
      .min(1, { error: 'at least one option' })
      .optional()
      .meta({ description: 'leaves these options out', examples: [[54]] }),
  })
  .meta({ description: 'misbehaves on purpose' });

const fileNames = (about: string) =>
  z
    .array(wirePath)
    .min(1, { error: 'at least one name' })
    .optional()
    .meta({ description: about, examples: [['boot\\x86\\wdsnbp.com']] });
const blocks = (about: string) =>
  z
    .array(count(1, 65_535, 'a block'))
    .min(1, { error: 'at least one block' })
    .optional()
    .meta({ description: about, examples: [[3]] });

/** TFTP. */
export const tftpMisbehaviour = z
  .strictObject({
    missing: fileNames('answers "file not found" for names that are there'),
    denied: fileNames('answers "access violation" for these names'),
    'drop-block': blocks('loses the first transmission of these blocks, in every transfer'),
    'duplicate-block': blocks('sends these blocks twice'),
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
      .int({ error: 'a whole number' })
      .optional()
      .meta({ description: 'adds this to the size that it tells' }),
    'data-from-port-69': flag.optional().meta({ description: 'answers from port 69 instead of a port of its own' }),
    delay: duration.optional().meta({ description: 'waits so long before it answers a request' }),
  })
  .meta({ description: 'misbehaves on purpose' });

/** HTTP. */
export const httpMisbehaviour = z
  .strictObject({
    status: count(400, 599, 'an HTTP status')
      .optional()
      .meta({ description: 'answers every request with this status', examples: [503] }),
    redirect: z
      .string({ error: 'a URL or path, percent-encoded' })
      .regex(/^[!-~]+$/, { error: 'a URL or path, percent-encoded' })
      .optional()
      .meta({ description: 'sends every request to another place (302)' }),
    'truncate-after': count(0, Number.MAX_SAFE_INTEGER, 'a number of bytes')
      .optional()
      .meta({ description: 'announces the whole file, sends that many bytes and resets the connection' }),
    delay: duration.optional().meta({ description: 'waits so long before it answers' }),
  })
  .meta({ description: 'misbehaves on purpose' });
