import * as z from 'zod';

/** A line of radvd's configuration is made of it: no space, quote or semicolon. */
const INTERFACE = /^[A-Za-z0-9_.-]{1,15}$/;
/** RFC 4861 section 6.2.1: AdvDefaultLifetime. */
const LONGEST_LIFETIME_SECONDS = 9000;
const SHORTEST_LIFETIME_SECONDS = 4;

const lifetime = `expected 0, or ${SHORTEST_LIFETIME_SECONDS} to ${LONGEST_LIFETIME_SECONDS} seconds`;

/** Configuration of the router advertisements of one link. */
export const routerAdvertisementsConfigSchema = z.strictObject({
  interface: z
    .string('expected the name of an interface')
    .regex(INTERFACE, 'expected the name of an interface, such as eth0'),
  /** Folder for radvd's own files; made when it is not there. */
  state: z.string().min(1, 'expected a folder'),
  /** The prefix of the link, `fd77::/64`. */
  prefix: z.cidrv6('expected an IPv6 prefix such as fd77::/64'),
  /** Flag M: hosts ask for addresses by DHCPv6. */
  managed: z.boolean().default(true),
  /** Flag O: hosts ask for other settings by DHCPv6. */
  other: z.boolean().default(true),
  /** Flag A: hosts make their own addresses of the prefix. */
  autonomous: z.boolean().default(false),
  /** How long hosts may use the router as their default router; 0: not at all. */
  lifetimeSeconds: z
    .int(lifetime)
    .min(0, lifetime)
    .max(LONGEST_LIFETIME_SECONDS, lifetime)
    .refine((seconds) => seconds === 0 || seconds >= SHORTEST_LIFETIME_SECONDS, lifetime)
    .default(1800),
  startTimeoutMs: z.int().min(100).max(60_000).default(10_000),
});
export type RouterAdvertisementsConfig = z.output<typeof routerAdvertisementsConfigSchema>;
