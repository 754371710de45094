import { CommanderError } from 'commander';
import { EXIT } from './exit-codes.ts';

/** Input that a person can fix; every such error carries a complete message. */
const UNUSABLE_INPUT: ReadonlySet<string> = new Set([
  'UsageError',
  'ScenarioError',
  'ScenarioErrors',
  'CaptureFormatError',
  'UnusableCaptureError',
  'UnwatchableInterfaceError',
  'RecordError',
  'ProfileFileError',
  'IncomparableResultsError',
  'ReportNotFoundError',
  'UnusableResultError',
]);

/** Says on standard error what went wrong, a line for each of several errors, and returns the exit code that fits. */
export function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.passed : EXIT.unusableInput;
  if (!(error instanceof Error)) {
    process.stderr.write(`pxewright: ${String(error)}\n`);
    return EXIT.labError;
  }
  if (UNUSABLE_INPUT.has(error.name)) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.unusableInput;
  }
  if (error instanceof AggregateError) {
    for (const one of error.errors as readonly unknown[]) reportError(one);
    return EXIT.labError;
  }
  // Errors that explain themselves have names of their own, and the system's name file and reason: a checkout or a
  // cache that may not be written. Anything else is a defect of ours and shows its stack.
  const explains = 'syscall' in error || (error.name !== 'Error' && error.name !== 'TypeError');
  process.stderr.write(`pxewright: ${explains ? error.message : (error.stack ?? error.message)}\n`);
  return EXIT.labError;
}
