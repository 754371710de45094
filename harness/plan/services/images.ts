import { addressesOf, usersOf } from '../../scenario/defaults.ts';
import { REFERENCE_LAB } from '../../../servers/service/reference-lab.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { imagesRoot } from '../state-folder.ts';
import type { ServiceConfigs } from './service-plan.ts';

/** The file server's configuration, complete. */
export function smbConfig(scenario: Scenario): ServiceConfigs['smb'] {
  return {
    address: addressesOf(scenario).images ?? '',
    state: '${run}/samba',
    root: imagesRoot(scenario),
    share: shareName(scenario),
    workgroup: accountDomain(scenario),
    writers: writersOf(scenario),
    accounts: usersOf(scenario).map(({ name, password }) => ({ name, password })),
  };
}

function writersOf(scenario: Scenario): string[] {
  const writable = scenario.services.images?.writable ?? false;
  if (typeof writable !== 'boolean') return writable;
  return writable ? usersOf(scenario).map(({ name }) => name) : [];
}

/** Share of the image store: WDS's own name. */
export function shareName(scenario: Scenario): string {
  return scenario.services.images?.share ?? REFERENCE_LAB.share;
}

/** NetBIOS domain of the accounts: the reference trace's. */
export function accountDomain(scenario: Scenario): string {
  return scenario.services.authentication?.domain ?? REFERENCE_LAB.domain;
}
