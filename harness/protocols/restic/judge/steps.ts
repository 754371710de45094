import { stepBuilders, type Where } from '../../base/judge/step-builders.ts';
import { UNSEEN, type Breach, type Sighting, type StepDraft } from '../../base/judge/step.ts';
import type { Answer, CutOff, Disconnected } from './exchange.ts';
import { causeIn, type ResticContext } from './run.ts';
import { causeOf, cutOff, type StoreRefusal } from './store-refusal.ts';
import { packFault } from './work.ts';
import { RESTIC, type ResticCause } from './vocabulary.ts';

const { judged, recorded, missed, unexpected } = stepBuilders('restic', RESTIC);

type ResticBreach = Breach<ResticCause>;

const storeOf = ({ server, repository }: ResticContext) => ({
  server,
  repository: repository === '' ? undefined : repository,
});

/** The recorded step of what no state expects. */
export function unexpectedStep(event: {
  readonly type: string;
  readonly atUs: number;
  readonly frame?: number;
}): StepDraft {
  return unexpected(event);
}

/** A refusal, which restic may survive. */
export function errorStep(context: ResticContext, event: Answer): StepDraft {
  const parts = errorParts(context, event);
  return recorded({ ...parts, why: `the store answered with status ${event.status}`, cause: causeIn(context, event) });
}

/** An answer that did not come, which restic may survive. */
export function cutStep(context: ResticContext, event: CutOff): StepDraft {
  return recorded({ ...errorParts(context, event), why: event.reason, cause: cutOff(event).cause });
}

/** The store ended its connections in the middle of a run. */
export function goneStep(context: ResticContext, event: Disconnected): StepDraft {
  return recorded({
    step: 'restic.error',
    at: event,
    detail: storeOf(context),
    why: `${event.reason} by the server`,
    cause: 'store-unreachable',
  });
}

function errorParts(context: ResticContext, event: Answer | CutOff) {
  const { action, kind, id, status, figures } = event;
  const detail = { ...storeOf(context), action, kind, id, status };
  return { step: 'restic.error', at: event, frames: [figures.firstFrame, event.frame], detail } as const;
}

export function openStep(context: ResticContext, at: Sighting, breach?: ResticBreach): StepDraft {
  const { began, port, keys } = context;
  return judged({ step: 'restic.open', from: began, at, detail: { ...storeOf(context), port, keys }, breach });
}

/** The store is not there, refuses the user, or has no key for the password. */
export function notOpened(context: ResticContext, at: Sighting, cause: ResticCause, actual: string): StepDraft {
  return openStep(context, at, { expected: 'the store to be opened', actual, cause });
}

export function initStep(context: ResticContext, at: Sighting, breach?: ResticBreach): StepDraft {
  return judged({ step: 'restic.init', from: context.began, at, detail: storeOf(context), breach });
}

export function notMade(context: ResticContext, at: Sighting, cause: ResticCause, actual: string): StepDraft {
  return initStep(context, at, { expected: 'a repository to be made', actual, cause });
}

export function lockStep(context: ResticContext, at: Sighting, breach?: ResticBreach): StepDraft {
  const { lockBegan, own, others } = context;
  const detail = { ...storeOf(context), lock: own.at(-1), others };
  return judged({ step: 'restic.lock', from: lockBegan, at, detail, breach });
}

/** restic went away without a lock of its own. */
export function notLocked(context: ResticContext, at: Sighting): StepDraft {
  const { cause, actual } = context.refusal ?? { cause: 'store-client-gone' as const, actual: 'restic ended' };
  return lockStep(context, at, { expected: 'a lock', actual, cause });
}

/** Another's lock kept a run out, and whoever started it goes on with another run. */
export function keptOutStep(context: ResticContext, at: Sighting): StepDraft {
  const { lockBegan: from, others, refusal } = context;
  return recorded({
    step: 'restic.lock',
    from,
    at: refusal?.at ?? at,
    detail: { ...storeOf(context), others },
    why: 'another lock kept restic out, and another run followed',
    cause: 'store-locked',
  });
}

export function unlockStep(context: ResticContext, event: Answer): StepDraft {
  const breach: ResticBreach | undefined =
    event.status < 300
      ? undefined
      : { expected: 'the lock to be removed', actual: `status ${event.status}`, cause: causeOf(event) };
  const detail = { ...storeOf(context), lock: event.id };
  return judged({ step: 'restic.unlock', from: frameOf(event), at: event, detail, breach });
}

export function nothingToUnlock(context: ResticContext, at: Sighting): StepDraft {
  return recorded({ step: 'restic.unlock', at, detail: storeOf(context), why: 'there was no lock' });
}

