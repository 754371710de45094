import { execa } from 'execa';
import { copyFile, lutimes, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { programFile } from '../../servers/service/program-file.ts';
import type { BuildContext, Recipe } from '../bundle.ts';
import { BUNDLED_IMAGES } from '../bundled-images.ts';
import { pseudoRandomBytes } from '../pseudo-random.ts';
import { makeReproducible } from '../wim-reproducible.ts';
import { SAMPLE_TIME_S } from './images-linux-sample.ts';

/**
 * Adds whole WIMs to a group. It belongs to the image server, which this folder must not import, so it runs as a
 * program.
 */
const ADD_TO_GROUP = programFile(import.meta.filename, '../../servers/images/add-to-group');

/**
 * A WDS image group: two images of folder trees only, and one Res.rwm with their data, most of which both share.
 */
export const imagesLinuxGroupRecipe: Recipe = {
  name: 'images/linux-group',
  what: 'Images/Linux 2012/{base,workshop}.wim and their shared Res.rwm',
  needs: ['images/linux-sample'],
  sources: [
    'recipes/images-linux-group.ts',
    'bundled-images.ts',
    'pseudo-random.ts',
    'wim-reproducible.ts',
    '../servers/images/add-to-group.ts',
    '../servers/images/wim',
    '../harness/protocols/wim/wire/codec.ts',
    '../harness/protocols/wim/wire/encode.ts',
    '../harness/protocols/wim/wire/integrity.ts',
  ],
  packages: ['wimtools'],
  build,
};

async function build({ folder, scratch, inputs, progress }: BuildContext): Promise<void> {
  const sample = path.join(inputs.get('images/linux-sample')?.folder ?? '', 'Images', 'Linux', 'sample.wim');
  const [base, workshop] = [path.join(scratch, 'base.wim'), path.join(scratch, 'workshop.wim')];
  await copyFile(sample, base);
  await execa('wimlib-imagex', [
    'info',
    base,
    '1',
    BUNDLED_IMAGES['Images\\Linux 2012\\base.wim'],
    'The sample Linux as it is',
  ]);
  await copyFile(sample, workshop);
  await execa('wimlib-imagex', [
    'info',
    workshop,
    '1',
    BUNDLED_IMAGES['Images\\Linux 2012\\workshop.wim'],
    "The sample Linux and a workshop's tools",
  ]);
  await execa('wimlib-imagex', [
    'update',
    workshop,
    '1',
    `--command=add '${await tools(scratch)}' /srv/workshop --unix-data`,
    '--check',
    '--threads=1',
  ]);
  for (const file of [base, workshop]) await makeReproducible(file);
  const group = path.join(folder, 'Images', 'Linux 2012');
  progress('sharing the data of two images');
  const { stdout } = await execa(process.execPath, [ADD_TO_GROUP, '--group', group, base, workshop]);
  progress(stdout);
}

/**
 * Data that only the second image has: enough that a client reading ahead past the first image's data does not read all
 * of it.
 */
async function tools(scratch: string): Promise<string> {
  const folder = path.join(scratch, 'workshop');
  await mkdir(folder);
  await writeFile(path.join(folder, 'tools.bin'), pseudoRandomBytes('tools', 16_000_000));
  await writeFile(path.join(folder, 'README'), 'what the workshop needs\n');
  for (const place of ['tools.bin', 'README', '.'])
    await lutimes(path.join(folder, place), SAMPLE_TIME_S, SAMPLE_TIME_S);
  return folder;
}
