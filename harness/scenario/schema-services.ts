import { z } from 'zod';
import { dhcpMisbehaviour, tftpMisbehaviour } from './schema-misbehaviour.ts';
import { count, duration, flag, ipv4, line, name, range, wirePath, word } from './schema-values.ts';

// The services of the lab. Every `at` is a host of its own; services with the same `at` share one.

/** Architectures of DHCP option 93 by the names that scenarios use (RFC 4578 section 2.1 and IANA's registry). */
export const ARCHITECTURES = { bios: 0, 'uefi-ia32': 6, 'uefi-x64': 7, 'uefi-arm64': 11, 'uefi-x64-http': 16 } as const;
const ARCHITECTURE_NAMES = Object.keys(ARCHITECTURES) as [keyof typeof ARCHITECTURES, ...(keyof typeof ARCHITECTURES)[]];

const at = ipv4.optional();
const bootfile = wirePath.meta({ description: 'boot file, as the client will ask for it', examples: ['boot\\x86\\wdsnbp.com'] });
const bootfiles = z
  .partialRecord(word(ARCHITECTURE_NAMES), wirePath)
  .optional()
  .meta({ description: "boot file by the client's architecture (option 93); `bootfile` serves the others", examples: [{ bios: 'boot\\x86\\wdsnbp.com', 'uefi-x64': 'boot\\x64\\wdsmgfw.efi' }] });

