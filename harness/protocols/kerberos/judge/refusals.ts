import { logonCause } from '../../base/judge/nt-status.ts';
import type { KERBEROS } from './vocabulary.ts';

type KerberosCause = keyof typeof KERBEROS.causes;

// KDC_ERR_PREAUTH_REQUIRED, KRB_ERR_RESPONSE_TOO_BIG, KDC_ERR_MORE_PREAUTH_DATA_REQUIRED (RFC 4120 section 7.5.9, RFC
// 6113).
const GO_ON = new Set([25, 52, 91]);

const CAUSES = new Map<number, KerberosCause>([
  [6, 'unknown-user'],
  [12, 'account-restricted'],
  [14, 'kerberos-no-common-encryption'],
  [18, 'account-locked'],
  [23, 'password-expired'],
  [24, 'wrong-password'],
  [32, 'clock-skew'], // KRB_AP_ERR_TKT_EXPIRED: a fresh ticket that is over already
  [33, 'clock-skew'], // KRB_AP_ERR_TKT_NYV: a ticket from the future
  [37, 'clock-skew'],
  [41, 'kerberos-wrong-key'],
  [44, 'kerberos-wrong-key'],
  [68, 'unknown-realm'],
]);

/** Whether an error asks the client to go on. */
export function isGoOn(code: number): boolean {
  return GO_ON.has(code);
}

const PREAUTH_FAILED = 24;

/**
 * Why the KDC or the service refused; undefined for what clients try and need not get. An NTSTATUS beside it says more:
 * a KDC answers KDC_ERR_CLIENT_REVOKED for locked and for disabled accounts. A program that joins a computer may try
 * its new key with several salts (adcli 0.9.2 does), so that a computer's wrong key is no failure yet.
 */
export function kerberosCause({
  code,
  ntStatus,
  user,
}: {
  readonly code: number;
  readonly ntStatus?: number | undefined;
  readonly user?: string | undefined;
}): KerberosCause | undefined {
  if (code === PREAUTH_FAILED && user?.endsWith('$') === true) return undefined;
  const cause = CAUSES.get(code);
  if (cause === undefined || ntStatus === undefined) return cause;
  const told = logonCause(ntStatus);
  return told === 'session-refused' ? cause : told;
}
