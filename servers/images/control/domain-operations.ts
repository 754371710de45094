import type { Emit } from '../../service/event-lines.ts';
import type { Device, DeviceStore } from '../../state/device-store.ts';
import { clientIdentity, findClient } from './client-device.ts';
import type { ControlConfig } from './config.ts';
import type { WdsOperation } from './wds-interface.ts';
import { ulong, wide } from './wds-request.ts';

// Flags of MS-WDSOSD section 2.2.5.
const JOIN = 1;
const ACCOUNT_EXISTS = 2;
const PRESTAGE_USING_MAC = 4;
const RESET_BOOT_PROGRAM = 0x100;

/** GET_DOMAIN_JOIN_INFORMATION: whether and as what a computer joins the domain (MS-WDSOSD section 3.1.5.5). */
export function getDomainJoinInformation(
  { domainJoin, accounts }: ControlConfig,
  store: DeviceStore | undefined,
): WdsOperation {
  return {
    authenticated: true,
    run: (request) => {
      request.checkVersion();
      const device = findClient(store, clientIdentity(request));
      const user = accounts.find(({ name }) => name.toLowerCase() === request.caller.user?.toLowerCase());
      const told = device ? known(device) : unknown(domainJoin);
      const reset = device && domainJoin.resetBootProgram ? RESET_BOOT_PROGRAM : 0;
      return [
        ulong('VERSION', 1),
        ulong('FLAGS', told.flags | reset),
        wide('MACHINEOU', told.unit),
        wide('MACHINENAME', told.name),
        wide('MACHINEDOMAIN', told.domain),
        wide('MACHINEDN', told.distinguishedName),
        wide('FIRSTNAME', user?.firstName ?? ''),
        wide('LASTNAME', user?.lastName ?? ''),
      ];
    },
  };
}

interface Told {
  readonly flags: number;
  readonly unit: string;
  readonly name: string;
  readonly domain: string;
  readonly distinguishedName: string;
}

// A computer of our own store has neither domain nor distinguished name, one with an account in a directory has both.
function known({ name = '', join }: Device): Told {
  if (!join) return { flags: ACCOUNT_EXISTS, unit: '', name, domain: '', distinguishedName: '' };
  const parent =
    join.organizationalUnit ??
    `CN=Computers,${join.domain
      .split('.')
      .map((part) => `DC=${part}`)
      .join(',')}`;
  return {
    flags: JOIN | ACCOUNT_EXISTS,
    unit: '',
    name,
    domain: join.domain,
    distinguishedName: `CN=${name},${parent}`,
  };
}

function unknown({
  newComputers,
  prestageUsingMac,
  organizationalUnit,
  namingPolicy,
}: ControlConfig['domainJoin']): Told {
  return {
    flags: (newComputers ? JOIN : 0) | (prestageUsingMac ? PRESTAGE_USING_MAC : 0),
    unit: organizationalUnit,
    name: namingPolicy,
    domain: '',
    distinguishedName: '',
  };
}

/**
 * RESET_BOOT_PROGRAM: the deployment is over, and the computer boots again like any other (MS-WDSOSD section 3.1.5.9).
 */
export function resetBootProgram(store: DeviceStore | undefined, emit: Emit): WdsOperation {
  return {
    authenticated: true,
    run: async (request) => {
      request.checkVersion();
      const device = findClient(store, clientIdentity(request));
      emit({
        event: 'boot-program-reset',
        device: device?.name ?? device?.key ?? 'unknown',
        had: device?.bootProgram ?? 'none',
      });
      if (store && device?.bootProgram !== undefined)
        await store.update((devices) =>
          devices.map((other) => (other.key === device.key ? withoutBootProgram(other) : other)),
        );
      return [];
    },
  };
}

function withoutBootProgram({ bootProgram: _, ...device }: Device): Device {
  return device;
}
