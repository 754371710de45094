import type { Command } from 'commander';
import { finish } from './finish.ts';
import type { ImagesVerifyOptions } from './images-verify-command.ts';

/**
 * `pxewright images …`, `clients …` and `backups …`: what VMs boot, the deployment server's images and computers, and
 * the catalogue of disk backups.
 */
export function addManagement(program: Command): void {
  const images = program
    .command('images')
    .description(
      "build (or find in the cache) what the VMs boot; with a verb: manage the images that a lab's deployment server offers",
    )
    .argument('[names...]', 'bundles; default: all')
    .option('--list', 'only list them')
    .option('--folder', 'print nothing but the folder of each, for use in a command')
    .addHelpText(
      'after',
      `
Examples:
  pxewright images                                 builds every bundle that VMs boot
  pxewright images agent                           builds one
  ls "$(pxewright images --folder boot-files/wds)"   shows what the TFTP root of the bundle has
  pxewright images list                            what the lab that pxewright serves offers
  pxewright images add new.wim --group Linux       checks and adds an image while the lab runs
  pxewright images verify folder                   checks image files
pxewright images VERB --help explains each.`,
    )
    .action(async (names: string[], options: { list?: boolean; folder?: boolean }) =>
      finish((await import('./images-command.ts')).imagesCommand(names, options)),
    );

  images
    .command('verify')
    .description('check image files (.wim, .swm, .esd, Res.rwm) before a client reads them')
    .argument('[paths...]', 'files or folders; default: the images that the labs serve')
    .option('--json', 'machine-readable')
    .option('--quick', 'check only header, tables and list of images, not the content')
    .option(
      '--architecture <name>',
      'architecture that all images must have, e.g. x64; default: that of their folder (Boot\\x64\\…)',
    )
    .addHelpText(
      'after',
      '\nEach problem has a stable name (wim-truncated, wim-integrity-mismatch, …), where it is, what was expected and found, and what to do.\nExit: 0 no problems, 1 problems found, 3 unusable input.',
    )
    .action(async (paths: string[], options: ImagesVerifyOptions) =>
      finish((await import('./images-verify-command.ts')).imagesVerifyCommand(paths, options)),
    );

  managed(images, {
    list: 'images that the deployment server of a lab offers',
    add: 'check an image and copy it into a group',
    remove: 'take an image out of the store',
    enable: 'offer an image again',
    disable: 'keep an image but do not offer it',
    describe: "show a name and description other than the WIM's own",
  });

  const clients = program
    .command('clients')
    .description('computers that the deployment server of a lab knows')
    .addHelpText(
      'after',
      `
By default the lab is the newest that pxewright serves; --run selects another one, --state a stored state. Changes are atomic.
A computer is named by its request id, name, MAC address or UUID.

Examples:
  pxewright clients list --pending                           who waits, with the request id on its screen
  pxewright clients approve 1 --name PC01                    it boots when it polls again
  pxewright clients reject 2 --message "not in this room"
  pxewright clients prestage PC02 --mac 52:54:00:12:34:56 --answer-file 'WdsClientUnattend\\pc02.xml'
  pxewright clients reset PC01 --state ./state               on a stored state, without a lab
pxewright clients VERB --help explains each.`,
    );
  managed(clients, {
    list: 'all known computers, those that wait first',
    show: 'everything about one computer',
    prestage: 'enter a computer before it asks for the first time',
    approve: 'let a waiting computer boot',
    reject: 'refuse a waiting or an approved computer',
    name: 'give a computer its name',
    reset: 'forget its approval and its boot program',
    remove: 'forget a computer',
  });

  const backups = program
    .command('backups')
    .description(
      'backups of disks: catalogue, verification, retention, the files inside, and disks and virtual machines made of them',
    )
    .addHelpText(
      'after',
      `
By default the store is that of the newest lab that pxewright serves; --run selects another lab, --store a stored store.
A backup is named CLIENT/ID, ID where it is unique, or CLIENT, which means its newest complete one.

Examples:
  pxewright backups list                                        clients, backups, ages, sizes, states
  pxewright backups list --overdue                              fails when a client was not saved as scheduled
  pxewright backups list --jobs                                 what was attempted, and what came of it
  pxewright backups verify --all --store ./backups              reads everything; exit 1 names what is damaged
  pxewright backups prune --store ./backups --keep-last 3 --dry-run
  pxewright backups browse pc 2 /etc                            lists files without restoring the disk
  pxewright backups extract pc 2 /etc/fstab --to ./recovered
  pxewright backups restore pc --to pc.img --size 4GiB          the whole disk, on a larger one
  pxewright backups convert pc --format vmdk                    a virtual machine; also vhdx, vpc, parallels, qcow2, raw
pxewright backups VERB --help explains each.`,
    );
  managed(
    backups,
    {
      list: 'clients and their backups: age, size, chain, state, verification, next backup; or jobs',
      show: 'everything about one backup',
      verify: 'read all data of backups, and say what is damaged or missing',
      prune: 'remove old backups and what cut ones left behind',
      browse: 'list files inside a backup, without restoring its disk',
      extract: 'recover files and folders of a backup',
      restore: 'write the disk of a backup to a file',
      convert: 'make a backup a virtual machine for VMware, Hyper-V, Parallels or KVM',
    },
    async ([, ...args]) => (await import('./backups-command.ts')).backupsCommand(args),
  );
}

/** Verbs of a program, which knows their options and explains them; `start` runs it, by default the management program. */
function managed(
  parent: Command,
  verbs: Readonly<Record<string, string>>,
  start: (args: readonly string[]) => Promise<number> = async (args) =>
    (await import('./manage-command.ts')).manageCommand(args),
): void {
  // commander's own `help VERB` knows no more of these verbs than their names.
  parent.helpCommand(false);
  parent
    .command('help')
    .description('explain a verb')
    .argument('[verb]')
    .action((verb: string = '') => {
      if (Object.hasOwn(verbs, verb)) return finish(start([parent.name(), verb, '--help']));
      (parent.commands.find((one) => one.name() === verb) ?? parent).outputHelp();
      return undefined;
    });
  for (const [verb, description] of Object.entries(verbs)) {
    parent
      .command(verb)
      .description(description)
      .argument('[arguments...]')
      .helpOption(false)
      .allowUnknownOption()
      .action((args: string[]) => finish(start([parent.name(), verb, ...args])));
  }
}
