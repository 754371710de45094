import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ManagementError } from '../../../state/management-error.ts';
import { runProgram } from '../programs.ts';

/** Of a member of a ustar archive, the format that OVF packages have (DMTF DSP0243 1.1, section 5.2). */
const MOST_MEMBER_BYTES = 8 * 2 ** 30 - 1;

/** Writes the package's manifest: the SHA-256 of each file (DSP0243, section 5.1). Returns its name. */
export async function writeManifest(folder: string, name: string, files: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const file of files) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path.join(folder, file)), hash);
    lines.push(`SHA256(${file})= ${hash.digest('hex')}\n`);
  }
  await writeFile(path.join(folder, `${name}.mf`), lines.join(''));
  return `${name}.mf`;
}

/** Packs files of a folder into one archive, the envelope first, and removes them. Returns its name. */
export async function packOva(
  folder: string,
  name: string,
  files: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  for (const file of files) {
    const { size } = await stat(path.join(folder, file));
    if (size > MOST_MEMBER_BYTES)
      throw new ManagementError(
        `--ova: expected files of less than 8 GiB, got ${file} of ${size} bytes; without --ova they stay apart`,
      );
  }
  const as = ['--format=ustar', '--owner=0', '--group=0', '--numeric-owner', '--mode=0644'];
  await runProgram('tar', ['--create', ...as, `--file=${name}.ova`, ...files], { cwd: folder, signal });
  for (const file of files) await rm(path.join(folder, file));
  return `${name}.ova`;
}
