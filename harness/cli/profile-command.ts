import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { fileOf } from '../profiles/profile-file.ts';
import { recordProfiles } from '../record/record-profile.ts';
import { STANDARD_INPUT } from '../run/open-capture.ts';
import { EXIT } from './exit-codes.ts';
import { assertFileCanBeMade } from './out-folder.ts';
import { assertReadable } from './readable-capture.ts';
import { withProgress } from './shown-progress.ts';
import { UsageError } from './usage-error.ts';

export interface ProfileCommandOptions {
  readonly client?: string;
  readonly output?: string;
  readonly name: string;
  readonly json?: boolean;
}

/** `pxewright profile`: what a capture shows of a client's programs, as a file that `replay --profile` reads. */
export async function profileCommand(capture: string, options: ProfileCommandOptions): Promise<number> {
  const { output, name } = options;
  if (capture === STANDARD_INPUT)
    throw new UsageError('-: expected a capture file, which is read more than once: save what comes to one first');
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
    throw new UsageError(`--name: expected small letters, digits and dashes, got "${name}"`);
  assertReadable(capture);
  if (output !== undefined) await assertFileCanBeMade('-o', resolve(output));
  const profiles = await withProgress(() => recordProfiles(capture, options));
  const file = fileOf(profiles);
  const text = options.json ? `${JSON.stringify(file, null, 2)}\n` : stringify(file, { lineWidth: 0 });
  if (output === undefined) {
    process.stdout.write(text);
    return EXIT.passed;
  }
  await writeFile(output, text);
  process.stdout.write(`${output}: ${profiles.map(({ title, about }) => `${title} (${about})`).join('; ')}\n`);
  return EXIT.passed;
}
