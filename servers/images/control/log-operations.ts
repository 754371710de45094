import { randomUUID } from 'node:crypto';
import { WDS_MESSAGE_TYPES } from '../../../harness/protocols/wds/wire/codec.ts';
import { windowsArchitecture } from '../../../harness/protocols/wim/wire/architectures.ts';
import type { Emit } from '../../service/event-lines.ts';
import type { WdsOperation } from './wds-interface.ts';
import { ulong, WdsError, wide, WIN32, type WdsRequest } from './wds-request.ts';

/** LOG_INIT (MS-WDSOSD section 2.2.1): what to log, and the name under which it will be logged. */
export function logInit(logLevel: number): WdsOperation {
  return {
    authenticated: false,
    run: (request) => {
      request.checkVersion();
      return [ulong('VERSION', 1), ulong('LOGLEVEL', logLevel), wide('TRANSACTION_ID', randomUUID())];
    },
  };
}

// Variables that a message type needs besides those of all (MS-WDSOSD sections 2.2.2.1 to 2.2.2.22).
const IMAGE = ['IMAGE_NAME', 'IMAGE_GROUP'];
const TRANSFER = [...IMAGE, 'NAMESPACE_NAME'];
const TEXTS: Readonly<Record<number, readonly string[]>> = {
  1: ['MESSAGE'],
  2: ['VER_CLIENT_AUTO', 'VER_OS_AUTO'],
  4: IMAGE,
  9: TRANSFER,
  10: TRANSFER,
  11: TRANSFER,
  12: ['MACHINE_NAME', 'MACHINE_OU'],
  15: IMAGE,
  16: IMAGE,
  17: ['MACHINE_NAME', 'MACHINE_OU'],
  18: ['DRIVER_PACKAGE_NAME'],
  21: ['DRIVER_PACKAGE_NAME'],
  22: IMAGE,
};
const NUMBERS: Readonly<Record<number, readonly string[]>> = {
  8: ['UNATTEND_MODE'],
  17: ['ERROR_CODE'],
  18: ['ERROR_CODE'],
  21: ['ERROR_CODE'],
};

/** LOG_MSG (MS-WDSOSD section 2.2.2): what a client reports becomes an event. */
export function logMessage(emit: Emit): WdsOperation {
  return {
    authenticated: false,
    run: (request) => {
      request.checkVersion();
      const type = request.number('MESSAGE_TYPE');
      const name = WDS_MESSAGE_TYPES[type];
      // A client falls back to an older type when a server does not know the newer one.
      if (name === undefined) throw new WdsError(WIN32.notSupported, `message type ${type} is not known`);
      emit({
        event: 'status-message',
        type: name,
        transaction: request.text('TRANSACTION_ID'),
        client: request.text('CLIENT_ADDRESS'),
        uuid: request.text('CLIENT_UUID'),
        architecture: windowsArchitecture(request.number('ARCHITECTURE')) ?? 'unknown',
        ...mac(request),
        details: detailsOf(request, type),
      });
      return [];
    },
  };
}

function detailsOf(request: WdsRequest, type: number): Readonly<Record<string, string | number>> {
  const details: Record<string, string | number> = {};
  for (const name of TEXTS[type] ?? []) details[name] = request.text(name);
  for (const name of NUMBERS[type] ?? []) details[name] = request.number(name);
  return details;
}

// MS-WDSOSD requires CLIENT_MAC; a client that is in use leaves it out (harness/docs/protocols.md 4.5).
function mac(request: WdsRequest): { mac?: string } {
  const address = request.optionalText('CLIENT_MAC');
  return address === undefined ? {} : { mac: address };
}
