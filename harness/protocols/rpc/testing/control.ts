import type { Tape } from '../../../observe/testing/scene.ts';
import { ntlmExchange } from '../../../observe/testing/reference-trace/ntlm-exchange.ts';
import type { NtlmSealer } from '../../ntlm/wire/security.ts';
import { RPC_AUTH_LEVELS, RPC_AUTH_TYPES, RPC_SYNTAXES } from '../wire/codec.ts';
import { protectRpcPdu } from '../wire/protection.ts';
import { RpcScene, wdsAnswer, wdsAsk } from './scene.ts';

/** Who logs on, and the password (those of the reference trace's bundled scenarios). */
export const LOGON = { user: 'administrateur', domain: 'SYSTEM', password: 'Passw0rd.lab' } as const;
/** Operations of the OS deployment service (MS-WDSOSD section 2.2). */
export const WDS_OPERATIONS = { IMG_ENUMERATE: 2, LOG_INIT: 3, LOG_MSG: 4, GET_CLIENT_UNATTEND: 5 } as const;

type Variables = Parameters<typeof wdsAsk>[1];
const VERSION = [{ name: 'VERSION', type: 4, values: [1] }];
const EXCHANGE = ntlmExchange('RestrictedKrbHost/172.22.52.207', 300, true);
const PRIVACY = { type: RPC_AUTH_TYPES.ntlm, level: RPC_AUTH_LEVELS.privacy, contextId: 0 };
const BIND_CALL = 1;

/** The control channel of WDS on port 5040, before and after a logon by NTLM. */
export class ControlScene extends RpcScene {
  #callId = BIND_CALL;
  #sealers: { readonly client: NtlmSealer; readonly server: NtlmSealer } | undefined;

  constructor(tape?: Tape, clientPort?: number) {
    super(tape, 5040, clientPort);
  }

  /** The connection, and the interface bound without a logon. */
  open(): this {
    return this.connect().bind().bindAck();
  }

  /** A request: readable before the logon, sealed after it. */
  asks(operation: number, variables: Variables = VERSION): this {
    const stub = wdsAsk(operation, variables);
    this.#callId += 1;
    const sealer = this.#sealers?.client;
    if (!sealer) return this.call(this.#callId, stub);
    const body = { type: 'request', allocationHint: stub.length, contextId: 0, opnum: 0, stub } as const;
    return this.bytes(true, protectRpcPdu({ name: 'request', callId: this.#callId, body }, { ...PRIVACY, sealer }));
  }

  /** The answer to the last request. */
  replies(errorCode = 0, variables: Variables = VERSION): this {
    const stub = wdsAnswer(errorCode, variables);
    const sealer = this.#sealers?.server;
    if (!sealer) return this.answer(this.#callId, stub);
    const body = { type: 'response', allocationHint: stub.length, contextId: 0, stub } as const;
    return this.bytes(false, protectRpcPdu({ name: 'response', callId: this.#callId, body }, { ...PRIVACY, sealer }));
  }

  /** The last request is refused. */
  faults(status: number): this {
    return this.fault(this.#callId, status);
  }

  /** NTLM in ALTER_CONTEXT, its answer and AUTH3 (rows 38 to 40 of the reference trace's step 2). */
  logon(): this {
    const auth = (value: Uint8Array) => ({ ...PRIVACY, value });
    this.bind(RPC_SYNTAXES.wdsControl, 'alter-context', auth(EXCHANGE.negotiate))
      .bindAck(0, 'alter-context-response', auth(EXCHANGE.challenge))
      .fromClient({ name: 'auth3', callId: BIND_CALL, body: { type: 'other' }, auth: auth(EXCHANGE.authenticate) });
    this.#sealers = { client: EXCHANGE.client(), server: EXCHANGE.server() };
    return this;
  }
}
