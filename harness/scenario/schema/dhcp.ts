import * as z from 'zod';
import { REFERENCE_LAB } from '../../../servers/service/reference-lab.ts';
import { ARCHITECTURE_WORDS } from '../../protocols/dhcp/wire/architectures.ts';
import { dhcpMisbehaviour } from './misbehaviour.ts';
import { wdsKeys } from './wds.ts';
import { count, duration, flag, ipv4, line, name, range, wirePath, word } from './values.ts';

// The two services that answer a PXE client's broadcast.

const at = ipv4.optional();
const bootfile = wirePath.meta({
  description: 'boot file, as the client will ask for it; a URL for iPXE and for UEFI HTTP boot',
  examples: ['boot\\x86\\wdsnbp.com', 'http://172.22.52.207/boot.ipxe'],
});
export const bootfiles = z
  .partialRecord(word(ARCHITECTURE_WORDS), wirePath)
  .optional()
  .meta({
    description: "boot file by the client's architecture (option 93); `bootfile` serves the others",
    examples: [{ bios: 'boot\\x86\\wdsnbp.com', 'uefi-x64': 'boot\\x64\\wdsmgfw.efi' }],
  });

export const userClasses = z
  .record(
    line,
    z.union([wirePath, z.partialRecord(word(ARCHITECTURE_WORDS), wirePath)], {
      error: 'a boot file, or boot files by architecture',
    }),
  )
  .optional()
  .meta({
    description:
      "boot file by the client's user class (option 77), before all others: what iPXE loads once it runs, instead of itself",
    examples: [{ iPXE: 'boot.ipxe' }, { iPXE: { bios: 'bios.ipxe', 'uefi-x64': 'uefi.ipxe' } }],
  });

const optionNumber = z
  .string()
  .regex(/^([1-9]\d?|1\d\d|2[0-4]\d|25[0-4])$/, { error: 'a DHCP option number from 1 to 254' });
const optionExpected = 'text, or exactly one of hex, ip, ips, u8, u16, u32';
const optionValue = z.union(
  [
    z.string(),
    z
      .strictObject({
        hex: z
          .string()
          .regex(/^([0-9a-fA-F]{2}[ :]?)+$/, { error: 'pairs of hex digits, e.g. 0104' })
          .optional(),
        ip: ipv4.optional(),
        ips: z.array(ipv4).min(1, { error: 'at least one address' }).optional(),
        u8: count(0, 0xff, 'one byte').optional(),
        u16: count(0, 0xffff, 'two bytes').optional(),
        u32: count(0, 0xffff_ffff, 'four bytes').optional(),
      })
      .refine((value) => Object.keys(value).length === 1, { error: optionExpected })
      .meta({ minProperties: 1, maxProperties: 1 }),
  ],
  { error: optionExpected },
);

const options = z.record(optionNumber, optionValue).meta({
  description: 'further options by number',
  examples: [{ '15': 'lab.example', '3': { ip: REFERENCE_LAB.dhcp } }],
});

/** DHCP: gives addresses, and the boot file too when no proxy does. */
export const dhcp = z
  .strictObject({
    at: at.meta({
      description: `address of the DHCP server; default ${REFERENCE_LAB.dhcp} (the first of the subnet)`,
      examples: [REFERENCE_LAB.dhcp],
    }),
    range: range.optional().meta({ description: 'addresses for clients; default: the longest range without a host' }),
    reservations: z
      .record(name, ipv4)
      .optional()
      .meta({ description: 'address of each client, by its name', examples: [{ pc: REFERENCE_LAB.client }] }),
    lease: duration.optional().meta({ description: 'lease time; default 1h', examples: ['1h'] }),
    bootfile: bootfile.optional().meta({ description: 'boot file in header and option 67: a boot without proxy' }),
    bootfiles,
    'user-classes': userClasses,
    'next-server': ipv4
      .optional()
      .meta({ description: 'server of the boot file (siaddr, option 66); default with a boot file: services.tftp.at' }),
    'vendor-class': line.optional().meta({
      description: 'option 60 of the answers: PXEClient says that this host is also the boot server',
      examples: ['PXEClient'],
    }),
    options: options.optional(),
    'ipxe-no-proxy': flag.optional().meta({
      description: 'true: tells iPXE not to wait for a proxyDHCP offer (option 175), two seconds less; default false',
    }),
    authoritative: flag.optional().meta({
      description: 'true: refuses (NAK) an address that it never leased instead of keeping silent; default false',
    }),
    misbehave: dhcpMisbehaviour.optional(),
  })
  .meta({ description: 'DHCP server' });

