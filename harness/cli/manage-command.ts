import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { execa } from 'execa';
import { STORED_IMAGES } from '../plan/state-folder.ts';
import { runningLabs, type RunningLab } from '../run/running-labs.ts';
import { programFile } from '../../servers/service/program-file.ts';
import { EXIT } from './exit-codes.ts';
import { UsageError } from './usage-error.ts';

const PROGRAM = programFile(import.meta.filename, '../../servers/images/manage');

/** Where the deployment server's state and images are. */
interface Target {
  readonly state: string;
  readonly images?: string | undefined;
  /** Of a lab that is a domain controller. */
  readonly pid?: number;
  readonly directory?: string | undefined;
}

/**
 * `pxewright clients …` and `pxewright images …`: the management program, with the state of a running lab or of a
 * folder.
 */
export async function manageCommand(args: readonly string[]): Promise<number> {
  const target = args.some((arg) => arg === '--help' || arg === '-h') ? [] : targetArguments(await targetOf(args));
  const { exitCode } = await execa(process.execPath, [PROGRAM, ...args, ...target], {
    stdio: 'inherit',
    reject: false,
  });
  return exitCode ?? EXIT.labError;
}

function targetArguments({ state, images, pid, directory }: Target): string[] {
  return [
    '--state',
    state,
    ...(images === undefined ? [] : ['--images', images]),
    ...(pid === undefined || directory === undefined ? [] : ['--directory', `${pid}:${directory}`]),
  ];
}

async function targetOf(args: readonly string[]): Promise<Target> {
  const state = valueOf(args, '--state');
  const run = valueOf(args, '--run');
  if (state !== undefined && run !== undefined) throw new UsageError('expected --run or --state, got both');
  if (state !== undefined) return storedState(resolve(state));
  const labs = await runningLabs();
  return run === undefined ? newestServed(labs) : namedLab(labs, run);
}

function storedState(folder: string): Target {
  if (!existsSync(folder))
    throw new UsageError(
      `--state: expected a folder, such as a scenario's services.state or reports/runs/…/state, got ${folder}, which does not exist`,
    );
  const images = join(folder, STORED_IMAGES);
  return { state: folder, images: existsSync(images) ? images : undefined };
}

function newestServed(labs: readonly RunningLab[]): Target {
  const served = labs.find(({ mode }) => mode === 'serve');
  if (served) return served;
  const others =
    labs.length === 0
      ? 'no lab runs'
      : `all running labs belong to pxewright run; --run selects one of them: ${labs.map(describeLab).join(', ')}`;
  throw new UsageError(
    `expected a lab that pxewright serves (pxewright serve SCENARIO, in another terminal), but ${others}; --state FOLDER selects a stored state`,
  );
}

function namedLab(labs: readonly RunningLab[], run: string): Target {
  const names = (lab: RunningLab): string[] => [
    String(lab.pid),
    lab.scenario,
    basename(lab.scenario),
    lab.file,
    ...(lab.evidenceFolder === undefined
      ? []
      : [resolve(lab.evidenceFolder, '..'), basename(resolve(lab.evidenceFolder, '..')), lab.evidenceFolder]),
  ];
  const found = labs.filter((lab) => names(lab).some((name) => name === run || name === resolve(run)));
  const [only, other] = found;
  if (only === undefined)
    throw new UsageError(
      `--run: expected a running lab, got "${run}" (${labs.length === 0 ? 'no lab runs' : `running: ${labs.map(describeLab).join(', ')}`}); --state FOLDER selects a stored state`,
    );
  if (other !== undefined)
    throw new UsageError(
      `--run: expected one lab, got "${run}", which matches ${found.length}: ${found.map(describeLab).join(', ')}; name one by its process id`,
    );
  return only;
}

function describeLab({ pid, scenario, mode }: RunningLab): string {
  return `${pid} (${mode} ${scenario})`;
}

/** The value of `--option value` or `--option=value`; the management program knows all other options. */
function valueOf(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  if (at >= 0) return args[at + 1];
  return args.find((arg) => arg.startsWith(`${option}=`))?.slice(option.length + 1);
}
