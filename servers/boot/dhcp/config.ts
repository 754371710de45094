import * as z from 'zod';
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from '../../../harness/protocols/dhcp/wire/ports.ts';
import { bootfiles, ipv4, mac, port, positive, rawOption, userClasses } from '../../service/config-fields.ts';
import { CONFIG_WORDS } from '../../service/config-words.ts';
import { dhcpMisbehaviours } from './misbehaviours.ts';
import { inSubnet, ipToNumber } from '../../service/ipv4.ts';

const misbehave = dhcpMisbehaviours(CONFIG_WORDS);
export type DhcpMisbehaviour = z.infer<typeof misbehave>;

const reservation = z.strictObject({
  mac,
  ip: ipv4,
  hostname: z.string().min(1).optional(),
  bootfile: z.string().optional(),
});

/** Configuration of the DHCP server. */
export const dhcpConfigSchema = z
  .strictObject({
    /** The server's own address: sends from it and names it as the server identifier. */
    address: ipv4,
    subnet: ipv4,
    prefixLength: z.int().min(8, 'expected a prefix length of 8 to 30').max(30, 'expected a prefix length of 8 to 30'),
    /** Addresses for clients without a reservation, both ends included. */
    range: z.strictObject({ from: ipv4, to: ipv4 }).optional(),
    reservations: z.array(reservation).default([]),
    leaseSeconds: positive.max(0xffff_fffe).default(3600),
    router: ipv4.optional(),
    dns: z.array(ipv4).optional(),
    domain: z.string().optional(),
    /** siaddr and option 66; the server's own address when there is a boot file and this is not given. */
    nextServer: ipv4.optional(),
    bootfile: z.string().optional(),
    bootfiles: bootfiles.default({}),
    /** Before all others: what a boot program that was chain-loaded gets instead of itself. */
    userClasses: userClasses.default({}),
    /** Answers option 60, e.g. `PXEClient`: tells clients that this host is the boot server, too. */
    vendorClass: z.string().min(1).optional(),
    options: z.array(rawOption).default([]),
    replies: z
      .strictObject({
        /** Pads replies to that many bytes of UDP payload. */ padTo: z.int().min(300).max(1472).optional(),
      })
      .default({}),
    /** Option 175 with sub-option 0xB0 = 1: tells iPXE not to wait for a proxyDHCP offer. */
    ipxeNoProxy: z.boolean().default(false),
    /**
     * NAK clients that ask for an address without a lease of ours, instead of the silence of RFC 2131 section 4.3.2.
     */
    authoritative: z.boolean().default(false),
    ports: z
      .strictObject({ server: port.default(DHCP_SERVER_PORT), client: port.default(DHCP_CLIENT_PORT) })
      .prefault({}),
    limits: z
      .strictObject({
        /** Most leases that the server keeps, declined and expired ones included. */
        leases: positive.default(65_536),
        /** Most replies that wait for `misbehave.delay` at a time. */
        delayedReplies: positive.default(1024),
      })
      .default({ leases: 65_536, delayedReplies: 1024 }),
    misbehave: misbehave.default({}),
  })
  .superRefine((config, context) => {
    const problem = (path: PropertyKey[], message: string): void => context.addIssue({ code: 'custom', path, message });
    const inside = (ip: string): boolean => inSubnet(ip, config.subnet, config.prefixLength);
    const where = `${config.subnet}/${config.prefixLength}`;
    if (!inside(config.address)) problem(['address'], `expected an address in ${where}`);
    for (const end of ['from', 'to'] as const)
      if (config.range && !inside(config.range[end])) problem(['range', end], `expected an address in ${where}`);
    if (config.range && ipToNumber(config.range.from) > ipToNumber(config.range.to))
      problem(['range'], 'expected from to be no larger than to');
    for (const [i, { ip }] of config.reservations.entries()) {
      if (!inside(ip)) problem(['reservations', i, 'ip'], `expected an address in ${where}`);
      if (config.reservations.findIndex((other) => other.ip === ip) !== i)
        problem(['reservations', i, 'ip'], 'expected an address that no other reservation has');
    }
    for (const [i, { mac: client }] of config.reservations.entries()) {
      if (config.reservations.findIndex((other) => other.mac === client) !== i)
        problem(['reservations', i, 'mac'], 'expected a client that no other reservation names');
    }
    if (!config.range && config.reservations.length === 0)
      problem(['range'], 'expected a range, or at least one reservation');
  });
export type DhcpConfig = z.output<typeof dhcpConfigSchema>;
