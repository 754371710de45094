import * as z from 'zod';
import { DHCPV6_CLIENT_PORT, DHCPV6_SERVER_PORT } from '../../../harness/protocols/dhcpv6/wire/types.ts';
import { bootfiles, ipv6, port, positive, userClasses } from '../../service/config-fields.ts';
import { CONFIG_WORDS } from '../../service/config-words.ts';
import { ipv6Number, PREFIX_BITS } from './ipv6-number.ts';
import { dhcpv6Misbehaviours } from './misbehaviours.ts';

const misbehave = dhcpv6Misbehaviours(CONFIG_WORDS);
export type Dhcpv6Misbehaviour = z.infer<typeof misbehave>;

/** Configuration of the DHCPv6 server. */
export const dhcpv6ConfigSchema = z
  .strictObject({
    /** The interface whose link it serves; its hardware address is the server's identifier. */
    interface: z.string('expected the name of an interface').min(1, 'expected the name of an interface'),
    /** Addresses for clients, both ends included; without it only settings are given. */
    range: z.strictObject({ from: ipv6, to: ipv6 }).optional(),
    /** Lifetimes of addresses. */
    preferredSeconds: positive.max(0xffff_fffe).default(600),
    validSeconds: positive.max(0xffff_fffe).default(600),
    dns: z.array(ipv6).default([]),
    /** URL, option 59: `tftp://[fd77::1]/snponly.efi`. */
    bootfile: z.string().min(1).optional(),
    /** URLs by architecture, option 61. */
    bootfiles: bootfiles.default({}),
    /** Before all others: what a boot program that was chain-loaded gets instead of itself (option 15). */
    userClasses: userClasses.default({}),
    /** Option 60, for what the boot file URL names: one parameter each. */
    parameters: z.array(z.string().min(1)).default([]),
    /** Option 7: clients take the server with the highest at once when it is 255. */
    preference: z.int().min(0).max(255).optional(),
    /** Answers a SOLICIT with option 14 by a REPLY at once. */
    rapidCommit: z.boolean().default(false),
    ports: z
      .strictObject({ server: port.default(DHCPV6_SERVER_PORT), client: port.default(DHCPV6_CLIENT_PORT) })
      .prefault({}),
    limits: z
      .strictObject({
        /** Most associations that the server keeps. */ leases: positive.default(65_536),
        /** Most replies that wait for `misbehave.delay` at a time. */ delayedReplies: positive.default(1024),
      })
      .default({ leases: 65_536, delayedReplies: 1024 }),
    misbehave: misbehave.default({}),
  })
  .superRefine(({ range, preferredSeconds, validSeconds }, context) => {
    const problem = (path: PropertyKey[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (preferredSeconds > validSeconds)
      problem(['preferredSeconds'], `expected no more than validSeconds, ${validSeconds}`);
    if (!range) return;
    const [from, to] = [ipv6Number(range.from), ipv6Number(range.to)];
    if (from > to) problem(['range'], 'expected from to be no larger than to');
    else if (from >> PREFIX_BITS !== to >> PREFIX_BITS) problem(['range'], 'expected both ends to have the same /64');
  });
export type Dhcpv6Config = z.output<typeof dhcpv6ConfigSchema>;
