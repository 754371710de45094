import type { MachineEvent, Waiting } from '../../base/judge/machine-parts.ts';
import type { Refusal } from '../../base/judge/refusal.ts';
import { seen, UNSEEN, type Sighting } from '../../base/judge/step.ts';
import type { ResticAsked, ResticEvent } from '../observe/events.ts';
import type { ResticCause } from './vocabulary.ts';

// What a machine remembers of a run of restic.

export type Request = Omit<Extract<ResticEvent, { readonly type: 'restic.request' }>, 'type'>;
export type Answer = Omit<Extract<ResticEvent, { readonly type: 'restic.answer' }>, 'type'>;
export type Unfinished = Omit<Extract<ResticEvent, { readonly type: 'restic.unfinished' }>, 'type'>;
export type Disconnected = Omit<Extract<ResticEvent, { readonly type: 'restic.disconnected' }>, 'type'>;

/** A refusal of the store, and what it refused; `what` is undefined where a connection ended. */
export interface StoreRefusal extends Refusal {
  readonly cause: ResticCause;
  readonly what: string | undefined;
}

/** A part of a pack. */
interface Part {
  readonly id: string;
  readonly first: number;
  readonly last: number;
  /** How many parts had been asked for when it came. */
  readonly asked: number;
}

/** What the store did not give, or gave in vain. */
export interface PackFault {
  readonly cause: 'pack-missing' | 'pack-truncated' | 'pack-damaged';
  readonly pack: string;
  readonly at: Sighting;
  readonly actual: string;
}

/** What a run has done to the store since it opened it. */
export interface Work {
  /** Its first request that is for neither the opening nor a lock. */
  readonly began: Sighting;
  /** Since the last snapshot was written. */
  readonly savedPacks: number;
  readonly savedBytes: number;
  readonly saveBegan: Sighting;
  readonly snapshotsSaved: number;
  /** Packs that the store refused and that did not come later. */
  readonly refusedPacks: readonly string[];
  /** Packs that were sent without an answer: the store may have them. */
  readonly unansweredPacks: readonly string[];
  readonly snapshots: number | undefined;
  readonly snapshotsRead: number;
  readonly snapshotRead: string;
  readonly indexes: number | undefined;
  readonly indexesSaved: number;
  readonly packsListed: number | undefined;
  readonly ranges: number;
  readonly readBytes: number;
  readonly readBegan: Sighting;
  readonly readEnded: Sighting;
  readonly snapshotsRemoved: number;
  /** `restic.forget` was told: what is removed now is removed by prune. */
  readonly forgetTold: boolean;
  readonly removalRefused: StoreRefusal | undefined;
  readonly packsRemoved: number;
  readonly fault: PackFault | undefined;
  /** Parts that came last. */
  readonly recent: readonly Part[];
  /** Parts that were asked for, and how many until one was asked for again. */
  readonly asked: number;
  readonly askedAtFault: number;
}

export interface ResticContext extends Waiting {
  /** Of its events. */
  readonly run: number;
  readonly server: string;
  readonly port: number;
  readonly repository: string;
  readonly began: Sighting;
  readonly connections: readonly string[];
  readonly pending: number;
  readonly keysListed: boolean;
  /** Keys that were tried. */
  readonly keys: number;
  /** Locks of the run itself, and how many others there are. */
  readonly own: readonly string[];
  readonly lockBegan: Sighting;
  readonly others: number;
  readonly unlocked: boolean;
  readonly refusal: StoreRefusal | undefined;
  readonly work: Work;
}

const NO_WORK: Work = {
  began: UNSEEN,
  savedPacks: 0,
  savedBytes: 0,
  saveBegan: UNSEEN,
  snapshotsSaved: 0,
  refusedPacks: [],
  unansweredPacks: [],
  snapshots: undefined,
  snapshotsRead: 0,
  snapshotRead: '',
  indexes: undefined,
  indexesSaved: 0,
  packsListed: undefined,
  ranges: 0,
  readBytes: 0,
  readBegan: UNSEEN,
  readEnded: UNSEEN,
  snapshotsRemoved: 0,
  forgetTold: false,
  removalRefused: undefined,
  packsRemoved: 0,
  fault: undefined,
  recent: [],
  asked: 0,
  askedAtFault: 0,
};

export const NEW_RUN: ResticContext = {
  since: UNSEEN,
  run: 0,
  server: '',
  port: 0,
  repository: '',
  began: UNSEEN,
  connections: [],
  pending: 0,
  keysListed: false,
  keys: 0,
  own: [],
  lockBegan: UNSEEN,
  others: 0,
  unlocked: false,
  refusal: undefined,
  work: NO_WORK,
};

