import { Command, Option } from 'commander';
import { RUNS_FOLDER } from '../../reports/file-names.ts';
import { INSTALLED, version } from '../setup/installation.ts';
import { clientOption } from './client-option.ts';
import { finish } from './finish.ts';
import { AXES } from '../scenario/matrix/axes.ts';
import { addManagement } from './management-commands.ts';
import { reportError } from './report-error.ts';
import type { CompareCommandOptions } from './compare-command.ts';
import type { DoctorOptions } from './doctor-command.ts';
import type { ListCommandOptions } from './list-command.ts';
import type { PruneCommandOptions } from './prune-command.ts';
import type { ProfileCommandOptions } from './profile-command.ts';
import type { RecordCommandOptions } from './record-command.ts';
import type { ReplayCommandOptions } from './shown-replay.ts';
import type { RunCommandOptions } from './run-command.ts';
import type { ServeCommandOptions } from './serve-command.ts';
import type { ValidateOptions } from './validate-command.ts';

// Each command is imported when it is called: `pxewright --help` and a replay need not load what a boot needs.
const program = new Command('pxewright')
  .description(
    'Boots real PXE clients in QEMU against bundled boot, authentication and image services,\njudges every protocol step on the wire, and says where the time went.',
  )
  .version(version())
  .showHelpAfterError('(see pxewright --help)')
  .addHelpText(
    'after',
    `
Examples:
  pxewright run scenarios/wds/install-bios.yaml      from power-on to an installed disk
  pxewright validate                                 whether every scenario could be run
  pxewright run scenarios --tag smoke --workers 2    every scenario with a tag, two at once
  pxewright replay capture.pcap                      judges a capture of a boot, from anywhere
  pxewright record capture.pcap                      makes a scenario of it
  pxewright show                                     where the last run's HTML report is

Exit status: 0 all passed, 1 a verdict failed or a replay is inconclusive, 2 the lab or pxewright itself failed,
3 unusable input (an option, a scenario, a capture, a result file).
Ctrl-C ends a run in order and writes its report (status 2); a second Ctrl-C ends it at once (130).`,
  )
  .exitOverride();

const accel = new Option('--accel <kind>', 'accelerator; auto chooses it by a canary boot')
  .choices(['auto', 'kvm', 'tcg'])
  .default('auto');
const collect = (value: string, previous: string[]): string[] => [...previous, value];
const allowRoot = (): Option =>
  new Option(
    '--allow-root <dir>',
    "let scenarios name files below this folder, beside those in the scenario's own (repeatable)",
  )
    .argParser(collect)
    .default([], 'none');

const matrixOption = (): Option =>
  new Option(
    '--matrix <axis=value>',
    `only this value of a matrix axis, or a new axis (repeatable): ${AXES.join(', ')}; a boot order with commas, as in boot-order=disk,network; pairwise: few combinations, with every pair of values; all: every one`,
  )
    .argParser(collect)
    .default([], 'as the scenarios say');

const allowPrograms = (): Option =>
  new Option(
    '--allow-programs',
    'run the programs that scenarios bring (services.programs), on this host and with your rights',
  );

