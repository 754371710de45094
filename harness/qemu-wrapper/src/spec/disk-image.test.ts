import { execa } from 'execa';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDiskImage } from './disk-image.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pxewright-images-'));
  await writeFile(join(folder, 'raw'), 'x'.repeat(512));
  await truncate(join(folder, 'raw'), 3 * 2 ** 20);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A file that qemu-img makes of the raw one. */
async function made(name: string, ...args: readonly string[]): Promise<string> {
  const file = join(folder, name);
  await execa('qemu-img', [...args, file]);
  return file;
}
const convert = (format: string, ...options: readonly string[]): readonly string[] => [
  ...['convert', '-f', 'raw', '-O', format, ...options],
  join(folder, 'raw'),
];

describe('readDiskImage', () => {
  it('knows raw disks and qcow2 by their content, with the size that a guest sees', async () => {
    expect(await readDiskImage(join(folder, 'raw'))).toEqual({ format: 'raw', bytes: 3 * 2 ** 20 });
    for (const compat of ['0.10', '1.1'])
      expect(await readDiskImage(await made('a.img', ...convert('qcow2', '-o', `compat=${compat}`)))).toEqual({
        format: 'qcow2',
        bytes: 3 * 2 ** 20,
      });
  });

  it.each([
    ['vmdk', 'a VMDK'],
    ['vhdx', 'a VHDX'],
    ['vdi', 'a VDI'],
    ['vpc', 'a VHD'],
    ['parallels', 'a Parallels disk'],
    ['qed', 'a QED disk'],
  ])('says what to do with the format %s', async (format, words) => {
    const file = await made(`other.${format}`, ...convert(format));
    await expect(readDiskImage(file)).rejects.toThrow(`${words}; make a qcow2 of it: qemu-img convert -O qcow2`);
  });

  it('refuses a qcow2 that shows a guest another file', async () => {
    const raw = join(folder, 'raw');
    const layer = await made('layer.qcow2', 'create', '-f', 'qcow2', '-b', raw, '-F', 'raw');
    await expect(readDiskImage(layer)).rejects.toThrow('a qcow2 that continues another file');
    const apart = join(folder, 'apart.qcow2');
    await execa('qemu-img', ['create', '-f', 'qcow2', '-o', `data_file=${join(folder, 'data')}`, apart, '1M']);
    await expect(readDiskImage(apart)).rejects.toThrow('a qcow2 whose data are in another file');
  });

  it('refuses what is no disk', async () => {
    const file = join(folder, 'text');
    await writeFile(file, 'not a disk');
    await expect(readDiskImage(file)).rejects.toThrow('a file of 10 bytes, which is neither a qcow2 nor sectors');
    await writeFile(file, 'QFI\xfb', 'latin1');
    await expect(readDiskImage(file)).rejects.toThrow('a qcow2 of version 0');
  });
});
