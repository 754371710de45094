import { execa } from 'execa';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { makeReproducible } from '../wim-reproducible.ts';

// PROCESSOR_ARCHITECTURE_AMD64, the value for x64 in a WIM's XML.
const X64 = '9';

/** Folders of WDS's RemInst share as it is created. */
const FOLDERS = [
  'Boot/x86/Images',
  'Boot/x64/Images',
  'DriverPackages',
  'Images',
  'Mgmt',
  'Templates',
  'Tmp',
  'WdsClientUnattend',
];

/** Boot images of the share, by file name, and the mode of the agent that each one starts. */
const BOOT_IMAGES = [
  { file: 'boot.wim', name: 'pxewright agent', about: 'Boot image: installs an image', mode: 'install' },
  {
    file: 'capture.wim',
    name: 'pxewright agent, capture',
    about: 'Capture image: saves a generalised disk as an image',
    mode: 'capture',
  },
] as const;

/**
 * WDS's RemInst share without images to install: its folders, a boot and a capture image. Both hold kernel and agent as
 * TFTP delivers them, and the kernel parameter with the agent's mode.
 */
export const reminstRecipe: Recipe = {
  name: 'reminst',
  what: 'the RemInst tree: folders, Boot/x64/Images/{boot,capture}.wim',
  needs: ['kernel', 'agent'],
  sources: ['recipes/reminst.ts', 'wim-reproducible.ts'],
  packages: ['wimtools'],
  build,
};

async function build({ folder, scratch, inputs, progress }: BuildContext): Promise<void> {
  for (const place of FOLDERS) await mkdir(path.join(folder, place), { recursive: true });
  for (const { file, name, about, mode } of BOOT_IMAGES) {
    const tree = path.join(scratch, mode);
    await mkdir(path.join(tree, 'boot'), { recursive: true });
    await copyFile(path.join(inputs.get('kernel')?.folder ?? '', 'vmlinuz'), path.join(tree, 'boot', 'vmlinuz'));
    await copyFile(path.join(inputs.get('agent')?.folder ?? '', 'agent.img'), path.join(tree, 'boot', 'agent.img'));
    await writeFile(path.join(tree, 'boot', 'cmdline'), `pxw.mode=${mode}\n`);
    progress(`capturing ${file}`);
    const wim = path.join(folder, 'Boot', 'x64', 'Images', file);
    // Kernel and initramfs are already compressed.
    await execa('wimlib-imagex', [
      'capture',
      tree,
      wim,
      name,
      about,
      '--boot',
      `--image-property=WINDOWS/ARCH=${X64}`,
      '--compress=none',
      '--check',
      '--unix-data',
      '--threads=1',
      '--quiet',
    ]);
    await makeReproducible(wim);
  }
}
