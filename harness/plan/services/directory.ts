import { defined } from '../../../servers/service/defined.ts';
import { addressesOf, directoryOf, usersOf } from '../../scenario/defaults.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { DIRECTORY_RPC_PORTS } from '../../../servers/authentication/directory-ports.ts';
import { mapsEndpoints } from './control.ts';
import { shareName } from './images.ts';
import type { DirectoryPlan } from '../plan.ts';
import { imagesRoot } from '../state-folder.ts';
import type { ServiceConfigs } from './service-plan.ts';

/** Where the provisioned domain is in the run's private folder; the controller works on a copy. */
export const DOMAIN_ROOT = '${run}/domain';
const DIRECTORY_STATE = '${run}/directory';

/** The domain as those who ask it must know it; undefined for a scenario without one. */
export function planDirectory(scenario: Scenario): DirectoryPlan | undefined {
  const directory = directoryOf(scenario);
  if (directory === undefined) return undefined;
  const { realm, host, address } = directory;
  return { realm, controller: `${host.toLowerCase()}.${realm}`, address, state: DIRECTORY_STATE };
}

/** The domain controller's configuration, complete. */
export function directoryConfig(scenario: Scenario): ServiceConfigs['active-directory'] {
  const directory = directoryOf(scenario);
  if (directory === undefined) throw new TypeError('expected a scenario with a domain, got one without a domain');
  const { realm, domain, host, address } = directory;
  return {
    address,
    realm,
    domain,
    serverName: host,
    provision: DOMAIN_ROOT,
    state: DIRECTORY_STATE,
    users: usersOf(scenario).map((user, index) => ({ ...user, administrator: user.administrator ?? index === 0 })),
    computers: prestaged(scenario),
    // A control service on the same host has port 135, and leads to both.
    endpointMapper: !(mapsEndpoints(scenario) && addressesOf(scenario).control === address),
    rpcPort: DIRECTORY_RPC_PORTS[0],
    shares: scenario.services.images ? [{ name: shareName(scenario), root: imagesRoot(scenario) }] : [],
  };
}

/** Accounts of the computers that are to join: they are in the directory before the computers are. */
function prestaged(scenario: Scenario): ServiceConfigs['active-directory']['computers'] {
  return (scenario.services.devices?.known ?? []).flatMap(({ name, join }) => {
    if (join === undefined || name === undefined) return [];
    const organizationalUnit = join === true ? undefined : join['organizational-unit'];
    return [{ name: name.toUpperCase(), ...defined({ organizationalUnit }) }];
  });
}
