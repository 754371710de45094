import { createHash } from 'node:crypto';
import { stat, type FileHandle } from 'node:fs/promises';
import { guidAt } from '../../../harness/packet/addresses.ts';
import {
  WIM_FLAGS,
  WIM_HEADER_LENGTH,
  type WimBlob,
  type WimHeader,
} from '../../../harness/protocols/wim/wire/codec.ts';
import { WimFile } from './file.ts';
import { copyResource, NO_RESOURCE } from './write-wim.ts';

/** The shared file of every group. */
export const SHARED_RESOURCES = 'Res.rwm';
/** Its part number; each image is part 1. */
export const RESOURCES_PART = 2;

const COMPRESSIONS = WIM_FLAGS.xpress | WIM_FLAGS.lzx | WIM_FLAGS.lzms;

type Compression = Pick<WimHeader, 'flags' | 'chunkSize'>;

/** What a group's Res.rwm holds, each file's data once, while images are added to it. */
export class SharedResources {
  readonly guid: string;
  readonly #blobs = new Map<string, WimBlob>();
  #compression: Compression = { flags: 0, chunkSize: 0 };
  #end = WIM_HEADER_LENGTH;
  /** Bytes of data that were new, and that were there already. */
  addedBytes = 0;
  sharedBytes = 0;

  private constructor(guid: string) {
    this.guid = guid;
  }

  /** A new group. The same images give the same group, byte for byte: its GUID comes from what the first one holds. */
  static begin(first: readonly WimBlob[]): SharedResources {
    return new SharedResources(
      guidAt(
        createHash('md5')
          .update(first.map(({ sha1 }) => sha1).join())
          .digest(),
      ),
    );
  }

  /** An existing group: its data is copied to the same offsets, so that the references of its images stay valid. */
  static async continue(file: string, copy: FileHandle): Promise<SharedResources> {
    await using wim = await WimFile.open(file);
    const { header } = wim;
    if ((header.flags & WIM_FLAGS.resourceOnly) === 0 || header.partNumber !== RESOURCES_PART)
      throw wim.problem(
        'wim-resources-foreign',
        `part ${RESOURCES_PART} of a set, resources only`,
        `part ${header.partNumber}, flags 0x${header.flags.toString(16)}`,
      );
    const resources = new SharedResources(header.guid);
    resources.#compression = compressionOf(header);
    for await (const some of wim.blobs()) {
      for (const blob of some) {
        resources.#blobs.set(blob.sha1, blob);
        resources.#end = Math.max(resources.#end, blob.resource.offset + blob.resource.size);
      }
    }
    if (resources.#end > wim.size)
      throw wim.problem(
        'wim-resource-outside',
        `resources within ${wim.size} bytes`,
        `one that ends at ${resources.#end}`,
      );
    await copyResource(
      wim,
      { ...NO_RESOURCE, offset: WIM_HEADER_LENGTH, size: resources.#end - WIM_HEADER_LENGTH },
      copy,
      WIM_HEADER_LENGTH,
    );
    return resources;
  }

  get blobs(): readonly WimBlob[] {
    return [...this.#blobs.values()];
  }

  get compression(): Compression {
    return this.#compression;
  }

  /** Where the last resource ends. */
  get end(): number {
    return this.#end;
  }

  /** Adds the data of one file of the image, unless the group has it already. */
  async add(wim: WimFile, blob: WimBlob, to: FileHandle): Promise<void> {
    const known = this.#blobs.get(blob.sha1);
    if (known) {
      this.sharedBytes += blob.resource.originalSize;
      this.#blobs.set(blob.sha1, { ...known, referenceCount: known.referenceCount + blob.referenceCount });
      return;
    }
    await copyResource(wim, blob.resource, to, this.#end);
    this.#blobs.set(blob.sha1, this.#placed(blob));
    this.#end += blob.resource.size;
    this.addedBytes += blob.resource.originalSize;
  }

  #placed(blob: WimBlob): WimBlob {
    return { ...blob, resource: { ...blob.resource, offset: this.#end }, partNumber: RESOURCES_PART };
  }

  /** Where the data of an image's blob is. */
  find(blob: WimBlob): WimBlob {
    return { ...(this.#blobs.get(blob.sha1) ?? blob), referenceCount: blob.referenceCount };
  }

  /** All compressed resources of a group are compressed alike: its header can say only one way. */
  adoptCompression(wim: WimFile): void {
    const wanted = compressionOf(wim.header);
    const mine = this.#compression;
    if (wanted.flags === 0) return;
    if (mine.flags === 0) this.#compression = wanted;
    else if (mine.flags !== wanted.flags || mine.chunkSize !== wanted.chunkSize) {
      throw wim.problem(
        'wim-resources-foreign',
        `the group's compression (${showCompression(mine)})`,
        `${showCompression(wanted)}; wimlib-imagex export --compress changes it`,
      );
    }
  }
}

/** Whether a file is there. */
export async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function compressionOf({ flags, chunkSize }: WimHeader): Compression {
  const compression = flags & (WIM_FLAGS.compressed | COMPRESSIONS);
  return compression & COMPRESSIONS ? { flags: compression, chunkSize } : { flags: 0, chunkSize: 0 };
}

function showCompression({ flags, chunkSize }: Compression): string {
  const name = flags & WIM_FLAGS.lzms ? 'LZMS' : flags & WIM_FLAGS.lzx ? 'LZX' : 'XPRESS';
  return `${name} in chunks of ${chunkSize} bytes`;
}
