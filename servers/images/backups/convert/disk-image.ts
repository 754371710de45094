import { execa } from 'execa';
import { stat } from 'node:fs/promises';
import { notRun } from '../programs.ts';
import { formatNamed, type FormatName } from './formats.ts';

/** An image that does not hold the disk that it was made of. */
export class ImageDiffersError extends Error {
  override readonly name = 'ImageDiffersError';
}

interface Watched {
  /** Hears percent. */
  readonly onProgress?: ((percent: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How an image is written. */
interface Kind {
  readonly format: FormatName;
  readonly variant: string;
}

/** Makes an image of a raw disk. */
export async function makeImage(
  raw: string,
  image: string,
  { format, variant }: Kind,
  watched: Watched = {},
): Promise<void> {
  const { driver, variants } = formatNamed(format);
  const options = variants.find(({ name }) => name === variant)?.options;
  const how = ['-O', driver, ...(options === undefined ? [] : ['-o', options])];
  await qemuImg(['convert', '-p', '-f', 'raw', ...how, raw, image], watched);
}

/**
 * Has an image checked where qemu-img can, and compared with the raw disk that it was made of: the same size, and the same
 * bytes. Throws `ImageDiffersError`.
 */
export async function verifyImage(
  raw: string,
  image: string,
  format: FormatName,
  watched: Watched = {},
): Promise<void> {
  const { driver, isChecked } = formatNamed(format);
  const { signal } = watched;
  if (isChecked) await qemuImg(['check', '-q', '-f', driver, image], { signal });
  const { size } = await stat(raw);
  const held = await virtualBytes(image, driver, signal);
  if (held !== size) throw new ImageDiffersError(`${image}: expected a disk of ${size} bytes in it, got ${held}`);
  await qemuImg(['compare', '-p', '-f', 'raw', '-F', driver, raw, image], {
    ...watched,
    one: `${image}: expected the bytes of the disk in it, got others`,
  });
}

/** Size of the disk that an image holds. */
async function virtualBytes(image: string, driver: string, signal: AbortSignal | undefined): Promise<number> {
  const { stdout } = await qemuImg(['info', '--output', 'json', '-f', driver, image], { signal });
  return (JSON.parse(stdout) as { readonly 'virtual-size': number })['virtual-size'];
}

async function qemuImg(
  args: readonly string[],
  { onProgress, signal, one }: Watched & { /** What exit status 1 means. */ readonly one?: string },
): Promise<{ readonly stdout: string }> {
  const run = execa('qemu-img', args, {
    reject: false,
    stdin: 'ignore',
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  run.stdout.on('data', (text: Buffer) => {
    // `    (12.34/100%)`, again and again on one line.
    const percent = /\((\d+(?:\.\d+)?)\/100%\)\s*$/.exec(text.toString('latin1'))?.[1];
    if (percent !== undefined) onProgress?.(Number(percent));
  });
  const { exitCode, stdout, stderr, shortMessage } = await run;
  signal?.throwIfAborted();
  if (exitCode === 0) return { stdout };
  if (exitCode === 1 && one !== undefined)
    throw new ImageDiffersError(`${one} (${/[^)]*$/.exec(stdout)?.[0].trim() ?? ''})`);
  if (exitCode === undefined) throw notRun('qemu-img', shortMessage ?? '');
  throw new Error(`qemu-img ${args[0] ?? ''} ended with exit status ${exitCode}: ${stderr.trim()}`);
}
