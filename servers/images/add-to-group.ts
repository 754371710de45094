import path from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT } from '../service/exit-codes.ts';
import { addToGroup } from './wim/image-group.ts';

const HELP = `usage: node servers/images/add-to-group.ts --group FOLDER IMAGE.wim[=NAME.wim]…

Adds whole WIMs to a WDS image group: each becomes a file with its folder tree alone, and the data of all files goes once into the
group's Res.rwm. NAME is the file name in the group; without one it is the image's own. The group is created when it does not exist.
Prints what was added as JSON. Exit 0: done; 1: an image cannot be added, nothing was changed; 3: unusable arguments.

example: node servers/images/add-to-group.ts --group /srv/RemInst/Images/Linux base.wim workshop.wim=workstation.wim
apply:   wimlib-imagex apply FOLDER/NAME.wim 1 TARGET --ref=FOLDER/Res.rwm
`;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: string[]): Promise<number> {
  let group: string | undefined;
  let images: { file: string; name: string }[];
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { group: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return EXIT.passed;
    }
    group = values.group;
    images = positionals.map(newImage);
    if (group === undefined || images.length === 0)
      throw new Error(`expected --group FOLDER and at least one image, got ${JSON.stringify(argv.join(' '))}`);
  } catch (error) {
    process.stderr.write(`add-to-group: ${error instanceof Error ? error.message : String(error)}; --help explains\n`);
    return EXIT.unusableInput;
  }
  try {
    process.stdout.write(
      `${JSON.stringify({ group, images: images.map(({ name }) => name), ...(await addToGroup(group, images)) })}\n`,
    );
    return EXIT.passed;
  } catch (error) {
    process.stderr.write(`add-to-group: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.failed;
  }
}

function newImage(argument: string): { file: string; name: string } {
  const [file = '', name = path.basename(file)] = argument.split('=');
  if (!/^[^\\/\0]+\.wim$/i.test(name))
    throw new Error(`expected the name of an image in the group to end in .wim, got ${JSON.stringify(name)}`);
  return { file, name };
}
