import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { windowsArchitectureName } from '../../../harness/protocols/wim/wire/architectures.ts';
import type { WimImage } from '../../../harness/protocols/wim/wire/xml.ts';
import { ManagementError } from '../../state/management-error.ts';
import { findImage, sameImage, type ImageEntry } from '../../state/image-store.ts';
import { verifyWim } from '../wim/verify-wim.ts';
import type { WimProblem } from '../wim/problem.ts';

/** One image file of the store, with the facts from its header and the administrator's decisions. */
export interface ListedImage {
  /** Below the share: `Images\Linux\sample.wim`. */
  readonly path: string;
  /** `boot` below Boot, `install` below Images. */
  readonly kind: 'boot' | 'install';
  readonly bytes: number;
  readonly enabled: boolean;
  /** As clients see it: the administrator's, else the WIM's own. */
  readonly name: string;
  readonly description?: string | undefined;
  readonly addedAt?: string | undefined;
  /** The images in the file. */
  readonly images: readonly {
    readonly index: number;
    readonly name: string;
    readonly architecture?: string | undefined;
  }[];
  /** What a look at header and tables found wrong; `verify` reads the content, too. */
  readonly problems: readonly WimProblem[];
}

/** Every image file below the root of a RemInst tree, by path. */
export async function listImages(root: string, entries: readonly ImageEntry[]): Promise<ListedImage[]> {
  const paths = await imagePaths(root);
  return Promise.all(paths.map((file) => listed(root, file, findImage(entries, file))));
}

/**
 * The path of the one image that a person names, by its path below the share, or by its file name where that is unique.
 */
export async function namedImage(root: string, text: string): Promise<string> {
  const paths = await imagePaths(root);
  const byPath = paths.filter((file) => sameImage(file, text));
  const found = byPath.length > 0 ? byPath : paths.filter((file) => sameImage(path.win32.basename(file), text));
  const [first, second] = found;
  if (second !== undefined)
    throw new ManagementError(
      `expected the path of one image, got ${JSON.stringify(text)}, which means several: ${found.join(', ')}`,
    );
  if (first === undefined)
    throw new ManagementError(
      `expected the path of an image in the store, got ${JSON.stringify(text)} (${paths.length === 0 ? 'it has none' : `it has: ${paths.join(', ')}`})`,
    );
  return first;
}

/** Where an image is on this host. */
export function fileOf(root: string, imagePath: string): string {
  return path.join(root, ...imagePath.split('\\'));
}

async function imagePaths(root: string): Promise<string[]> {
  const kinds = await readdir(root).catch((error: unknown) => {
    throw new ManagementError(
      `expected the root of a RemInst tree, got ${root} (${error instanceof Error ? error.message : String(error)})`,
    );
  });
  const found = await Promise.all(
    kinds
      .filter((kind) => /^(images|boot)$/i.test(kind))
      .map(async (kind) => {
        const files = await readdir(path.join(root, kind), { recursive: true });
        return files
          .filter((file) => /\.wim$/i.test(file))
          .map((file) => path.win32.join(kind, file.replaceAll('/', '\\')));
      }),
  );
  return found.flat().toSorted();
}

async function listed(root: string, imagePath: string, entry: ImageEntry): Promise<ListedImage> {
  const file = fileOf(root, imagePath);
  const [{ size }, { images, problems }] = await Promise.all([stat(file), verifyWim(file, { quick: true })]);
  const [first] = images;
  const description = entry.description ?? first?.description;
  return {
    path: imagePath,
    kind: /^boot\\/i.test(imagePath) ? 'boot' : 'install',
    bytes: size,
    enabled: entry.enabled,
    name: entry.name ?? first?.name ?? '',
    description,
    addedAt: entry.addedAt,
    images: images.map(summary),
    problems,
  };
}

function summary({ index, name, architecture }: WimImage): ListedImage['images'][number] {
  return {
    index,
    name,
    architecture: architecture === undefined ? undefined : windowsArchitectureName(architecture),
  };
}
