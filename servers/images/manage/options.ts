import { InvalidArgumentError, Option } from 'commander';
import type * as z from 'zod';
import type { LabDirectory } from './directory-account.ts';

/** Where the state is: `pxewright` fills both in for a lab that runs (--run), or from --state. */
export interface TargetOptions {
  readonly state: string;
  /** Root of the RemInst tree; absent where there is none. */
  readonly images?: string;
  readonly json?: boolean;
  /** Of a lab that is a domain controller: process id and configuration file. */
  readonly directory?: LabDirectory;
}

/**
 * The options that every verb has. The help shows --run and --state as a person gives them; `pxewright` passes on the
 * folders.
 */
export function targetOptions(): Option[] {
  return [
    new Option(
      '--run <run>',
      'a running lab: its scenario (name or file), run folder or process id; default: the newest that pxewright serves',
    ),
    new Option(
      '--state <folder>',
      "instead of a running lab: a stored state, such as the scenario's services.state",
    ).makeOptionMandatory(),
    new Option('--images <folder>', 'root of the RemInst tree').hideHelp(),
    new Option('--directory <pid:file>', 'directory of a lab with a domain controller')
      .hideHelp()
      .argParser(labDirectory),
    new Option('--json', 'machine-readable'),
  ];
}

function labDirectory(text: string): LabDirectory {
  const [, pid, configFile = ''] = /^(\d+):(\/.+)$/.exec(text) ?? [];
  if (pid === undefined) throw new InvalidArgumentError('expected PROCESS-ID:/FILE.');
  return { pid: Number(pid), configFile };
}

/** Checks an argument by a schema of the store; the schema's message continues commander's sentence. */
export function checked(schema: z.ZodType<string>): (text: string) => string {
  return (text) => {
    const parsed = schema.safeParse(text);
    if (!parsed.success)
      throw new InvalidArgumentError(`${parsed.error.issues[0]?.message ?? 'expected another value'}.`);
    return parsed.data;
  };
}
