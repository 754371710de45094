import { ENDPOINT_MAPPER_PORT } from '../protocols/rpc/wire/ports.ts';
import { RPC_SYNTAXES } from '../protocols/rpc/wire/codec.ts';
import { decodeEptMapResponse, encodeEptMapRequest, EPT_MAP } from '../protocols/rpc/wire/endpoint-mapper.ts';
import { isMalformed } from '../packet/malformed.ts';
import { encodeWdsPacket, encodeWdsRequestStub } from '../protocols/wds/wire/encode.ts';
import { decodeWdsStub, wdsReturnValue, type WdsPacket, type WdsVariable } from '../protocols/wds/wire/codec.ts';
import { RpcClient, type Authentication, type RpcClientOptions } from './rpc-client.ts';

const OS_DEPLOYMENT = 'd8deeb5a-effd-43b2-99fc-1a8a5921c227';

/** What the server said to a request: its error code, and the variables when there was none. */
export interface WdsAnswer {
  /** 0, or a Windows error code: the reply's, else the method's return value. */
  readonly code: number;
  readonly variables: ReadonlyMap<string, WdsVariable['values'][number]>;
}

/** A client of the WDS control service (MS-WDSC section 3.2). */
export class WdsControlClient {
  readonly #rpc: RpcClient;

  private constructor(rpc: RpcClient) {
    this.#rpc = rpc;
  }

  /** Connects and binds, anonymous at first. */
  static async connect(host: string, port: number, options: RpcClientOptions = {}): Promise<WdsControlClient> {
    const rpc = await RpcClient.connect(host, port, options);
    try {
      await rpc.bind(RPC_SYNTAXES.wdsControl);
    } catch (error) {
      rpc.close();
      throw error;
    }
    return new WdsControlClient(rpc);
  }

  /** From here on as a user, on the same connection. */
  async authenticate(authentication: Authentication): Promise<void> {
    await this.#rpc.authenticate(authentication);
  }

  /** One operation of a service; `endpoint` is that of OS deployment unless another is named. */
  async request(opcode: number, variables: readonly WdsVariable[], endpoint = OS_DEPLOYMENT): Promise<WdsAnswer> {
    const stub = await this.#rpc.call(
      0,
      encodeWdsRequestStub(encodeWdsPacket({ endpoint, packetType: 'request', code: opcode, variables })),
    );
    const returned = wdsReturnValue(stub);
    if (returned === undefined) throw new Error('the answer is shorter than the method says');
    if (returned !== 0) return { code: returned, variables: new Map() };
    const packet = decodeWdsStub(stub, 'response');
    if (isMalformed(packet)) throw new Error(`the reply does not decode: ${packet.reason}`);
    return answerOf(packet);
  }

  close(): void {
    this.#rpc.close();
  }
}

function answerOf({ errorCode = 0, variables, malformed }: WdsPacket): WdsAnswer {
  if (malformed) throw new Error(`the reply does not decode: ${malformed.reason}`);
  return {
    code: errorCode,
    variables: new Map(variables.flatMap(({ name, values: [value] }) => (value === undefined ? [] : [[name, value]]))),
  };
}

/** Where the endpoint mapper of a host says that the control service listens; undefined when it knows none. */
export async function controlPort(
  host: string,
  port = ENDPOINT_MAPPER_PORT,
  options: RpcClientOptions = {},
): Promise<number | undefined> {
  const rpc = await RpcClient.connect(host, port, options);
  try {
    await rpc.bind(RPC_SYNTAXES.endpointMapper);
    const response = decodeEptMapResponse(
      await rpc.call(EPT_MAP, encodeEptMapRequest({ interface: RPC_SYNTAXES.wdsControl, transfer: RPC_SYNTAXES.ndr })),
    );
    if (isMalformed(response)) throw new Error(`the endpoint mapper's answer does not decode: ${response.reason}`);
    return response.towers.find(({ overTcp }) => overTcp)?.port;
  } finally {
    rpc.close();
  }
}
