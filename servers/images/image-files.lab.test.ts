import { execa } from 'execa';
import {
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Image groups and the verifier, with wimlib as witness: it reads the files that we write, and it wrote the files that
// the tests damage.

const program = (name: string) => path.join(import.meta.dirname, name);
const run = (name: string, ...args: string[]) => execa(process.execPath, [program(name), ...args], { reject: false });
const wimlib = (...args: string[]) => execa('wimlib-imagex', args, { reject: false, all: true });

let work: string;
const at = (...parts: string[]) => path.join(work, ...parts);

beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-images-'));
  const big = randomBytes(3_000_000);
  for (const name of ['base', 'office']) {
    await mkdir(at(name, 'system', 'deep'), { recursive: true });
    await writeFile(at(name, 'system', 'kernel'), big);
    await writeFile(at(name, 'system', 'deep', 'naïve 日本.txt'), 'the same in both\n');
    await writeFile(at(name, 'empty'), '');
    await symlink('system/kernel', at(name, 'link'));
  }
  await writeFile(at('office', 'office.bin'), randomBytes(500_000));
  await writeFile(at('office', 'text'), 'compresses well '.repeat(20_000));
  for (const [name, compression] of [
    ['base', 'none'],
    ['office', 'none'],
    ['office', 'lzx'],
    ['base', 'lzx'],
    ['office', 'xpress'],
  ] as const) {
    await execa('wimlib-imagex', [
      'capture',
      at(name),
      at(`${name}-${compression}.wim`),
      `${name} image`,
      `--compress=${compression}`,
      '--check',
      '--unix-data',
      '--threads=1',
      '--quiet',
    ]);
  }
  await execa('wimlib-imagex', ['capture', at('base'), at('solid.wim'), 'solid', '--solid', '--threads=1', '--quiet']);
});
afterAll(() => rm(work, { recursive: true, force: true }));

describe.each(['none', 'lzx'])('an image group, compression %s', (compression) => {
  const group = () => at(`group-${compression}`);
  const source = (name: string) => at(`${name}-${compression}.wim`);
  let added: Record<string, unknown>[];
  beforeAll(async () => {
    const results = [
      await run('add-to-group.ts', '--group', group(), source('base')),
      await run('add-to-group.ts', '--group', group(), `${source('office')}=office.wim`),
    ];
    added = results.map(({ stdout }) => JSON.parse(stdout) as Record<string, unknown>);
    await rename(path.join(group(), `base-${compression}.wim`), path.join(group(), 'base.wim'));
  });

  it('stores what two images share once', async () => {
    const [first, second] = added;
    expect(first?.['sharedBytes']).toBe(0);
    expect(second?.['sharedBytes']).toBeGreaterThan(3_000_000);
    const sizes = await Promise.all(
      [
        source('base'),
        source('office'),
        path.join(group(), 'Res.rwm'),
        path.join(group(), 'base.wim'),
        path.join(group(), 'office.wim'),
      ].map(async (file) => (await stat(file)).size),
    );
    const [base = 0, office = 0, shared = 0, baseOwn = 0, officeOwn = 0] = sizes;
    expect(baseOwn + officeOwn).toBeLessThan(10_000);
    expect(shared).toBeLessThan(base + office - 2_900_000);
    expect(shared).toBeGreaterThan(Math.max(base, office) - 10_000);
  });

  it('is a spanned set to wimlib: one part of folder trees, one of data, one GUID', async () => {
    const [image, shared] = await Promise.all(
      ['base.wim', 'Res.rwm'].map(async (name) => (await wimlib('info', path.join(group(), name))).stdout),
    );
    expect(image).toMatch(/Part Number: +1\/2/);
    expect(image).toMatch(/Attributes: .*Metadata only/);
    expect(shared).toMatch(/Part Number: +2\/2/);
    expect(shared).toMatch(/Attributes: .*Resource only/);
    expect(/GUID: .*/.exec(image ?? '')?.[0]).toBe(/GUID: .*/.exec(shared ?? '')?.[0]);
  });

  it('verifies with Res.rwm, and not without it', async () => {
    const ref = `--ref=${path.join(group(), 'Res.rwm')}`;
    for (const name of ['base', 'office']) {
      expect((await wimlib('verify', path.join(group(), `${name}.wim`), ref)).exitCode).toBe(0);
      expect((await wimlib('verify', path.join(group(), `${name}.wim`))).all).toContain('blob not found');
    }
    expect((await wimlib('verify', path.join(group(), 'Res.rwm'))).exitCode).toBe(0);
    const verified = await run('verify.ts', group());
    expect(verified.stdout).toContain('no problems in 3 image files');
    expect(verified.exitCode).toBe(0);
  });

  it('gives back the files that were captured', async () => {
    for (const name of ['base', 'office']) {
      const target = at(`applied-${compression}-${name}`);
      await execa('wimlib-imagex', [
        'apply',
        path.join(group(), `${name}.wim`),
        '1',
        target,
        `--ref=${path.join(group(), 'Res.rwm')}`,
        '--unix-data',
        '--quiet',
      ]);
      expect((await execa('diff', ['-r', '--no-dereference', at(name), target], { reject: false })).stdout).toBe('');
    }
  });

  it('is one file again when wimlib exports it', async () => {
    await execa('wimlib-imagex', [
      'export',
      path.join(group(), 'office.wim'),
      '1',
      at(`whole-${compression}.wim`),
      `--ref=${path.join(group(), 'Res.rwm')}`,
      '--quiet',
    ]);
    expect((await wimlib('verify', at(`whole-${compression}.wim`))).exitCode).toBe(0);
  });
});

