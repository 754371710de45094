import { WIM_FLAGS, WIM_RESOURCE_FLAGS, type WimBlob } from '../../../harness/protocols/wim/wire/codec.ts';
import type { WimImage } from '../../../harness/protocols/wim/wire/xml.ts';
import { contentProblems, integrityProblems, needsUnpacker, unpackedProblems } from './verify-content.ts';
import { blobProblems, headerProblems, imageProblems } from './verify-tables.ts';
import { WimFile } from './file.ts';
import { findParts } from './parts.ts';
import { WimProblemError, type WimProblem } from './problem.ts';

export interface VerifyOptions {
  /** Read header, tables and list, and no content. */
  readonly quick?: boolean;
  /** What the images must be for, e.g. `x64`; without it, what their folder says (`Boot\x64\…`). */
  readonly architecture?: string | undefined;
  /** Bytes read so far of `total`. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

/** Findings about one file. */
export interface VerifiedWim {
  readonly file: string;
  readonly bytes: number;
  readonly images: readonly WimImage[];
  readonly part: string;
  readonly problems: readonly WimProblem[];
}

/**
 * Checks an image file and reports every problem that can be distinguished. Total: only a failing disk makes it throw.
 */
export async function verifyWim(file: string, options: VerifyOptions = {}): Promise<VerifiedWim> {
  const problems: WimProblem[] = [];
  let known: Omit<VerifiedWim, 'file' | 'problems'> = { bytes: 0, images: [], part: '' };
  /** Runs a check; a problem that ends it is kept, and the result is `otherwise`. */
  const check = async <T>(run: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof WimProblemError)) throw error;
      problems.push(error.found);
      return otherwise;
    }
  };
  const find = async (run: () => Promise<readonly WimProblemError[]>): Promise<void> => {
    problems.push(...(await check(run, [])).map((error) => error.found));
  };
  await check(async () => {
    await using wim = await WimFile.open(file);
    const { partNumber, totalParts, flags } = wim.header;
    known = { ...known, bytes: wim.size, part: totalParts === 1 ? '' : `part ${partNumber} of ${totalParts}` };
    const blobs = await check(() => allBlobs(wim), []);
    const images = await check<readonly WimImage[] | undefined>(() => wim.images(), undefined);
    known = { ...known, images: images ?? [] };
    await find(() =>
      Promise.resolve([...headerProblems(wim), ...(images ? imageProblems(wim, images, options.architecture) : [])]),
    );
    if (problems.some(({ problem }) => UNUSABLE.has(problem))) return;
    await find(() => Promise.resolve(blobProblems(wim, blobs)));
    const parts = await partsProblems(wim, blobs);
    problems.push(...parts.problems.map((error) => error.found));
    if (options.quick || problems.some(({ problem }) => UNUSABLE.has(problem))) return;
    let done = 0;
    const total = wim.size * (wim.header.integrity.size > 0 ? 2 : 1);
    const onBytes = (bytes: number): void => options.onProgress?.((done += bytes), total);
    await find(() => integrityProblems(wim, onBytes));
    await find(() => contentProblems(wim, blobs, onBytes));
    const told = blobs.some((blob) => blob.partNumber !== partNumber);
    const untoldSet = (flags & WIM_FLAGS.metadataOnly) !== 0 && !told && parts.files.length > 0;
    if (problems.length === 0 && (needsUnpacker(wim, blobs) || untoldSet))
      await find(() => unpackedProblems(wim, parts.files));
  }, undefined);
  return { file, ...known, problems };
}

/** After these problems, the tables' entries about content mean nothing. */
const UNUSABLE: ReadonlySet<string> = new Set([
  'wim-truncated',
  'wim-header-damaged',
  'wim-table-damaged',
  'wim-resource-outside',
  'wim-resources-overlap',
]);

async function allBlobs(wim: WimFile): Promise<WimBlob[]> {
  const blobs: WimBlob[] = [];
  for await (const some of wim.blobs()) blobs.push(...some);
  return blobs;
}

/** The other parts of a set, and what is missing of them. */
async function partsProblems(
  wim: WimFile,
  blobs: readonly WimBlob[],
): Promise<{ readonly files: readonly string[]; readonly problems: readonly WimProblemError[] }> {
  const { partNumber, totalParts, guid, flags } = wim.header;
  if (totalParts === 1 || (flags & WIM_FLAGS.resourceOnly) !== 0) return { files: [], problems: [] };
  const { files, foreign, missing: lacking } = await findParts(wim);
  const [stranger] = foreign;
  if (files.length === 0 && stranger)
    return {
      files,
      problems: [
        wim.problem(
          'wim-resources-foreign',
          `a part with GUID ${guid}, as this file has`,
          `${stranger.file} with GUID ${stranger.guid}`,
          0x18,
        ),
      ],
    };
  if (lacking.length > 0)
    return {
      files,
      problems: [
        wim.problem(
          'wim-resources-missing',
          `all ${totalParts} parts of the set in this folder (Res.rwm in a WDS group), GUID ${guid}`,
          `no part ${lacking.slice(0, 10).join(', ')}`,
          0x28,
        ),
      ],
    };
  const there = new Set<string>();
  for (const file of files) {
    try {
      await using part = await WimFile.open(file);
      for await (const some of part.blobs()) for (const { sha1 } of some) there.add(sha1);
    } catch (error) {
      // The problem is that file's own, reported when that file is verified.
      if (error instanceof WimProblemError)
        return {
          files,
          problems: [
            wim.problem(
              'wim-resources-missing',
              `${file} to list the data of its files`,
              `${error.found.problem}: ${error.found.got}`,
            ),
          ],
        };
      throw error;
    }
  }
  const missing = blobs.filter(
    (blob) =>
      blob.partNumber !== partNumber &&
      !there.has(blob.sha1) &&
      (blob.resource.flags & WIM_RESOURCE_FLAGS.metadata) === 0,
  );
  if (missing.length === 0) return { files, problems: [] };
  return {
    files,
    problems: [
      wim.problem(
        'wim-resources-missing',
        `all ${blobs.filter((blob) => blob.partNumber !== partNumber).length} resources of other parts in ${files.join(', ')}`,
        `${missing.length} are not there, ${missing[0]?.sha1 ?? ''} first`,
      ),
    ],
  };
}
