import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBootName } from './boot-name.ts';
import { BootRoot } from './boot-root.ts';
import type { Refused } from './confined-file.ts';

let base = '';
let root: BootRoot;

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'boot-root-')));
  await mkdir(join(base, 'root/Boot/x86'), { recursive: true });
  await writeFile(join(base, 'secret'), 'outside');
  for (const file of ['Boot/x86/WdsNBP.com', 'readme', 'README', 'Readme', 'a%20b', 'été.txt'.normalize('NFD')])
    await writeFile(join(base, 'root', file), file);
  await symlink(join(base, 'secret'), join(base, 'root/leak'));
  await symlink(base, join(base, 'root/up'));
  await symlink('Boot', join(base, 'root/alias'));
  await symlink('nowhere', join(base, 'root/broken'));
  await symlink('leak', join(base, 'root/chain'));
  await symlink('../../secret', join(base, 'root/Boot/relative'));
  await symlink('../readme', join(base, 'root/Boot/sibling'));
  await symlink(join(base, 'root/Boot/sibling'), join(base, 'root/absolute'));
  await symlink('loop', join(base, 'root/loop'));
  execFileSync('mkfifo', [join(base, 'root/fifo')]);
  await symlink('fifo', join(base, 'root/to-fifo'));
  await symlink('/dev/zero', join(base, 'root/zero'));
  root = await BootRoot.open(join(base, 'root'));
});
afterAll(() => rm(base, { recursive: true }));

/** Where a name leads, or why nowhere. */
async function find(name: string): Promise<{ readonly path: string } | Refused> {
  const found = await root.open(name);
  if ('refused' in found) return found;
  await found.handle.close();
  return { path: found.path };
}

describe('names as clients write them', () => {
  it.each([
    'boot\\x86\\wdsnbp.com',
    '/BOOT/X86/wdsnbp.COM',
    '//boot//x86/./wdsnbp.com',
    'C:\\boot\\x86\\wdsnbp.com',
    '\\\\boot/x86\\wdsnbp.com',
    'boot/x86/../x86/wdsnbp.com',
    'ALIAS/x86/wdsnbp.com',
  ])('finds %s', async (name) => {
    expect(await find(name)).toEqual({ path: join(base, 'root/Boot/x86/WdsNBP.com') });
  });

  it('prefers the exact spelling, else the first in byte order, where names differ only in case', async () => {
    expect(await find('readme')).toEqual({ path: join(base, 'root/readme') });
    expect(await find('Readme')).toEqual({ path: join(base, 'root/Readme') });
    expect(await find('rEADME')).toEqual({ path: join(base, 'root/README') });
  });

  it('takes percent signs as they are and accents in any composition', async () => {
    expect(await find('a%20b')).toHaveProperty('path');
    expect(await find('a b')).toMatchObject({ refused: 'not-found' });
    expect(await find('ÉTÉ.txt'.normalize('NFC'))).toHaveProperty('path');
  });

  it('sees a file that appeared after the folder was listed', async () => {
    expect(await find('boot/late')).toMatchObject({ refused: 'not-found' });
    await writeFile(join(base, 'root/Boot/Late'), '');
    expect(await find('boot/late')).toHaveProperty('path');
  });
});

describe('confinement', () => {
  it.each([
    ['../secret', 'forbidden'],
    ['boot/../../secret', 'forbidden'],
    ['C:\\..\\secret', 'forbidden'],
    ['leak', 'forbidden'],
    ['up/secret', 'forbidden'],
    ['boot\0', 'forbidden'],
    ['', 'forbidden'],
    ['boot', 'forbidden'],
    ['broken', 'not-found'],
    ['readme/x', 'not-found'],
    ['x'.repeat(300), 'not-found'],
    ['x'.repeat(5000), 'forbidden'],
    ['..%2fsecret', 'not-found'],
  ])('refuses %j', async (name, refused) => {
    expect(await find(name)).toMatchObject({ refused });
  });

  it.each([
    ['leak', 'leak leads out of the root folder by a link'],
    ['chain', 'chain leads out of the root folder by a link'],
    ['boot\\RELATIVE', 'Boot/relative leads out of the root folder by a link'],
    ['up/secret', 'up leads out of the root folder by a link'],
    ['up/nothing', 'up leads out of the root folder by a link'],
    ['zero', 'zero leads out of the root folder by a link'],
    ['fifo', 'fifo is a FIFO, and only files are served'],
    ['to-fifo', 'to-fifo is a FIFO, and only files are served'],
    ['boot', 'Boot is a folder, and only files are served'],
  ])('says why %s is forbidden', async (name, reason) => {
    expect(await find(name)).toEqual({ refused: 'forbidden', reason });
  });

  it.each([
    ['broken', 'broken is a dangling link'],
    ['broken/x', 'broken is a dangling link'],
    ['loop', 'loop is a link that leads to itself'],
    ['readme/x', 'readme is not a folder'],
  ])('says why %s is not found', async (name, reason) => {
    expect(await find(name)).toEqual({ refused: 'not-found', reason });
  });

  it.each(['boot/sibling', 'absolute'])('follows %s, which stays inside', async (name) => {
    expect(await find(name)).toEqual({ path: join(base, 'root/readme') });
  });

  it('refuses a link that takes the place of a file, however often they change places', async () => {
    const place = join(base, 'root/place');
    const exchanging = { over: false };
    const exchange = (async () => {
      while (!exchanging.over) {
        await symlink(join(base, 'secret'), join(base, 'root/next'));
        await rename(join(base, 'root/next'), place);
        await writeFile(join(base, 'root/next'), 'inside');
        await rename(join(base, 'root/next'), place);
      }
    })();
    const read = new Set<string>();
    for (let reads = 0; reads < 50; ) {
      const found = await root.open('place');
      if ('refused' in found) continue;
      read.add(await found.handle.readFile('utf8'));
      await found.handle.close();
      reads++;
    }
    exchanging.over = true;
    await exchange;
    expect([...read]).toEqual(['inside']);
  });

  it('resolves no name whatever to anything outside the root', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '\\',
        'up',
        'leak',
        'boot',
        'alias',
        'x86',
        'secret',
        'C:',
        '\0',
        '%2e%2e',
        '%2f',
        '․․',
        '／',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 10 }), async (pieces) => {
        const found = await find(pieces.join(''));
        if ('path' in found) expect((await realpath(found.path)).startsWith(join(base, 'root') + sep)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('reads every name into parts that stay below', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const read = readBootName(name);
        if ('parts' in read) for (const part of read.parts) expect(part).not.toMatch(/^(\.{0,2})$|[/\\\0]/);
      }),
    );
  });
});

describe('a root that cannot be served', () => {
  it.each([
    ['root/readme', 'root: expected a folder, got ROOT/root/readme, which is a file'],
    ['root/fifo', 'root: expected a folder, got ROOT/root/fifo, which is a FIFO'],
    [
      'root/broken',
      'root: expected a folder that can be read, got a path that gives none: ROOT/root/broken is a dangling link',
    ],
    ['nowhere', 'root: expected a folder that can be read, got a path that gives none: ROOT/nowhere does not exist'],
  ])('%s is refused in a sentence', async (path, message) => {
    await expect(BootRoot.open(join(base, path))).rejects.toThrow(message.replace('ROOT', base));
  });
});
