import {
  WIM_FLAGS,
  WIM_HEADER_LENGTH,
  WIM_RESOURCE_FLAGS,
  type WimBlob,
  type WimResource,
} from '../../../harness/protocols/wim/wire/codec.ts';
import { bootFolderArchitecture, windowsArchitectureName } from '../../../harness/protocols/wim/wire/architectures.ts';
import type { WimImage } from '../../../harness/protocols/wim/wire/xml.ts';
import type { WimFile } from './file.ts';
import { shortened, type WimProblemError } from './problem.ts';

// Whether the header, tables and XML of a WIM agree with each other: no content is read here.

/** What is wrong with the numbers of a header whose tables lie within the file. */
export function headerProblems(wim: WimFile): WimProblemError[] {
  const { flags, chunkSize, bootIndex, imageCount, partNumber, totalParts, blobTable, xml, integrity } = wim.header;
  const problems: WimProblemError[] = [];
  if (flags & WIM_FLAGS.writeInProgress)
    problems.push(
      wim.problem('wim-write-in-progress', 'a finished file (flag 0x40 clear)', `flags 0x${flags.toString(16)}`, 0x10),
    );
  if (bootIndex > imageCount)
    problems.push(
      wim.problem(
        'wim-header-damaged',
        `a boot index of at most ${imageCount}, the number of images`,
        String(bootIndex),
        0x78,
      ),
    );
  if (partNumber < 1 || partNumber > totalParts)
    problems.push(
      wim.problem(
        'wim-header-damaged',
        'a part number within the number of parts',
        `part ${partNumber} of ${totalParts}`,
        0x28,
      ),
    );
  // MS-DISM and wimlib write powers of two from 4 KiB to 64 MiB.
  if (
    flags & WIM_FLAGS.compressed &&
    !(chunkSize >= 4096 && chunkSize <= 2 ** 26 && Number.isInteger(Math.log2(chunkSize)))
  )
    problems.push(wim.problem('wim-header-damaged', 'a chunk size that is a power of two', String(chunkSize), 0x14));
  return [
    ...problems,
    ...overlaps(wim, [
      { what: 'the blob table', resource: blobTable },
      { what: 'the XML data', resource: xml },
      { what: 'the integrity table', resource: integrity },
    ]),
  ];
}

/**
 * Images that the header counts and the list does not, and images for another processor than their folder or
 * `architecture`.
 */
export function imageProblems(
  wim: WimFile,
  images: readonly WimImage[],
  architecture: string | undefined,
): WimProblemError[] {
  const problems: WimProblemError[] = [];
  const { imageCount, xml } = wim.header;
  if (images.length !== imageCount)
    problems.push(
      wim.problem(
        'wim-image-count',
        `${imageCount} images, as the header says`,
        `${images.length} in the list`,
        xml.offset,
      ),
    );
  const wanted = architecture ?? bootFolderArchitecture(wim.file);
  for (const image of wanted === undefined ? [] : images) {
    if (image.architecture === undefined) continue;
    const got = windowsArchitectureName(image.architecture);
    if (got !== wanted)
      problems.push(
        wim.problem(
          'wim-wrong-architecture',
          `an image for ${wanted}`,
          `image ${image.index} (${image.name}) is for ${got}`,
          xml.offset,
        ),
      );
  }
  return problems;
}

/** Blob table entries that cannot be right. */
export function blobProblems(wim: WimFile, blobs: readonly WimBlob[]): WimProblemError[] {
  const { imageCount, blobTable, partNumber, totalParts } = wim.header;
  // All parts of a split WIM count the images; the first one has their folder trees.
  const wanted = partNumber === 1 ? imageCount : 0;
  const own = blobs.filter((blob) => blob.partNumber === partNumber && !isWithinSolid(blob));
  const outside = new Set(
    own.filter(
      ({ resource }) =>
        resource.size > 0 && (resource.offset < WIM_HEADER_LENGTH || resource.offset + resource.size > wim.size),
    ),
  );
  const trees = own.filter(({ resource }) => resource.flags & WIM_RESOURCE_FLAGS.metadata).length;
  const crooked = own.filter(
    ({ resource }) =>
      (resource.flags & (WIM_RESOURCE_FLAGS.compressed | WIM_RESOURCE_FLAGS.solid)) === 0 &&
      resource.size !== resource.originalSize,
  );
  const strays = blobs.filter((blob) => blob.partNumber < 1 || blob.partNumber > totalParts);
  return [
    ...shortened(
      strays.map((blob) =>
        wim.problem(
          'wim-table-damaged',
          `resources of parts 1 to ${totalParts}`,
          `resource ${blob.sha1} of part ${blob.partNumber}`,
          blobTable.offset,
        ),
      ),
    ),
    ...shortened(
      [...outside].map(({ resource, sha1 }) =>
        wim.problem(
          'wim-resource-outside',
          `resources within bytes ${WIM_HEADER_LENGTH} to ${wim.size}`,
          `resource ${sha1} at ${resource.offset}, ${resource.size} bytes`,
          blobTable.offset,
        ),
      ),
    ),
    ...shortened(
      crooked.map(({ resource, sha1 }) =>
        wim.problem(
          'wim-table-damaged',
          'an uncompressed resource as long as its data',
          `resource ${sha1}: ${resource.size} bytes for ${resource.originalSize}`,
          resource.offset,
        ),
      ),
    ),
    ...(trees === wanted
      ? []
      : [
          wim.problem(
            'wim-metadata-missing',
            `a folder tree for each of ${wanted} images`,
            `${trees} in the blob table`,
            blobTable.offset,
          ),
        ]),
    ...overlaps(wim, [
      { what: 'the blob table', resource: blobTable },
      ...own.filter((blob) => !outside.has(blob)).map(({ resource, sha1 }) => ({ what: `resource ${sha1}`, resource })),
    ]),
  ];
}

/**
 * Whether an entry is a part of a solid resource: its offset counts within that, not in the file. The resource's own
 * entry has a mark for its size (wimlib blob_table.c).
 */
function isWithinSolid({ resource }: WimBlob): boolean {
  return (resource.flags & WIM_RESOURCE_FLAGS.solid) !== 0 && resource.originalSize !== SOLID_MARK;
}

const SOLID_MARK = 0x1_0000_0000;

/** Ranges that share bytes: each range with the one before it, in the order of the file. */
function overlaps(
  wim: WimFile,
  ranges: readonly { readonly what: string; readonly resource: WimResource }[],
): WimProblemError[] {
  const sorted = ranges
    .filter(({ resource }) => resource.size > 0)
    .toSorted((a, b) => a.resource.offset - b.resource.offset);
  return shortened(
    sorted.flatMap((range, index) => {
      const before = sorted[index - 1];
      if (!before || before.resource.offset + before.resource.size <= range.resource.offset) return [];
      return [
        wim.problem(
          'wim-resources-overlap',
          `${range.what} after ${before.what}, which ends at ${before.resource.offset + before.resource.size}`,
          `it begins at ${range.resource.offset}`,
          range.resource.offset,
        ),
      ];
    }),
  );
}
