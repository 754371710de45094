import { WIM_RESOURCE_FLAGS, type WimBlob, type WimHeader } from '../wire/codec.ts';
import type { CoveredRanges } from '../../base/observe/covered-ranges.ts';

/** Images of sets that are remembered for one client. */
const MAX_IMAGES = 64;

/**
 * An image whose files' data lies in another part of its set: Res.rwm in a WDS group (harness/docs/protocols.md 5.3).
 */
interface SetImage {
  readonly path: string;
  readonly fileId: string;
  readonly totalParts: number;
  /** Its folder trees, in its own file. */
  readonly trees: readonly Range[];
  /** Where its files' data lies, by part number. */
  readonly data: ReadonlyMap<number, readonly Range[]>;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** How much of an image its client has read, and from where. */
export interface SetRead {
  readonly path: string;
  readonly fileId: string;
  /** Distinct bytes of the image's own file. */
  readonly ownBytes: number;
  /** Bytes of the other part that the image needs, and how many of those were read. */
  readonly neededBytes: number;
  readonly sharedBytes: number;
}

/**
 * Images of the sets that a client uses, and what it has read of what they need. Files are keyed by server, share and
 * path.
 */
export class WimSets {
  readonly #images = new Map<string, SetImage>();

  /** An image's blob table was read. */
  found(
    key: string,
    { path, fileId }: { readonly path: string; readonly fileId: string },
    header: WimHeader,
    blobs: readonly WimBlob[],
  ): void {
    if (this.#images.size >= MAX_IMAGES) this.#images.clear();
    const own = blobs.filter(
      (blob) => blob.partNumber === header.partNumber && blob.resource.flags & WIM_RESOURCE_FLAGS.metadata,
    );
    const others = Map.groupBy(
      blobs.filter((blob) => blob.partNumber !== header.partNumber),
      (blob) => blob.partNumber,
    );
    this.#images.set(key, {
      path,
      fileId,
      totalParts: header.totalParts,
      trees: rangesOf(own),
      data: new Map([...others].map(([part, some]) => [part, rangesOf(some)])),
    });
  }

  /**
   * How much was read for each image in the folder of this part, which the client has closed. Only images whose folder
   * tree the client has read: without the tree it cannot apply the image.
   */
  reads(
    partKey: string,
    part: Pick<WimHeader, 'partNumber'>,
    coveredOf: (key: string) => CoveredRanges | undefined,
  ): SetRead[] {
    const reads: SetRead[] = [];
    const shared = coveredOf(partKey);
    for (const [key, image] of this.#images) {
      const own = coveredOf(key);
      const data = image.data.get(part.partNumber);
      if (folderOf(key) !== folderOf(partKey) || !data || own?.bytes === undefined || shared?.bytes === undefined)
        continue;
      if (
        image.trees.length === 0 ||
        !image.trees.every((range) => own.within(range.start, range.end) === range.end - range.start)
      )
        continue;
      const neededBytes = data.reduce((sum, { start, end }) => sum + end - start, 0);
      const sharedBytes = data.reduce((sum, { start, end }) => sum + shared.within(start, end), 0);
      reads.push({ path: image.path, fileId: image.fileId, ownBytes: own.bytes, neededBytes, sharedBytes });
    }
    return reads;
  }
}

/** Ascending, joined where they touch; what no file can hold is left out. */
function rangesOf(blobs: readonly WimBlob[]): Range[] {
  const sorted = blobs
    .map(({ resource }) => ({ start: resource.offset, end: resource.offset + resource.size }))
    .filter(({ start, end }) => Number.isSafeInteger(end) && end > start)
    .toSorted((a, b) => a.start - b.start);
  const joined: Range[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last && last.end >= range.start)
      joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    else joined.push(range);
  }
  return joined;
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('\\'));
}