/** Connections of one run that are counted: restic opens five. */
const MAX_CONNECTIONS = 64;
/** Packs that are remembered of those that the store refused, and of those that it did not answer. */
const MAX_PACKS = 64;
/**
 * Parts that other connections may ask for until restic has found out that one is damaged, and again until it has
 * stopped.
 */
const MEANWHILE = 8;
/**
 * A blob of a disk has 512 KiB or more. Smaller ones may be trees, which `restic restore` reads once more when it has
 * written the files: such a one is damaged when it is asked for again at once.
 */
const DISK_BLOB_BYTES = 65_536;

export const isOk = ({ status }: { readonly status: number }): boolean => status < 300;

/** The context after an event; a deadline changes nothing. */
export function noted(context: ResticContext, event: MachineEvent<ResticEvent>): ResticContext {
  switch (event.type) {
    case 'restic.request':
      return afterRequest(context, event);
    case 'restic.answer':
      return afterAnswer(context, event);
    case 'restic.unfinished':
      return afterUnfinished(context, event);
    case 'restic.disconnected':
      return afterDisconnected(context, event);
    default:
      return context;
  }
}

/** The context after a request. */
export function afterRequest(context: ResticContext, event: Request): ResticContext {
  const { connections } = context;
  const isKnown = connections.includes(event.connection) || connections.length >= MAX_CONNECTIONS;
  return waiting(
    {
      ...context,
      ...(context.began === UNSEEN
        ? {
            began: seen(event),
            run: event.run,
            server: event.server.ip,
            port: event.server.port,
            repository: event.repository,
          }
        : {}),
      refusal: askedAgain(context.refusal),
      connections: isKnown ? connections : [...connections, event.connection],
      pending: context.pending + 1,
      keysListed: context.keysListed || is(event, 'list', 'keys'),
      keys: context.keys + (is(event, 'load', 'keys') ? 1 : 0),
      work: workAsked(context.work, event),
    },
    event,
  );
}

/** The context after an answer. */
export function afterAnswer(context: ResticContext, event: Answer): ResticContext {
  const refusal = isOk(event) ? clearedBy(context.refusal, event) : refusedBy(context, event);
  return waiting(
    {
      ...context,
      pending: Math.max(0, context.pending - 1),
      own: ownAfter(context.own, event),
      others: othersAfter(context, event),
      refusal,
      work: workAnswered(context.work, event),
    },
    event,
  );
}

/** The context after a request that got no answer. */
function afterUnfinished(context: ResticContext, event: Unfinished): ResticContext {
  return waiting(
    {
      ...context,
      pending: Math.max(0, context.pending - 1),
      refusal: context.refusal ?? cutOff(event),
      work: workUnanswered(context.work, event),
    },
    event,
  );
}

/** The context after the end of a connection. */
export function afterDisconnected(context: ResticContext, event: Disconnected): ResticContext {
  return { ...context, connections: context.connections.filter((one) => one !== event.connection) };
}

/** Whether no connection is left after this one has ended. */
export function isLastConnection({ connections }: ResticContext, { connection }: Disconnected): boolean {
  return connections.every((one) => one === connection);
}

/** Why a run that has lost its last connection does not go on. */
export function cutOff({ reason, by, ...at }: Unfinished | Disconnected): StoreRefusal {
  // Nobody ended it: an answer that was on its way was no longer taken.
  const isLeft = by === undefined && 'status' in at;
  return {
    cause: by === 'client' || isLeft ? 'store-client-gone' : 'store-unreachable',
    actual: by === undefined ? reason : `${reason} by the ${by}`,
    at: seen(at),
    times: 1,
    what: undefined,
  };
}

/** Whether a request or an answer is about this. */
export function is(event: ResticAsked, action: ResticAsked['action'], kind: ResticAsked['kind']): boolean {
  return event.action === action && event.kind === kind;
}

/** Whether a run gives back its last lock: it is at its end. */
export function givesLockBack({ own }: ResticContext, event: Answer): boolean {
  return is(event, 'remove', 'locks') && (own.length === 0 || (own.length === 1 && own.includes(event.id ?? '')));
}

/** Whether a store refuses something that restic tries again: its disk is full, or it is out of order. */
export function isTriedAgain({ status, kind, action }: Answer): boolean {
  return status >= 500 && !(action === 'load' && kind === 'data');
}

/** Whether a damaged pack is why this run gives up: after it a run that could use the pack asks for many others. */
export function isFatal({ fault, asked, askedAtFault, packsListed }: Work): boolean {
  if (fault?.cause !== 'pack-damaged') return fault !== undefined;
  return packsListed !== undefined || asked - askedAtFault <= MEANWHILE;
}