const optionNumber = z.string().regex(/^([1-9]\d?|1\d\d|2[0-4]\d|25[0-4])$/, { error: 'a DHCP option number from 1 to 254' });
const optionExpected = 'text, or exactly one of hex, ip, ips, u8, u16, u32';
const optionValue = z.union(
  [
    z.string(),
    z
      .strictObject({
        hex: z.string().regex(/^([0-9a-fA-F]{2}[ :]?)+$/, { error: 'pairs of hex digits, e.g. 0104' }).optional(),
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

/** DHCP: gives addresses, and the boot file too when no proxy does. */
export const dhcp = z
  .strictObject({
    at: at.meta({ description: 'address of the DHCP server; default 172.22.52.1 (the first of the subnet)', examples: ['172.22.52.1'] }),
    range: range.optional().meta({ description: 'addresses to give away; default: the longest run that no host has' }),
    reservations: z.record(name, ipv4).optional().meta({ description: 'client name: its address', examples: [{ pc: '172.22.52.222' }] }),
    lease: duration.optional().meta({ description: 'lease time; default 1h', examples: ['1h'] }),
    bootfile: bootfile.optional().meta({ description: 'boot file in header and option 67: a boot without proxy' }),
    bootfiles,
    'next-server': ipv4.optional().meta({ description: 'server of the boot file (siaddr, option 66); default with a boot file: services.tftp.at' }),
    'vendor-class': line.optional().meta({ description: 'option 60 of the answers: PXEClient says that this host is the boot server as well', examples: ['PXEClient'] }),
    options: z.record(optionNumber, optionValue).optional().meta({ description: 'further options by number', examples: [{ '15': 'lab.example', '3': { ip: '172.22.52.1' } }] }),
    'ipxe-no-proxy': flag.optional().meta({ description: 'true: tells iPXE not to wait for a proxyDHCP offer (option 175), two seconds less; default false' }),
    authoritative: flag.optional().meta({ description: 'true: refuses (NAK) an address that it never leased instead of keeping silent; default false' }),
    misbehave: dhcpMisbehaviour.optional(),
  })
  .meta({ description: 'DHCP server' });

/** proxyDHCP: says what to boot, and leaves the address to the DHCP server. */
export const pxe = z
  .strictObject({
    at: at.meta({ description: 'address of the boot server; default 172.22.52.207', examples: ['172.22.52.207'] }),
    'port-67': flag.optional().meta({ description: 'also answers DISCOVER on port 67; default: true, but false when DHCP is on the same host' }),
    'port-4011': flag.optional().meta({ description: 'answers the request on port 4011; default true' }),
    bootfile,
    bootfiles,
    'offer-carries-bootfile': flag.optional().meta({ description: 'true: the boot file stands in the OFFER already and iPXE skips port 4011; default false, as WDS does' }),
  })
  .meta({ description: 'PXE boot server (proxyDHCP)' });

const tree = {
  root: z
    .string({ error: 'a bundle or a folder' })
    .min(1, { error: 'a bundle, e.g. boot-files/wds, or a folder, e.g. ./tftp-root' })
    .optional()
    .meta({ description: 'bundle of boot files, or a folder of your own (./ or ../ relative to this file, or absolute); default boot-files/wds', examples: ['boot-files/wds', './tftp-root'] }),
  files: z
    .record(wirePath, z.union([z.strictObject({ text: z.string() }), z.strictObject({ file: z.string().min(1) })], { error: '{ text: … } or { file: path }' }))
    .optional()
    .meta({ description: 'extra files: name on the server, and their text or a local file', examples: [{ 'boot\\motd': { text: 'hello' } }] }),
  without: z.array(wirePath).optional().meta({ description: 'names that the tree leaves out: a boot file that somebody forgot', examples: [['boot\\x86\\wdsnbp.com']] }),
};

/** TFTP: delivers boot files. */
export const tftp = z
  .strictObject({
    at: at.meta({ description: 'default: where the boot server is' }),
    ...tree,
    'max-blksize': count(8, 65_464, 'a block size in bytes (RFC 2348)').optional().meta({ description: 'largest block size agreed to; default 65464, and the client asks for less' }),
    'max-windowsize': count(1, 65_535, 'a number of blocks (RFC 7440)').optional().meta({ description: 'largest window agreed to; 1 is lockstep; default 64' }),
    timeout: duration.optional().meta({ description: 'first wait for an acknowledgement; default 1s' }),
    retries: count(0, 100, 'a number of resends').optional().meta({ description: 'resends of one packet before a transfer is given up; default 6' }),
    'single-port': flag.optional().meta({ description: 'true: every transfer from port 69, for clients behind filters; default false' }),
    misbehave: tftpMisbehaviour.optional(),
  })
  .meta({ description: 'TFTP server' });

/** HTTP: delivers boot files to iPXE and to UEFI HTTP boot. */
export const http = z
  .strictObject({
    at: at.meta({ description: 'default: where the boot server is' }),
    ...tree,
    port: count(1, 65_535, 'a TCP port').optional().meta({ description: 'default 80' }),
  })
  .meta({ description: 'HTTP server' });

/** Accounts that the image store asks for. */
export const authentication = z
  .strictObject({
    kind: word(['standalone']).optional().meta({ description: 'standalone: the file server knows its users itself (NTLM)' }),
    domain: z
      .string({ error: 'a NetBIOS domain name, e.g. SYSTEM' })
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,14}$/, { error: 'a NetBIOS domain name of at most 15 letters, digits and hyphens, e.g. SYSTEM' })
      .optional()
      .meta({ description: 'default SYSTEM', examples: ['SYSTEM'] }),
    users: z
      .array(z.strictObject({ name, password: z.string({ error: 'a password as text (a password of digits goes in quotes)' }).min(1, { error: 'a password' }) }))
      .min(1, { error: 'at least one user' })
      .optional()
      .meta({ description: 'default: administrateur with password Passw0rd.lab', examples: [[{ name: 'administrateur', password: 'Passw0rd.lab' }]] }),
  })
  .meta({ description: 'who may log on' });

/** The image store, RemInst. */
export const images = z
  .strictObject({
    at: at.meta({ description: 'default: where the boot server is' }),
    share: z.string({ error: 'a share name' }).regex(/^[A-Za-z0-9_-]{1,80}$/, { error: 'a share name, e.g. REMINST' }).optional().meta({ description: 'default REMINST' }),
    groups: z
      .record(line, z.array(z.string({ error: 'an image file' }).regex(/^[^\\/\0]+\.wim$/i, { error: 'an image file name ending in .wim' })).min(1, { error: 'at least one image' }))
      .optional()
      .meta({ description: 'image group: its images, found on the share as Images\\group\\image; default Linux: [sample.wim]', examples: [{ Linux: ['sample.wim'] }] }),
  })
  .meta({ description: 'image store on an SMB share' });

/** All services of a lab. */
export const services = z.strictObject(
  {
    dhcp: dhcp.optional(),
    pxe: pxe.optional(),
    tftp: tftp.optional(),
    http: http.optional(),
    authentication: authentication.optional(),
    images: images.optional(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'a map of services, e.g. { dhcp: {}, tftp: {} }' : undefined) },
);
