import { seen, type Sighting, UNSEEN } from '../../base/judge/step.ts';
import { type Answer, is, isOk, type Request, type Unfinished } from './exchange.ts';
import { causeOf, refusalOf, type StoreRefusal } from './store-refusal.ts';

// What a run does to the store once it has opened it: packs, snapshots and indexes.

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

export const NO_WORK: Work = {
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

/** Whether a damaged pack is why this run gives up: after it a run that could use the pack asks for many others. */
export function isFatal({ fault, asked, askedAtFault, packsListed }: Work): boolean {
  if (fault?.cause !== 'pack-damaged') return fault !== undefined;
  return packsListed !== undefined || asked - askedAtFault <= MEANWHILE;
}

/** The work after a request. */
export function workAsked(work: Work, event: Request): Work {
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

/** The work after a request that got no answer. */
export function workUnanswered(work: Work, event: Unfinished): Work {
  const { id } = event;
  if (id === undefined || !is(event, 'save', 'data')) return work;
  return { ...work, unansweredPacks: [...work.unansweredPacks, id].slice(-MAX_PACKS) };
}

/** The work after an answer. */
export function workAnswered(work: Work, event: Answer): Work {
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
