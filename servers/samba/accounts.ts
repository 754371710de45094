/** An account of a server without a domain controller. */
export interface Account {
  readonly name: string;
  readonly password: string;
}

/**
 * A passwd(5) file in which every account exists, as the user that the server runs as: Samba's passdb wants each of its
 * accounts to be a user of the host. The server sees this file in place of /etc/passwd, in a mount namespace of its
 * own, so that the host needs no such users. The accounts come first: the first entry of a name wins.
 */
export function passwdWithAccounts(
  hostPasswd: string,
  accounts: readonly Account[],
  owner: { readonly uid: number; readonly gid: number },
): string {
  const lines = accounts.map(
    (account) => `${account.name}:x:${owner.uid}:${owner.gid}::/nonexistent:/usr/sbin/nologin\n`,
  );
  return `${lines.join('')}${hostPasswd}`;
}

/** A logon that Samba decided about. */
export interface Logon {
  readonly domain: string;
  readonly user: string;
  /** Address of the client. */
  readonly from: string;
  /** NTSTATUS by Samba's name: NT_STATUS_OK, NT_STATUS_WRONG_PASSWORD, … */
  readonly status: string;
  /** NTLMv2, Kerberos, …; absent when it did not come that far. */
  readonly method?: string | undefined;
  /** What was logged on to, in Samba's words: SMB2, Kerberos KDC, LDAP, …; absent when the line does not say. */
  readonly service?: string | undefined;
}

// A Kerberos answer that UDP cannot carry is no decision: the client comes again by TCP (RFC 4120 section 7.2.1).
const COME_AGAIN = 'NT_STATUS_PROTOCOL_UNREACHABLE';

/** The logon in a line of Samba's log (debug class `auth_json_audit`), or undefined for every other line. */
export function logonInLogLine(line: string): Logon | undefined {
  const start = line.indexOf('{"timestamp"');
  if (start < 0) return undefined;
  let entry: unknown;
  try {
    entry = JSON.parse(line.slice(start));
  } catch {
    return undefined;
  }
  const found = (entry as { type?: unknown; Authentication?: Record<string, unknown> | null }).Authentication;
  if (found === undefined || found === null || typeof found !== 'object') return undefined;
  const text = (key: string) => (typeof found[key] === 'string' ? found[key] : '');
  if (text('status') === COME_AGAIN) return undefined;
  return {
    domain: text('clientDomain'),
    user: text('clientAccount'),
    // ipv4:172.22.52.222:49152
    from: text('remoteAddress')
      .replace(/^ipv[46]:/, '')
      .replace(/:\d+$/, ''),
    status: text('status'),
    method: text('passwordType') || undefined,
    service: text('serviceDescription') || undefined,
  };
}
