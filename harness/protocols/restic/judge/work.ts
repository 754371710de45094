import { seen, type Sighting, UNSEEN } from '../../base/judge/step.ts';
import { type Answer, type CutOff, is, isOk, type Request, sameAsked } from './exchange.ts';
import { type LackingPart, partsAfter, refusedReadsAfter } from './lacking.ts';
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

/** A part of a pack that came in vain: it was asked for again at once. */
interface Damage {
  readonly pack: string;
  readonly actual: string;
  /** How many parts had been asked for then. */
  readonly asked: number;
}

/** Why a run could not use a pack. */
type PackFault = Pick<LackingPart, 'cause' | 'pack' | 'actual'>;

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
  /** Parts of packs, and other objects, that were asked for and have not come. */
  readonly lacking: readonly LackingPart[];
  readonly refusedReads: readonly StoreRefusal[];
  readonly damage: Damage | undefined;
  /** Parts that came last. */
  readonly recent: readonly Part[];
  /** How many parts were asked for. */
  readonly asked: number;
}

/** What a run has saved when it begins its next snapshot. */
const NOTHING_SAVED = {
  savedPacks: 0,
  savedBytes: 0,
  saveBegan: UNSEEN,
  refusedPacks: [],
  unansweredPacks: [],
} as const;

export const NO_WORK: Work = {
  began: UNSEEN,
  ...NOTHING_SAVED,
  snapshotsSaved: 0,
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
  lacking: [],
  refusedReads: [],
  damage: undefined,
  recent: [],
  asked: 0,
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

/**
 * The pack that a run gives up for. What the store did not give says more than what came damaged; and a run that gives up for
 * either breaks off what it had asked for besides.
 */
export function packFault({ lacking, damage, asked, packsListed }: Work): PackFault | undefined {
  const refused = lacking.find(({ cause }) => cause !== 'store-client-gone');
  if (refused || damage === undefined) return refused ?? lacking[0];
  // After a damaged pack a run that could use it asks for many others.
  const isFatal = packsListed !== undefined || asked - damage.asked <= MEANWHILE;
  return isFatal ? { cause: 'pack-damaged', ...damage } : lacking[0];
}

/** The work after a request. */
export function workAsked(work: Work, event: Request): Work {
  const isOpening = event.kind === 'config' || event.kind === 'keys' || event.kind === 'locks';
  const begun = work.began === UNSEEN && !isOpening ? { ...work, began: seen(event) } : work;
  if (event.kind !== 'data') return begun;
  if (event.action === 'save') return { ...begun, saveBegan: work.saveBegan === UNSEEN ? seen(event) : work.saveBegan };
  if (event.action !== 'load') return begun;
  const readBegan = work.readBegan === UNSEEN ? seen(event) : work.readBegan;
  const isAgain = work.damage === undefined && work.recent.some((part) => isDamaged(part, event, work.asked));
  return {
    ...begun,
    readBegan,
    asked: work.asked + 1,
    ...(isAgain
      ? {
          damage: {
            pack: event.id ?? '',
            asked: work.asked + 1,
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

/** The work after the end of a connection that carried a request. */
export function workCutOff(work: Work, event: CutOff): Work {
  const { id } = event;
  if (is(event, 'load', 'data')) return { ...work, lacking: partsAfter(work.lacking, event) };
  if (id === undefined || !is(event, 'save', 'data')) return work;
  return { ...work, unansweredPacks: [...work.unansweredPacks, id].slice(-MAX_PACKS) };
}

/** The work after an answer. */
export function workAnswered(work: Work, event: Answer): Work {
  const refusedReads = refusedReadsAfter(work.refusedReads, event);
  switch (event.kind) {
    case 'data':
      return packAnswered({ ...work, refusedReads }, event);
    case 'snapshots':
      return snapshotAnswered({ ...work, refusedReads }, event);
    case 'index':
      return {
        ...work,
        refusedReads,
        indexes: event.action === 'list' && isOk(event) ? event.entries : work.indexes,
        indexesSaved: work.indexesSaved + (event.action === 'save' && isOk(event) ? 1 : 0),
      };
    default:
      return work;
  }
}

function snapshotAnswered(work: Work, event: Answer): Work {
  if (!isOk(event)) return event.action === 'remove' ? removalFailed(work, event) : work;
  switch (event.action) {
    case 'list':
      return { ...work, snapshots: event.entries };
    case 'load':
      return { ...work, snapshotsRead: work.snapshotsRead + 1, snapshotRead: event.id ?? '' };
    case 'save':
      return { ...work, ...NOTHING_SAVED, snapshotsSaved: work.snapshotsSaved + 1 };
    case 'remove':
      return removed({ ...work, snapshotsRemoved: work.snapshotsRemoved + 1 }, event);
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
            unansweredPacks: work.unansweredPacks.filter((one) => one !== id),
          }
        : { ...work, refusedPacks: [...others, id].slice(-MAX_PACKS) };
    case 'load':
      return loaded(work, event);
    case 'remove':
      // What could not be saved whole is removed, whether or not something of it is there.
      if (work.refusedPacks.includes(id)) return work;
      return isOk(event)
        ? removed({ ...work, packsRemoved: work.packsRemoved + 1 }, event)
        : removalFailed(work, event);
    default:
      return work;
  }
}

const removalFailed = (work: Work, event: Answer): Work => ({
  ...work,
  removalRefused: refusalOf(event, causeOf(event)),
});

/** The work after a removal, which may have been refused before. */
const removed = (work: Work, event: Answer): Work =>
  sameAsked(work.removalRefused?.asked, event) ? { ...work, removalRefused: undefined } : work;

function loaded(work: Work, event: Answer): Work {
  const { id = '', first = 0, last, figures } = event;
  const lacking = partsAfter(work.lacking, event);
  const read = { ...work, lacking, readEnded: seen(event) };
  const end = first + figures.bytes - 1;
  if (!isOk(event) || (last !== undefined && end < last)) return read;
  return {
    ...read,
    ranges: work.ranges + 1,
    readBytes: work.readBytes + figures.bytes,
    recent: [...work.recent.slice(1 - MEANWHILE), { id, first, last: last ?? end, asked: work.asked }],
  };
}
