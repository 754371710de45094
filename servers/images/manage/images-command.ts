import { Command, InvalidArgumentError } from 'commander';
import { defined } from '../../service/defined.ts';
import { findImage, openImageStore, sameImage, type ImageEntry } from '../../state/image-store.ts';
import { ManagementError } from '../../state/management-error.ts';
import { addImage, removeImage } from './image-changes.ts';
import { listImages, namedImage, type ListedImage } from './image-listing.ts';
import { targetOptions, type TargetOptions } from './options.ts';
import { print } from './print.ts';
import { table } from './table.ts';

interface ChangeOptions extends TargetOptions {
  readonly name?: string;
  readonly description?: string;
}

interface AddOptions extends ChangeOptions {
  readonly group: string;
  readonly as?: string;
  readonly singleInstance?: boolean;
  readonly replace?: boolean;
  readonly disabled?: boolean;
}

const IMAGE = 'path below the share, e.g. Images\\Linux\\sample.wim, or a file name that is unique';

/** `pxewright images`: the images that the deployment server offers. */
export function imagesCommand(): Command {
  const images = new Command('images').exitOverride().description('Images that the deployment server offers.');
  const verb = (name: string, description: string): Command => {
    const command = images.command(name).description(description);
    for (const option of targetOptions()) command.addOption(option);
    return command;
  };

  verb('list', 'all images, with the data of their headers').action(async (options: TargetOptions) => {
    const all = await listImages(rootOf(options), openImageStore(options.state).images());
    print(options, all, () => imageTable(all));
  });

  verb('add', 'check an image and copy it into a group')
    .argument('<file>', 'WIM file')
    .requiredOption('--group <group>', 'image group, created when it does not exist', groupName)
    .option('--as <name>', 'file name in the group; default: that of the file')
    .option(
      '--single-instance',
      "the group keeps every file's data once, in its Res.rwm; the image gets the folder tree alone",
    )
    .option('--name <text>', "name to show instead of the WIM's own")
    .option('--description <text>', "description to show instead of the WIM's own")
    .option('--disabled', 'do not offer it yet')
    .option('--replace', 'replace the image of that name')
    .addHelpText(
      'after',
      '\nThe content is checked first; a damaged image is refused (exit 1). Clients see the image whole or not at all.\n\nExample:\n  pxewright images add workshop.wim --group Workshop --description "Workshop PCs, French"',
    )
    .action(async (file: string, options: AddOptions) => {
      const { group, as, singleInstance, replace, disabled, name, description } = options;
      const entry = {
        enabled: disabled !== true,
        ...defined({ name, description }),
        addedAt: new Date().toISOString(),
      };
      const path = await addImage(rootOf(options), options.state, { file, group, as, singleInstance, replace, entry });
      report(options, path, `added, ${entry.enabled ? 'enabled' : 'disabled'}`);
    });

  verb('remove', 'take an image out of the store; a client that is reading it may finish')
    .argument('<image>', IMAGE)
    .action(async (image: string, options: TargetOptions) => {
      const path = await namedImage(rootOf(options), image);
      await removeImage(rootOf(options), options.state, path);
      print(options, null, () => [`${path}: removed`]);
    });

  verb('enable', 'offer an image again')
    .argument('<image>', IMAGE)
    .action((image: string, options: TargetOptions) =>
      change(options, image, 'enabled', (entry) => ({ ...entry, enabled: true })),
    );

  verb('disable', 'keep an image but do not offer it')
    .argument('<image>', IMAGE)
    .action((image: string, options: TargetOptions) =>
      change(options, image, 'disabled', (entry) => ({ ...entry, enabled: false })),
    );

  verb('describe', "show a name and description other than the WIM's own; an empty one restores the WIM's")
    .argument('<image>', IMAGE)
    .option('--name <text>', 'name that clients see')
    .option('--description <text>', 'description that clients see')
    .action((image: string, options: ChangeOptions) => {
      if (options.name === undefined && options.description === undefined)
        throw new ManagementError('expected --name or --description, got neither');
      return change(options, image, 'described', (entry) => described(entry, options));
    });

  return images;
}

function rootOf({ images, state }: TargetOptions): string {
  if (images === undefined)
    throw new ManagementError(
      `expected a lab or a state with images, got ${state}, which has none (services.images gives a scenario its image store; services.state keeps it after the lab)`,
    );
  return images;
}

function groupName(text: string): string {
  if (!/^[^\\/:*?"<>|\p{Cc}]{1,80}$/u.test(text) || /^\.+$/.test(text))
    throw new InvalidArgumentError('expected a folder name without any of \\/:*?"<>|.');
  return text;
}

function described(entry: ImageEntry, options: ChangeOptions): ImageEntry {
  const { name: _name, description: _description, ...rest } = entry;
  // An empty text takes the entry's own away.
  const name = (options.name ?? entry.name) || undefined;
  const description = (options.description ?? entry.description) || undefined;
  return { ...rest, ...defined({ name, description }) };
}

async function change(
  options: TargetOptions,
  image: string,
  what: string,
  make: (entry: ImageEntry) => ImageEntry,
): Promise<void> {
  const path = await namedImage(rootOf(options), image);
  await openImageStore(options.state).update((all) => [
    ...all.filter((other) => !sameImage(other.path, path)),
    make(findImage(all, path)),
  ]);
  report(options, path, what);
}

function report(options: TargetOptions, path: string, what: string): void {
  print(options, openImageStore(options.state).find(path), () => [`${path}: ${what}`]);
}

function imageTable(all: readonly ListedImage[]): string[] {
  if (all.length === 0) return ['no images'];
  return table(
    ['IMAGE', 'KIND', 'ENABLED', 'SIZE', 'NAME', 'ARCHITECTURE', 'PROBLEMS'],
    all.map(({ path, kind, enabled, bytes, name, images, problems }) => [
      path,
      kind,
      enabled ? 'yes' : 'no',
      `${(bytes / 2 ** 20).toFixed(1)} MiB`,
      name,
      [...new Set(images.flatMap(({ architecture }) => architecture ?? []))].join(', ') || '-',
      problems.map(({ problem }) => problem).join(', ') || '-',
    ]),
  );
}
