import { FIRMWARES } from '../../../harness/protocols/dhcp/wire/architectures.ts';
import { WINDOWS_ARCHITECTURES, windowsArchitecture } from '../../../harness/protocols/wim/wire/architectures.ts';
import type { BootRoot } from '../../service/boot-root.ts';
import type { DeviceStore } from '../../state/device-store.ts';
import { clientIdentity, findClient } from './client-device.ts';
import type { ControlConfig } from './config.ts';
import { readBelow } from './reminst.ts';
import type { WdsOperation } from './wds-interface.ts';
import { blob, ulong, WdsError, wide, WIN32 } from './wds-request.ts';

// Flags of the reply (MS-WDSOSD section 2.2.3).
const PRESENT = 1;
const OVERRIDE = 2;

/**
 * GET_CLIENT_UNATTEND: the answer file for the deployment agent, the device's own or that of its architecture
 * (MS-WDSOSD section 3.1.5.3).
 */
export function getClientUnattend(
  { files, override }: { readonly files: Readonly<Partial<Record<string, string>>>; readonly override: boolean },
  store: DeviceStore | undefined,
  root: BootRoot | undefined,
): WdsOperation {
  return {
    authenticated: false,
    run: async (request) => {
      request.checkVersion();
      const number = request.number('ARCHITECTURE');
      const architecture = windowsArchitecture(number);
      if (architecture === undefined)
        throw new WdsError(
          WIN32.invalidParameter,
          `variable ARCHITECTURE: expected one of ${Object.values(WINDOWS_ARCHITECTURES).join(', ')}, got ${number}`,
        );
      const firmware = FIRMWARES[request.optionalNumber('FIRMWARE') ?? -1];
      const device = findClient(store, clientIdentity(request));
      const file =
        device?.answerFile ??
        (firmware === undefined ? undefined : files[`${architecture}-${firmware}`]) ??
        files[architecture];
      const flags = (file === undefined ? 0 : PRESENT) | (override ? OVERRIDE : 0);
      return [
        ulong('VERSION', 1),
        ulong('FLAGS', flags),
        ...(file === undefined ? [] : [blob('CLIENT_UNATTEND', await readBelow(root, file))]),
      ];
    },
  };
}

/** GET_UNATTEND_VARIABLES: what stands for %MACHINENAME% and the like in an answer file (MS-WDSOSD section 2.2.4). */
export function getUnattendVariables(
  { organization, timeZone }: ControlConfig,
  store: DeviceStore | undefined,
): WdsOperation {
  return {
    authenticated: true,
    run: (request) => {
      request.checkVersion();
      const device = findClient(store, clientIdentity(request));
      return [
        ulong('VERSION', 1),
        wide('MACHINENAME', device?.name ?? ''),
        wide('MACHINEDOMAIN', device?.join?.domain ?? ''),
        wide('ORGNAME', organization),
        wide('TIMEZONE', timeZone),
      ];
    },
  };
}
