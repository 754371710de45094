import { WDS_CONTROL_PORT } from '../../protocols/wds/wire/ports.ts';
import { addressesOf, directoryOf, usersOf } from '../../scenario/defaults.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { defined } from '../../../servers/service/defined.ts';
import { DIRECTORY_RPC_PORTS } from '../../../servers/authentication/directory-ports.ts';
import { accountDomain, shareName } from './images.ts';
import { imagesRoot, stateFolder } from '../state-folder.ts';
import type { ServiceConfigs } from './service-plan.ts';

/** Whether the control service has port 135 of its host. */
export function mapsEndpoints(scenario: Scenario): boolean {
  return scenario.services.control !== undefined && (scenario.services.control['endpoint-mapper'] ?? true);
}

/**
 * Where clients find the control service: by the endpoint mapper, or by its port where there is none; undefined without
 * one.
 */
export function controlEndpoint(scenario: Scenario): { readonly server: string; readonly port?: number } | undefined {
  const server = addressesOf(scenario).control;
  const { control } = scenario.services;
  if (server === undefined) return undefined;
  return { server, ...(control?.['endpoint-mapper'] === false ? { port: control.port ?? WDS_CONTROL_PORT } : {}) };
}

/** The control service's configuration, complete. */
export function controlConfig(scenario: Scenario): ServiceConfigs['control'] {
  const control = scenario.services.control ?? {};
  const join = control['domain-join'] ?? {};
  return {
    address: addressesOf(scenario).control ?? '',
    port: control.port ?? WDS_CONTROL_PORT,
    endpointMapper: mapsEndpoints(scenario),
    // A host has one endpoint mapper. On a domain controller's host the control service has it, and it must know the
    // ports of the controller's RPC services.
    ...(directoryOf(scenario)?.address === addressesOf(scenario).control
      ? { neighbourPorts: [...DIRECTORY_RPC_PORTS] }
      : {}),
    domain: accountDomain(scenario),
    accounts: usersOf(scenario).map(({ name, password, locked, expired }) => ({
      name,
      password,
      ...defined({ locked, expired }),
    })),
    ...(scenario.services.images ? { root: imagesRoot(scenario), share: shareName(scenario) } : {}),
    state: stateFolder(scenario),
    unattend: { files: control['answer-files'] ?? {}, ...defined({ override: control['answer-files-override'] }) },
    domainJoin: defined({
      newComputers: join['new-computers'],
      namingPolicy: join['naming-policy'],
      organizationalUnit: join['organizational-unit'],
      prestageUsingMac: join['prestage-using-mac'],
      resetBootProgram: join['reset-boot-program'],
    }),
    ...defined({
      logLevel: control['log-level'],
      organization: control.organization,
      timeZone: control['time-zone'],
      maxFragment: control['max-fragment'],
      misbehave: control.misbehave,
    }),
  };
}
