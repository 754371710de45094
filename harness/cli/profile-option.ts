import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import type { Profile } from '../profiles/profile.ts';
import { profilesOf } from '../profiles/profile-file.ts';
import { PROFILES } from '../profiles/profiles.ts';
import { UsageError } from './usage-error.ts';

/** Profiles of `--profile FILE`, by which programs are judged before the bundled ones. Undefined without the option. */
export async function ownProfiles(files: readonly string[] | undefined): Promise<readonly Profile[] | undefined> {
  if (files === undefined) return undefined;
  const more: Profile[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      const bundled = PROFILES.find(({ name }) => name === file);
      if (bundled)
        throw new UsageError(
          `--profile: expected a file that \`pxewright profile\` wrote, got ${file}, the bundled profile of ${bundled.title}: each client's programs are known by their frames and judged by the bundled profiles already; a file with a profile of that name takes its place`,
        );
      throw new UsageError(
        `--profile: expected a file that \`pxewright profile\` wrote, got ${file}: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
    const document = parseDocument(text);
    const [wrong] = document.errors;
    if (wrong) throw new UsageError(`${file}: expected YAML, got ${wrong.message}`);
    more.push(...profilesOf(document.toJS(), file));
  }
  return more;
}
