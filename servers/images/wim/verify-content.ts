import { execa } from 'execa';
import { WIM_FLAGS, WIM_RESOURCE_FLAGS, type WimBlob } from '../../../harness/protocols/wim/wire/codec.ts';
import { integrityChunks, integrityEnd } from '../../../harness/protocols/wim/wire/integrity.ts';
import { sha1OfRange } from './hash-range.ts';
import type { WimFile } from './file.ts';
import { shortened, type WimProblemError } from './problem.ts';

/** Bytes done so far. */
type OnBytes = (bytes: number) => void;

/** The integrity table, chunk by chunk. */
export async function integrityProblems(wim: WimFile, onBytes: OnBytes): Promise<WimProblemError[]> {
  const table = await wim.integrity();
  if (!table) return [];
  const end = integrityEnd(wim.header);
  const chunks = integrityChunks(table, end);
  if (!chunks)
    return [
      wim.problem(
        'wim-integrity-damaged',
        `a hash for each ${table.chunkSize} bytes up to ${end}`,
        `${table.sha1.length} hashes`,
        wim.header.integrity.offset,
      ),
    ];
  const problems: WimProblemError[] = [];
  for (const { offset, length, sha1 } of chunks) {
    const got = await sha1OfRange(wim.handle, offset, length, onBytes);
    if (got !== sha1)
      problems.push(
        wim.problem('wim-integrity-mismatch', `SHA-1 ${sha1} of bytes ${offset} to ${offset + length}`, got, offset),
      );
  }
  return shortened(problems);
}

/** Data of uncompressed resources against the SHA-1 that the table gives them. */
export async function contentProblems(
  wim: WimFile,
  blobs: readonly WimBlob[],
  onBytes: OnBytes,
): Promise<WimProblemError[]> {
  const problems: WimProblemError[] = [];
  for (const { resource, sha1 } of blobs
    .filter((blob) => isPlain(blob) && blob.partNumber === wim.header.partNumber)
    .toSorted((a, b) => a.resource.offset - b.resource.offset)) {
    const got = await sha1OfRange(wim.handle, resource.offset, resource.size, onBytes);
    if (got !== sha1)
      problems.push(
        wim.problem('wim-content-damaged', `SHA-1 ${sha1} of the ${resource.size} bytes`, got, resource.offset),
      );
  }
  return shortened(problems);
}

/** Whether there is anything that only an unpacker can check. */
export function needsUnpacker(wim: WimFile, blobs: readonly WimBlob[]): boolean {
  return blobs.some((blob) => blob.partNumber === wim.header.partNumber && !isPlain(blob));
}

/** Compressed resources, checked by wimlib. `parts`: the files with the data that this one lacks. */
export async function unpackedProblems(wim: WimFile, parts: readonly string[]): Promise<WimProblemError[]> {
  // Of a group's image only the folder tree is its own; listing it unpacks that and compares its SHA-1.
  const treeOnly = (wim.header.flags & WIM_FLAGS.metadataOnly) !== 0 && parts.length > 0;
  const args = treeOnly
    ? ['dir', wim.file, '--detailed']
    : ['verify', wim.file, '--quiet', ...parts.map((part) => `--ref=${part}`)];
  const { exitCode, stderr, code } = await execa('wimlib-imagex', args, {
    reject: false,
    stdout: 'ignore',
    stdin: 'ignore',
    maxBuffer: 1e6,
  });
  if (code === 'ENOENT')
    throw new Error(
      `${wim.file} has compressed resources: wimlib-imagex is needed to check them (apt-get install wimtools), or --quick`,
    );
  if (exitCode === 0) return [];
  const lines = stderr
    .split('\n')
    .filter((line) => /ERROR/.test(line))
    .map((line) => line.replace(/^\[?ERROR\]?:?\s*/, '').trim());
  return [
    wim.problem(
      'wim-content-damaged',
      'content that wimlib-imagex can unpack',
      lines.slice(0, 2).join('; ') || `wimlib-imagex ended with ${exitCode ?? 'a signal'}`,
    ),
  ];
}

function isPlain({ resource }: WimBlob): boolean {
  return (resource.flags & (WIM_RESOURCE_FLAGS.compressed | WIM_RESOURCE_FLAGS.solid | WIM_RESOURCE_FLAGS.free)) === 0;
}