describe('add-to-group', () => {
  it('makes the same group of the same images', async () => {
    for (const name of ['twin-1', 'twin-2'])
      await run('add-to-group.ts', '--group', at(name), at('base-none.wim'), at('office-none.wim'));
    for (const file of ['base-none.wim', 'office-none.wim', 'Res.rwm'])
      expect((await readFile(at('twin-1', file))).equals(await readFile(at('twin-2', file)))).toBe(true);
  });

  it.each([
    ['an image of a name that is there', ['base-none.wim'], 'expected no image of that name'],
    ['a solid file', ['solid.wim'], 'expected a WIM in which every file is a resource of its own, got a solid one'],
    ['a part of another set', ['group-none/base.wim=other.wim'], 'expected a whole WIM to add, got part 1 of 2'],
    ['a file that is cut', ['cut.wim'], 'wim-truncated'],
    [
      'another compression than the group has',
      ['office-lzx.wim', 'office-xpress.wim'],
      "expected the group's compression (LZX in chunks of 32768 bytes), got XPRESS",
    ],
  ])('refuses %s and changes nothing', async (_, images, message) => {
    await cp(at('twin-1'), at('refusing'), { recursive: true, force: true });
    const before = await readFile(at('refusing', 'Res.rwm'));
    await copyFile(at('office-none.wim'), at('cut.wim'));
    await truncate(at('cut.wim'), 100_000);
    const refused = await run('add-to-group.ts', '--group', at('refusing'), ...images.map((name) => at(name)));
    expect(refused.stderr).toContain(message);
    expect(refused.exitCode).toBe(1);
    expect((await readFile(at('refusing', 'Res.rwm'))).equals(before)).toBe(true);
    expect((await execa('ls', [at('refusing')])).stdout.split('\n')).toEqual([
      'Res.rwm',
      'base-none.wim',
      'office-none.wim',
    ]);
    await rm(at('refusing'), { recursive: true });
  });

  it('does not touch a group that another program changes', async () => {
    await writeFile(at('twin-2', 'Res.rwm.new'), '');
    const refused = await run('add-to-group.ts', '--group', at('twin-2'), `${at('base-none.wim')}=third.wim`);
    expect(refused.stderr).toContain('Res.rwm.new exists: another program is writing it');
    expect(refused.exitCode).toBe(1);
  });

  it('wants a folder and images', async () => {
    expect(await run('add-to-group.ts')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('expected --group FOLDER') as string,
    });
    expect(await run('add-to-group.ts', '--group', at('x'), 'image.iso')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('to end in .wim') as string,
    });
    expect((await run('add-to-group.ts', '--help')).stdout).toContain('example:');
  });
});

