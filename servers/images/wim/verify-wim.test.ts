import fc from 'fast-check';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallWim, type WimChanges } from './testing/small-wim.ts';
import { verifyWim } from './verify-wim.ts';

let work: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-verify-'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

async function verified(bytes: Uint8Array, name = 'image.wim', architecture?: string) {
  const file = path.join(work, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return verifyWim(file, architecture === undefined ? {} : { architecture });
}

describe('verifyWim', () => {
  it('finds nothing wrong with a good file, and tells its images', async () => {
    expect(await verified(smallWim())).toMatchObject({
      problems: [],
      images: [{ index: 1, name: 'one', architecture: 9 }],
    });
  });

  const changes: [string, WimChanges, string, object][] = [
    ['is being written', { header: ({ flags }) => ({ flags: flags | 0x40 }) }, 'wim-write-in-progress', { offset: 16 }],
    [
      'boots an image that it does not have',
      { header: () => ({ bootIndex: 2 }) },
      'wim-header-damaged',
      { offset: 0x78 },
    ],
    [
      'is part 3 of 2',
      { header: () => ({ partNumber: 3, totalParts: 2 }) },
      'wim-header-damaged',
      { offset: 0x28, got: 'part 3 of 2' },
    ],
    [
      'has chunks of 3 bytes',
      { header: ({ flags }) => ({ flags: flags | 2, chunkSize: 3 }) },
      'wim-header-damaged',
      { offset: 0x14 },
    ],
    ['counts an image too many', { header: () => ({ imageCount: 2 }) }, 'wim-image-count', { got: '1 in the list' }],
    ['lists no images', { xml: '<WIM></WIM>' }, 'wim-image-count', {}],
    ['has XML that is cut', { xml: '<WIM><IMAGE' }, 'wim-xml-damaged', {}],
    [
      'has a table of 51 bytes',
      { header: ({ blobTable }) => ({ blobTable: { ...blobTable, size: 51, originalSize: 51 } }) },
      'wim-table-damaged',
      { got: '51 bytes' },
    ],
    [
      'claims a table of 2^52 bytes',
      { header: ({ blobTable }) => ({ blobTable: { ...blobTable, size: 2 ** 52, originalSize: 2 ** 52 } }) },
      'wim-header-damaged',
      {},
    ],
    [
      'has its table within its header',
      { header: ({ blobTable }) => ({ blobTable: { ...blobTable, offset: 100 } }) },
      'wim-header-damaged',
      { got: 'offset 100' },
    ],
    ['has a table after its end', { header: ({ xml }) => ({ xml: { ...xml, offset: 2 ** 40 } }) }, 'wim-truncated', {}],
    [
      'has a table over another',
      { header: ({ xml, blobTable }) => ({ xml: { ...xml, offset: blobTable.offset + 10 } }) },
      'wim-resources-overlap',
      {},
    ],
    [
      'refers to data after its end',
      {
        blobs: ([tree, ...files]) =>
          [tree, ...files.map((blob) => ({ ...blob, resource: { ...blob.resource, offset: 2 ** 45 } }))].flatMap(
            (one) => one ?? [],
          ),
      },
      'wim-resource-outside',
      {},
    ],
    [
      'refers twice to the same bytes',
      { blobs: (all) => [...all, ...all.slice(1, 2).map((blob) => ({ ...blob, sha1: 'a'.repeat(40) }))] },
      'wim-resources-overlap',
      {},
    ],
    [
      'refers to its own table',
      {
        blobs: (all) => [
          ...all,
          ...all.slice(1, 2).map((blob) => ({
            ...blob,
            resource: { ...blob.resource, offset: 208 + 4064, size: 100, originalSize: 100 },
          })),
        ],
      },
      'wim-resources-overlap',
      {},
    ],
    [
      'stores more than there is',
      { blobs: (all) => all.map((blob) => ({ ...blob, resource: { ...blob.resource, originalSize: 5 } })) },
      'wim-table-damaged',
      {},
    ],
    ['has no folder tree', { blobs: (all) => all.slice(1) }, 'wim-metadata-missing', { got: '0 in the blob table' }],
    [
      'holds other data than its table says',
      { blobs: (all) => all.map((blob) => ({ ...blob, sha1: 'b'.repeat(40) })) },
      'wim-content-damaged',
      { offset: 208 },
    ],
    [
      'keeps its files in a part that is not there',
      { header: () => ({ flags: 0x20, totalParts: 2 }) },
      'wim-resources-missing',
      { got: 'no part 2' },
    ],
  ];
  it.each(changes)('names what is wrong with a file that %s', async (_, change, problem, where) => {
    const { problems } = await verified(smallWim(change), 'alone/changed.wim');
    expect(problems).toContainEqual(expect.objectContaining({ problem, ...where }));
  });

  it('knows a file that was cut at any place', async () => {
    const whole = smallWim();
    for (let length = 0; length < whole.length; length += 97) {
      const { problems } = await verified(whole.subarray(0, length), 'cut.wim');
      expect(problems.map(({ problem }) => problem)).toContain('wim-truncated');
    }
  });

  it('wants a boot image to be for the architecture of its folder', async () => {
    expect((await verified(smallWim(), 'Boot/x64/Images/boot.wim')).problems).toEqual([]);
    expect((await verified(smallWim(), 'Boot/x86/Images/boot.wim')).problems).toMatchObject([
      { problem: 'wim-wrong-architecture', expected: 'an image for x86', got: 'image 1 (one) is for x64' },
    ]);
    expect((await verified(smallWim(), 'Images/Group/image.wim', 'arm64')).problems).toMatchObject([
      { problem: 'wim-wrong-architecture' },
    ]);
  });

  it('says of a folder and of nothing that they cannot be read', async () => {
    expect((await verifyWim(work)).problems).toMatchObject([
      { problem: 'wim-unreadable', got: expect.stringMatching(/folder|EISDIR/) as string },
    ]);
    expect((await verifyWim(path.join(work, 'nowhere.wim'))).problems).toMatchObject([{ problem: 'wim-unreadable' }]);
  });

  it('survives every hostile file, with bounded memory and a problem for every changed byte of a table', {
    timeout: 60_000,
  }, async () => {
    const whole = smallWim();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.oneof(fc.nat(207), fc.integer({ min: 4272, max: whole.length - 1 })), fc.nat(255)), {
          minLength: 1,
          maxLength: 12,
        }),
        async (bytes) => {
          const changed = Buffer.from(whole);
          for (const [at, value] of bytes) changed[at] = value;
          const { problems } = await verified(changed, 'hostile.wim');
          for (const { problem, expected, got } of problems)
            expect([problem, expected, got].every((text) => text.length > 0)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => {
        const { problems } = await verified(bytes, 'noise.wim');
        expect(problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
  });
});
