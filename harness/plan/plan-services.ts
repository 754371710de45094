import { addressesOf, directoryOf } from '../scenario/defaults.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { controlConfig } from './plan-control.ts';
import { dhcpConfig } from './plan-dhcp.ts';
import { directoryConfig } from './plan-directory.ts';
import { smbConfig } from './plan-images.ts';
import { proxydhcpConfig } from './plan-proxydhcp.ts';
import { httpConfig, tftpConfig } from './plan-files.ts';
import type { ClientPlan, HostPlan, ServicePlan } from './plan.ts';

/** Every service to start with its complete configuration. */
export function planServices(
  scenario: Scenario,
  hosts: readonly HostPlan[],
  clients: readonly ClientPlan[],
): readonly ServicePlan[] {
  const { services } = scenario;
  const addresses = addressesOf(scenario);
  const plan = (
    kind: ServicePlan['kind'],
    address: string | undefined,
    config: Readonly<Record<string, unknown>>,
  ): ServicePlan => {
    const host = hosts.find((other) => other.ip === address);
    if (host === undefined)
      throw new TypeError(
        `expected a host at the address of ${kind}, ${address ?? 'none'} (hosts: ${hosts.map((other) => other.ip).join(', ')})`,
      );
    return { kind, host: host.name, config };
  };
  return [
    ...(services.dhcp ? [plan('dhcp', addresses.dhcp, dhcpConfig(scenario, services.dhcp, clients))] : []),
    ...(['pxe', 'second-pxe'] as const).flatMap((name) =>
      services[name]
        ? [
            plan(
              'proxydhcp',
              addresses[name],
              proxydhcpConfig(scenario, services[name], addresses[name] ?? '', clients),
            ),
          ]
        : [],
    ),
    ...(services.tftp ? [plan('tftp', addresses.tftp, tftpConfig(scenario, services.tftp))] : []),
    ...(services.http ? [plan('http', addresses.http, httpConfig(scenario, services.http))] : []),
    ...(directoryOf(scenario) ? [plan('active-directory', addresses.authentication, directoryConfig(scenario))] : []),
    ...(services.images && !directoryOf(scenario) ? [plan('smb', addresses.images, smbConfig(scenario))] : []),
    ...(services.control ? [plan('control', addresses.control, controlConfig(scenario))] : []),
  ];
}
