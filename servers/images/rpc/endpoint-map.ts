import { RPC_SYNTAXES } from '../../../harness/wire/dcerpc.ts';
import { decodeEptMapRequest, encodeEptMapResponse, EPT_MAP } from '../../../harness/wire/endpoint-mapper.ts';
import { isMalformed } from '../../../harness/wire/malformed.ts';
import type { Emit } from '../../boot/event-lines.ts';
import { FAULTS, type RpcInterface } from './rpc-interface.ts';

/** Operations of the endpoint mapper (C706 appendix O): ept_insert, ept_delete, ept_lookup, ept_map, and four more. */
const OPERATIONS = 8;

/** The endpoint mapper: tells where the interfaces listen. Of its operations only ept_map is here, which clients ask. */
export function endpointMapper(interfaces: readonly RpcInterface[], ip: string, port: number, emit: Emit): RpcInterface {
  return {
    syntax: RPC_SYNTAXES.endpointMapper,
    operations: OPERATIONS,
    call: (opnum, stub, { client }) => {
      if (opnum !== EPT_MAP) return Promise.resolve({ fault: FAULTS.accessDenied, reason: `endpoint mapper: only ept_map is answered, not operation ${opnum}` });
      const request = decodeEptMapRequest(stub);
      if (isMalformed(request)) return Promise.resolve({ fault: FAULTS.badStubData, reason: `ept_map: ${request.reason}` });
      const wanted = request.tower.interface;
      const found = request.tower.overTcp ? interfaces.find(({ syntax }) => syntax.uuid === wanted?.uuid && syntax.version.split('.')[0] === wanted.version.split('.')[0]) : undefined;
      emit({ event: 'endpoint-map', client, interface: wanted ? `${wanted.uuid} v${wanted.version}` : 'none', ...(found ? { port } : { message: 'not registered' }) });
      return Promise.resolve({ stub: encodeEptMapResponse(found && { interface: found.syntax, transfer: RPC_SYNTAXES.ndr, port, ip }, request.maxTowers) });
    },
  };
}
