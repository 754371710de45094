import * as z from 'zod';
import { REFERENCE_LAB } from '../../../servers/service/reference-lab.ts';
import { after, client, matrix } from './clients.ts';
import { services } from './services.ts';
import { expectedFailure, step } from './steps.ts';
import { duration, flag, ipv6Prefix, line, subnet } from './values.ts';
import { BUDGETED_PHASES } from '../../protocols/words.ts';

const budgets = z.strictObject(
  Object.fromEntries(BUDGETED_PHASES.map((phase) => [phase, duration.optional()] as const)),
);

/** The scenario file: the single source of the type, of the JSON Schema for editors, and of what the loader accepts. */
export const scenarioSchema = z
  .strictObject({
    name: line.meta({
      description: 'what happens, in one line; reports show it',
      examples: ['WDS install on a BIOS client'],
    }),
    description: z
      .string({ error: 'text' })
      .optional()
      .meta({ description: 'what the scenario shows and why it exists' }),
    tags: z
      .array(
        z
          .string({ error: 'a tag' })
          .regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'a tag of lowercase letters, digits and hyphens, e.g. smoke' }),
      )
      .optional()
      .meta({ description: 'words that `--tag` selects by', examples: [['smoke', 'wds']] }),
    network: z
      .strictObject({
        subnet: subnet.optional().meta({
          description: `IPv4 addresses; default ${REFERENCE_LAB.subnet}/${REFERENCE_LAB.prefixLength}`,
        }),
        ipv6: ipv6Prefix.optional().meta({
          description: `IPv6 addresses: every host has the one with its IPv4 address behind this prefix, 172.22.52.207 for example fd77::172:22:52:207. Default ${REFERENCE_LAB.ipv6Prefix} with services.dhcpv6 or services.router-advertisements; without them the lab has no IPv6`,
        }),
      })
      .optional()
      .meta({ description: "the lab's network" }),
    services: services.meta({ description: 'what answers in the lab' }),
    clients: z
      .array(client, { error: 'a list of clients, e.g. [{ name: pc }]' })
      .min(1, { error: 'at least one client' })
      .meta({
        description:
          'clients that boot, all at once except those with `starts-after`; each one must go through all steps unless it has its own `steps`',
      }),
    matrix: matrix.optional(),
    steps: z
      .array(step)
      .optional()
      .meta({
        description: 'what must happen on the wire, in this order; anything not named is allowed',
        examples: [[{ 'tftp.transfer': { path: 'boot\\x86\\wdsnbp.com', blksize: 1456 } }, 'boot.complete']],
      }),
    strict: flag.optional().meta({ description: 'true: nothing but the named steps may happen; default false' }),
    budgets: budgets
      .optional()
      .meta({ description: 'longest time of each phase', examples: [{ dhcp: '8s', nbp: '2s', image: '30s' }] }),
    timeout: duration.optional().meta({
      description: 'time limit for the whole boot of a client, from power-on; default 5m',
      examples: ['5m'],
    }),
    'idle-timeout': duration.optional().meta({
      description:
        'ends the boot of a client that sends no frame and writes nothing on its consoles for so long, and says what it is stuck at; at least 5s and less than `timeout`; default: off',
      examples: ['60s'],
    }),
    after: after.optional(),
    'expect-failure': expectedFailure.optional(),
  })
  .meta({
    title: 'pxewright scenario',
    description: 'One boot story: what answers, what boots, what must happen on the wire.',
  });

/** A scenario as people write it, in `defineScenario()` and, after YAML, in a file. */
export type ScenarioInput = z.input<typeof scenarioSchema>;

/** A scenario's content after validation: units resolved (milliseconds, MiB), steps split into name and details. */
export type ScenarioContent = z.output<typeof scenarioSchema>;
