import { type Answer, type CutOff, isOk, sameAsked } from './exchange.ts';
import { causeOf, cutOff, refusalOf, refusedText, type StoreRefusal } from './store-refusal.ts';
import type { ResticCause } from './vocabulary.ts';

// What a run asked for and has not got, until it comes after all.

/** A part of a pack that did not come, or not whole. */
export interface LackingPart {
  readonly cause: ResticCause;
  readonly pack: string;
  readonly first: number;
  readonly last: number;
  readonly actual: string;
}

/** Parts, and other objects, that are remembered: the first ones, which say most. */
const MAX_LACKING = 64;

/** The parts that a run lacks after the answer to a load of a pack, or the end of a connection that carried it. */
export function partsAfter(lacking: readonly LackingPart[], event: Answer | CutOff): readonly LackingPart[] {
  const { id = '', first = 0, last = Infinity } = event;
  const asked = { pack: id, first, last };
  const fault = faultOf(event);
  if (fault === undefined) return lacking.flatMap((part) => leftOf(part, asked));
  const part = { ...asked, ...fault };
  if (lacking.some((one) => isSamePart(one, asked))) return lacking.map((one) => (isSamePart(one, asked) ? part : one));
  return lacking.length < MAX_LACKING ? [...lacking, part] : lacking;
}

/** Lists, indexes and snapshots that were refused and have not come after an answer. */
export function refusedReadsAfter(refused: readonly StoreRefusal[], event: Answer): readonly StoreRefusal[] {
  if (event.action !== 'list' && (event.action !== 'load' || event.kind === 'data')) return refused;
  const others = refused.filter(({ asked }) => !sameAsked(asked, event));
  return isOk(event) ? others : [...others, refusalOf(event, causeOf(event))].slice(0, MAX_LACKING);
}

type Asked = Pick<LackingPart, 'pack' | 'first' | 'last'>;

const isSamePart = (one: Asked, other: Asked): boolean =>
  one.pack === other.pack && one.first === other.first && one.last === other.last;

/** What is still lacking of a part when another one has come: restic asks for the blobs of a part one by one, too. */
function leftOf(part: LackingPart, came: Asked): readonly LackingPart[] {
  if (part.pack !== came.pack || came.last < part.first || came.first > part.last) return [part];
  const before = { ...part, last: came.first - 1 };
  const after = { ...part, first: came.last + 1 };
  return [before, after].filter(({ first, last }) => first <= last);
}

/** What is wrong with the answer to a load of a pack; undefined where all came that was asked for. */
function faultOf(event: Answer | CutOff): Pick<LackingPart, 'cause' | 'actual'> | undefined {
  const { first = 0, last, status, figures } = event;
  if (!isAnswer(event)) {
    const { cause, actual } = cutOff(event);
    return { cause, actual };
  }
  if (status === 404) return { cause: 'pack-missing', actual: 'status 404' };
  if (status === 416) return { cause: 'pack-truncated', actual: `status 416: it ends before byte ${first}` };
  if (!isOk(event)) return { cause: causeOf(event), actual: refusedText(event) };
  const wanted = last === undefined ? 0 : last - first + 1;
  return figures.bytes < wanted
    ? { cause: 'pack-truncated', actual: `${figures.bytes} of ${wanted} bytes from byte ${first} on` }
    : undefined;
}

const isAnswer = (event: Answer | CutOff): event is Answer => !('reason' in event);
