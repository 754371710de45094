// What a program's messages have of its own, each a text that can be written down, compared and read by a person.

/** How a habit's text is put together: a difference between two lists is told by what they lack. */
interface Habit {
  readonly about: string;
  /** What stands between the parts of a list; absent for a text that is none. */
  readonly separator?: ',' | ' ';
}

export const HABITS = {
  'dhcp.vendor-class': { about: 'option 60, with `*` for the number of the architecture' },
  'dhcp.user-class': { about: 'option 77' },
  'dhcp.interface': { about: 'option 94: type and version of the network interface' },
  'dhcp.client-id': { about: 'option 61: `hardware address`, or its type' },
  'dhcp.message-size': { about: 'option 57' },
  'dhcp.parameter-list': { about: 'option 55, in order', separator: ',' },
  'dhcp.discover-options': { about: 'codes of the options of a DISCOVER, in order', separator: ',' },
  'dhcp.request-options': { about: 'codes of the options of a REQUEST that takes an offer, in order', separator: ',' },
  'proxydhcp.vendor-class': { about: 'option 60 of a request to port 4011' },
  'proxydhcp.user-class': { about: 'option 77 of a request to port 4011' },
  'proxydhcp.port': { about: 'port from which port 4011 is asked' },
  'proxydhcp.options': { about: 'codes of the options of a request to port 4011, in order', separator: ',' },
  'dhcpv6.vendor-class': { about: 'option 16, with `*` for the number of the architecture' },
  'dhcpv6.user-class': { about: 'option 15' },
  'dhcpv6.duid': { about: 'type of the client’s DUID' },
  'dhcpv6.option-request': { about: 'option 6, in order', separator: ',' },
  'dhcpv6.solicit-options': { about: 'codes of the options of a SOLICIT, in order', separator: ',' },
  'tftp.options': { about: 'options of a read request, in order', separator: ' ' },
  'tftp.file': { about: 'name of a file that is read: it shows who asks, and is never compared' },
  'http.user-agent': { about: 'User-Agent' },
  'http.method': { about: 'method of a request' },
  'http.range': { about: 'Range of a request' },
  'arp.announcement': { about: 'kind of ARP message by which an address is announced' },
} as const satisfies Readonly<Record<string, Habit>>;

/** The name of a habit. */
export type HabitName = keyof typeof HABITS;

/** All habits, in the order in which a boot shows them. */
export const HABIT_NAMES = Object.keys(HABITS) as readonly HabitName[];

/** What one message shows, by habit. */
export type Shown = Readonly<Partial<Record<HabitName, string>>>;

/** A header, or an option, that is not there. */
export const NONE = 'none';

const patterns = new Map<string, RegExp>();

/** Whether a text is as a pattern says: `*` stands for any text. */
export function matches(text: string, pattern: string): boolean {
  if (!pattern.includes('*')) return text === pattern;
  const known = patterns.get(pattern);
  if (known) return known.test(text);
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const made = new RegExp(`^${escaped.join('.*')}$`, 'is');
  patterns.set(pattern, made);
  return made.test(text);
}

/** What two texts of a habit differ in, in words: `without 43, 67`, `in another order`. */
export function differenceOf(habit: HabitName, expected: string, got: string): string {
  const { separator }: Habit = HABITS[habit];
  if (separator === undefined) return `${got} instead of ${expected}`;
  const [wanted, came] = [expected, got].map((text) => (text === NONE ? [] : text.split(separator))) as [
    string[],
    string[],
  ];
  const missing = wanted.filter((part) => !came.includes(part));
  const more = came.filter((part) => !wanted.includes(part));
  const parts = [
    ...(missing.length === 0 ? [] : [`without ${missing.join(', ')}`]),
    ...(more.length === 0 ? [] : [`with ${more.join(', ')}`]),
  ];
  if (parts.length > 0) return parts.join(', ');
  return wanted.length === came.length ? 'in another order' : 'with parts that come twice';
}