program
  .command('run')
  .description('boot every scenario in FILES and folders (default: scenarios)')
  .argument(
    '[files...]',
    'scenario files (*.yaml, or a module by its name), or folders with *.yaml, *.yml and *.scenario.ts',
  )
  .option('--grep <regex>', 'only scenarios whose id or name matches')
  .option('--tag <tag>', 'only scenarios with this tag (repeatable)', collect, [])
  .addOption(matrixOption())
  .option('--list', 'say what would be booted, and which combinations are left out and why; boot nothing')
  .addOption(allowRoot())
  .addOption(allowPrograms())
  .option('--last-failed', 'only scenarios that did not pass in the newest run in --out')
  .option('--pass-with-no-tests', 'succeed when there is nothing to run, as in an empty shard')
  .option('--repeat <n>', 'run each scenario n times', '1')
  .option('--retries <n>', 'further attempts for a scenario that did not pass', '0')
  .addOption(new Option('-x, --fail-fast', 'the same as --max-failures 1').conflicts('maxFailures'))
  .option('--max-failures <n>', 'begin no further scenario after n that did not pass')
  .option(
    '--workers <n>',
    'scenarios at once (default: as many as the host has cores and memory for, by what each was measured to need)',
  )
  .option('--shard <i/n>', 'only the i-th of n shares, for several CI hosts')
  .option(
    '--shard-durations <result>',
    'result.json or run folder whose durations balance the shards (default: the newest whole run in --out)',
  )
  .addOption(accel)
  .option('--cold', 'start every VM at its first instruction, not where its firmware was saved before its first frame')
  .option(
    '--profile <file>',
    'judge the programs of every client by the profiles in this file, before the bundled ones (pxewright profile writes them; repeatable)',
    collect,
    [],
  )
  .option('--full-capture', 'keep the whole bulk payload in the capture, not only its headers')
  .option('--out <dir>', 'where run folders go', RUNS_FOLDER)
  .option(
    '--reporter <name>',
    'terminal (default), json (alone on standard output), github, junit, html; json=FILE and junit=FILE also write there; repeatable',
    collect,
    [],
  )
  .addHelpText(
    'after',
    `
A scenario names files of the host (tftp.root, files, images.root, state, …) below its own folder only: guests read
them, so a scenario from a stranger must not choose them. --allow-root allows another folder; a link counts as what it
leads to. TFTP, HTTP and SMB refuse links in a root that lead out of it, whatever is allowed. Programs of a scenario's
own, such as a boot server under test, run with --allow-programs only.

Every run leaves result.json, junit.xml and report.html beside its captures, logs and screenshots, in a folder of its
own below --out. The link "latest" there leads to the newest run that is over.

--max-failures finishes the boots that have begun. The rest is reported as skipped, with the reason; so is what
Ctrl-C left. --last-failed runs both, and what failed: all that the last run did not see pass.

Give every host of --shard the same --shard-durations, or none of them an earlier run in --out: the same input makes
the same shares. merge-reports makes one report of them, and refuses shares that do not fit together.

Examples:
  pxewright run pxe/all-cards.yaml --matrix pairwise --list      few boots with every pair of values
  pxewright run --last-failed --retries 0                        what the last run did not see pass
  pxewright run -x --tag smoke                                   ends after the first failure
  pxewright run --shard 2/4 --shard-durations main/result.json   the second of four shares of about equal time`,
  )
  .action(async (files: string[], options: RunCommandOptions) =>
    finish((await import('./run-command.ts')).runCommand(files, options)),
  );

program
  .command('replay')
  .description('judge a capture (pcap or pcapng) with the same state machines')
  .argument('[capture]', 'capture file, as it is or packed by gzip, xz or zstd; - for standard input')
  .option('--scenario <file>', 'scenario with the expectations and clients to judge it by')
  .addOption(allowRoot())
  .addOption(clientOption('judge and show this client alone, whether or not it boots'))
  .option('--all', 'show every host, also those that do not boot over the network')
  .option('--frames', 'list for every frame the step or meter that used it, or why none did')
  .option('--html <file>', 'write the page that a run writes as report.html')
  .option('--json', 'print the Result on standard output')
  .option('--profile <file...>', 'judge programs by these profiles, too (pxewright profile writes them)')
  .option('--live <interface>', 'judge what passes on an interface while it happens, until Ctrl-C')
  .option('--for <seconds>', 'with --live: end by itself after so long')
  .option('--write <file>', 'with --live: keep the capture (pcap)')
  .addHelpText(
    'after',
    `
Captures: pcap and pcapng of Ethernet, Linux cooked, loopback and raw IP, several of them in one file; VLAN tags, and
what VXLAN, GRE, ERSPAN and IP in IP carry. Frames of other kinds, such as IEEE 802.11 and PPPoE, are counted and named.
A file that is damaged is judged up to there. --frames and --html read a pipe twice: it is kept in a temporary file.

--live needs tcpdump, and root or CAP_NET_RAW. Each step is printed when it happens, the clients and the verdict at the
end, which is that of a replay of the capture. With --json the steps go to standard error. An interface that vanishes
ends it, too: with the verdict on what was seen.

Without a scenario a boot has passed when nothing failed and the capture shows it to its end. It has failed, too, when
the capture ends with the last try that the client makes in vain, such as its fourth DISCOVER. A capture is inconclusive
when it shows neither: it ends while the client may still go on, is cut (in a record, or in its frames by a snap length),
or holds no client that boots over the network; the summary names what is open. Status 1 for failed and inconclusive,
3 for a file without any frame of a PXE client.

Examples:
  pxewright replay boot.pcapng.gz --frames
  ssh server tcpdump -U -w - -s 0 | pxewright replay -
  sudo pxewright replay --live eth0 --write boot.pcap`,
  )
  .action(async (capture: string | undefined, options: ReplayCommandOptions) =>
    finish((await import('./replay-command.ts')).replayCommand(capture, options)),
  );

