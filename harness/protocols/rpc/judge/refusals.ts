import type { StepDraft } from '../../base/judge/step.ts';
import type { RpcCause } from './vocabulary.ts';

// What RPC says when it refuses (C706 appendix E, MS-RPCE sections 2.2.2.5 and 2.2.2.9, MS-ERREF section 2.2).

const ACCESS_DENIED = 5;
const FAULTS: ReadonlyMap<number, readonly [name: string, cause: RpcCause]> = new Map([
  [ACCESS_DENIED, ['ERROR_ACCESS_DENIED', 'rpc-access-denied']],
  [0x6c6, ['RPC_X_INVALID_BOUND', 'rpc-stub-malformed']],
  [0x6f7, ['RPC_X_BAD_STUB_DATA', 'rpc-stub-malformed']],
  [0x721, ['RPC_S_SEC_PKG_ERROR', 'rpc-access-denied']],
  [0x1c00_001a, ['nca_s_fault_context_mismatch', 'rpc-protocol-breach']],
  [0x1c00_0008, ['nca_s_fault_invalid_bound', 'rpc-stub-malformed']],
  [0x1c01_0002, ['nca_s_op_rng_error', 'rpc-operation-unknown']],
  [0x1c01_0003, ['nca_s_unk_if', 'rpc-interface-unknown']],
  [0x1c01_000b, ['nca_s_proto_error', 'rpc-protocol-breach']],
  [0x1c01_0014, ['nca_s_server_too_busy', 'rpc-refused']],
]);

/** A fault's status as messages show it. */
export function faultName(status: number): string {
  return FAULTS.get(status)?.[0] ?? `0x${status.toString(16).padStart(8, '0')}`;
}

/**
 * Why a call was refused. AUTH3 has no answer: that the password was wrong shows in the fault of the next call, as
 * "access denied".
 */
export function faultCause(status: number, passwordFits: boolean | undefined): RpcCause {
  const cause = FAULTS.get(status)?.[1] ?? 'rpc-refused';
  return cause === 'rpc-access-denied' && passwordFits === false ? 'wrong-password' : cause;
}

// Reject reasons of BIND_NAK that are about authentication: type not recognised, invalid checksum.
const AUTHENTICATION_REASONS: readonly number[] = [8, 9];
const PROVIDER_REJECTION = 2;
const ABSTRACT_SYNTAX_UNKNOWN = 1;

/** Why a bind was refused. */
export function bindCause(answer: {
  readonly refusedAssociation: boolean;
  readonly result: number;
  readonly reason: number;
}): RpcCause {
  if (answer.refusedAssociation)
    return AUTHENTICATION_REASONS.includes(answer.reason) ? 'rpc-access-denied' : 'rpc-bind-refused';
  return answer.result === PROVIDER_REJECTION && answer.reason === ABSTRACT_SYNTAX_UNKNOWN
    ? 'rpc-interface-unknown'
    : 'rpc-bind-refused';
}

/** Why the WDS service refused an operation, by its Windows error code. */
export function wdsCause(errorCode: number): RpcCause {
  return errorCode === ACCESS_DENIED ? 'access-denied' : 'wds-refused';
}

// LOG_MSG's types for an installation that ends: error, and a domain that could not be joined (MS-WDSOSD section
// 2.2.2). A driver package that is missing is reported, too, and the client goes on without it.
const REPORTS_OF_FAILURE: readonly unknown[] = [1, 12, 17];

/** Whether a client's report says that its installation failed. */
export function isReportOfFailure(messageType: string | number | undefined): boolean {
  return REPORTS_OF_FAILURE.includes(messageType);
}

/**
 * Whether a step of RPC or WDS belongs to a logon: authentication levels begin with 1, none (MS-RPCE section
 * 2.2.1.1.8).
 */
export function isAuthenticated({ detail }: Pick<StepDraft, 'detail'>): boolean {
  return Number(detail['level'] ?? 1) > 1;
}
