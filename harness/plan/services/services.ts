import { resolve } from 'node:path';
import { addressesOf, directoryOf, type AddressedService } from '../../scenario/defaults.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { backupStoreConfig } from './backups.ts';
import { controlConfig } from './control.ts';
import { dhcpConfig } from './dhcp.ts';
import { dhcpv6Config, routerAdvertisementsConfig } from './ipv6.ts';
import { directoryConfig } from './directory.ts';
import { httpConfig, tftpConfig } from './files.ts';
import { smbConfig } from './images.ts';
import { multicastConfig } from './multicast.ts';
import { proxydhcpConfig } from './proxydhcp.ts';
import type { ClientPlan, HostPlan } from '../plan.ts';
import type { ProgramPlan, ProgramReady } from './program-plan.ts';
import type { ServiceKind, ServiceOf, ServicePlan } from './service-plan.ts';

interface Lab {
  readonly scenario: Scenario;
  readonly clients: readonly ClientPlan[];
  /** Name of the host at the address of a key of `services`. */
  readonly host: (key: AddressedService) => string;
}

/** When a scenario has each service, on which host, and with which configuration. */
const PLANNED: { readonly [Kind in ServiceKind]: (lab: Lab) => readonly ServiceOf<Kind>[] } = {
  dhcp: ({ scenario, clients, host }) => {
    const { dhcp } = scenario.services;
    return dhcp ? [{ kind: 'dhcp', host: host('dhcp'), config: dhcpConfig(scenario, dhcp, clients) }] : [];
  },
  dhcpv6: ({ scenario, host }) => {
    const { dhcpv6 } = scenario.services;
    return dhcpv6 ? [{ kind: 'dhcpv6', host: host('dhcpv6'), config: dhcpv6Config(scenario, dhcpv6) }] : [];
  },
  'router-advertisements': ({ scenario, host }) => {
    const router = scenario.services['router-advertisements'];
    const config = router && routerAdvertisementsConfig(scenario, router);
    return config ? [{ kind: 'router-advertisements', host: host('router-advertisements'), config }] : [];
  },
  proxydhcp: ({ scenario, clients, host }) =>
    (['pxe', 'second-pxe'] as const).flatMap((key) => {
      const pxe = scenario.services[key];
      if (pxe === undefined) return [];
      const address = addressesOf(scenario)[key] ?? '';
      return [{ kind: 'proxydhcp', host: host(key), config: proxydhcpConfig(scenario, pxe, address, clients) }];
    }),
  tftp: ({ scenario, host }) => {
    const { tftp } = scenario.services;
    return tftp ? [{ kind: 'tftp', host: host('tftp'), config: tftpConfig(scenario, tftp) }] : [];
  },
  http: ({ scenario, host }) => {
    const { http } = scenario.services;
    return http ? [{ kind: 'http', host: host('http'), config: httpConfig(scenario, http) }] : [];
  },
  'active-directory': ({ scenario, host }) =>
    directoryOf(scenario)
      ? [{ kind: 'active-directory', host: host('authentication'), config: directoryConfig(scenario) }]
      : [],
  // A domain's controller serves the store itself.
  smb: ({ scenario, host }) =>
    scenario.services.images && !directoryOf(scenario)
      ? [{ kind: 'smb', host: host('images'), config: smbConfig(scenario) }]
      : [],
  control: ({ scenario, host }) =>
    scenario.services.control ? [{ kind: 'control', host: host('control'), config: controlConfig(scenario) }] : [],
  multicast: ({ scenario, host }) => {
    const { multicast } = scenario.services;
    return multicast
      ? [{ kind: 'multicast', host: host('multicast'), config: multicastConfig(scenario, multicast) }]
      : [];
  },
  'backup-store': ({ scenario, host }) => {
    const { backups } = scenario.services;
    return backups
      ? [{ kind: 'backup-store', host: host('backups'), config: backupStoreConfig(scenario, backups) }]
      : [];
  },
};

/** Every service to start with its complete configuration. */
export function planServices(
  scenario: Scenario,
  hosts: readonly HostPlan[],
  clients: readonly ClientPlan[],
): readonly ServicePlan[] {
  const addresses = addressesOf(scenario);
  const host = (key: AddressedService): string => hostAt(hosts, addresses[key], key);
  return Object.values(PLANNED).flatMap<ServicePlan>((plan) => plan({ scenario, clients, host }));
}

/** Programs of the user's own, each on its host; undefined without any. */
export function planPrograms(scenario: Scenario, hosts: readonly HostPlan[]): readonly ProgramPlan[] | undefined {
  const folder = resolve(scenario.source.folder);
  return scenario.services.programs?.map(({ name, at, command, ready }) => ({
    name,
    host: hostAt(hosts, at, name),
    command: command.map((part) => part.replaceAll('${folder}', folder)),
    folder,
    ready: readyBy(ready),
  }));
}

type Ready = NonNullable<Scenario['services']['programs']>[number]['ready'];

function readyBy({ udp, tcp, log = '' }: Ready): ProgramReady {
  if (udp !== undefined) return { udp };
  return tcp === undefined ? { log } : { tcp };
}

function hostAt(hosts: readonly HostPlan[], address: string | undefined, who: string): string {
  const found = hosts.find(({ ip }) => ip === address);
  if (found === undefined)
    throw new TypeError(
      `expected a host at the address of ${who}, ${address ?? 'none'} (hosts: ${hosts.map(({ ip }) => ip).join(', ')})`,
    );
  return found.name;
}