/** Whether a run without a lock sees that of another. */
export function isKeptOut({ own, others, refusal }: ResticContext): boolean {
  return own.length === 0 && others > 0 && refusal === undefined;
}

/** The context of a run that another's lock keeps out. */
export function lockRefused(context: ResticContext, event: Sighting): ResticContext {
  const refusal: StoreRefusal = {
    cause: 'store-locked',
    actual: `${context.others} of another process, and restic gave up`,
    at: seen(event),
    times: 1,
    what: 'locks',
  };
  return waiting({ ...context, refusal }, event);
}

// A client that comes back has not gone: it had waited long enough for an answer.
function askedAgain(refusal: StoreRefusal | undefined): StoreRefusal | undefined {
  return refusal?.cause === 'store-client-gone'
    ? { ...refusal, cause: 'store-silent', actual: 'restic gave up waiting for an answer, and asked again' }
    : refusal;
}

// A wait for a refused request lasts from its first refusal, however often it is tried.
function waiting(context: ResticContext, event: Sighting): ResticContext {
  return { ...context, since: context.refusal ? context.refusal.at : seen(event) };
}

function ownAfter(own: readonly string[], event: Answer): readonly string[] {
  const { id } = event;
  if (id === undefined || !isOk(event)) return own;
  if (is(event, 'save', 'locks')) return own.includes(id) ? own : [...own, id];
  return is(event, 'remove', 'locks') ? own.filter((one) => one !== id) : own;
}

function othersAfter({ own, others }: ResticContext, event: Answer): number {
  if (!is(event, 'list', 'locks') || event.entries === undefined) return others;
  return event.names ? event.names.filter((name) => !own.includes(name)).length : event.entries - own.length;
}

const objectOf = ({ kind, id }: ResticAsked): string => (id === undefined ? kind : `${kind}/${id}`);

function clearedBy(refusal: StoreRefusal | undefined, event: Answer): StoreRefusal | undefined {
  if (refusal === undefined) return undefined;
  // restic removes what it could not save whole; that is no success.
  const isSuccess = refusal.what === undefined || (refusal.what === objectOf(event) && event.action !== 'remove');
  return isSuccess ? undefined : refusal;
}

function refusedBy(context: ResticContext, event: Answer): StoreRefusal | undefined {
  const { refusal: before } = context;
  const cause = causeIn(context, event);
  if (cause === 'pack-there-already') return refusalOf(event, cause);
  if (!isTriedAgain(event)) return before;
  return before ? { ...before, times: before.times + 1 } : refusalOf(event, cause);
}

const refusalOf = (event: Answer, cause: ResticCause): StoreRefusal => ({
  cause,
  actual: `status ${event.status} for ${event.action} of ${objectOf(event)}`,
  at: seen(event),
  times: 1,
  what: objectOf(event),
});

/**
 * What a status means in a run. rest-server 0.13.0 answers 403 to a pack that it has; restic 0.18.0, which never sends one twice
 * of itself, sent it again because the first answer was lost with the server, and gives up (testdata/there-already.pcap).
 */
export function causeIn({ work }: ResticContext, event: Answer): ResticCause {
  const isThere = event.status === 403 && is(event, 'save', 'data') && work.unansweredPacks.includes(event.id ?? '');
  return isThere ? 'pack-there-already' : causeOf(event);
}

/** Whether a run gives up because of what does not keep the next one from succeeding. */
export function isWorthAnotherRun({ refusal }: Pick<ResticContext, 'refusal'>): boolean {
  return refusal?.cause === 'pack-there-already';
}

/** What a status means (RFC 9110 section 15; 507: RFC 4918 section 11.5). */
export function causeOf({ status, action, kind }: Answer): ResticCause {
  if (status === 507 || status === 413) return 'store-full';
  if (action === 'remove' && (status === 403 || status === 405)) return 'store-append-only';
  if (status === 401 || status === 403) return 'store-access-denied';
  if (status === 416 && kind === 'data') return 'pack-truncated';
  if (status === 404) {
    if (kind === 'data') return 'pack-missing';
    if (kind === 'index') return 'index-missing';
    if (kind === 'snapshots') return 'snapshot-missing';
    if (kind === 'config') return 'store-no-repository';
  }
  return 'store-refused';
}

