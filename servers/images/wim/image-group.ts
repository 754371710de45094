import { mkdir, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { encodeWimXml } from '../../../harness/protocols/wim/wire/encode.ts';
import {
  WIM_FLAGS,
  WIM_HEADER_LENGTH,
  WIM_RESOURCE_FLAGS,
  type WimBlob,
} from '../../../harness/protocols/wim/wire/codec.ts';
import { replaceFile } from './replace-file.ts';
import { exists, RESOURCES_PART, SHARED_RESOURCES, SharedResources } from './shared-resources.ts';
import { verifyWim } from './verify-wim.ts';
import { WimFile } from './file.ts';
import { WimProblemError } from './problem.ts';
import { copyResource, finishWim, NO_RESOURCE, type WimIdentity } from './write-wim.ts';

// A WDS image group (harness/docs/protocols.md 5.3): each IMAGE.wim holds header, folder trees and XML; the data of all
// files lies once in Res.rwm. Each image is part 1 and Res.rwm part 2 of a spanned set with one GUID; an image's blob
// table says where in part 2 the data of its files lies. Such a set is applied with `--ref=Res.rwm`; wimlib does not
// write it.

const IMAGE_PART = 1;
const WIM_VERSION = 0x10d00;

/** An image to add: a whole WIM, and the file name that it gets in the group. */
export interface NewImage {
  readonly file: string;
  readonly name: string;
}

/** Result of adding images to a group. */
export interface AddedImages {
  /** Bytes of file data, uncompressed, that the group did not have. */
  readonly addedBytes: number;
  /** Bytes of file data that it had already. */
  readonly sharedBytes: number;
}

interface Source {
  readonly wim: WimFile;
  readonly blobs: readonly WimBlob[];
  readonly name: string;
}

/**
 * Adds images to a group; the first one makes it. A damaged image is refused, and so is a name that the group already
 * has. Res.rwm is replaced first: an interruption leaves at most data in it that no image refers to, and that the next
 * attempt finds.
 */
export async function addToGroup(folder: string, images: readonly NewImage[]): Promise<AddedImages> {
  await mkdir(folder, { recursive: true });
  const opened: WimFile[] = [];
  try {
    const sources: Source[] = [];
    for (const { file, name } of images) {
      const target = path.join(folder, name);
      if (await exists(target))
        throw new Error(`${target}: expected no image of that name, got one; choose another name`);
      await refuseDamaged(file);
      const wim = await WimFile.open(file);
      opened.push(wim);
      sources.push({ wim, name, blobs: await blobsOf(wim) });
    }
    const resources = await addResources(path.join(folder, SHARED_RESOURCES), sources);
    for (const source of sources)
      await replaceFile(path.join(folder, source.name), (handle) => writeImage(handle, source, resources));
    return { addedBytes: resources.addedBytes, sharedBytes: resources.sharedBytes };
  } finally {
    for (const wim of opened) await wim[Symbol.asyncDispose]();
  }
}

async function addResources(shared: string, sources: readonly Source[]): Promise<SharedResources> {
  return replaceFile(shared, async (handle) => {
    const resources = (await exists(shared))
      ? await SharedResources.continue(shared, handle)
      : SharedResources.begin(sources[0]?.blobs ?? []);
    for (const { wim, blobs } of sources) {
      resources.adoptCompression(wim);
      for (const blob of blobs) if (!isMetadata(blob)) await resources.add(wim, blob, handle);
    }
    const { blobs, end } = resources;
    const bytes = blobs.reduce((sum, { resource }) => sum + resource.originalSize, 0);
    const identity = {
      ...identityOf(resources, WIM_FLAGS.resourceOnly),
      partNumber: RESOURCES_PART,
      imageCount: 0,
      bootIndex: 0,
      bootMetadata: NO_RESOURCE,
    };
    await finishWim(handle, identity, blobs, encodeWimXml(`<WIM><TOTALBYTES>${bytes}</TOTALBYTES></WIM>`), end);
    return resources;
  });
}

/** An image's own file: its folder trees, its XML, and where its files' data is. */
async function writeImage(handle: FileHandle, { wim, blobs }: Source, resources: SharedResources): Promise<void> {
  let end = WIM_HEADER_LENGTH;
  const entries: WimBlob[] = [];
  for (const blob of blobs) {
    if (!isMetadata(blob)) {
      entries.push(resources.find(blob));
      continue;
    }
    await copyResource(wim, blob.resource, handle, end);
    entries.push({ ...blob, resource: { ...blob.resource, offset: end }, partNumber: IMAGE_PART });
    end += blob.resource.size;
  }
  const { imageCount, bootIndex } = wim.header;
  // The n-th folder tree of the table is that of image n.
  const bootMetadata = entries.filter(isMetadata)[bootIndex - 1]?.resource ?? NO_RESOURCE;
  const identity = {
    ...identityOf(resources, WIM_FLAGS.metadataOnly),
    partNumber: IMAGE_PART,
    imageCount,
    bootIndex,
    bootMetadata,
  };
  await finishWim(handle, identity, entries, await wim.xml(), end);
}

function identityOf(
  { guid, compression }: SharedResources,
  kind: number,
): Omit<WimIdentity, 'partNumber' | 'imageCount' | 'bootIndex' | 'bootMetadata'> {
  return {
    version: WIM_VERSION,
    flags: WIM_FLAGS.rpFix | WIM_FLAGS.spanned | kind | compression.flags,
    chunkSize: compression.chunkSize,
    guid,
    totalParts: RESOURCES_PART,
  };
}

/** Checks an image before it is added: its damage would reach every image that shares its data. */
async function refuseDamaged(file: string): Promise<void> {
  const [problem] = (await verifyWim(file)).problems;
  if (problem) throw new WimProblemError(problem);
}

/** All of a whole WIM's blobs; a WimProblemError for a file that cannot be taken apart. */
async function blobsOf(wim: WimFile): Promise<WimBlob[]> {
  const { header } = wim;
  if (header.totalParts !== 1)
    throw wim.problem(
      'wim-resources-foreign',
      'a whole WIM to add',
      `part ${header.partNumber} of ${header.totalParts} (wimlib-imagex export makes one file of them)`,
    );
  const blobs: WimBlob[] = [];
  // An entry that is marked free holds nothing.
  for await (const some of wim.blobs())
    blobs.push(...some.filter(({ resource }) => (resource.flags & WIM_RESOURCE_FLAGS.free) === 0));
  const solid = blobs.some(({ resource }) => resource.flags & WIM_RESOURCE_FLAGS.solid);
  if (solid || header.pipable)
    throw wim.problem(
      'wim-header-damaged',
      'a WIM in which every file is a resource of its own',
      `a ${solid ? 'solid' : 'pipable'} one (wimlib-imagex export --compress=xpress makes an ordinary one)`,
    );
  return blobs;
}

function isMetadata({ resource }: WimBlob): boolean {
  return (resource.flags & WIM_RESOURCE_FLAGS.metadata) !== 0;
}
