import { RPC_AUTH_LEVELS, RPC_SYNTAXES } from '../../../harness/protocols/rpc/wire/codec.ts';
import { isMalformed } from '../../../harness/packet/malformed.ts';
import { encodeWdsPacket, encodeWdsReplyStub } from '../../../harness/protocols/wds/wire/encode.ts';
import {
  decodeWdsPacket,
  wdsOperationName,
  wdsPacketBytes,
  type WdsPacket,
  type WdsVariable,
} from '../../../harness/protocols/wds/wire/codec.ts';
import type { Emit } from '../../service/event-lines.ts';
import { messageOf } from '../../service/service.ts';
import { FAULTS, type RpcAnswer, type RpcCaller, type RpcInterface } from '../rpc/interface.ts';
import { WdsError, WdsRequest, WIN32 } from './wds-request.ts';

/** One operation of a service. */
export interface WdsOperation {
  /** Only for users whose password was right. */
  readonly authenticated: boolean;
  /** The reply's variables. Throws WdsError for a request that cannot be done. */
  run(request: WdsRequest): readonly WdsVariable[] | Promise<readonly WdsVariable[]>;
}

/** Operations by number, by service GUID. */
export type WdsServices = ReadonlyMap<string, ReadonlyMap<number, WdsOperation>>;

/** What the interface does on purpose, by operation name. */
interface Misbehaviour {
  readonly faults?: Readonly<Partial<Record<string, number>>> | undefined;
  readonly errors?: Readonly<Partial<Record<string, number>>> | undefined;
}

/**
 * WdsRpcMessage (MS-WDSC section 3.1.4.1). An error before a service is reached becomes the method's return value; an
 * error that a service finds becomes the error code of its reply (section 3.1.4.2).
 */
export function wdsInterface(
  services: WdsServices,
  requirePrivacy: boolean,
  misbehave: Misbehaviour,
  misbehaved: (how: keyof Misbehaviour) => void,
  emit: Emit,
): RpcInterface {
  const serve = async (
    packet: WdsPacket,
    caller: RpcCaller,
  ): Promise<RpcAnswer & { readonly code?: number; readonly message?: string | undefined }> => {
    const failed = (code: number, message: string) => ({ stub: encodeWdsReplyStub(undefined, code), code, message });
    const { endpoint, opcode, malformed } = packet;
    if (opcode === undefined) return failed(WIN32.invalidParameter, 'expected a request, got a reply');
    const operation = wdsOperationName(packet.service, opcode);
    const fault = misbehave.faults?.[operation];
    if (fault !== undefined) {
      misbehaved('faults');
      return { fault, reason: `${operation} is configured to fault` };
    }
    const service = services.get(endpoint);
    if (!service) return failed(WIN32.notFound, `there is no service ${packet.service}`);
    if (caller.user !== undefined && requirePrivacy && caller.level < RPC_AUTH_LEVELS.privacy)
      return failed(
        WIN32.accessDenied,
        `an authenticated call at level ${caller.level}: expected ${RPC_AUTH_LEVELS.privacy} (packet privacy)`,
      );
    const target = service.get(opcode);
    if (!target) return failed(WIN32.notSupported, `${packet.service} has no ${operation}`);
    if (malformed) return failed(WIN32.invalidData, malformed.reason);
    const replied = (code: number, variables: readonly WdsVariable[], message?: string) => ({
      stub: encodeWdsReplyStub(encodeWdsPacket({ endpoint, packetType: 'reply', code, variables })),
      code,
      message,
    });
    const error = misbehave.errors?.[operation];
    if (error !== undefined) {
      misbehaved('errors');
      return replied(error, [], 'as configured');
    }
    if (target.authenticated && caller.user === undefined)
      return replied(WIN32.accessDenied, [], 'expected an authenticated caller');
    try {
      return replied(WIN32.success, await target.run(new WdsRequest(packet.variables, caller)));
    } catch (trouble) {
      return replied(trouble instanceof WdsError ? trouble.code : WIN32.genFailure, [], messageOf(trouble));
    }
  };
  return {
    syntax: RPC_SYNTAXES.wdsControl,
    operations: 1,
    call: async (_opnum, stub, caller) => {
      const bytes = wdsPacketBytes(stub, 'request');
      if (isMalformed(bytes)) return { fault: FAULTS.badStubData, reason: bytes.reason };
      const packet = decodeWdsPacket(bytes);
      if (isMalformed(packet)) {
        emit({ event: 'error', client: caller.client, message: `refused a packet: ${packet.reason}` });
        return { stub: encodeWdsReplyStub(undefined, WIN32.invalidData) };
      }
      const { code, message, ...answer } = await serve(packet, caller);
      emit({
        event: 'request',
        client: caller.client,
        user: caller.user,
        level: caller.level,
        provider: packet.service,
        operation: wdsOperationName(packet.service, packet.opcode ?? 0),
        errorCode: code,
        message,
      });
      return answer;
    },
  };
}
