import type { Causes } from './vocabulary.ts';

/** What Windows status codes say about a logon, whatever protocol carries it. */
export const LOGON_CAUSES = {
  'wrong-password': { why: 'the server refused the credentials: check user, domain and password' },
  'unknown-user': { why: 'the server does not know this user: check the name and the domain' },
  'account-locked': { why: 'the account is locked after too many wrong passwords: unlock it' },
  'account-disabled': { why: 'the account is disabled: enable it' },
  'account-restricted': {
    why: 'the account may not log on from here, now, or with an empty password: look at its restrictions',
  },
  'password-expired': { why: 'the password has expired or must be changed: set a new one' },
  'access-denied': { why: 'the user may not do this: look at the permissions of the share and of the file' },
  'session-refused': { why: 'the file server refused the session: the status says why' },
  'credentials-not-sent': {
    why: 'the client did not answer the server’s challenge: it had no credentials, or waits for somebody to type them',
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
    why: 'the server has no room for what is written: free some, or give the volume of the share more',
  },
  'write-refused': { why: 'the server did not take what was written: the status says why' },
} as const satisfies Causes;
