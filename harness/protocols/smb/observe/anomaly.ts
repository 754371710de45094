import type { Smb2Command } from '../wire/header.ts';

type Anomaly<Kind extends string, Facts> = { readonly kind: Kind; readonly command: Smb2Command } & Readonly<Facts>;

/**
 * A message that the messages before it do not allow, with what was measured. Which of them fail is for the judge
 * (`judge/anomalies.ts`).
 */
export type SmbAnomaly =
  | Anomaly<'response-from-client', object>
  | Anomaly<'request-from-server', object>
  /** A request in a session that the server never began. */
  | Anomaly<'unknown-session', { sessionId: string }>
  /** A request on a tree that the server never connected. */
  | Anomaly<'unknown-tree', { treeId: number }>
  /** A request of a file id that nothing opened. */
  | Anomaly<'unknown-file', { fileId: string }>
  /** A request with the message id of one that has no answer yet. */
  | Anomaly<'message-id-in-use', { messageId: string }>
  /** A response with a message id that no request waits with. */
  | Anomaly<'response-to-no-request', { messageId: string }>
  /** A response to another command than the message id belongs to. */
  | Anomaly<'response-to-other-command', { asked: Smb2Command }>
  | Anomaly<'response-in-other-session', { sessionId: string; asked: string }>
  | Anomaly<'response-on-other-tree', { treeId: number; asked: number }>
  /** A READ response of more bytes than were asked for. */
  | Anomaly<'read-too-long', { bytes: number; asked: number; offset: number }>
  /** A READ response of fewer bytes than were asked for, and not because the file ends. */
  | Anomaly<'read-too-short', { bytes: number; asked: number; offset: number; endOfFile: number }>;
