import * as z from 'zod';
import { REFERENCE_LAB } from '../../../servers/service/reference-lab.ts';
import { flag, ipv4, password, userName, word } from './values.ts';

// Who may use the image store, and who decides about it.

const user = z.strictObject({
  name: userName,
  password,
  locked: flag.optional().meta({ description: 'active-directory: locked after too many wrong passwords' }),
  expired: flag.optional().meta({ description: 'active-directory: the password is older than the domain allows' }),
  administrator: flag
    .optional()
    .meta({ description: 'active-directory: may join computers that were prestaged; default true for the first user' }),
});

/** Accounts that the image store asks for. */
export const authentication = z
  .strictObject({
    kind: word(['standalone', 'active-directory']).optional().meta({
      description:
        'standalone (default): the file server knows its users itself (NTLM); active-directory: a domain controller with DNS and Kerberos, which also serves the image store',
    }),
    at: ipv4.optional().meta({ description: 'active-directory: the controller; default: where the boot server is' }),
    domain: z
      .string({ error: 'a NetBIOS domain name, e.g. SYSTEM' })
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,14}$/, {
        error: 'a NetBIOS domain name of at most 15 letters, digits and hyphens, e.g. SYSTEM',
      })
      .optional()
      .meta({ description: `default ${REFERENCE_LAB.domain}`, examples: [REFERENCE_LAB.domain] }),
    realm: z
      .string({ error: 'a DNS domain, e.g. system.lab' })
      .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/, {
        error: 'a DNS domain in lowercase with a dot, e.g. system.lab',
      })
      .max(253, { error: 'a DNS domain of at most 253 characters' })
      .optional()
      .meta({
        description:
          'active-directory: DNS domain and, in capitals, Kerberos realm; default: the domain in lowercase and .lab',
        examples: [REFERENCE_LAB.realm],
      }),
    users: z
      .array(user)
      .min(1, { error: 'at least one user' })
      .max(32, { error: 'at most 32 users' })
      .optional()
      .meta({
        description: `default: ${REFERENCE_LAB.account.name} with password ${REFERENCE_LAB.account.password}`,
        examples: [[REFERENCE_LAB.account]],
      }),
  })
  .meta({ description: 'accounts that may log on' });
