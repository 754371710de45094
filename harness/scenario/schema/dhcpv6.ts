import * as z from 'zod';
import { REFERENCE_LAB } from '../../../servers/service/reference-lab.ts';
import { bootfiles, userClasses } from './dhcp.ts';
import { dhcpv6Misbehaviour } from './misbehaviour.ts';
import { count, duration, flag, ipv4, ipv6, ipv6Range, line, wirePath } from './values.ts';

// The two services that a computer needs to boot over IPv6.

const at = ipv4.optional();
const URL =
  'A name without a scheme becomes a URL of services.tftp, or of services.http for an architecture of HTTP boot';

/** DHCPv6: gives addresses and the URL of the boot file. */
export const dhcpv6 = z
  .strictObject({
    at: at.meta({
      description: `IPv4 address of the DHCPv6 server's host, which also gives its IPv6 address (see network.ipv6); default: where DHCP is`,
      examples: [REFERENCE_LAB.dhcp],
    }),
    range: ipv6Range
      .optional()
      .meta({ description: 'addresses for clients; default: ::1000 to ::1fff behind the prefix of network.ipv6' }),
    lease: duration.optional().meta({ description: 'preferred and valid lifetime; default 10m', examples: ['1h'] }),
    dns: z.array(ipv6).min(1, { error: 'at least one address' }).optional().meta({ description: 'option 23' }),
    bootfile: wirePath.optional().meta({
      description: `option 59. ${URL}. Default, when there is none in bootfiles either: the bundle's boot program for the client's firmware`,
      examples: ['ipxe.efi', 'tftp://[fd77::172:22:52:207]/ipxe.efi'],
    }),
    bootfiles: bootfiles.meta({
      description: `boot file by the client's architecture (option 61); \`bootfile\` serves the others. ${URL}`,
      examples: [{ 'uefi-x64': 'snponly.efi', 'uefi-x64-http': 'snponly.efi' }],
    }),
    'user-classes': userClasses.meta({
      description: `boot file by the client's user class (option 15), before all others: what iPXE loads once it runs, instead of itself. ${URL}`,
      examples: [{ iPXE: 'http://[fd77::172:22:52:207]/boot.ipxe' }],
    }),
    parameters: z
      .array(line)
      .min(1, { error: 'at least one parameter' })
      .optional()
      .meta({ description: 'option 60: parameters for what the boot file is', examples: [['quiet']] }),
    preference: count(0, 255, 'a preference')
      .optional()
      .meta({ description: 'option 7: clients take a server with 255 at once, without waiting for others' }),
    'rapid-commit': flag.optional().meta({
      description: 'true: two messages instead of four with a client that wants it (option 14); default false',
    }),
    misbehave: dhcpv6Misbehaviour.optional(),
  })
  .meta({ description: 'DHCPv6 server' });

/** Router advertisements: tell hosts how this link gives addresses. */
export const routerAdvertisements = z
  .strictObject({
    at: at.meta({
      description: "IPv4 address of the router's host; default: where DHCPv6 is",
      examples: [REFERENCE_LAB.dhcp],
    }),
    managed: flag
      .optional()
      .meta({ description: 'flag M: hosts get their addresses by DHCPv6; default true with services.dhcpv6' }),
    other: flag
      .optional()
      .meta({ description: 'flag O: hosts get other settings by DHCPv6; default true with services.dhcpv6' }),
    autonomous: flag.optional().meta({
      description:
        'flag A of the prefix: hosts make their own addresses; default false with services.dhcpv6, else true',
    }),
    lifetime: duration
      .refine((ms) => ms === 0 || (ms % 1000 === 0 && ms >= 4000 && ms <= 9_000_000), {
        error: '0s, or whole seconds from 4s to 9000s',
      })
      .optional()
      .meta({
        description: 'how long hosts may use the router as their default router; 0s: not at all; default 30m',
        examples: ['30m'],
      }),
  })
  .meta({ description: "router advertisements (Debian's radvd)" });
