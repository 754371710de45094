import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';

interface SamplePackage {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly files: Readonly<Record<string, string>>;
  /** Maintainer script; the sample image has a shell and little else. */
  readonly postinst?: string;
}

/**
 * Small Debian packages that stand for the programs installed on top of an image; one of them has a postinst script.
 */
const PACKAGES: readonly SamplePackage[] = [
  {
    name: 'writer',
    version: '1.0',
    description: 'stands for an office program',
    files: { 'usr/share/writer/template.txt': 'Dear Sir or Madam,\n' },
    postinst: '#!/bin/sh\nset -e\nread -r name </etc/hostname\necho "licensed to $name" >/etc/writer.conf\n',
  },
  {
    name: 'drawing',
    version: '2.1',
    description: 'stands for a drawing program',
    files: { 'usr/share/drawing/palette.txt': 'red\ngreen\nblue\n' },
  },
];

/** Packages for RemInst's folder Packages. */
export const samplePackagesRecipe: Recipe = {
  name: 'packages/sample',
  what: 'small Debian packages to add to an installation',
  needs: [],
  sources: ['recipes/sample-packages.ts'],
  packages: ['dpkg'],
  build,
};

async function build({ folder, scratch }: BuildContext): Promise<void> {
  for (const one of PACKAGES) {
    const tree = path.join(scratch, one.name);
    await mkdir(path.join(tree, 'DEBIAN'), { recursive: true });
    await writeFile(path.join(tree, 'DEBIAN', 'control'), controlFile(one));
    if (one.postinst !== undefined)
      await writeFile(path.join(tree, 'DEBIAN', 'postinst'), one.postinst, { mode: 0o755 });
    await writeFile(
      path.join(tree, 'DEBIAN', 'md5sums'),
      Object.entries(one.files)
        .map(([name, text]) => `${createHash('md5').update(text).digest('hex')}  ${name}\n`)
        .join(''),
    );
    for (const [name, text] of Object.entries(one.files)) {
      await mkdir(path.dirname(path.join(tree, name)), { recursive: true });
      await writeFile(path.join(tree, name), text);
    }
    await execa('chmod', ['-R', 'u=rwX,go=rX', tree]);
    const file = path.join(folder, `${one.name}_${one.version}_all.deb`);
    // gzip, because BusyBox in the guest decompresses it (and every other format of packages except zstd). The epoch
    // clamps all times.
    await execa('dpkg-deb', ['--build', '--root-owner-group', '-Zgzip', tree, file], {
      env: { SOURCE_DATE_EPOCH: '1338508800' },
    });
    await chmod(file, 0o644);
  }
}

function controlFile({ name, version, description }: SamplePackage): string {
  return `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: pxewright <pxewright@localhost>\nDescription: ${description}\n`;
}
