import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import type { Profile } from '../profiles/profile.ts';
import { profilesOf, withProfiles } from '../profiles/profile-file.ts';
import { PROFILES } from '../profiles/profiles.ts';
import { UsageError } from './usage-error.ts';

/** The profiles to judge by: those of `--profile FILE`, and the bundled ones. Undefined without the option. */
export async function profilesFrom(files: readonly string[] | undefined): Promise<readonly Profile[] | undefined> {
  if (files === undefined) return undefined;
  const more: Profile[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw new UsageError(
        `--profile: expected a file that \`pxewright profile\` wrote, got ${file}: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
    const document = parseDocument(text);
    const [wrong] = document.errors;
    if (wrong) throw new UsageError(`${file}: expected YAML, got ${wrong.message}`);
    more.push(...profilesOf(document.toJS(), file));
  }
  return withProfiles(PROFILES, more);
}
