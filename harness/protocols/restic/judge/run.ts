import type { MachineEvent, Waiting } from '../../base/judge/machine-parts.ts';
import { seen, type Sighting, UNSEEN } from '../../base/judge/step.ts';
import type { ResticEvent } from '../observe/events.ts';
import {
  type Answer,
  type Disconnected,
  is,
  isCutOff,
  isOk,
  type Request,
  sameAsked,
  type Unfinished,
} from './exchange.ts';
import { causeOf, cutOff, isTriedAgain, refusalOf, type StoreRefusal } from './store-refusal.ts';
import type { ResticCause } from './vocabulary.ts';
import { NO_WORK, type Work, workAnswered, workAsked, workCutOff } from './work.ts';

// What a machine remembers of a run of restic.

export interface ResticContext extends Waiting {
  /** Of its events. */
  readonly run: number;
  readonly server: string;
  readonly port: number;
  readonly repository: string;
  readonly began: Sighting;
  readonly connections: readonly string[];
  /** It has ended its last connection, and may open another one. */
  readonly left: boolean;
  readonly pending: number;
  readonly keysListed: boolean;
  /** Keys that the store has; undefined where its list was not read. */
  readonly keysThere: number | undefined;
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

export const NEW_RUN: ResticContext = {
  since: UNSEEN,
  run: 0,
  server: '',
  port: 0,
  repository: '',
  began: UNSEEN,
  connections: [],
  left: false,
  pending: 0,
  keysListed: false,
  keysThere: undefined,
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
/** The context after an event; a deadline changes nothing. */
export function noted(context: ResticContext, event: MachineEvent<ResticEvent>): ResticContext {
  switch (event.type) {
    case 'restic.request':
      return afterRequest(context, event);
    case 'restic.answer':
      return afterAnswer(context, event);
    case 'restic.unfinished':
      return afterUnfinished(context, event);
    case 'restic.moved':
      return waiting(context, event);
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
      left: false,
      connections: isKnown ? connections : [...connections, event.connection],
      pending: context.pending + 1,
      keysListed: context.keysListed || is(event, 'list', 'keys'),
      keys: context.keys + (is(event, 'load', 'keys') ? 1 : 0),
      work: workAsked(context.work, event),
    },
    event,
  );
}

/** The context of a run that goes on after its end. */
export function anew({ run, server, port, repository, began, keys }: ResticContext, event: Request): ResticContext {
  const again = { ...NEW_RUN, run, server, port, repository, began, keys, lockBegan: seen(event) };
  return afterRequest(again, event);
}

/** The context after an answer. */
export function afterAnswer(context: ResticContext, event: Answer): ResticContext {
  const refusal = isOk(event) ? clearedBy(context.refusal, event) : refusedBy(context, event);
  return waiting(
    {
      ...context,
      pending: Math.max(0, context.pending - 1),
      keysThere: is(event, 'list', 'keys') ? event.entries : context.keysThere,
      own: ownAfter(context.own, event),
      others: othersAfter(context, event),
      refusal,
      work: workAnswered(context.work, event),
    },
    event,
  );
}

/** The context after a request without an answer: a capture that lacks it says nothing about the store. */
function afterUnfinished(context: ResticContext, event: Unfinished): ResticContext {
  const pending = Math.max(0, context.pending - 1);
  if (!isCutOff(event)) return { ...context, pending };
  return waiting(
    { ...context, pending, refusal: context.refusal ?? cutOff(event), work: workCutOff(context.work, event) },
    event,
  );
}

/** The context after the end of a connection. */
export function afterDisconnected(context: ResticContext, event: Disconnected): ResticContext {
  return { ...context, connections: context.connections.filter((one) => one !== event.connection) };
}

const isOnly = ({ connections }: ResticContext, { connection }: Disconnected): boolean =>
  connections.every((one) => one === connection);

/** Whether a run has lost its last connection, which was not to end. */
export function isLastConnection(context: ResticContext, event: Disconnected): boolean {
  return event.announced === undefined && isOnly(context, event);
}

/**
 * Whether a run has left its store, for good or until its next request: it has ended its last connection itself, or the
 * store has, after an answer that had said so (RFC 9112 section 9.6). Go’s HTTP client closes a connection when it has an
 * answer and does not know within 50 ms that its request was sent (`maxWriteWaitBeforeConnReuse` in net/http), which a busy
 * machine shows now and then (testdata/busy-backup.pcap).
 */
export function isLeaving(context: ResticContext, event: Disconnected): boolean {
  return isOnly(context, event) && (event.by === 'client' || event.announced === true);
}

/** The context of a run that has left the store. */
export function afterLeaving(context: ResticContext, event: Disconnected): ResticContext {
  return { ...afterDisconnected(context, event), since: seen(event), left: true };
}

/** Keys that restic tries at most (`maxKeys` in its repository package). */
const MAX_KEYS = 20;
/** Whether a run that has left could open none of the keys: it has tried them all. */
export function hasTriedKeys({ keys, keysThere = 0 }: ResticContext): boolean {
  return keys >= Math.min(keysThere, MAX_KEYS);
}

/** Whether a run gives back its last lock: it is at its end. */
export function givesLockBack({ own }: ResticContext, event: Answer): boolean {
  return is(event, 'remove', 'locks') && (own.length === 0 || (own.length === 1 && own.includes(event.id ?? '')));
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
    asked: { action: 'list', kind: 'locks' },
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

function clearedBy(refusal: StoreRefusal | undefined, event: Answer): StoreRefusal | undefined {
  if (refusal === undefined) return undefined;
  // restic removes what it could not save whole; that is no success.
  const isSuccess = refusal.asked === undefined || sameAsked(refusal.asked, event);
  return isSuccess ? undefined : refusal;
}

function refusedBy(context: ResticContext, event: Answer): StoreRefusal | undefined {
  const { refusal: before } = context;
  const cause = causeIn(context, event);
  if (cause === 'pack-there-already') return refusalOf(event, cause);
  if (!isTriedAgain(event)) return before;
  return before ? { ...before, times: before.times + 1 } : refusalOf(event, cause);
}

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
