import type { RpcBody, RpcContext, RpcContextResult, RpcSyntax } from '../../../harness/protocols/rpc/wire/codec.ts';
import { RPC_SYNTAXES } from '../../../harness/protocols/rpc/wire/codec.ts';
import type { RpcInterface } from './interface.ts';

type Bind = Extract<RpcBody, { type: 'bind' }>;

/** Outcome of a bind or an alter-context: a result for each proposed context, and the accepted contexts. */
export interface Negotiated {
  readonly results: readonly RpcContextResult[];
  readonly accepted: ReadonlyMap<number, RpcInterface>;
  /** Reasons as text, for the refused contexts. */
  readonly refused: readonly string[];
}

// Results and reasons of C706 section 12.6.3.1: accepted; refused by the provider, for its interface or its transfer
// syntax.
const ACCEPTED = { result: 0, reason: 0 };
const NO_INTERFACE = { result: 2, reason: 1 };
const NO_TRANSFER = { result: 2, reason: 2 };
const NONE: RpcSyntax = { uuid: '00000000-0000-0000-0000-000000000000', version: '0.0' };
// Bind-time feature negotiation comes as a transfer syntax with this prefix (MS-RPCE section 2.2.2.14); result 3, and
// as reason the features that both have: none here.
const FEATURES = '6cb71c2c-9812-4540';
const FEATURES_ANSWER = { result: 3, reason: 0 };

/** Decides about each presentation context by the interfaces of this server. */
export function negotiate({ contexts }: Bind, interfaces: readonly RpcInterface[]): Negotiated {
  const accepted = new Map<number, RpcInterface>();
  const refused: string[] = [];
  const results = contexts.map((context): RpcContextResult => {
    if (context.transfers.length > 0 && context.transfers.every(({ uuid }) => uuid.startsWith(FEATURES)))
      return { ...FEATURES_ANSWER, transfer: NONE };
    const offered = interfaces.find(({ syntax }) => serves(syntax, context));
    if (!offered) {
      refused.push(`interface ${context.abstract.uuid} v${context.abstract.version} is not offered`);
      return { ...NO_INTERFACE, transfer: NONE };
    }
    if (
      !context.transfers.some(
        ({ uuid, version }) => uuid === RPC_SYNTAXES.ndr.uuid && version === RPC_SYNTAXES.ndr.version,
      )
    ) {
      refused.push(
        `no transfer syntax that is known for ${context.abstract.uuid}: expected NDR ${RPC_SYNTAXES.ndr.version}`,
      );
      return { ...NO_TRANSFER, transfer: NONE };
    }
    accepted.set(context.contextId, offered);
    return { ...ACCEPTED, transfer: RPC_SYNTAXES.ndr };
  });
  return { results, accepted, refused };
}

// Same major version, and a minor one that is not newer than the server's (C706 section 6.2.2).
function serves(own: RpcSyntax, { abstract }: RpcContext): boolean {
  const [major = 0, minor = 0] = own.version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = abstract.version.split('.').map(Number);
  return own.uuid === abstract.uuid && major === wantedMajor && wantedMinor <= minor;
}
