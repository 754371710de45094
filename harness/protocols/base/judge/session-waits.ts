import type { Waits } from './vocabulary.ts';

/** Answers of servers that hold a session, which NTLM waits for as well as the protocol that carries it. */
export const SESSION_WAITS = {
  smb: { ms: 30_000, about: 'Any SMB answer; clients send ECHO after 60 s of silence.' },
  rpc: { ms: 30_000, about: 'Any answer over RPC.' },
} as const satisfies Waits;
