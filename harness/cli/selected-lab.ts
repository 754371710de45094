import { basename, resolve } from 'node:path';
import { runningLabs, type RunningLab } from '../run/running-labs.ts';
import { UsageError } from './usage-error.ts';

/**
 * The lab that `--run` names, or the newest that pxewright serves. `stored` ends the sentence that says what else could be
 * selected.
 */
export async function selectedLab(run: string | undefined, stored: string): Promise<RunningLab> {
  const labs = await runningLabs();
  return run === undefined ? newestServed(labs, stored) : namedLab(labs, run, stored);
}

function newestServed(labs: readonly RunningLab[], stored: string): RunningLab {
  const served = labs.find(({ mode }) => mode === 'serve');
  if (served) return served;
  const others =
    labs.length === 0
      ? 'no lab runs'
      : `all running labs belong to pxewright run; --run selects one of them: ${labs.map(describeLab).join(', ')}`;
  throw new UsageError(
    `expected a lab that pxewright serves (pxewright serve SCENARIO, in another terminal), but ${others}; ${stored}`,
  );
}

function namedLab(labs: readonly RunningLab[], run: string, stored: string): RunningLab {
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
      `--run: expected a running lab, got "${run}" (${labs.length === 0 ? 'no lab runs' : `running: ${labs.map(describeLab).join(', ')}`}); ${stored}`,
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

/**
 * The value of `--option value` or `--option=value`, the last one where there are several; the program that is started knows all other
 * options. After `--` there are none.
 */
export function valueOf(args: readonly string[], option: string): string | undefined {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  const at = options.findLastIndex((arg) => arg === option || arg.startsWith(`${option}=`));
  if (at < 0) return undefined;
  return options[at] === option ? options[at + 1] : options[at]?.slice(option.length + 1);
}
