import { RPC_SYNTAXES, type RpcSyntax } from '../../../harness/protocols/rpc/wire/codec.ts';
import {
  decodeEptMapRequest,
  encodeEptMapResponse,
  EPT_MAP,
} from '../../../harness/protocols/rpc/wire/endpoint-mapper.ts';
import { isMalformed } from '../../../harness/packet/malformed.ts';
import type { Emit } from '../../service/event-lines.ts';
import { FAULTS, type RpcInterface } from './interface.ts';

/** Operations of the endpoint mapper (C706 appendix O): ept_insert, ept_delete, ept_lookup, ept_map, and four more. */
const OPERATIONS = 8;

/**
 * The endpoint mapper: reports where the interfaces listen. It implements only ept_map, the operation that clients use.
 * `elsewhere`: the port of an interface that is not ours, on the same address.
 */
export function endpointMapper(
  interfaces: readonly RpcInterface[],
  ip: string,
  port: number,
  emit: Emit,
  elsewhere: (wanted: RpcSyntax) => Promise<number | undefined> = () => Promise.resolve(undefined),
): RpcInterface {
  return {
    syntax: RPC_SYNTAXES.endpointMapper,
    operations: OPERATIONS,
    call: async (opnum, stub, { client }) => {
      if (opnum !== EPT_MAP)
        return {
          fault: FAULTS.accessDenied,
          reason: `endpoint mapper: only ept_map is answered, not operation ${opnum}`,
        };
      const request = decodeEptMapRequest(stub);
      if (isMalformed(request)) return { fault: FAULTS.badStubData, reason: `ept_map: ${request.reason}` };
      const wanted = request.tower.overTcp ? request.tower.interface : undefined;
      const own =
        wanted &&
        interfaces.find(
          ({ syntax }) => syntax.uuid === wanted.uuid && syntax.version.split('.')[0] === wanted.version.split('.')[0],
        )?.syntax;
      const otherPort = wanted && !own ? await elsewhere(wanted) : undefined;
      const found = own
        ? { interface: own, port }
        : wanted && otherPort !== undefined
          ? { interface: wanted, port: otherPort }
          : undefined;
      emit({
        event: 'endpoint-map',
        client,
        interface: wanted ? `${wanted.uuid} v${wanted.version}` : 'none',
        ...(found ? { port: found.port } : { message: 'not registered' }),
      });
      return { stub: encodeEptMapResponse(found && { ...found, transfer: RPC_SYNTAXES.ndr, ip }, request.maxTowers) };
    },
  };
}
