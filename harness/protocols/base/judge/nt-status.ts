import type { LOGON_CAUSES, SHARE_CAUSES, WRITE_CAUSES } from './windows-words.ts';

// NTSTATUS values that machines decide on (MS-ERREF section 2.3.1; harness/docs/protocols.md 3.4).
export const STATUS_SUCCESS = 0;
export const STATUS_MORE_PROCESSING_REQUIRED = 0xc0000016;
export const STATUS_END_OF_FILE = 0xc0000011;
export const STATUS_ACCESS_DENIED = 0xc0000022;
const STATUS_OBJECT_NAME_NOT_FOUND = 0xc0000034;
const STATUS_OBJECT_PATH_NOT_FOUND = 0xc000003a;
const STATUS_NO_SUCH_FILE = 0xc000000f;
const STATUS_BAD_NETWORK_NAME = 0xc00000cc;
const STATUS_NOT_FOUND = 0xc0000225;
const STATUS_FS_DRIVER_REQUIRED = 0xc000019c;

// STATUS_NO_SUCH_USER, WRONG_PASSWORD, LOGON_FAILURE, ACCOUNT_RESTRICTION, PASSWORD_EXPIRED, ACCOUNT_DISABLED,
// PASSWORD_MUST_CHANGE, ACCOUNT_LOCKED_OUT.
const LOGON = new Map<number, keyof typeof LOGON_CAUSES>([
  [0xc0000064, 'unknown-user'],
  [0xc000006a, 'wrong-password'],
  [0xc000006d, 'wrong-password'],
  [0xc000006e, 'account-restricted'],
  [0xc0000071, 'password-expired'],
  [0xc0000072, 'account-disabled'],
  [0xc0000224, 'password-expired'],
  [0xc0000234, 'account-locked'],
  [STATUS_ACCESS_DENIED, 'access-denied'],
]);

/** Why a server did not let the user in. */
export function logonCause(status: number): keyof typeof LOGON_CAUSES {
  return LOGON.get(status) ?? 'session-refused';
}

/** Why a server did not connect the client to a share. */
export function shareCause(status: number): keyof typeof SHARE_CAUSES | 'access-denied' {
  if (status === STATUS_BAD_NETWORK_NAME) return 'share-missing';
  return status === STATUS_ACCESS_DENIED ? 'access-denied' : 'share-refused';
}

// STATUS_DISK_FULL and STATUS_QUOTA_EXCEEDED: the writer must make room or write less.
const NO_ROOM: ReadonlySet<number> = new Set([0xc000007f, 0xc0000044]);

/** Why a server did not write, or did not give a file its name. */
export function writeCause(status: number): keyof typeof WRITE_CAUSES | 'access-denied' {
  if (NO_ROOM.has(status)) return 'server-disk-full';
  return status === STATUS_ACCESS_DENIED ? 'access-denied' : 'write-refused';
}

/** Whether a status says that the file or its folder is not there. */
export function isNotFound(status: number): boolean {
  return (
    status === STATUS_OBJECT_NAME_NOT_FOUND || status === STATUS_OBJECT_PATH_NOT_FOUND || status === STATUS_NO_SUCH_FILE
  );
}

/**
 * Whether a status is a server's ordinary answer to "are you part of a DFS?" (MS-SMB2 3.3.5.15.2; the reference trace
 * has NOT_FOUND).
 */
export function isDfsAnswer(status: number): boolean {
  return status === STATUS_SUCCESS || status === STATUS_NOT_FOUND || status === STATUS_FS_DRIVER_REQUIRED;
}
