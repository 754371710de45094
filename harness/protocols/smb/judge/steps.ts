import type { SmbEvent } from '../observe/events.ts';
import {
  isDfsAnswer,
  isNotFound,
  logonCause,
  shareCause,
  STATUS_END_OF_FILE,
  STATUS_SUCCESS,
  writeCause,
} from '../../base/judge/nt-status.ts';
import { isExpectedMiss, type SmbContext, shareOf } from './session.ts';
import type { Breach, Sighting, StepDraft } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { SMB } from './vocabulary.ts';

const { judged, recorded, missed } = stepBuilders('smb', SMB);

type Of<T extends SmbEvent['type']> = Omit<Extract<SmbEvent, { readonly type: T }>, 'type'>;

/**
 * `smb.negotiate`. The wildcard answer to an SMB1 NEGOTIATE is a step of its own; a second one follows (MS-SMB2 section
 * 3.3.5.3.1).
 */
export function negotiateStep(context: SmbContext, event: Of<'smb.negotiate-response'>): StepDraft {
  const detail = {
    dialect: event.dialect,
    smb1: context.smb1,
    offered: context.dialects.join(', '),
    status: event.statusName,
  };
  return judged({
    step: 'smb.negotiate',
    from: context.asked,
    at: event,
    detail,
    breach: negotiateBreach(context, event),
  });
}

function negotiateBreach(
  context: SmbContext,
  event: Of<'smb.negotiate-response'>,
): Breach<keyof typeof SMB.causes> | undefined {
  if (event.status !== STATUS_SUCCESS)
    return { expected: 'a dialect', actual: event.statusName, cause: 'smb-no-common-dialect' };
  if (context.dialect !== '')
    return {
      expected: `one NEGOTIATE: ${context.dialect} was agreed`,
      actual: 'another one',
      cause: 'smb-protocol-breach',
    };
  if (event.wildcard && !context.smb1)
    return {
      expected: 'a dialect',
      actual: 'the wildcard, which only answers an SMB1 NEGOTIATE',
      cause: 'smb-protocol-breach',
    };
  if (!context.smb1 && context.dialects.length > 0 && !context.dialects.includes(event.dialect))
    return { expected: `one of ${context.dialects.join(', ')}`, actual: event.dialect, cause: 'smb-protocol-breach' };
  return undefined;
}

/** Dialects by which an SMB1 NEGOTIATE offers SMB2 (MS-SMB2 section 3.3.5.3). */
const offersSmb2 = ({ smb1, dialects }: SmbContext): boolean =>
  !smb1 || dialects.some((dialect) => dialect.startsWith('SMB 2'));

/** `smb.negotiate` that the server answers in SMB1: recorded, for what follows is no SMB2. */
export function smb1Step(context: SmbContext, event: Of<'smb.smb1-response'>): StepDraft {
  const parts = {
    step: 'smb.negotiate' as const,
    from: context.asked,
    at: event,
    detail: { dialect: event.dialect, smb1: true, offered: context.dialects.join(', ') },
  };
  if (event.dialect === '' && context.dialects.length === 0)
    return recorded({
      ...parts,
      why: 'an answer in SMB1 to a NEGOTIATE that the capture does not hold; SMB1 is not judged',
    });
  if (event.dialect === '')
    return judged({
      ...parts,
      breach: {
        expected: `one of ${context.dialects.join(', ')}`,
        actual: 'an answer in SMB1 that takes none of them',
        cause: offersSmb2(context) ? 'smb-no-common-dialect' : 'smb1-refused',
      },
    });
  const side = offersSmb2(context)
    ? 'the client offers SMB2 and the server answers in SMB1'
    : 'the client offers SMB1 alone';
  return recorded({
    ...parts,
    why: `${side}: both go on in SMB1 (${event.dialect}), which is not judged`,
    cause: 'smb1-only',
  });
}

/** `smb.session-setup`, once for all of its legs. */
export function sessionStep(context: SmbContext, event: Of<'smb.session-setup-response'>): StepDraft {
  return judged({
    step: 'smb.session-setup',
    from: context.asked,
    at: event,
    frames: [...context.setupFrames, event.frame],
    detail: {
      status: event.statusName,
      guest: event.guest,
      user: context.user,
      authentication: context.authentication,
    },
    breach:
      event.status === STATUS_SUCCESS
        ? undefined
        : {
            expected: `the server accepts the logon of ${context.user || 'the client'}`,
            actual: event.statusName,
            cause: logonCause(event.status),
          },
  });
}

/**
 * `smb.session-setup` whose last leg has no request: the capture missed it, or the server sends an answer without a
 * request.
 */
export function unaskedSessionStep(context: SmbContext, event: Of<'smb.session-setup-response'>): StepDraft {
  const { verdict: _verdict, ...step } = sessionStep(context, event);
  return {
    ...step,
    verdict: 'failed',
    expected: 'the client to answer the challenge first',
    actual: `${event.statusName} without a request`,
    cause: 'smb-protocol-breach',
  };
}

