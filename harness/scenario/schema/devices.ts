import * as z from 'zod';
import { COMPUTER_NAME, COMPUTER_NAME_WORDS } from '../../../servers/service/name-patterns.ts';
import { DEVICE_STATUSES, UNKNOWN_DEVICE_ANSWERS } from '../../../servers/state/device-status.ts';
import { count, line, mac, name, uuid, wirePath, word } from './values.ts';

// The computers that the deployment server knows, and what an administrator decides about those that it does not.

const COMPUTER_NAME_EXPECTED = `${COMPUTER_NAME_WORDS}, e.g. PC01`;

/** A NetBIOS name that is a host name, too: what Active Directory takes for a computer. */
const computerName = z
  .string({ error: COMPUTER_NAME_EXPECTED })
  .regex(COMPUTER_NAME, { error: COMPUTER_NAME_EXPECTED })
  .meta({ examples: ['PC01'] });

const join = z.union(
  [
    z.literal(true),
    z.strictObject({
      domain: line.meta({ description: 'domain to join' }),
      'organizational-unit': line.optional().meta({
        description: 'distinguished name of the container for its account',
        examples: ['OU=Workstations,DC=system,DC=lab'],
      }),
    }),
  ],
  { error: 'true, or a map with domain and organizational-unit' },
);

const known = z
  .strictObject({
    client: name.optional().meta({ description: 'a client of this scenario, known by its UUID and MAC address' }),
    mac: mac.optional().meta({ description: 'instead of client: any computer, by its MAC address' }),
    uuid: uuid.optional().meta({ description: 'instead of client: any computer, by its UUID' }),
    name: computerName.optional().meta({ description: 'computer name' }),
    status: word(DEVICE_STATUSES).optional().meta({ description: 'default prestaged: known before its first request' }),
    'answer-file': wirePath.optional().meta({
      description: 'answer file of this computer, below the share',
      examples: ['WdsClientUnattend\\pc01.xml'],
    }),
    join: join
      .optional()
      .meta({ description: "true: joins services.authentication's domain at the end of the installation" }),
    'boot-program': wirePath
      .optional()
      .meta({ description: 'network boot program of this computer alone', examples: ['boot\\x86\\wdsnbp.com'] }),
    message: line.optional().meta({ description: "the administrator's message to its user" }),
  })
  .refine((device) => (device.client === undefined) !== (device.mac === undefined && device.uuid === undefined), {
    error: 'either client, or mac, uuid or both',
  });

const decision = z
  .strictObject({
    'after-polls': count(0, 1000, 'number of polls before the decision'),
    approve: name.optional().meta({ description: 'client to approve' }),
    reject: name.optional().meta({ description: 'client to reject' }),
    name: computerName.optional().meta({ description: 'computer name to give it' }),
    message: line.optional().meta({ description: 'message to its user' }),
  })
  .refine((decision) => (decision.approve === undefined) !== (decision.reject === undefined), {
    error: 'either approve or reject',
  })
  .refine((decision) => decision.reject === undefined || decision.name === undefined, {
    error: 'a name only for a client that is approved',
  });

/** Computers that the deployment server knows. */
export const devices = z
  .strictObject({
    unknown: word(UNKNOWN_DEVICE_ANSWERS).optional().meta({
      description:
        'what the PXE server does with an unknown computer: answer (default); pending: the computer waits for the decision of an administrator; ignore: no answer',
    }),
    known: z
      .array(known)
      .optional()
      .meta({ examples: [[{ client: 'pc', name: 'PC01', 'answer-file': 'WdsClientUnattend\\pc01.xml', join: true }]] }),
    administrator: z
      .array(decision)
      .optional()
      .meta({
        description: 'what an administrator decides while the scenario runs; `pxewright clients` does the same by hand',
        examples: [[{ 'after-polls': 2, approve: 'pc', name: 'PC01' }]],
      }),
  })
  .meta({
    description: 'computers that the deployment server knows; a new state (services.state) begins with them',
  });

/** Where the deployment server keeps what changes. */
export const state = z
  .string({ error: 'a folder, e.g. ./state' })
  .regex(/^[^\0]{1,4096}$/, { error: 'a folder, e.g. ./state' })
  .meta({
    description:
      'keeps known computers and images in this folder (relative to this file; outside of its folder it needs --allow-root) from run to run; a new folder begins with those of the scenario. Default: each run has a new state',
    examples: ['./state'],
  });
