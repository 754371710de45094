import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackupManifest } from '../../backup-store/manifest.ts';
import { makeDisk, makeStore, writeBackup, type TestStore } from '../../backup-store/testing/written-backup.ts';
import { convertBackup, type ConvertOptions } from './convert-backup.ts';
import { makeImage, verifyImage } from './disk-image.ts';

const MIB = 2 ** 20;
const LIBVIRT_SCHEMA = '/usr/share/libvirt/schemas/domain.rng';
const READER = path.join(import.meta.dirname, 'testing', 'read_image.py');

let root: string;
let store: TestStore;
let manifest: BackupManifest;
let disk: { readonly bytes: number; readonly sha256: string };
const inRoot = (...names: string[]): string => path.join(root, ...names);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-convert-'));
  store = await makeStore(inRoot('store'));
  await writeFile(inRoot('fat'), '');
  await truncate(inRoot('fat'), 5 * MIB);
  await execa('busybox', ['mkdosfs', inRoot('fat')]);
  await writeFile(inRoot('raw'), Buffer.alloc(3 * MIB, 'raw '));
  await makeDisk(inRoot('disk'), 'dos', [{ file: inRoot('fat') }, { file: inRoot('raw') }]);
  // Neither whole MiB nor whole cylinders, to which formats round.
  await truncate(inRoot('disk'), 11 * MIB + 3 * 512);
  manifest = await writeBackup(store, { client: 'pc', id: '20261128T111500Z', disk: inRoot('disk'), firmware: 'uefi' });
  const bytes = await readFile(inRoot('disk'));
  disk = { bytes: bytes.length, sha256: sha256(bytes) };
}, 240_000);
afterAll(() => rm(root, { recursive: true, force: true }));

/** Size and SHA-256 of the disk in an image, by a reader of libyal's (Debian's Python). */
async function seenBy(module: string, image: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const { stdout } = await execa('/usr/bin/python3', [READER, module, image]);
  const [bytes, digest = ''] = stdout.split('\n');
  return { bytes: Number(bytes), sha256: digest };
}

async function converted(name: string, options: ConvertOptions): Promise<string[]> {
  const { files } = await convertBackup(store, manifest, inRoot(name), options);
  expect(files.every((file) => path.isAbsolute(file))).toBe(true);
  return files.map((file) => path.relative(inRoot(name), file));
}

const NAME = 'pc-20261128T111500Z';