/** What a PXE client may do to find boot servers: bits of option 43, sub-option 6 (PXE 2.1 table 2-1). */
export const DISCOVERY = { 'no-broadcast': 1, 'no-multicast': 2, 'listed-only': 4, 'boot-at-once': 8 } as const;
const DISCOVERY_NAMES = Object.keys(DISCOVERY) as [keyof typeof DISCOVERY, ...(keyof typeof DISCOVERY)[]];

const menu = z
  .strictObject({
    prompt: line.optional().meta({
      description: 'text below the boot message; default: Press F8 for menu',
      examples: ['Press F8 for menu'],
    }),
    timeout: duration
      .refine((ms) => ms % 1000 === 0 && ms <= 254_000, { error: 'whole seconds, at most 254s' })
      .optional()
      .meta({
        description:
          'how long the prompt waits before the first entry is taken (0s: not at all); without it the menu is shown at once',
      }),
    entries: z
      .array(
        z.strictObject({
          name: line.meta({ description: 'text of the entry' }),
          type: count(0, 65_535, 'a boot server type').meta({
            description: 'type of boot server; 0 boots from the local disk',
          }),
          bootfile: wirePath.optional().meta({ description: 'boot file of this entry; default: the common one' }),
          servers: z
            .array(ipv4)
            .min(1, { error: 'at least one address' })
            .optional()
            .meta({ description: 'servers of this type; default: this one' }),
        }),
      )
      .min(1, { error: 'at least one entry' }),
    discovery: z
      .array(word(DISCOVERY_NAMES))
      .optional()
      .meta({
        description: 'restrictions on how clients find boot servers',
        examples: [['no-multicast', 'listed-only']],
      }),
  })
  .meta({ description: 'boot menu of option 43' });

/** proxyDHCP: says what to boot, and leaves the address to the DHCP server. */
export const pxe = z
  .strictObject({
    at: at.meta({
      description: `address of the boot server; default ${REFERENCE_LAB.server}`,
      examples: [REFERENCE_LAB.server],
    }),
    'port-67': flag.optional().meta({
      description: 'also answers DISCOVER on port 67; default true, or false when DHCP is on the same host',
    }),
    'port-4011': flag.optional().meta({ description: 'answers the request on port 4011; default true' }),
    bootfile: bootfile.optional().meta({
      description:
        "boot file, as the client will ask for it; default, when there is none in `bootfiles` or the menu either: the bundle's boot program for the client's firmware",
      examples: ['boot\\x86\\wdsnbp.com'],
    }),
    bootfiles,
    'user-classes': userClasses,
    'next-server': ipv4.optional().meta({ description: 'server of the boot file; default: where TFTP is' }),
    'offer-carries-bootfile': flag.optional().meta({
      description: 'true: the OFFER already has the boot file, and iPXE skips port 4011; default false, like WDS',
    }),
    'pad-to': count(300, 1472, 'a number of bytes')
      .optional()
      .meta({ description: 'pads answers to that length; WDS pads to 1024', examples: [1024] }),
    'vendor-class': line.optional().meta({ description: 'option 60 of the answers; default PXEClient' }),
    menu: menu.optional(),
    ...wdsKeys,
    options: options.optional(),
    misbehave: dhcpMisbehaviour.optional(),
  })
  .meta({ description: 'PXE boot server (proxyDHCP)' });
