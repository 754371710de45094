import * as z from 'zod';
import { REFERENCE_LAB } from '../../../servers/service/reference-lab.ts';
import { count, ipv4, name, regex } from './values.ts';

// Programs of the user's own on the lab's network: a boot server under test.

const port = count(1, 65_535, 'a port');
const readyExpected = 'one of { udp: port }, { tcp: port } and { log: regular expression }';

const ready = z
  .strictObject({
    udp: port.optional().meta({ description: 'ready when it listens on this UDP port', examples: [67] }),
    tcp: port.optional().meta({ description: 'ready when it listens on this TCP port', examples: [80] }),
    log: regex.optional().meta({
      description: 'ready when a line of its output matches this regular expression',
      examples: ['started'],
    }),
  })
  .refine((value) => Object.keys(value).length === 1, { error: readyExpected })
  .meta({
    description: 'what shows that clients can be powered on',
    minProperties: 1,
    maxProperties: 1,
  });

/** Programs of the user's own. */
export const programs = z
  .array(
    z
      .strictObject({
        name: name.meta({ description: 'name of the program, for messages and for its log', examples: ['dnsmasq'] }),
        at: ipv4.meta({
          description: "address of the program's host: one of its own, or one that services have, too",
          examples: [REFERENCE_LAB.server],
        }),
        command: z
          .array(z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' }), {
            error: 'a list: the program, then its arguments',
          })
          .min(1, { error: 'a program' })
          .meta({
            description:
              "program and arguments, without a shell; ${folder} is the scenario's folder, in which it runs; it has to stay in the foreground, and is ended by SIGTERM; /run is the lab's own, all else the host's",
            examples: [['dnsmasq', '--no-daemon', '--conf-file=dnsmasq.conf', '--tftp-root=${folder}/tftp-root']],
          }),
        ready,
      })
      .meta({ description: 'a program' }),
  )
  .min(1, { error: 'at least one program' })
  .meta({
    description:
      'programs of your own that run inside the lab, such as a boot server under test. `run` and `serve` start them with --allow-programs only',
  });
