import * as z from 'zod';
import { ACCOUNT_NAME, FORBIDDEN_IN_ACCOUNT_NAMES, UUID } from '../../../servers/service/name-patterns.ts';
import { parseIpv4, parseRange, parseSubnet } from './ipv4.ts';
import { parseIpv6, parseIpv6Range, parsePrefix } from './ipv6.ts';
import {
  BIT_RATE_EXPECTED,
  BIT_RATE_PATTERN,
  DURATION_EXPECTED,
  DURATION_PATTERN,
  PERIOD_EXPECTED,
  PERIOD_PATTERN,
  SIZE_EXPECTED,
  SIZE_PATTERN,
  SNAPSHOT_SIZE_EXPECTED,
  SNAPSHOT_SIZE_PATTERN,
  parseBitRate,
  parseDurationMs,
  parsePeriodMs,
  parseSizeMiB,
  parseSnapshotKiB,
} from './units.ts';

// The words that values of a scenario are made of. The `error` of each is what was expected, in words:
// explain-issue.ts says what was found and where.

type Check = (text: string) => boolean;

/** Text of a given form; `expected` reads on from "expected …". */
function text(expected: string, fits: Check, examples: readonly string[], pattern?: RegExp) {
  const base = z.string({ error: expected });
  return (pattern ? base.regex(pattern, { error: expected, abort: true }) : base)
    .refine(fits, { error: expected })
    .meta({ examples: [...examples] });
}

/** A regular expression of JavaScript. */
export const regex = z
  .string({ error: 'a regular expression' })
  .refine(isRegex, { error: 'a regular expression that JavaScript understands' });