describe('images verify', () => {
  /** A copy of an image, changed. */
  async function damaged(name: string, from: string, change: (file: string) => Promise<unknown>): Promise<string> {
    const file = at('damaged', name);
    await mkdir(path.dirname(file), { recursive: true });
    await copyFile(at(from), file);
    await change(file);
    return file;
  }
  const flip = (offset: number) => async (file: string) => {
    const bytes = await readFile(file);
    bytes[offset] = (bytes[offset] ?? 0) ^ 0xff;
    await writeFile(file, bytes);
  };

  it.each([
    ['a cut file', 'office-none.wim', async (file: string) => truncate(file, 1_000_000), 'wim-truncated'],
    ['a changed byte of content', 'office-none.wim', flip(1_000_000), 'wim-integrity-mismatch'],
    ['a changed byte of compressed content', 'office-lzx.wim', flip(1_000_000), 'wim-integrity-mismatch'],
    ['another magic', 'office-none.wim', flip(3), 'wim-header-damaged'],
    ['an unfinished file', 'office-none.wim', flip(0x10), 'wim-write-in-progress'],
  ])('names %s, as wimlib finds something wrong too', async (name, from, change, problem) => {
    const file = await damaged(`${name}.wim`, from, change);
    const result = await run('verify.ts', '--json', file);
    expect(result.exitCode).toBe(1);
    const { files } = JSON.parse(result.stdout) as {
      files: { problems: { problem: string; expected: string; got: string; whatToDo: string }[] }[];
    };
    const [found] = files[0]?.problems ?? [];
    expect(found?.problem).toBe(problem);
    expect([found?.expected, found?.got, found?.whatToDo].every(Boolean)).toBe(true);
    expect((await wimlib('verify', file)).exitCode).not.toBe(0);
  });

  it('unpacks compressed content that no integrity table covers', async () => {
    await execa('wimlib-imagex', ['export', at('office-lzx.wim'), '1', at('unchecked.wim'), '--no-check', '--quiet']);
    expect((await run('verify.ts', at('unchecked.wim'))).exitCode).toBe(0);
    const file = await damaged('unchecked.wim', 'unchecked.wim', flip(4_000));
    const result = await run('verify.ts', file);
    expect(result.stdout).toContain('wim-content-damaged');
    expect(result.stdout).toContain('problems in 1 of 1 image file');
  });

  it('reads solid and split files', async () => {
    await execa('wimlib-imagex', ['split', at('office-none.wim'), at('split.swm'), '1', '--quiet']);
    await mkdir(at('split'));
    for (const name of ['split.swm', 'split2.swm', 'split3.swm']) await rename(at(name), at('split', name));
    const whole = await run('verify.ts', at('solid.wim'), at('split'));
    expect(whole.stdout).not.toContain('BAD');
    expect(whole.exitCode).toBe(0);
    await rm(at('split', 'split3.swm'));
    expect((await run('verify.ts', at('split', 'split.swm'))).stdout).toMatch(
      /wim-resources-missing at offset 40: expected all 3 parts .* got no part 3/,
    );
  });

  it("names a group without its Res.rwm, with another group's, and with data that was never added", async () => {
    const problemOf = async (folder: string) => (await run('verify.ts', path.join(folder, 'office.wim'))).stdout;
    for (const name of ['without', 'mixed', 'older']) await cp(at('group-none'), at(name), { recursive: true });
    await rm(at('without', 'Res.rwm'));
    expect(await problemOf(at('without'))).toContain(
      'wim-resources-missing at offset 40: expected all 2 parts of the set in this folder',
    );
    await run('add-to-group.ts', '--group', at('foreign'), at('office-lzx.wim'));
    await copyFile(at('foreign', 'Res.rwm'), at('mixed', 'Res.rwm'));
    expect(await problemOf(at('mixed'))).toContain('wim-resources-foreign at offset 24');
    await run('add-to-group.ts', '--group', at('first'), at('base-none.wim'));
    await copyFile(at('first', 'Res.rwm'), at('older', 'Res.rwm'));
    expect(await problemOf(at('older'))).toMatch(
      /wim-resources-missing: expected all \d+ resources of other parts in .*Res\.rwm, got 2 are not there/,
    );
  });

  it('says how it is used', async () => {
    expect((await run('verify.ts', '--help')).stdout).toContain(
      'Exit: 0 no problems, 1 problems found, 3 unusable input.',
    );
    expect(await run('verify.ts')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('expected image files or folders, got none') as string,
    });
    expect(await run('verify.ts', at('nowhere'))).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('got nothing of that name') as string,
    });
    expect(await run('verify.ts', at('base'))).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('got none') as string,
    });
    expect(await run('verify.ts', '--architecture', 'vax', at('solid.wim'))).toMatchObject({ exitCode: 3 });
  });
});
