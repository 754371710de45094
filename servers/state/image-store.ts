import path from 'node:path';
import * as z from 'zod';
import { StateFile } from './state-file.ts';

const line = z
  .string('expected text')
  .regex(/^\P{Cc}{1,255}$/u, 'expected 1 to 255 characters without control characters');

/** Path of an image below the share, as clients ask for it: `Images\Linux\sample.wim`. Slashes become backslashes. */
export const imagePath = z
  .string('expected a path below the share')
  .transform((text) => text.replaceAll('/', '\\'))
  .refine(
    (text) => /^(?!\\)[^\p{Cc}<>:"|?*]{1,255}$/u.test(text) && !text.split('\\').some((part) => /^\.{0,2}$/.test(part)),
    String.raw`expected a path below the share such as Images\Linux\sample.wim`,
  );

/** The administrator's decisions about one image file. A file without an entry is enabled. */
export const imageEntrySchema = z
  .strictObject({
    path: imagePath,
    /** A disabled image stays in the store and is offered to nobody. */
    enabled: z.boolean('expected true or false'),
    /** Shown instead of the name in the WIM's XML. */
    name: line.exactOptional(),
    /** Shown instead of the description in the WIM's XML. */
    description: line.exactOptional(),
    /** When the image was added by a command; absent for one that was there from the start. */
    addedAt: z.iso.datetime('expected a time such as 2026-11-24T12:00:00.000Z').exactOptional(),
  })
  .readonly();
export type ImageEntry = z.output<typeof imageEntrySchema>;

const fileSchema = z.strictObject({
  schema: z.literal(1, 'expected 1, the only format that this version knows'),
  images: z.array(imageEntrySchema).readonly(),
});

/** What an administrator decided about the images of a deployment server; one file beside `devices.json`. */
export interface ImageStore {
  /** All entries, as they are now. Throws `StateFileError` when the file is damaged. */
  images(): readonly ImageEntry[];
  /**
   * The entry of an image; one that is enabled when there is none. Throws `StateFileError` when the file is damaged.
   */
  find(path: string): ImageEntry;
  /**
   * Changes them, atomically among all processes; `change` gets the newest and is pure. Returns what is then stored.
   */
  update(change: (images: readonly ImageEntry[]) => readonly ImageEntry[]): Promise<readonly ImageEntry[]>;
}

/**
 * Opens the image decisions of a state folder. Neither the folder nor `images.json` in it need exist: both are made by
 * the first change.
 */
export function openImageStore(folder: string): ImageStore {
  const file = new StateFile(path.join(folder, 'images.json'), fileSchema, { schema: 1, images: [] });
  return {
    images: () => file.read().images,
    find: (wanted) => findImage(file.read().images, wanted),
    update: async (change) => (await file.update(({ images }) => ({ schema: 1, images: change(images) }))).images,
  };
}

/**
 * The entry of an image, whatever case and slash its path is written with (SMB has neither); one that is enabled when
 * there is none.
 */
export function findImage(images: readonly ImageEntry[], wanted: string): ImageEntry {
  return images.find((image) => sameImage(image.path, wanted)) ?? { path: wanted.replaceAll('/', '\\'), enabled: true };
}

/** Whether two paths name the same image. */
export function sameImage(one: string, other: string): boolean {
  const key = (text: string): string => text.replaceAll('/', '\\').toLowerCase();
  return key(one) === key(other);
}