function isRegex(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

/** An IPv4 address. */
export const ipv4 = text('an IPv4 address, e.g. 172.22.52.207', (value) => parseIpv4(value) !== undefined, [
  '172.22.52.207',
]);

/** An IPv6 address, in its short form. */
export const ipv6 = text('an IPv6 address, e.g. fd77::53', (value) => parseIpv6(value) !== undefined, ['fd77::53']);

/** An IPv6 network of a link. */
export const ipv6Prefix = text(
  'an IPv6 prefix of /64 with all host bits zero, e.g. fd77::/64',
  (value) => parsePrefix(value) !== undefined,
  ['fd77::/64'],
);

/** A range of IPv6 addresses, both ends included. */
export const ipv6Range = text(
  'two IPv6 addresses of one /64, the lower first, e.g. fd77::1000-fd77::1fff',
  (value) => parseIpv6Range(value) !== undefined,
  ['fd77::1000-fd77::1fff'],
);

/** An IPv4 network. */
export const subnet = text(
  'an IPv4 network with all host bits zero, /8 to /30, e.g. 172.22.52.0/24',
  (value) => parseSubnet(value) !== undefined,
  ['172.22.52.0/24'],
);

/** A range of addresses, both ends included. */
export const range = text(
  'two addresses, the lower first, e.g. 172.22.52.100-172.22.52.199',
  (value) => parseRange(value) !== undefined,
  ['172.22.52.100-172.22.52.199'],
);

/** A unicast hardware address, kept in lowercase with colons as the wire layer writes it. */
export const mac = text(
  'a unicast MAC address, e.g. 52:54:00:12:34:56',
  (value) => (Number.parseInt(value.slice(0, 2), 16) & 1) === 0 && !/^[0:-]+$/.test(value),
  ['52:54:00:12:34:56'],
  /^[0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}(\1[0-9a-fA-F]{2}){4}$/,
).transform((value) => value.toLowerCase().replaceAll('-', ':'));

/** A client's SMBIOS UUID, DHCP option 97. */
export const uuid = text(
  'a UUID, e.g. 4c4c4544-0042-3510-8050-b4c04f383432',
  () => true,
  ['4c4c4544-0042-3510-8050-b4c04f383432'],
  UUID,
).transform((value) => value.toLowerCase());

/** A name that other parts of the scenario, file names and reports refer to. */
export const name = text(
  'a short name of letters, digits and hyphens, e.g. pc-1',
  () => true,
  ['pc'],
  /^[A-Za-z0-9][A-Za-z0-9-]{0,30}$/,
);

/** An account's name, in the characters that Windows allows in one. */
export const userName = text(
  `a user name without any of ${FORBIDDEN_IN_ACCOUNT_NAMES}`,
  () => true,
  ['administrateur'],
  ACCOUNT_NAME,
);

/** A password. */
export const password = text(
  'a password as text (a password of digits goes in quotes)',
  (value) => !hasControl(value),
  [],
  /^.+$/u,
);

/** One line of text for people. */
export const line = text(
  'one line of text',
  (value) => value.trim() !== '' && !hasControl(value) && value.length <= 200,
  [],
);

/**
 * A path as the protocol carries it. A control character in it nearly always comes from YAML: in double quotes
 * `"boot\x86\…"` holds the character U+0086 and no backslash.
 */
export const wirePath = text(
  "a path of at most 255 characters, e.g. 'boot\\x86\\wdsnbp.com'",
  (value) => value !== '' && value.length <= 255,
  ['boot\\x86\\wdsnbp.com'],
).refine((value) => !hasControl(value), {
  error:
    'a path without control characters (in double quotes YAML takes a backslash for an escape: write paths in single quotes)',
});

/** A length of time; milliseconds once parsed. */
export const duration = text(
  DURATION_EXPECTED,
  (value) => parseDurationMs(value) !== undefined,
  ['500ms', '8s', '2m'],
  DURATION_PATTERN,
).transform((value) => parseDurationMs(value) ?? 0);

/** A time of a schedule; milliseconds once parsed. */
export const period = text(
  PERIOD_EXPECTED,
  (value) => parsePeriodMs(value) !== undefined,
  ['20s', '24h', '7d'],
  PERIOD_PATTERN,
).transform((value) => parsePeriodMs(value) ?? 0);

/** How wrong a clock is, ahead or behind; milliseconds once parsed. */
export const clockOffset = text(
  'a duration, with a minus when the clock is behind, e.g. 10m or -2h',
  (value) => parseDurationMs(value.replace(/^-/, '')) !== undefined,
  ['10m', '-2h'],
).transform((value) => (value.startsWith('-') ? -1 : 1) * (parseDurationMs(value.replace(/^-/, '')) ?? 0));

/** An amount of memory or disk; MiB once parsed. */
export const size = text(
  SIZE_EXPECTED,
  (value) => parseSizeMiB(value) !== undefined,
  ['512MiB', '2GiB'],
  SIZE_PATTERN,
).transform((value) => parseSizeMiB(value) ?? 0);

/** What a snapshot may keep of what is overwritten; KiB once parsed. */
export const snapshotSize = text(
  SNAPSHOT_SIZE_EXPECTED,
  (value) => parseSnapshotKiB(value) !== undefined,
  ['64MiB', '256KiB'],
  SNAPSHOT_SIZE_PATTERN,
).transform((value) => parseSnapshotKiB(value) ?? 0);

/** A bit rate; bits per second once parsed. */
export const bitRate = text(
  BIT_RATE_EXPECTED,
  (value) => parseBitRate(value) !== undefined,
  ['500kbit', '100Mbit'],
  BIT_RATE_PATTERN,
).transform((value) => parseBitRate(value) ?? 0);

/** A whole number between two limits. */
export function count(least: number, most: number, what: string) {
  const expected = `${what}, a whole number from ${least} to ${most}`;
  return z.int({ error: expected }).min(least, { error: expected }).max(most, { error: expected });
}

/** true or false; YAML 1.2 knows no yes and no. */
export const flag = z.boolean({ error: 'true or false' });

/** One of a closed set of words. */
export function word<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: `one of ${words.join(', ')}` });
}

/** Whether a text holds C0 or C1 control characters. */
function hasControl(value: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u001f\u007f-\u009f]/.test(value);
}
