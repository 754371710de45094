import { NTSTATUS_NAMES } from '../../../packet/ntstatus.ts';
import type { Causes, DetailWords } from './vocabulary.ts';

/** A server's answer, by its name. */
export const NTSTATUS_DETAIL = ['string', 'NTSTATUS', NTSTATUS_NAMES] as const satisfies DetailWords;

/** What Windows status codes say about a logon, whatever protocol carries it. */
export const LOGON_CAUSES = {
  'wrong-password': { why: 'the server refused the credentials: check user, domain and password' },
  'unknown-user': { why: 'the server does not know this user: check the name and the domain' },
  'account-locked': { why: 'the account is locked after too many wrong passwords: unlock it' },
  'account-disabled': { why: 'the account is disabled: enable it' },
  'account-restricted': {
    why: 'the account may not log on from here, now, or with an empty password: check its restrictions',
  },
  'password-expired': { why: 'the password has expired or must be changed: set a new one' },
  'access-denied': { why: 'the user lacks permission: check the permissions of the share and of the file' },
  'session-refused': { why: 'the file server refused the session: the status says why' },
  'credentials-not-sent': {
    why: 'the client did not answer the server’s challenge: it had no credentials, or waits for a user to type them',
    lacks: 'message',
  },
} as const satisfies Causes;

/** What they say about a share. */
export const SHARE_CAUSES = {
  'share-missing': { why: 'the server has no such share: check its name (REMINST for WDS)' },
  'share-refused': { why: 'the server did not connect the client to the share: the status says why' },
} as const satisfies Causes;

/** What they say about writing. */
export const WRITE_CAUSES = {
  'server-disk-full': {
    why: 'the server has no space for the data: free some, or enlarge the volume of the share',
  },
  'write-refused': { why: 'the server refused the write: the status says why' },
} as const satisfies Causes;
