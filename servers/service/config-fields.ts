import * as z from 'zod';

// Fields that several services' configurations share.

/** An IPv4 address. */
export const ipv4 = z.ipv4('expected an IPv4 address such as 172.22.52.207');

const ANY_IP = 'expected an IPv4 address such as 172.22.52.207, or an IPv6 address such as fd77::1';

/** An address of either IP, without a zone. */
export const ip = z.union([z.ipv4(), z.ipv6()], { error: ANY_IP });

/** An IPv6 address. */
export const ipv6 = z.ipv6('expected an IPv6 address such as fd77::1');

/** A MAC address; dashes and capitals are accepted and normalised to lowercase with colons. */
export const mac = z
  .string('expected a MAC address')
  .regex(/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i, 'expected a MAC address such as 52:54:00:12:34:56')
  .transform((text) => text.toLowerCase().replaceAll('-', ':'));

/** A UDP or TCP port; 0 lets the kernel choose one. */
export const port = z
  .int('expected a port number')
  .min(0, 'expected a port from 0 to 65535')
  .max(65535, 'expected a port from 0 to 65535');

/** A duration or a count that cannot be negative. */
export const count = z.int('expected a whole number').min(0, 'expected a whole number that is not negative');

/** A count that cannot be zero. */
export const positive = z.int('expected a whole number').min(1, 'expected a whole number of at least 1');

/** Boot files by architecture number of option 93 (RFC 4578 section 2.1, IANA registry): `{ "7": "boot/x64/…efi" }`. */
export const bootfiles = z.record(
  z.string().regex(/^\d{1,5}$/, 'expected an architecture number of option 93'),
  z.string(),
);

/** Boot files by user class of option 77 (RFC 3004), each common or by architecture: `{ "iPXE": "boot.ipxe" }`. */
export const userClasses = z.record(z.string().min(1), z.union([z.string().min(1), bootfiles]));

/** A DHCP option written out in a scenario: its code and exactly one form of its payload. */
export const rawOption = z
  .strictObject({
    code: z.int().min(1, 'expected an option code of 1 to 254').max(254, 'expected an option code of 1 to 254'),
    hex: z
      .string()
      .regex(/^([0-9a-f]{2}[ :]?)*$/i, 'expected pairs of hexadecimal digits')
      .optional(),
    text: z.string().optional(),
    ip: ipv4.optional(),
    ips: z.array(ipv4).optional(),
    u8: z.int().min(0).max(0xff).optional(),
    u16: z.int().min(0).max(0xffff).optional(),
    u32: z.int().min(0).max(0xffff_ffff).optional(),
  })
  .refine(
    (option) => Object.keys(option).length === 2,
    'expected a code and exactly one of hex, text, ip, ips, u8, u16, u32',
  );
export type RawOption = z.infer<typeof rawOption>;