function workAsked(work: Work, event: Request): Work {
  const isOpening = event.kind === 'config' || event.kind === 'keys' || event.kind === 'locks';
  const begun = work.began === UNSEEN && !isOpening ? { ...work, began: seen(event) } : work;
  if (event.kind !== 'data') return begun;
  if (event.action === 'save') return { ...begun, saveBegan: work.saveBegan === UNSEEN ? seen(event) : work.saveBegan };
  if (event.action !== 'load') return begun;
  const readBegan = work.readBegan === UNSEEN ? seen(event) : work.readBegan;
  const isAgain = work.fault === undefined && work.recent.some((part) => isDamaged(part, event, work.asked));
  return {
    ...begun,
    readBegan,
    asked: work.asked + 1,
    ...(isAgain
      ? {
          askedAtFault: work.asked + 1,
          fault: {
            cause: 'pack-damaged',
            pack: event.id ?? '',
            at: seen(event),
            actual: `bytes ${event.first ?? 0} to ${event.last ?? 'the end'} of it had come, and were asked for again`,
          },
        }
      : {}),
  };
}

/** Whether a request is for a part, or for some of it, that has just come and was not what its hash says. */
function isDamaged(part: Part, { id, first = 0, last }: Request, asked: number): boolean {
  if (part.id !== id || last === undefined || first < part.first || last > part.last) return false;
  return asked === part.asked || (last - first + 1 >= DISK_BLOB_BYTES && asked - part.asked <= MEANWHILE);
}

function workUnanswered(work: Work, event: Unfinished): Work {
  const { id } = event;
  if (id === undefined || !is(event, 'save', 'data')) return work;
  return { ...work, unansweredPacks: [...work.unansweredPacks, id].slice(-MAX_PACKS) };
}

function workAnswered(work: Work, event: Answer): Work {
  switch (event.kind) {
    case 'data':
      return packAnswered(work, event);
    case 'snapshots':
      return snapshotAnswered(work, event);
    case 'index':
      return {
        ...work,
        indexes: event.action === 'list' && isOk(event) ? event.entries : work.indexes,
        indexesSaved: work.indexesSaved + (event.action === 'save' && isOk(event) ? 1 : 0),
      };
    default:
      return work;
  }
}

function snapshotAnswered(work: Work, event: Answer): Work {
  if (!isOk(event))
    return event.action === 'remove' ? { ...work, removalRefused: refusalOf(event, causeOf(event)) } : work;
  switch (event.action) {
    case 'list':
      return { ...work, snapshots: event.entries };
    case 'load':
      return { ...work, snapshotsRead: work.snapshotsRead + 1, snapshotRead: event.id ?? '' };
    case 'save':
      return { ...work, snapshotsSaved: work.snapshotsSaved + 1, savedPacks: 0, savedBytes: 0, saveBegan: UNSEEN };
    case 'remove':
      return { ...work, snapshotsRemoved: work.snapshotsRemoved + 1 };
    default:
      return work;
  }
}

function packAnswered(work: Work, event: Answer): Work {
  const { id = '', figures } = event;
  const others = work.refusedPacks.filter((one) => one !== id);
  switch (event.action) {
    case 'list':
      return isOk(event) ? { ...work, packsListed: event.entries ?? 0 } : work;
    case 'save':
      return isOk(event)
        ? {
            ...work,
            savedPacks: work.savedPacks + 1,
            savedBytes: work.savedBytes + figures.bytes,
            refusedPacks: others,
          }
        : { ...work, refusedPacks: [...others, id].slice(-MAX_PACKS) };
    case 'load':
      return loaded(work, event);
    case 'remove':
      if (!isOk(event)) return { ...work, removalRefused: refusalOf(event, causeOf(event)) };
      return work.refusedPacks.includes(id) ? work : { ...work, packsRemoved: work.packsRemoved + 1 };
    default:
      return work;
  }
}

function loaded(work: Work, event: Answer): Work {
  const { id = '', first = 0, last, status, figures } = event;
  const fault = faultOf(event);
  const read = { ...work, readEnded: seen(event) };
  // What was found first says the most; but a pack that is not there is no damaged one.
  if (fault) return { ...read, fault: work.fault && work.fault.cause !== 'pack-damaged' ? work.fault : fault };
  if (!isOk({ status })) return read;
  return {
    ...read,
    ranges: work.ranges + 1,
    readBytes: work.readBytes + figures.bytes,
    recent: [
      ...work.recent.slice(1 - MEANWHILE),
      { id, first, last: last ?? first + figures.bytes - 1, asked: work.asked },
    ],
  };
}

function faultOf(event: Answer): PackFault | undefined {
  const { id: pack = '', first = 0, last, status, figures } = event;
  const at = seen(event);
  if (status === 404) return { cause: 'pack-missing', pack, at, actual: 'status 404' };
  if (status === 416) return { cause: 'pack-truncated', pack, at, actual: `status 416: it ends before byte ${first}` };
  const wanted = last === undefined ? 0 : last - first + 1;
  return isOk(event) && figures.bytes < wanted
    ? { cause: 'pack-truncated', pack, at, actual: `${figures.bytes} of ${wanted} bytes from byte ${first} on` }
    : undefined;
}