program
  .command('record')
  .description('make a scenario out of a capture: services, client, steps, and the failure if there was one')
  .argument('<capture>', 'capture file')
  .option('-o, --output <file>', "scenario file to write (default: the capture's name with .yaml, in this folder)")
  .addOption(clientOption('the client to record, where the capture shows several that boot'))
  .option('--root <dir>', 'folder with the real boot files: what the client asks for is below it under the same path')
  .option(
    '--contents',
    "take files that came whole by TFTP or HTTP from the capture, instead of placeholders (of a lab's own capture in any case)",
  )
  .option('--force', 'write over a scenario that is there')
  .addHelpText(
    'after',
    `
The scenario has the capture's own network and addresses, the services with the options that they answered, the client
with its firmware and card, and the steps up to the first failure, which it expects (expect-failure). Comments name the
frame of each value. What no frame shows is an assumption, and is listed.

Files have their names and sizes, in NAME.files beside the scenario. Their contents are placeholders, unless --root or
--contents has them: a customer's files stay where they are. A client cannot go on with a placeholder, so the steps end
there. Passwords are never in a capture: the lab's clients and servers agree on one of their own.

Examples:
  pxewright record customer.pcap -o scenarios/customer.yaml
  pxewright validate scenarios/customer.yaml
  pxewright run scenarios/customer.yaml               the same boot, in the lab
  pxewright compare customer.pcap reports/runs/latest      where the two part`,
  )
  .action(async (capture: string, options: RecordCommandOptions) =>
    finish((await import('./record-command.ts')).recordCommand(capture, options)),
  );

program
  .command('profile')
  .description('record how a client asks for addresses and files: option lists, timers, TFTP and HTTP habits')
  .argument('<capture>', 'capture file')
  .addOption(clientOption('the client to record, where the capture shows several that boot'))
  .option('-o, --output <file>', 'file to write (default: standard output)')
  .option('--name <name>', 'name of a program that is not known', 'recorded')
  .option('--json', 'write JSON instead of YAML')
  .addHelpText(
    'after',
    `
Each program that spoke for the client becomes a profile: signs by which it is known again, the values of its habits, and
the ladders by which it repeats what nobody answers, as far as the capture shows them to their end. Evidence names the
frames. A known program keeps its name and its signs, and takes the place of the bundled profile where the file is used.

Examples:
  pxewright profile field.pcap --name vendor-rom -o vendor-rom.yaml
  pxewright replay other.pcap --profile vendor-rom.yaml      judged by it; what leaves it is a step profile.left`,
  )
  .action(async (capture: string, options: ProfileCommandOptions) =>
    finish((await import('./profile-command.ts')).profileCommand(capture, options)),
  );

program
  .command('serve')
  .description("start a scenario's services in a lab without VMs; run COMMAND inside it, or wait")
  .argument('<scenario>', 'scenario file')
  .argument('[command...]', "after --: command to run on the lab's bridge, e.g. -- curl tftp://172.22.52.207/…")
  .addOption(allowRoot())
  .addOption(allowPrograms())
  .option('--user <user>', 'run COMMAND as this user: NAME, UID, NAME:GID or UID:GID')
  .addHelpText(
    'after',
    `
COMMAND is on the lab's network and sees its /run and its processes. All other files are the host's: when root runs
pxewright, COMMAND is root, and can read and change every one of them. --user runs it as another user instead, with that
user's groups, HOME, SHELL, USER and LOGNAME, and without capabilities; it can then open no port below 1024 and no raw
socket.

When an ordinary user runs pxewright, COMMAND can do to files what this user can, though it is shown as root. Such a lab
has no other users, so --user takes only the user's own name: COMMAND is then shown as what it is.

Examples:
  pxewright serve scenarios/wds/install-bios.yaml                            until Ctrl-C
  pxewright serve mine.yaml -- curl tftp://172.22.52.207/boot/x86/wdsnbp.com
  sudo pxewright serve mine.yaml --user "$USER" -- ./my-client`,
  )
  .action(async (scenario: string, command: string[], options: ServeCommandOptions) =>
    finish((await import('./serve-command.ts')).serveCommand(scenario, command, options)),
  );

program
  .command('list')
  .description('scenarios with their tags and matrix')
  .argument('[files...]', 'scenario files or folders')
  .addOption(matrixOption())
  .option('--json', 'machine-readable')
  .addOption(allowRoot())
  .action(async (files: string[], options: ListCommandOptions) =>
    finish((await import('./list-command.ts')).listCommand(files, options)),
  );

