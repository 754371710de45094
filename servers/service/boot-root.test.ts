import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBootName } from './boot-name.ts';
import { BootRoot } from './boot-root.ts';

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
  root = await BootRoot.open(join(base, 'root'));
});
afterAll(() => rm(base, { recursive: true }));

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
    expect(await root.find(name)).toEqual({ path: join(base, 'root/Boot/x86/WdsNBP.com') });
  });

  it('prefers the exact spelling, else the first in byte order, where names differ only in case', async () => {
    expect(await root.find('readme')).toEqual({ path: join(base, 'root/readme') });
    expect(await root.find('Readme')).toEqual({ path: join(base, 'root/Readme') });
    expect(await root.find('rEADME')).toEqual({ path: join(base, 'root/README') });
  });

  it('takes percent signs as they are and accents in any composition', async () => {
    expect(await root.find('a%20b')).toHaveProperty('path');
    expect(await root.find('a b')).toMatchObject({ refused: 'not-found' });
    expect(await root.find('ÉTÉ.txt'.normalize('NFC'))).toHaveProperty('path');
  });

  it('sees a file that appeared after the folder was listed', async () => {
    expect(await root.find('boot/late')).toMatchObject({ refused: 'not-found' });
    await writeFile(join(base, 'root/Boot/Late'), '');
    expect(await root.find('boot/late')).toHaveProperty('path');
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
    expect(await root.find(name)).toMatchObject({ refused });
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
        const found = await root.find(pieces.join(''));
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
