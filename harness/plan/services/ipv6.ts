import { dhcpv6BootFiles, dhcpv6RangeOf, bootUrl, prefixOf } from '../../scenario/ipv6-defaults.ts';
import { formatPrefix } from '../../scenario/schema/ipv6.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { defined } from '../../../servers/service/defined.ts';
import { bootfilesByNumber, userClassFiles } from './dhcp.ts';
import type { ServiceConfigs } from './service-plan.ts';

type Dhcpv6 = NonNullable<Scenario['services']['dhcpv6']>;
type RouterAdvertisements = NonNullable<Scenario['services']['router-advertisements']>;

/** The one interface of a host of the lab. */
const HOST_INTERFACE = 'eth0';

/** The DHCPv6 server's configuration. */
export function dhcpv6Config(scenario: Scenario, dhcpv6: Dhcpv6): ServiceConfigs['dhcpv6'] {
  const lease = dhcpv6.lease === undefined ? undefined : Math.max(1, Math.round(dhcpv6.lease / 1000));
  const url = (name: string, architecture?: string): string => bootUrl(scenario, name, architecture) ?? name;
  const urls = (files: NonNullable<Dhcpv6['bootfiles']>): NonNullable<Dhcpv6['bootfiles']> =>
    Object.fromEntries(Object.entries(files).map(([word, name]) => [word, url(name, word)]));
  const classes = Object.entries(dhcpv6['user-classes'] ?? {}).map(([name, files]) => [
    name,
    typeof files === 'string' ? url(files) : urls(files),
  ]);
  return {
    interface: HOST_INTERFACE,
    range: dhcpv6RangeOf(scenario),
    ...defined({ preferredSeconds: lease, validSeconds: lease, dns: dhcpv6.dns }),
    ...(dhcpv6.bootfile === undefined ? {} : { bootfile: url(dhcpv6.bootfile) }),
    bootfiles: bootfilesByNumber(urls(dhcpv6BootFiles(scenario, dhcpv6))),
    ...defined({
      userClasses: userClassFiles(
        classes.length === 0 ? undefined : (Object.fromEntries(classes) as Dhcpv6['user-classes']),
      ),
      parameters: dhcpv6.parameters,
      preference: dhcpv6.preference,
      rapidCommit: dhcpv6['rapid-commit'],
    }),
    misbehave: dhcpv6.misbehave ?? {},
  };
}

/** What the router says; undefined for a lab without IPv6, which no scenario with this service has. */
export function routerAdvertisementsConfig(
  scenario: Scenario,
  router: RouterAdvertisements,
): ServiceConfigs['router-advertisements'] | undefined {
  const prefix = prefixOf(scenario);
  if (prefix === undefined) return undefined;
  const byDhcpv6 = scenario.services.dhcpv6 !== undefined;
  return {
    interface: HOST_INTERFACE,
    state: '${run}/radvd',
    prefix: formatPrefix(prefix),
    managed: router.managed ?? byDhcpv6,
    other: router.other ?? byDhcpv6,
    autonomous: router.autonomous ?? !byDhcpv6,
    ...(router.lifetime === undefined ? {} : { lifetimeSeconds: router.lifetime / 1000 }),
  };
}