program
  .command('init')
  .description('begin a project: a scenario, a vitest file, jobs for GitHub and GitLab')
  .argument('[folder]', 'folder of the project', '.')
  .addHelpText('after', '\nFiles that exist stay as they are.')
  .action(async (folder: string) => finish((await import('./init-command.ts')).initCommand(folder)));

program
  .command('validate')
  .description('check scenario files without booting or building anything (default: scenarios)')
  .argument('[files...]', 'scenario files, or folders with *.yaml, *.yml and *.scenario.ts')
  .addOption(matrixOption())
  .addOption(allowRoot())
  .option('--json', 'machine-readable: all problems by file, with line and column')
  .addHelpText(
    'after',
    `
Looks at keys and values, at references between them, at steps and causes that no boot can have, at names of files in
bundles and folders, at firmware, network card and memory, and at ids that two files share: whatever run would refuse.
Needs no root and no QEMU. Exit status: 0 no problems, 3 problems found.

Examples:
  pxewright validate                              the folder scenarios
  pxewright validate mine/*.yaml --json           for an editor, or a check before a commit
  pxewright validate mine --matrix firmware=uefi  whether they would boot under UEFI, too`,
  )
  .action(async (files: string[], options: ValidateOptions) =>
    finish((await import('./validate-command.ts')).validateCommand(files, options)),
  );

program
  .command('doctor')
  .description('check what the host needs, and say how to install what is missing')
  .option('--tests', "also what the project's own tests need")
  .option('--fix', 'install what is missing, after asking (Debian, Ubuntu)')
  .option('--yes', 'with --fix: do not ask')
  .action(async (options: DoctorOptions) => finish((await import('./doctor-command.ts')).doctorCommand(options)));

addManagement(program);

program
  .command('compare')
  .description('compare two results phase by phase, or a capture with a result step by step')
  .argument('<base>', 'result.json, run folder or capture')
  .argument('<next>', 'result.json, run folder or capture')
  .addOption(clientOption('with a capture: the client to compare, where there are several'))
  .option('--scenario <id>', 'with a capture: the scenario of the result, where there are several')
  .option('--json', 'machine-readable')
  .addHelpText(
    'after',
    `
Two results: durations of phases and speeds of transfers, with the runs that repeat them. Status 1: one is worse.

A capture on either side: the steps of both boots side by side, up to the first failure, with the frames of each. Status
1: they part, and the last line says where. Hosts may have other addresses in the second boot, each the same throughout.
What a client repeats counts once, and what happens after the end of the other boot does not count.

Examples:
  pxewright compare main/result.json reports/runs/latest
  pxewright compare customer.pcap reports/runs/latest`,
  )
  .action(async (base: string, next: string, options: CompareCommandOptions) =>
    finish((await import('./compare-command.ts')).compareCommand(base, next, options)),
  );

program
  .command('merge-reports')
  .description('merge the run folders of several shards into one report')
  .argument('<folders...>', 'run folders')
  .option('--out <dir>', 'where the merged run folder goes', RUNS_FOLDER)
  .action(async (folders: string[], options: { out: string }) =>
    finish((await import('./report-commands.ts')).mergeCommand(folders, options)),
  );

program
  .command('show')
  .description("say where a run's report is (default: the newest run)")
  .argument('[report]', 'run folder')
  .action(async (report: string | undefined) => finish((await import('./report-commands.ts')).showCommand(report)));

program
  .command('prune')
  .description('remove old runs; at least one criterion says which')
  .argument('[folder]', 'where run folders are', RUNS_FOLDER)
  .option('--older-than <age>', 'runs that began longer ago: 90m, 12h, 7d, 4w')
  .option('--keep <n>', 'all but the newest n runs')
  .option('--max-size <size>', 'the oldest runs, until the others take at most this: 500MB, 2GiB')
  .option('--dry-run', 'only say what would be removed')
  .addHelpText(
    'after',
    `
A run goes when any of the criteria says so. Only folders that a run of pxewright has made are removed, those of
interrupted runs too; links are not followed, and a run that is going on stays. The link "latest" is kept right.

Examples:
  pxewright prune --keep 20 --max-size 2GiB
  pxewright prune ci/runs --older-than 4w --dry-run`,
  )
  .action(async (folder: string, options: PruneCommandOptions) =>
    finish((await import('./prune-command.ts')).pruneCommand(folder, options)),
  );

if (!INSTALLED) (await import('./checkout-commands.ts')).addCheckoutCommands(program);

// A reader that has seen enough (`| head`) closes the pipe: no reason to stop a run, nor to complain.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