/** `smb.tree-connect`, recorded: nothing was asked. */
export function unaskedTreeStep(context: SmbContext, event: Of<'smb.tree-connect-response'>): StepDraft {
  const path = event.path === '' ? context.treePath : event.path;
  return recorded({
    step: 'smb.tree-connect',
    at: event,
    detail: { path, share: shareOf(path), status: event.statusName },
    why: 'an answer whose request is missing from the capture',
  });
}

/** `smb.tree-connect`. */
export function treeStep(context: SmbContext, event: Of<'smb.tree-connect-response'>): StepDraft {
  const path = event.path === '' ? context.treePath : event.path;
  return judged({
    step: 'smb.tree-connect',
    from: requestOf(context, event),
    at: event,
    frames: [event.requestFrame, event.frame],
    detail: { path, share: shareOf(path), status: event.statusName, shareType: event.shareType },
    breach:
      event.status === STATUS_SUCCESS
        ? undefined
        : { expected: `share ${shareOf(path)}`, actual: event.statusName, cause: shareCause(event.status) },
  });
}

/** `smb.dfs-referral`: "not part of a DFS" is a good answer too. */
export function referralStep(event: Of<'smb.dfs-referral'>): StepDraft {
  const parts = {
    step: 'smb.dfs-referral' as const,
    at: event,
    frames: [event.requestFrame, event.frame],
    detail: { path: event.path, status: event.statusName },
  };
  return isDfsAnswer(event.status)
    ? judged(parts)
    : recorded({ ...parts, why: 'an unusual refusal; clients continue without a referral' });
}

/**
 * `smb.open` when it succeeds or when the scenario counts on the file; `smb.error`, recorded, when the client may only
 * be looking.
 */
export function openStep(context: SmbContext, event: Of<'smb.open'>): StepDraft {
  const parts = {
    at: event,
    frames: [event.requestFrame, event.frame],
    detail: { path: event.path, share: event.share, status: event.statusName },
  };
  if (event.status === STATUS_SUCCESS)
    return judged({
      ...parts,
      step: 'smb.open',
      detail: { ...parts.detail, directory: event.directory, endOfFile: event.endOfFile },
    });
  if (isExpectedMiss(context, event)) return judged({ ...parts, step: 'smb.open', breach: missBreach(event) });
  const cause = isNotFound(event.status) ? 'image-missing' : 'access-denied';
  return recorded({ ...parts, step: 'smb.error', why: 'clients look for files that need not exist', cause });
}

/** `smb.open`, failed late: the client stopped after a refusal and never got a file. */
export function gaveUpStep(context: SmbContext, at: Sighting, how: string): StepDraft {
  const missed = context.missed ?? { path: '', statusName: '', status: 0 };
  const breach = missBreach(missed);
  return judged({
    step: 'smb.open',
    from: context.since,
    at,
    detail: { path: missed.path, status: missed.statusName },
    breach: { ...breach, actual: `${breach.actual}, and then the client ${how}` },
  });
}

function missBreach(missed: {
  readonly path: string;
  readonly statusName: string;
  readonly status: number;
}): Breach<keyof typeof SMB.causes> {
  return {
    expected: `“${missed.path}” on the share`,
    actual: missed.statusName,
    cause: isNotFound(missed.status) ? 'image-missing' : 'access-denied',
  };
}

/** `smb.read`: all reads of one open, when it is closed or given up; undefined when it read nothing. */
export function readStep(context: SmbContext, event: Of<'smb.close'> | Of<'smb.unfinished'>): StepDraft | undefined {
  const { figures } = event;
  if (!figures) return undefined;
  const first = context.opens[event.fileId]?.firstRead;
  const start = first && first.frame > 0 ? first : undefined;
  return judged({
    step: 'smb.read',
    from: start,
    at: { frame: figures.lastFrame, atUs: start ? start.atUs + figures.durationUs : event.atUs },
    frames: [figures.firstFrame, figures.lastFrame],
    detail: { path: event.path, share: event.share, bytes: figures.bytes, reads: event.reads },
  });
}

/** `smb.write`: all writes of one open. */
export function writeStep(event: Of<'smb.write'>): StepDraft {
  const frames = event.figures ? [event.figures.firstFrame, event.figures.lastFrame] : [event.frame];
  return judged({
    step: 'smb.write',
    at: event,
    frames,
    detail: { path: event.path, share: event.share, bytes: event.bytes, writes: event.writes },
  });
}

/**
 * `smb.rename`; a refusal is recorded as `smb.error`: whether it matters depends on the file, and its own machine
 * judges that.
 */
export function renameStep(event: Of<'smb.rename'>): StepDraft {
  const parts = {
    at: event,
    frames: [event.requestFrame, event.frame],
    detail: { path: event.path, to: event.to, share: event.share, status: event.statusName },
  };
  if (event.status === STATUS_SUCCESS) return judged({ ...parts, step: 'smb.rename' });
  return recorded({
    ...parts,
    step: 'smb.error',
    detail: { path: event.path, status: event.statusName },
    why: 'the server did not rename the file',
    cause: writeCause(event.status),
  });
}

