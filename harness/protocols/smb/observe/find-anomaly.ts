import { NO_FILE_ID } from '../wire/fields.ts';
import type { Smb2Command, Smb2Header } from '../wire/header.ts';
import type { SmbAnomaly } from './anomaly.ts';
import type { SmbRequest } from './requests.ts';

/** What a connection has been given so far. */
interface Given {
  hasSession(sessionId: string): boolean;
  hasTree(sessionId: string, treeId: number): boolean;
  hasFile(fileId: string): boolean;
}

/** Commands that need no session (MS-SMB2 section 3.3.5.2.9). */
const WITHOUT_SESSION = new Set<Smb2Command>(['negotiate', 'echo', 'cancel']);
/** Commands of a session that concern no share. */
const WITHOUT_TREE = new Set<Smb2Command>([...WITHOUT_SESSION, 'session-setup', 'tree-connect', 'logoff']);
/** Ids of related requests that take over their predecessor's (MS-SMB2 section 3.2.4.1.4). */
const RELATED_TREE = 0xffff_ffff;
const RELATED_SESSION = `0x${'f'.repeat(16)}`;

/**
 * What a request names that the server never gave: the server will refuse it (MS-SMB2 sections 3.3.5.2.9 and
 * 3.3.5.2.11).
 */
export function requestAnomaly(
  { command, related, sessionId, treeId }: Smb2Header,
  fileId: string,
  given: Given,
): SmbAnomaly | undefined {
  if (WITHOUT_SESSION.has(command) || beginsSession(command, sessionId) || (related && sessionId === RELATED_SESSION))
    return undefined;
  if (!given.hasSession(sessionId)) return { kind: 'unknown-session', command, sessionId };
  if (WITHOUT_TREE.has(command) || treeId === undefined || (related && treeId === RELATED_TREE)) return undefined;
  if (!given.hasTree(sessionId, treeId)) return { kind: 'unknown-tree', command, treeId };
  if (fileId !== '' && fileId !== NO_FILE_ID && !given.hasFile(fileId))
    return { kind: 'unknown-file', command, fileId };
  return undefined;
}

/** How a response differs from its request where it must repeat it (MS-SMB2 section 3.3.4.1). */
export function responseAnomaly(
  { command, sessionId, treeId, async, status }: Smb2Header,
  request: SmbRequest,
): SmbAnomaly | undefined {
  if (command !== request.command) return { kind: 'response-to-other-command', command, asked: request.command };
  if (
    !beginsSession(command, request.sessionId) &&
    !WITHOUT_SESSION.has(command) &&
    request.sessionId !== RELATED_SESSION &&
    sessionId !== request.sessionId
  )
    return { kind: 'response-in-other-session', command, sessionId, asked: request.sessionId };
  if (async || WITHOUT_TREE.has(command) || treeId === undefined) return undefined;
  // A refusal may name no tree at all.
  return treeId === request.treeId || (status !== 0 && treeId === 0)
    ? undefined
    : { kind: 'response-on-other-tree', command, treeId, asked: request.treeId };
}

/** The first leg of a SESSION_SETUP asks for a session that it does not know yet. */
function beginsSession(command: Smb2Command, sessionId: string): boolean {
  return command === 'session-setup' && /^0x0*$/.test(sessionId);
}
