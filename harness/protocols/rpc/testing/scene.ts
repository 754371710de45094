import { encodeRpcPdu, type RpcPduDraft } from '../wire/encode.ts';
import { RPC_SYNTAXES, type RpcSyntax } from '../wire/codec.ts';
import { encodeEptMapRequest, encodeEptMapResponse, EPT_MAP } from '../wire/endpoint-mapper.ts';
import {
  encodeWdsPacket,
  encodeWdsReplyStub,
  encodeWdsRequestStub,
  type WdsPacketDraft,
} from '../../wds/wire/encode.ts';
import { SERVER, type Tape } from '../../../observe/testing/scene.ts';
import { TcpScene } from '../../tcp/testing/scene.ts';

const OS_DEPLOYMENT = 'd8deeb5a-effd-43b2-99fc-1a8a5921c227';
const SIZES = { maxTransmit: 5840, maxReceive: 5840, associationGroup: 7 };
const { ndr } = RPC_SYNTAXES;
/** PDU type (C706 section 12.6.3). */
const SHUTDOWN = 17;

type Auth = NonNullable<RpcPduDraft['auth']>;

/** A DCE/RPC conversation: each call is one PDU, in TCP segments. */
export class RpcScene extends TcpScene {
  constructor(tape?: Tape, serverPort = 5040, clientPort?: number) {
    super(tape, serverPort, clientPort);
  }

  fromClient(draft: RpcPduDraft): this {
    return this.bytes(true, encodeRpcPdu(draft));
  }

  fromServer(draft: RpcPduDraft): this {
    return this.bytes(false, encodeRpcPdu(draft));
  }

  bind(abstract: RpcSyntax = RPC_SYNTAXES.wdsControl, name: 'bind' | 'alter-context' = 'bind', auth?: Auth): this {
    return this.fromClient({
      name,
      callId: 1,
      body: { type: 'bind', ...SIZES, contexts: [{ contextId: 0, abstract, transfers: [ndr] }] },
      ...(auth ? { auth } : {}),
    });
  }

  bindAck(result = 0, name: 'bind-ack' | 'alter-context-response' = 'bind-ack', auth?: Auth): this {
    return this.fromServer({
      name,
      callId: 1,
      body: {
        type: 'bind-ack',
        ...SIZES,
        secondaryAddress: name === 'bind-ack' ? '5040' : '',
        results: [{ result, reason: result === 0 ? 0 : 1, transfer: ndr }],
      },
      ...(auth ? { auth } : {}),
    });
  }

  /** The association is refused altogether. */
  bindNak(reason: number): this {
    return this.fromServer({ name: 'bind-nak', callId: 1, body: { type: 'bind-nak', reason } });
  }

  call(
    callId: number,
    stub: Uint8Array,
    more: { readonly opnum?: number; readonly first?: boolean; readonly last?: boolean } = {},
  ): this {
    return this.fromClient({
      name: 'request',
      callId,
      firstFragment: more.first ?? true,
      lastFragment: more.last ?? true,
      body: { type: 'request', allocationHint: stub.length, contextId: 0, opnum: more.opnum ?? 0, stub },
    });
  }

  answer(callId: number, stub: Uint8Array, more: { readonly first?: boolean; readonly last?: boolean } = {}): this {
    return this.fromServer({
      name: 'response',
      callId,
      firstFragment: more.first ?? true,
      lastFragment: more.last ?? true,
      body: { type: 'response', allocationHint: stub.length, contextId: 0, stub },
    });
  }

  fault(callId: number, status: number): this {
    return this.fromServer({ name: 'fault', callId, body: { type: 'fault', contextId: 0, status } });
  }

  /** The server asks the client to close the connection (C706 section 12.6.4.11). */
  shutdown(): this {
    const pdu = encodeRpcPdu({ name: 'auth3', callId: 0, body: { type: 'other' } });
    return this.bytes(false, pdu.with(2, SHUTDOWN));
  }

  /** ept_map for WDS control, answered with `port` or, without one, "not registered". */
  mapping(callId: number, port: number | undefined): this {
    const wanted = { interface: RPC_SYNTAXES.wdsControl, transfer: ndr };
    return this.call(callId, encodeEptMapRequest(wanted), { opnum: EPT_MAP }).answer(
      callId,
      encodeEptMapResponse(port === undefined ? undefined : { ...wanted, port, ip: SERVER.ip }, 4),
    );
  }
}

/** The stub of a request to the OS deployment service. */
export function wdsAsk(opcode: number, variables: WdsPacketDraft['variables'] = []): Uint8Array {
  return encodeWdsRequestStub(
    encodeWdsPacket({ endpoint: OS_DEPLOYMENT, packetType: 'request', code: opcode, variables }),
  );
}

/** The stub of its reply. */
export function wdsAnswer(errorCode: number, variables: WdsPacketDraft['variables'] = []): Uint8Array {
  return encodeWdsReplyStub(
    encodeWdsPacket({ endpoint: OS_DEPLOYMENT, packetType: 'reply', code: errorCode, variables }),
  );
}
