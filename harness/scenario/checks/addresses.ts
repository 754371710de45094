import { isSavedByHypervisor } from '../backups.ts';
import { ADDRESSED, addressesOf, hypervisorOf, rangeOf, subnetOf } from '../defaults.ts';
import { prefixOf } from '../ipv6-defaults.ts';
import { formatIpv4, parseIpv4, type Subnet } from '../schema/ipv4.ts';
import { formatPrefix, hostIpv6, isOfPrefix, numberOf, parseIpv6, parseIpv6Range } from '../schema/ipv6.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

/** Addresses against the subnet and against each other: hosts, range, reservations. */
export function checkAddresses(content: ScenarioContent): Problem[] {
  const subnet = subnetOf(content);
  const { services } = content;
  const written: [ScenarioPath, string | undefined][] = [
    ...ADDRESSED.map((kind): [ScenarioPath, string | undefined] => [['services', kind, 'at'], services[kind]?.at]),
    [['services', 'dhcp', 'next-server'], services.dhcp?.['next-server']],
    ...(services.programs ?? []).map(({ at }, index): [ScenarioPath, string] => [
      ['services', 'programs', index, 'at'],
      at,
    ]),
    ...content.clients.map((client, index): [ScenarioPath, string | undefined] => [
      ['clients', index, 'hot-backups', 'at'],
      client['hot-backups']?.at,
    ]),
    ...Object.entries(services.dhcp?.reservations ?? {}).map(([client, ip]): [ScenarioPath, string] => [
      ['services', 'dhcp', 'reservations', client],
      ip,
    ]),
  ];
  const outside = written.flatMap(([path, ip]) => (ip === undefined ? [] : usable(path, ip, subnet)));
  return [...outside, ...checkRange(content, subnet), ...checkReservations(content), ...checkIpv6(content)];
}

function usable(path: ScenarioPath, text: string, subnet: Subnet): Problem[] {
  const address = parseIpv4(text) ?? -1;
  const expected = `a host address of ${formatIpv4(subnet.network)}/${subnet.prefixLength} (${formatIpv4(subnet.network + 1)} to ${formatIpv4(subnet.broadcast - 1)})`;
  if (address === subnet.network) return [{ path, expected, got: `${text}, the network address` }];
  if (address === subnet.broadcast) return [{ path, expected, got: `${text}, the broadcast address` }];
  return address < subnet.network || address > subnet.broadcast
    ? [{ path, expected, got: `${text}, which is outside` }]
    : [];
}

function checkRange(content: ScenarioContent, subnet: Subnet): Problem[] {
  const { dhcp } = content.services;
  if (dhcp === undefined) return [];
  const { first, last } = rangeOf(content);
  const path = ['services', 'dhcp', ...(dhcp.range === undefined ? [] : ['range'])];
  const got = `${formatIpv4(first)}-${formatIpv4(last)}`;
  if (first <= subnet.network || last >= subnet.broadcast) {
    return [
      {
        path,
        expected: `a range inside ${formatIpv4(subnet.network + 1)} to ${formatIpv4(subnet.broadcast - 1)}`,
        got,
      },
    ];
  }
  const hosts = namedHosts(content).filter(([, ip]) => inside(ip, first, last));
  const overlaps = hosts.map(([kind, ip]) => ({
    path,
    expected: 'a range without the addresses of hosts',
    got: `${got}, which holds ${ip} (${kind})`,
  }));
  const reserved = Object.values(dhcp.reservations ?? {});
  const free = last - first + 1 - reserved.filter((ip) => inside(ip, first, last)).length;
  const unreserved = content.clients.filter((client) => !Object.hasOwn(dhcp.reservations ?? {}, client.name)).length;
  return free < unreserved
    ? [
        ...overlaps,
        {
          path,
          expected: `an address for every client without a reservation (${unreserved})`,
          got: last < first ? 'no range that is free of hosts' : `${got} with ${free} of them`,
        },
      ]
    : overlaps;
}

function checkReservations(content: ScenarioContent): Problem[] {
  const holders = new Map(namedHosts(content).map(([kind, ip]) => [ip, kind]));
  return Object.entries(content.services.dhcp?.reservations ?? {}).flatMap(([client, ip]) => {
    const holder = holders.get(ip);
    if (holder === undefined) holders.set(ip, `client ${client}`);
    return holder === undefined
      ? []
      : [
          {
            path: ['services', 'dhcp', 'reservations', client],
            expected: 'an address that no host has',
            got: `${ip}, which ${holder} has`,
          },
        ];
  });
}

/** DHCPv6's addresses against the prefix, and against those of hosts. */
function checkIpv6(content: ScenarioContent): Problem[] {
  const { range } = content.services.dhcpv6 ?? {};
  const prefix = prefixOf(content);
  const ends = range === undefined ? undefined : parseIpv6Range(range);
  if (range === undefined || prefix === undefined || ends === undefined) return [];
  const path = ['services', 'dhcpv6', 'range'];
  const [first, last] = [parseIpv6(ends.from) ?? [], parseIpv6(ends.to) ?? []];
  if (!isOfPrefix(first, prefix))
    return [{ path, expected: `addresses of ${formatPrefix(prefix)} (network.ipv6)`, got: JSON.stringify(range) }];
  return namedHosts(content).flatMap(([who, ip]) => {
    const host = hostIpv6(prefix, ip);
    const number = numberOf(parseIpv6(host) ?? []);
    return numberOf(first) <= number && number <= numberOf(last)
      ? [{ path, expected: 'a range without the addresses of hosts', got: `${range}, which holds ${host} (${who})` }]
      : [];
  });
}

/** Who is at which address, by the name that messages give them. */
function namedHosts(content: ScenarioContent): [who: string, ip: string][] {
  return [
    ...Object.entries(addressesOf(content)).map(([kind, ip]): [string, string] => [`services.${kind}`, ip]),
    ...(content.services.programs ?? []).map(({ name, at }): [string, string] => [`program ${name}`, at]),
    ...content.clients.flatMap((client): [string, string][] =>
      isSavedByHypervisor(client) ? [[`the hypervisor of ${client.name}`, hypervisorOf(client, content)]] : [],
    ),
  ];
}

function inside(ip: string, first: number, last: number): boolean {
  const address = parseIpv4(ip) ?? -1;
  return address >= first && address <= last;
}
