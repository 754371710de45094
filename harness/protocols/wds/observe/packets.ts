import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import {
  decodeWdsStub,
  wdsOperationName,
  wdsReturnWithoutPacket,
  type WdsPacket,
  type WdsVariable,
} from '../wire/codec.ts';
import type { WdsValues } from './events.ts';

/** What a WDS packet says, as events carry it. */
export interface WdsFacts {
  readonly service: string;
  readonly operation: string;
  /** Of a request. */
  readonly opcode: number | undefined;
  /** Of a reply: the packet's error code, or without a packet what the method returned. */
  readonly errorCode: number | undefined;
  readonly values: WdsValues;
  readonly malformed: Malformed | undefined;
}

/** A packet that could not be read. */
export const UNREAD: WdsFacts = {
  service: '',
  operation: '',
  opcode: undefined,
  errorCode: undefined,
  values: {},
  malformed: undefined,
};

/** Variables that steps show, by their lowercase names (MS-WDSOSD section 2.2). */
const SHOWN: ReadonlyMap<string, string> = new Map([
  ['version', 'version'],
  ['architecture', 'architecture'],
  ['client_guid', 'clientGuid'],
  ['client_mac', 'clientMac'],
  ['message_type', 'messageType'],
  ['transaction_id', 'transactionId'],
  ['loglevel', 'logLevel'],
  ['flags', 'flags'],
  ['message', 'message'],
]);

/** The stub of a request to the WDS control interface. */
export function wdsRequest(stub: Uint8Array): WdsFacts | Malformed {
  const packet = decodeWdsStub(stub, 'request');
  if (isMalformed(packet)) return packet;
  return {
    ...UNREAD,
    service: packet.service,
    operation: packet.opcode === undefined ? 'operation unknown' : wdsOperationName(packet.service, packet.opcode),
    opcode: packet.opcode,
    values: valuesOf(packet),
    malformed: packet.malformed,
  };
}

/** The stub of a reply to `request`. */
export function wdsReply(stub: Uint8Array, request: Pick<WdsFacts, 'service' | 'operation'>): WdsFacts | Malformed {
  const returned = wdsReturnWithoutPacket(stub);
  if (returned !== undefined)
    return { ...UNREAD, service: request.service, operation: request.operation, errorCode: returned };
  const packet = decodeWdsStub(stub, 'response');
  if (isMalformed(packet)) return packet;
  return {
    ...UNREAD,
    service: packet.service,
    operation: request.operation,
    errorCode: packet.errorCode,
    values: valuesOf(packet),
    malformed: packet.malformed,
  };
}

function valuesOf({ variables }: WdsPacket): WdsValues {
  return Object.fromEntries(variables.flatMap((variable) => shown(variable)));
}

function shown({ name, values }: WdsVariable): [string, string | number][] {
  const key = SHOWN.get(name.toLowerCase());
  const [value] = values;
  return key !== undefined && (typeof value === 'string' || typeof value === 'number') ? [[key, value]] : [];
}
