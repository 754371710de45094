import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import { bundledProgram, bundleOf } from '../../lab/bundled-program.ts';
import { PACKAGE_FOLDER } from '../../setup/installation.ts';
import { bundlePrograms } from './program-bundles.ts';

const DHCP = join(PACKAGE_FOLDER, 'servers/boot/dhcp.ts');
const help = async (program: string): Promise<string> =>
  (await execa(process.execPath, [program, '--help'], { env: { NODE_COMPILE_CACHE: '' } })).stdout;

describe('a bundled program', () => {
  it('does what its source does', async () => {
    await using folder = await temporaryFolder();
    const bundles = await bundlePrograms([DHCP], folder.path);
    const [bundled, source] = await Promise.all([help(bundledProgram(DHCP, bundles)), help(DHCP)]);
    // The first line names the program's own file.
    const rest = (text: string): string => text.split('\n').slice(1).join('\n');
    expect(rest(bundled)).toBe(rest(source));
    expect(rest(source)).toContain('Example configuration');
  });

  it('is made once for the same sources, and again when one has changed', async () => {
    await using folder = await temporaryFolder();
    const cache = join(folder.path, 'programs');
    const first = await bundlePrograms([DHCP], cache);
    await writeFile(join(first, 'kept'), '');
    expect(await bundlePrograms([DHCP], cache)).toBe(first);
    expect(await readdir(first)).toContain('kept');
    expect(await bundlePrograms([DHCP, join(PACKAGE_FOLDER, 'servers/boot/tftp.ts')], cache)).not.toBe(first);
  });

  it('makes room: bundles of other sources are removed after a day', async () => {
    await using folder = await temporaryFolder();
    const first = await bundlePrograms([DHCP], folder.path);
    await utimes(first, 0, 0);
    const second = await bundlePrograms([join(PACKAGE_FOLDER, 'servers/boot/tftp.ts')], folder.path);
    expect((await readdir(folder.path)).toSorted()).toEqual(['inputs.json', second.split('/').at(-1)].toSorted());
  });

  it('that is not there, or not wanted, is the source', () => {
    expect(bundledProgram(DHCP, '/nowhere')).toBe(DHCP);
    expect(bundledProgram(DHCP, '')).toBe(DHCP);
    expect(bundleOf(DHCP, '/bundles')).toBe('/bundles/servers/boot/dhcp.js');
  });
});