/** A snapshot was written. */
export function backupStep(context: ResticContext, event: Answer): StepDraft {
  const { savedPacks: packs, savedBytes: bytes, saveBegan } = context.work;
  return judged({
    step: 'restic.backup',
    from: saveBegan === UNSEEN ? frameOf(event) : saveBegan,
    at: event,
    frames: [saveBegan.frame, event.figures.firstFrame, event.frame],
    detail: { ...storeOf(context), snapshot: event.id, packs, bytes },
    breach: unsavedBreach(context),
  });
}

/** A pack that was not stored before, or after, the snapshot that may name it. */
function unsavedBreach({ work: { refusedPacks, unansweredPacks } }: ResticContext): ResticBreach | undefined {
  const [refused = unansweredPacks[0]] = refusedPacks;
  if (refused === undefined) return undefined;
  return {
    expected: 'a snapshot after all packs that it may name',
    actual: `the store had ${refusedPacks.length > 0 ? 'refused' : 'not answered for'} pack ${refused}`,
    cause: 'backup-incomplete',
  };
}

export function forgetStep(context: ResticContext, at: Sighting): StepDraft {
  const { snapshotsRemoved: snapshots, began } = context.work;
  const detail = { ...storeOf(context), snapshots };
  return judged({ step: 'restic.forget', from: began, at, detail, breach: removalBreach(context) });
}

/** What a run came to at its end; undefined where it has been told. */
export function endStep(context: ResticContext, at: Sighting): StepDraft | undefined {
  const { work, refusal } = context;
  const aim = aimOf(context);
  switch (aim) {
    case 'restic.backup': {
      if (work.snapshotsSaved > 0 && work.savedPacks === 0) {
        const unsaved = unsavedBreach(context);
        return unsaved && gaveUp(context, at, unsaved);
      }
      const cause = refusal?.cause ?? 'backup-given-up';
      return gaveUp(context, at, {
        expected: 'a snapshot',
        actual: refusal?.actual ?? 'restic gave back its lock',
        cause,
      });
    }
    case 'restic.forget':
      return forgetStep(context, at);
    case 'restic.list':
      return endOfList(context, at);
    default:
      return judged({ ...aimParts(context, aim), at: endOf(work.readEnded, aim, at), breach: workBreach(context) });
  }
}

/** A run gave up, and whoever started it goes on with another run. */
export function startedAgainStep(context: ResticContext, at: Sighting): StepDraft {
  const { refusal } = context;
  return recorded({
    ...aimParts(context, aimOf(context)),
    at: refusal?.at ?? at,
    why: `${refusal?.actual ?? 'restic gave up'}, and another run followed`,
    cause: refusal?.cause,
  });
}

/** A run did not come to its end, and will not. */
export function gaveUp(context: ResticContext, at: Sighting, breach: ResticBreach): StepDraft {
  return judged({ ...aimParts(context, aimOf(context)), at, breach });
}

/** Nothing came any more. */
export function stoppedStep(context: ResticContext, atUs: number, waitedFor: string, cause: ResticCause): StepDraft {
  const { from: _, ...parts } = aimParts(context, aimOf(context));
  const { refusal, since, left } = context;
  return missed({
    ...parts,
    since,
    atUs,
    waitedFor,
    actual: refusal?.actual ?? (left ? 'restic had ended its last connection' : 'nothing'),
    cause: refusal?.cause ?? cause,
  });
}

/** Nothing came any more before the store was open, or a lock placed. */
export function unopenedStep(
  context: ResticContext,
  atUs: number,
  step: 'restic.open' | 'restic.init' | 'restic.lock',
  parts: { readonly waitedFor: string; readonly actual: string; readonly cause: ResticCause },
): StepDraft {
  const { refusal, since } = context;
  const told = refusal ? { actual: refusal.actual, cause: refusal.cause } : {};
  return missed({ step, detail: storeOf(context), since, atUs, ...parts, ...told });
}

type Aim = 'restic.backup' | 'restic.restore' | 'restic.check' | 'restic.prune' | 'restic.forget' | 'restic.list';

/** What a run is for, as far as it has shown it. */
function aimOf({ work }: ResticContext): Aim {
  const changes = work.forgetTold || work.packsRemoved > 0 || work.indexesSaved > 0 || work.saveBegan !== UNSEEN;
  if (work.packsListed !== undefined) return changes ? 'restic.prune' : 'restic.check';
  if (work.snapshotsSaved > 0 || work.saveBegan !== UNSEEN) return 'restic.backup';
  if (work.snapshotsRemoved > 0 || work.removalRefused) return 'restic.forget';
  return work.readBegan === UNSEEN ? 'restic.list' : 'restic.restore';
}

