import type { SmbEvent } from '../observe/events.ts';
import { isNotFound, STATUS_ACCESS_DENIED, STATUS_SUCCESS } from '../../base/judge/nt-status.ts';
import { isExpectedPath, type PathPattern } from '../../base/judge/path-names.ts';
import type { Waiting } from '../../base/judge/machine-parts.ts';
import { UNSEEN, seen, type Sighting } from '../../base/judge/step.ts';

/** Input of the machine of an SMB connection, from the judge. */
export interface SmbInput {
  /** Paths that the scenario counts on: their absence fails at once. */
  readonly expectedPaths: readonly PathPattern[];
}

/** A file that the client has open, and when it was first read. */
interface OpenFile {
  readonly path: string;
  readonly firstRead: Sighting;
}

/** What is known of one SMB connection. */
export interface SmbContext extends Waiting, SmbInput {
  /** The request that waits for its answer. */
  readonly asked: Sighting;
  /** Frames of the session setup so far: it has two legs with NTLM (MS-SMB2 section 4.3). */
  readonly setupFrames: readonly number[];
  readonly smb1: boolean;
  readonly dialects: readonly string[];
  /** The dialect that was agreed; a second NEGOTIATE after that breaks the protocol (MS-SMB2 section 3.3.5.3.1). */
  readonly dialect: string;
  readonly user: string;
  /** How the client authenticates. */
  readonly authentication: 'ntlm' | 'kerberos' | 'unknown';
  readonly treePath: string;
  /** TREE_CONNECTs that wait for an answer: clients may send several at once. */
  readonly treesAsked: number;
  readonly opens: Readonly<Record<string, OpenFile>>;
  /** Whether the client ever opened a file, folders aside. */
  readonly openedFile: boolean;
  /** The last file that it did not get. */
  readonly missed: { readonly path: string; readonly statusName: string; readonly status: number } | undefined;
}

type Open = Pick<
  Extract<SmbEvent, { readonly type: 'smb.open' }>,
  'frame' | 'atUs' | 'path' | 'status' | 'statusName' | 'directory' | 'fileId'
>;

/** A connection before its first request. */
export function newSession(input: SmbInput): SmbContext {
  return {
    ...input,
    since: UNSEEN,
    asked: UNSEEN,
    setupFrames: [],
    smb1: false,
    dialects: [],
    dialect: '',
    user: '',
    authentication: 'unknown',
    treePath: '',
    treesAsked: 0,
    opens: {},
    openedFile: false,
    missed: undefined,
  };
}

/** The context after another leg of the session setup, of either side. */
export function withLeg(context: SmbContext, event: Sighting): Partial<SmbContext> {
  return { since: seen(event), setupFrames: [...context.setupFrames, event.frame] };
}

/** The context after an answered open. */
export function withOpen(context: SmbContext, event: Open): Partial<SmbContext> {
  if (event.status !== STATUS_SUCCESS)
    return isRefusedFile(event)
      ? { since: seen(event), missed: { path: event.path, statusName: event.statusName, status: event.status } }
      : {};
  const opens = { ...context.opens, [event.fileId]: { path: event.path, firstRead: UNSEEN } };
  return event.directory ? { opens } : { opens, openedFile: true, missed: undefined };
}

/** The context after the first read of an open file. */
export function withRead(
  context: SmbContext,
  event: Sighting & { readonly fileId: string; readonly path: string },
): Partial<SmbContext> {
  return { opens: { ...context.opens, [event.fileId]: { path: event.path, firstRead: seen(event) } } };
}

/** The context after a close. */
export function withoutOpen(context: SmbContext, fileId: string): Partial<SmbContext> {
  const { [fileId]: _closed, ...opens } = context.opens;
  return { opens };
}

/** Whether a status keeps the client from a file, in a way that it may try again elsewhere. */
export function isRefusedFile(event: { readonly status: number }): boolean {
  return isNotFound(event.status) || event.status === STATUS_ACCESS_DENIED;
}

/** Whether this refused open is the end of what the scenario wants. */
export function isExpectedMiss(
  context: SmbContext,
  event: { readonly path: string; readonly status: number },
): boolean {
  return isNotFound(event.status) && isExpectedPath(event.path, context.expectedPaths);
}

/** Whether the client must find another file to go on: it has none yet, or the one that it did not get is an image. */
export function isLeftWithout(context: SmbContext, path: string): boolean {
  return !context.openedFile || /\.(wim|esd|swm|rwm)$/i.test(path);
}

/** Last part of a UNC path: the share. */
export function shareOf(path: string): string {
  return (
    path
      .replace(/[\\/]+$/, '')
      .split(/[\\/]/)
      .at(-1) ?? ''
  );
}