describe('convertBackup', () => {
  it.concurrent.each([
    ['vhdx', 'dynamic', 'vhdx'],
    ['vpc', 'fixed', 'vhd'],
  ] as const)('writes %s, with a script for Hyper-V', { timeout: 240_000 }, async (format, variant, extension) => {
    const files = await converted(format, { format, variant });
    expect(files).toEqual([`${NAME}.${extension}`, `${NAME}.ps1`]);
    expect((await readdir(inRoot(format))).toSorted()).toEqual(files.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(await seenBy('pyvhdi', inRoot(format, `${NAME}.${extension}`))).toEqual(disk);
    expect(await readFile(inRoot(format, `${NAME}.ps1`), 'utf8')).toContain(`'${NAME}.${extension}'`);
  });

  it.concurrent('writes a disk of Parallels’, with its descriptor in one folder', { timeout: 240_000 }, async () => {
    const files = await converted('parallels', { format: 'parallels' });
    expect(files).toEqual([`${NAME}.hdd/${NAME}.hds`, `${NAME}.hdd/DiskDescriptor.xml`]);
    const [image = '', descriptor = ''] = files.map((file) => inRoot('parallels', file));
    await execa('qemu-img', ['compare', '-f', 'raw', '-F', 'parallels', inRoot('disk'), image]);
    // libphdi reads the descriptor; of images it knows only an older kind than qemu-img writes.
    const size =
      'import pyphdi, sys; disk = pyphdi.handle(); disk.open(sys.argv[1]); disk.open_extent_data_files(); print(disk.get_media_size())';
    expect((await execa('/usr/bin/python3', ['-c', size, descriptor])).stdout).toBe(String(disk.bytes));
  });

  it.concurrent('packs what VMware imports: envelope, sums, disk', { timeout: 240_000 }, async () => {
    expect(await converted('ovf', { format: 'vmdk' })).toEqual([`${NAME}.vmdk`, `${NAME}.ovf`, `${NAME}.mf`]);
    const sums = (await readFile(inRoot('ovf', `${NAME}.mf`), 'utf8')).trim().split('\n');
    expect(sums).toEqual(
      await Promise.all(
        [`${NAME}.ovf`, `${NAME}.vmdk`].map(
          async (file) => `SHA256(${file})= ${sha256(await readFile(inRoot('ovf', file)))}`,
        ),
      ),
    );
    expect(await readFile(inRoot('ovf', `${NAME}.ovf`), 'utf8')).toContain(
      `ovf:size="${(await stat(inRoot('ovf', `${NAME}.vmdk`))).size}"`,
    );
    expect(await converted('ova', { format: 'vmdk', ova: true })).toEqual([`${NAME}.ova`]);
    expect(await readdir(inRoot('ova'))).toEqual([`${NAME}.ova`]);
    const { stdout } = await execa('tar', ['-tf', inRoot('ova', `${NAME}.ova`)]);
    expect(stdout.split('\n')).toEqual([`${NAME}.ovf`, `${NAME}.mf`, `${NAME}.vmdk`]);
    expect((await readFile(inRoot('ova', `${NAME}.ova`))).toString('latin1', 257, 263)).toBe('ustar\0');
    const parts = ['-xOf', inRoot('ova', `${NAME}.ova`), `${NAME}.ovf`];
    await execa('xmllint', ['--noout', '-'], { input: (await execa('tar', parts)).stdout });
  });

  it.concurrent.each(['qcow2', 'raw'] as const)(
    'describes a machine for %s that libvirt’s schema takes',
    { timeout: 240_000 },
    async (format) => {
      const [image = '', domain = ''] = await converted(`libvirt-${format}`, { format, sizeBytes: 20 * MIB });
      await execa('xmllint', ['--noout', '--relaxng', LIBVIRT_SCHEMA, inRoot(`libvirt-${format}`, domain)]);
      const source = ['--xpath', 'string(/domain/devices/disk/source/@file)', inRoot(`libvirt-${format}`, domain)];
      const { stdout } = await execa('xmllint', source);
      expect(stdout).toBe(inRoot(`libvirt-${format}`, image));
      const info = await execa('qemu-img', ['info', '--output', 'json', stdout]);
      expect(JSON.parse(info.stdout)).toMatchObject({ format, 'virtual-size': 20 * MIB });
    },
  );

  it.concurrent('leaves nothing behind when it cannot, and says what it expected', { timeout: 240_000 }, async () => {
    const rejected = (options: Partial<ConvertOptions>, name = 'no') =>
      expect(convertBackup(store, manifest, inRoot(name), { format: 'vmdk', ...options })).rejects;
    await rejected({ variant: 'dynamic' }).toThrow(
      '--variant: expected streamOptimized or monolithicSparse, since the format is vmdk, got "dynamic"',
    );
    await rejected({ format: 'qcow2', ova: true }).toThrow('--ova: expected --format vmdk');
    await rejected({ sizeBytes: 2 * MIB }).toThrow('expected a disk of at least');
    await rejected({}, 'store').toThrow(
      `--out: expected a name for a new folder, got ${inRoot('store')}, which exists`,
    );
    await rejected({ format: 'vpc', sizeBytes: 3 * 2 ** 40 }).toThrow('at most 2040GiB for --format vpc');
    expect((await readdir(root)).filter((name) => name.startsWith('no'))).toEqual([]);
  });
});

it.concurrent.each([
  ['vmdk', 'streamOptimized', 'pyvmdk'],
  ['vmdk', 'monolithicSparse', 'pyvmdk'],
  ['vhdx', 'dynamic', 'pyvhdi'],
  ['vhdx', 'fixed', 'pyvhdi'],
  ['vpc', 'dynamic', 'pyvhdi'],
  ['vpc', 'fixed', 'pyvhdi'],
  ['qcow2', 'sparse', 'pyqcow'],
] as const)('writes an image (%s, %s) in which another reader finds the same disk', async (format, variant, reader) => {
  const image = inRoot(`${format}-${variant}`);
  await makeImage(inRoot('disk'), image, { format, variant });
  await verifyImage(inRoot('disk'), image, format);
  expect(await seenBy(reader, image)).toEqual(disk);
});

it('does not pass an image of another size, or with other bytes, than its disk', async () => {
  const [raw, image] = [inRoot('other.raw'), inRoot('other.qcow2')];
  await writeFile(raw, Buffer.alloc(MIB, 'x'));
  await makeImage(raw, image, { format: 'qcow2', variant: 'sparse' });
  await verifyImage(raw, image, 'qcow2');
  await writeFile(raw, 'y', { flag: 'r+' });
  await expect(verifyImage(raw, image, 'qcow2')).rejects.toThrow(
    `${image}: expected the bytes of the disk in it, got others (Content mismatch at offset 0!)`,
  );
  await truncate(raw, MIB + 512);
  await expect(verifyImage(raw, image, 'qcow2')).rejects.toThrow(
    `${image}: expected a disk of ${MIB + 512} bytes in it, got ${MIB}`,
  );
  await expect(makeImage(raw, inRoot('none', 'x'), { format: 'vhdx', variant: 'fixed' })).rejects.toThrow(
    /^qemu-img convert ended with exit status 1: /,
  );
});
