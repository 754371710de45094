import { execa } from 'execa';
import { lstat, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { facts, sha1Of, timeText, type FactTree } from './file-facts.ts';

/** mtools looks for no other disk, and takes a file for what it is. */
const ENVIRONMENT = { MTOOLSRC: '/dev/null', MTOOLS_SKIP_CHECK: '1', TZ: 'UTC', LC_ALL: 'C.UTF-8' } as const;

const ATTRIBUTES: Readonly<Record<string, string>> = { R: 'readonly', H: 'hidden', S: 'system', A: 'archive' };

/** What a FAT holds of its files: content, attributes, time of the last change. Only its bytes tell of the other times. */
export async function fatFacts(file: string, scratch: string): Promise<FactTree> {
  const folder = await mkdtemp(path.join(scratch, 'fat-'));
  const { stdout } = await execa('mattrib', ['-/', '-i', file, '::'], { env: ENVIRONMENT });
  const listed = stdout.split('\n').flatMap((line) => {
    const [, letters, name] = /^(.{0,13}?)\s*::(\/.*)$/.exec(line) ?? [];
    return name === undefined || name === '/' ? [] : [{ name, letters: letters ?? '' }];
  });
  if (listed.length > 0)
    await execa('mcopy', ['-i', file, '-s', '-n', '-m', '-Q', '::/*', folder], { env: ENVIRONMENT });
  const tree = new Map<string, ReturnType<typeof facts>>();
  for (const { name, letters } of listed) {
    const copy = path.join(folder, name);
    const entry = await lstat(copy);
    const set = Object.entries(ATTRIBUTES).flatMap(([letter, word]) => (letters.includes(letter) ? [word] : []));
    tree.set(
      name,
      facts(entry.isDirectory() ? 'folder' : 'file', {
        attributes: set.join(', ') || 'none',
        ...(entry.isDirectory()
          ? {}
          : {
              size: `${entry.size} bytes`,
              'SHA-1': await sha1Of(copy),
              changed: timeText(Math.floor(entry.mtimeMs / 1000), 0, 1),
            }),
      }),
    );
  }
  await rm(folder, { recursive: true, force: true });
  return tree;
}
