import { addressesOf, directoryOf, rangeOf, subnetOf } from '../../scenario/defaults.ts';
import { formatIpv4 } from '../../scenario/schema/ipv4.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { ARCHITECTURES } from '../../protocols/dhcp/wire/architectures.ts';
import { defined } from '../../../servers/service/defined.ts';
import type { ClientPlan } from '../plan.ts';
import type { ServiceConfigs } from './service-plan.ts';

type Services = Scenario['services'];
type Dhcp = NonNullable<Services['dhcp']>;

/** Lease time of a scenario that names none: longer than any boot. */
const LEASE_SECONDS = 3600;

/** Options 6 and 15 (RFC 2132 sections 3.8 and 3.17), as scenarios write them. */
const [DOMAIN_NAME_SERVER, DOMAIN_NAME] = ['6', '15'] as const;

/** The DHCP server's configuration, complete. */
export function dhcpConfig(scenario: Scenario, dhcp: Dhcp, clients: readonly ClientPlan[]): ServiceConfigs['dhcp'] {
  const subnet = subnetOf(scenario);
  const addresses = addressesOf(scenario);
  const range = rangeOf(scenario);
  const directory = directoryOf(scenario);
  const { options } = dhcp;
  const givesBootfile = [dhcp.bootfile, dhcp.bootfiles, dhcp['user-classes']].some((files) => files !== undefined);
  const nextServer = dhcp['next-server'] ?? (givesBootfile ? (addresses.tftp ?? addresses.http) : undefined);
  // On the boot server's own host option 60 is what sends clients to port 4011 (WDS's documented set-up of that case).
  const vendorClass =
    dhcp['vendor-class'] ?? (addresses.pxe !== undefined && addresses.pxe === addresses.dhcp ? 'PXEClient' : undefined);
  return {
    address: addresses.dhcp ?? formatIpv4(subnet.network + 1),
    subnet: formatIpv4(subnet.network),
    prefixLength: subnet.prefixLength,
    range: { from: formatIpv4(range.first), to: formatIpv4(range.last) },
    reservations: Object.entries(dhcp.reservations ?? {}).map(([client, ip]) => ({
      mac: macOf(clients, client),
      ip,
      hostname: client,
    })),
    leaseSeconds: dhcp.lease === undefined ? LEASE_SECONDS : Math.max(1, Math.round(dhcp.lease / 1000)),
    // A domain's clients find everything by its DNS (option 6), and themselves in it (option 15).
    ...(directory && options?.[DOMAIN_NAME_SERVER] === undefined ? { dns: [directory.address] } : {}),
    ...(directory && options?.[DOMAIN_NAME] === undefined ? { domain: directory.realm } : {}),
    ...defined({ nextServer, bootfile: dhcp.bootfile }),
    bootfiles: bootfilesByNumber(dhcp.bootfiles),
    ...defined({ userClasses: userClassFiles(dhcp['user-classes']) }),
    ...defined({ vendorClass }),
    options: rawOptions(dhcp.options),
    ipxeNoProxy: dhcp['ipxe-no-proxy'] ?? false,
    authoritative: dhcp.authoritative ?? false,
    misbehave: dhcpMisbehaviour(dhcp.misbehave, clients),
  };
}

/** Boot files by the number of option 93. */
export function bootfilesByNumber(bootfiles: Dhcp['bootfiles']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(bootfiles ?? {}).map(([word, file]) => [ARCHITECTURES[word as keyof typeof ARCHITECTURES], file]),
  );
}

/** Boot files by user class, and then by the number of option 93 where the scenario tells architectures apart. */
export function userClassFiles(userClasses: Dhcp['user-classes']): ServiceConfigs['dhcp']['userClasses'] {
  if (userClasses === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(userClasses).map(([name, files]) => [
      name,
      typeof files === 'string' ? files : bootfilesByNumber(files),
    ]),
  );
}

/** Options that a scenario writes out, in the servers' form: text, unless it says otherwise. */
export function rawOptions(options: Dhcp['options']): NonNullable<ServiceConfigs['dhcp']['options']> {
  return Object.entries(options ?? {}).map(([code, value]) => ({
    code: Number(code),
    ...(typeof value === 'string' ? { text: value } : defined(value)),
  }));
}

/** DHCP's and proxyDHCP's misbehaviour: a server knows clients by their MAC address. */
export function dhcpMisbehaviour(
  misbehave: Dhcp['misbehave'] = {},
  clients: readonly ClientPlan[],
): NonNullable<ServiceConfigs['dhcp']['misbehave']> {
  const { silent } = misbehave;
  if (silent === undefined || silent === true || silent.for === undefined) return misbehave;
  return { ...misbehave, silent: { ...silent, for: silent.for.map((client) => macOf(clients, client)) } };
}

function macOf(clients: readonly ClientPlan[], name: string): string {
  const client = clients.find((other) => other.name.toLowerCase() === name.toLowerCase());
  if (client === undefined)
    throw new TypeError(
      `expected a client of the scenario, got "${name}" (known: ${clients.map((other) => other.name).join(', ')})`,
    );
  return client.mac;
}