/** `smb.error` of a refused write, recorded for the same reason. */
export function writeRefusedStep(event: Of<'smb.write-refused'>): StepDraft {
  return recorded({
    step: 'smb.error',
    at: event,
    detail: { path: event.path, status: event.statusName, offset: event.offset },
    why: 'the server did not write to the file',
    cause: writeCause(event.status),
  });
}

/** `smb.unfinished`: an open that was never closed. */
export function unfinishedStep(event: Of<'smb.unfinished'>): StepDraft {
  return recorded({
    step: 'smb.unfinished',
    at: event,
    detail: { path: event.path, share: event.share },
    why: `never closed: ${event.reason}`,
  });
}

/** `smb.close`. */
export function closeStep(event: Of<'smb.close'>): StepDraft {
  const detail = { path: event.path, share: event.share };
  const parts = { at: event, frames: [event.requestFrame, event.frame] };
  if (event.status === STATUS_SUCCESS) return judged({ ...parts, step: 'smb.close', detail });
  return recorded({
    ...parts,
    step: 'smb.error',
    detail: { ...detail, status: event.statusName },
    why: 'the server did not close the file',
  });
}

/** `smb.error` of a refused read: reading past the end is how some clients find the end. */
export function readRefusedStep(event: Of<'smb.read-refused'>): StepDraft {
  const parts = {
    step: 'smb.error' as const,
    at: event,
    detail: { path: event.path, status: event.statusName, offset: event.offset },
  };
  // The open promised these bytes.
  if (event.status === STATUS_END_OF_FILE && event.offset < event.endOfFile) {
    return judged({
      ...parts,
      breach: {
        expected: `${event.length} bytes at offset ${event.offset} of the ${event.endOfFile} that the file had when it was opened`,
        actual: `${event.statusName}: it became shorter`,
        cause: 'image-truncated',
      },
    });
  }
  if (event.status === STATUS_END_OF_FILE) return recorded({ ...parts, why: 'a read at or past the end of the file' });
  return judged({
    ...parts,
    breach: {
      expected: `${event.length} bytes at offset ${event.offset}`,
      actual: event.statusName,
      cause: 'read-refused',
    },
  });
}

/** `smb.error` of a command that no state judges. */
export function otherRefusedStep(event: Of<'smb.other'>): StepDraft {
  return recorded({
    step: 'smb.error',
    at: event,
    detail: { command: event.command, status: event.statusName, path: event.afterRefused },
    why:
      event.afterRefused === undefined
        ? 'refused; clients ask for more than they need'
        : `a consequence: the CREATE of “${event.afterRefused}” in the same compound was refused (MS-SMB2 section 3.3.5.2.7.2)`,
  });
}

/**
 * Whether a command that no state judges came to another end than success, the end of a list, or more data than asked
 * for (MS-ERREF section 2.3.1).
 */
export function isUnusualStatus(status: number): boolean {
  return !USUAL_STATUS.has(status);
}

// STATUS_SUCCESS, PENDING, NOTIFY_CLEANUP, NOTIFY_ENUM_DIR, BUFFER_OVERFLOW, NO_MORE_FILES, NO_MORE_ENTRIES.
const USUAL_STATUS = new Set([STATUS_SUCCESS, 0x103, 0x10b, 0x10c, 0x8000_0005, 0x8000_0006, 0x8000_001a]);

/** A step that a server owes. */
type OwedStep = 'smb.negotiate' | 'smb.session-setup' | 'smb.tree-connect';

/** The failed step of the answer that was outstanding when the connection ended. */
export function cutStep(step: OwedStep, context: SmbContext, event: Sighting & { readonly type: string }): StepDraft {
  return judged({
    step,
    from: context.asked,
    at: event,
    detail: {},
    breach:
      step === 'smb.negotiate' && !offersSmb2(context)
        ? {
            expected: 'an answer to a NEGOTIATE that offers SMB1 alone',
            actual: `the connection ended (${event.type})`,
            cause: 'smb1-refused',
          }
        : { expected: 'an answer', actual: `the connection ended (${event.type})`, cause: 'smb-connection-lost' },
  });
}

/** The failed step of the answer that did not come in time. */
export function silentStep(step: OwedStep, context: SmbContext, atUs: number): StepDraft {
  return missed({
    step,
    since: context.since,
    atUs,
    detail: {},
    waitedFor: 'an answer',
    actual: 'none came',
    cause: 'smb-silent',
  });
}

/** `smb.session-setup`: the server answered, and the client did not go on. With NTLM that exchange says so itself. */
export function stoppedStep(context: SmbContext, atUs: number): StepDraft {
  const parts = { step: 'smb.session-setup', detail: {}, cause: 'credentials-not-sent' } as const;
  if (context.authentication === 'ntlm')
    return recorded({
      ...parts,
      from: context.since,
      at: { frame: context.since.frame, atUs },
      why: 'the client did not answer the challenge',
    });
  return missed({
    ...parts,
    since: context.since,
    atUs,
    waitedFor: 'the client to continue',
    actual: 'it sent nothing more',
  });
}

// The request's time is known only when it is the one that the machine waits for.
function requestOf(context: SmbContext, event: { readonly requestFrame: number }): Sighting | undefined {
  return context.asked.frame === event.requestFrame ? context.asked : undefined;
}