type AimParts = Parameters<typeof judged>[0] & Pick<Where, 'from'>;

function aimParts(context: ResticContext, aim: Aim): AimParts & { readonly from: Sighting } {
  const { work } = context;
  const store = storeOf(context);
  const at = work.began;
  const pack = packFault(work)?.pack;
  const read = { ranges: work.ranges, bytes: work.readBytes, pack };
  switch (aim) {
    case 'restic.backup':
      return {
        step: aim,
        from: work.saveBegan === UNSEEN ? at : work.saveBegan,
        at,
        detail: { ...store, packs: work.savedPacks, bytes: work.savedBytes },
      };
    case 'restic.restore': {
      const snapshot = work.snapshotsRead === 1 ? work.snapshotRead : undefined;
      return { step: aim, from: work.readBegan, at, detail: { ...store, snapshot, ...read } };
    }
    case 'restic.check':
      return { step: aim, from: at, at, detail: { ...store, packs: work.packsListed, ...read } };
    case 'restic.prune':
      return { step: aim, from: at, at, detail: { ...store, packs: work.packsRemoved, bytes: work.savedBytes } };
    case 'restic.forget':
      return { step: aim, from: at, at, detail: { ...store, snapshots: work.snapshotsRemoved } };
    case 'restic.list':
      return { step: aim, from: at, at, detail: { ...store, snapshots: work.snapshots } };
  }
}

/** A run that asked for no pack: it wanted the list of snapshots, or could get no further. */
function endOfList(context: ResticContext, at: Sighting): StepDraft {
  const { indexes, snapshots = 0 } = context.work;
  const index = indexBreach(context);
  if (index) return unreadable(context, at, index);
  const breach = readBreach(context);
  if (breach) return judged({ ...listParts(context, at), breach });
  if (indexes === undefined) return judged(listParts(context, at));
  if (indexes === 0 && snapshots > 0)
    return unreadable(context, at, {
      expected: INDEX,
      actual: `${snapshots} snapshots and no index`,
      cause: 'index-missing',
    });
  return recorded({ ...listParts(context, at), why: 'it read the index, and neither read nor wrote a pack' });
}

const INDEX = 'an index of the packs';

/** Without an index no pack can be read. */
function unreadable(context: ResticContext, at: Sighting, breach: ResticBreach): StepDraft {
  const detail = { ...storeOf(context), ranges: 0, bytes: 0 };
  return judged({ step: 'restic.restore', from: context.work.began, at, detail, breach });
}

function listParts(context: ResticContext, at: Sighting) {
  const { work } = context;
  return {
    step: 'restic.list',
    from: work.began,
    at,
    detail: { ...storeOf(context), snapshots: work.snapshots },
  } as const;
}

/** What was read ends with its last byte; the lock is given back later. */
function endOf(readEnded: Sighting, aim: Aim, at: Sighting): Sighting {
  return aim === 'restic.restore' && readEnded !== UNSEEN ? readEnded : at;
}

/** Why a run that read or removed packs has failed. */
function workBreach(context: ResticContext): ResticBreach | undefined {
  const index = indexBreach(context);
  const fault = packFault(context.work);
  if (index || !fault) return index ?? removalBreach(context);
  return breachOf(`pack ${fault.pack} as the index has it`, fault);
}

const indexBreach = ({ work }: ResticContext): ResticBreach | undefined =>
  breachOf(
    INDEX,
    work.refusedReads.find(({ asked }) => asked?.kind === 'index'),
  );

/** A list or a snapshot that was asked for and never came. */
const readBreach = (context: ResticContext): ResticBreach | undefined =>
  breachOf('all that was asked for', context.work.refusedReads[0]) ?? refusalBreach(context);

const removalBreach = (context: ResticContext): ResticBreach | undefined =>
  breachOf('the object to be removed', context.work.removalRefused) ?? refusalBreach(context);

/** What the store refused, or did not answer, and what did not succeed later. */
const refusalBreach = ({ refusal }: ResticContext): ResticBreach | undefined =>
  breachOf('what was refused to succeed', refusal);

function breachOf(
  expected: string,
  fault: Pick<StoreRefusal, 'actual' | 'cause'> | undefined,
): ResticBreach | undefined {
  return fault && { expected, actual: fault.actual, cause: fault.cause };
}

const frameOf = ({ figures, atUs }: Answer): Sighting => ({
  frame: figures.firstFrame,
  atUs: atUs - figures.durationUs,
});
