import { readdir, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { isMalformed } from '../../../harness/packet/malformed.ts';
import { decodeWimImageElements, type WimImageElement } from '../../../harness/protocols/wim/wire/image-elements.ts';
import { decodeWimHeader, WIM_HEADER_LENGTH } from '../../../harness/protocols/wim/wire/codec.ts';
import { WIM_XML_LIMIT } from '../../../harness/protocols/wim/wire/xml.ts';
import type { BootRoot } from '../../service/boot-root.ts';
import { openConfined } from '../../service/confined-file.ts';
import { messageOf } from '../../service/service.ts';

/** An image file of a group, with the images in it. */
export interface ImageFile {
  readonly group: string;
  /** Below the share: `Images\Linux\sample.wim`. */
  readonly path: string;
  /** The file that its group's images share, or its own path where there is none. */
  readonly resourcePath: string;
  readonly size: number;
  readonly images: readonly WimImageElement[];
}

/** Every image file of a RemInst tree. */
export interface ImageList {
  readonly files: readonly ImageFile[];
  /** Files that could not be read, and why. */
  readonly damaged: readonly { readonly path: string; readonly reason: string }[];
}

// A tree of image groups, not a file system: more than this is a mistake.
const MOST_FILES = 1000;
const SHARED_RESOURCES = 'Res.rwm';

/** Reads the image groups of a tree again whenever a file in them changed. */
export class ImageLister {
  readonly #root: string;
  readonly #folder: string;
  readonly #read = new Map<
    string,
    { readonly version: string; readonly images: readonly WimImageElement[] | string }
  >();

  /** `root`: the RemInst folder. */
  constructor(root: BootRoot) {
    this.#root = root.folder;
    this.#folder = path.join(root.folder, 'Images');
  }

  /** All image files, by group and name; empty for a tree without groups. */
  async list(): Promise<ImageList> {
    const files: ImageFile[] = [];
    const damaged: { path: string; reason: string }[] = [];
    for (const group of await folders(this.#folder)) {
      const names = (await readdir(path.join(this.#folder, group))).sort();
      const shared = names.find((name) => name.toLowerCase() === SHARED_RESOURCES.toLowerCase());
      for (const name of names.filter((other) => /\.wim$/i.test(other)).slice(0, MOST_FILES - files.length)) {
        const below = `Images\\${group}\\${name}`;
        const { size, images } = await this.#images(path.join(this.#folder, group, name), below);
        if (typeof images === 'string') damaged.push({ path: below, reason: images });
        else
          files.push({
            group,
            path: below,
            resourcePath: shared === undefined ? below : `Images\\${group}\\${shared}`,
            size,
            images,
          });
      }
    }
    return { files, damaged };
  }

  async #images(file: string, below: string): Promise<{ size: number; images: readonly WimImageElement[] | string }> {
    try {
      const found = await openConfined(this.#root, file, below);
      if ('refused' in found) return { size: 0, images: found.reason };
      await using handle = found.handle;
      const { size, mtimeMs, ino } = await handle.stat();
      const version = `${size} ${mtimeMs} ${ino}`;
      const before = this.#read.get(file);
      if (before?.version === version) return { size, images: before.images };
      const images = await readImages(handle);
      this.#read.set(file, { version, images });
      return { size, images };
    } catch (error) {
      // Unreadable since the folder was listed.
      return { size: 0, images: messageOf(error) };
    }
  }
}

/** The images in a WIM, by its header and XML data; or a text that says what is wrong with it. */
async function readImages(handle: FileHandle): Promise<readonly WimImageElement[] | string> {
  const header = decodeWimHeader(await bytesAt(handle, 0, WIM_HEADER_LENGTH));
  if (isMalformed(header)) return header.reason;
  const { size, offset } = header.xml;
  if (size > WIM_XML_LIMIT) return `its XML data has ${size} bytes, more than the ${WIM_XML_LIMIT} that are read`;
  const images = decodeWimImageElements(await bytesAt(handle, offset, size));
  return isMalformed(images) ? images.reason : images;
}

async function bytesAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

async function folders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
