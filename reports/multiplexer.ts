import type { Reporter, WrittenFile } from './reporter.ts';
import { printable } from './text.ts';

/** A reporter under the name that a user knows it by: `terminal`, `junit`, `html`. */
export interface NamedReporter {
  readonly name: string;
  readonly reporter: Reporter;
}

/** Several reporters hit an error of the lab, as on a full disk: one line of the message for each. */
class SeveralLabErrors extends AggregateError {
  override readonly name = 'SeveralLabErrors';
  readonly code = 'LAB_ERROR';

  constructor(errors: readonly Error[]) {
    super(errors, errors.map(({ message }) => message).join('\n'));
  }
}

type AnyHook = (...args: readonly unknown[]) => unknown;
type HookName = Exclude<keyof Reporter, 'version'>;

/**
 * One reporter that passes every event to several. A reporter that throws (or whose `onRunEnd` rejects) is named once
 * through `complain` and goes on receiving events; the others and the verdict are not affected. Errors marked `code:
 * 'LAB_ERROR'` pass through from `onRunEnd`, after every reporter has had its turn: an invalid Result, or a report that
 * could not be written, is not a matter of presentation.
 */
export function multiplex(
  reporters: readonly NamedReporter[],
  complain: (line: string) => void = toStandardError,
): Required<Reporter> {
  const complained = new Set<string>();

  const blame = (name: string, hook: HookName, error: unknown): void => {
    if (complained.has(name)) return;
    complained.add(name);
    const reason = error instanceof Error ? error.message : String(error);
    complain(
      `reporter ${name} failed in ${hook}: ${printable(reason)} (verdicts are not affected; its further failures are not reported)`,
    );
  };

  const tell = (hook: HookName, args: readonly unknown[]): void => {
    for (const { name, reporter } of reporters) {
      try {
        const returned = (reporter[hook] as AnyHook | undefined)?.apply(reporter, args as unknown[]);
        if (returned instanceof Promise) returned.catch((error: unknown) => blame(name, hook, error));
      } catch (error) {
        blame(name, hook, error);
      }
    }
  };

  return {
    version: 1,
    onRunBegin: (...args) => tell('onRunBegin', args),
    onSetup: (...args) => tell('onSetup', args),
    onScenarioBegin: (...args) => tell('onScenarioBegin', args),
    onLabStep: (...args) => tell('onLabStep', args),
    onStep: (...args) => tell('onStep', args),
    onGuest: (...args) => tell('onGuest', args),
    onWaiting: (...args) => tell('onWaiting', args),
    onProgress: (...args) => tell('onProgress', args),
    onScenarioEnd: (...args) => tell('onScenarioEnd', args),
    // One after another, in the order given: a summary that names report.html comes after the reporter that writes it.
    async onRunEnd(result, folder) {
      const written: WrittenFile[] = [];
      const labErrors: Error[] = [];
      for (const { name, reporter } of reporters) {
        try {
          const file = await reporter.onRunEnd?.(result, folder, written);
          if (file !== undefined) written.push(file);
        } catch (error) {
          if (isLabError(error)) labErrors.push(error);
          else blame(name, 'onRunEnd', error);
        }
      }
      const [first, ...more] = labErrors;
      if (first !== undefined) throw more.length === 0 ? first : new SeveralLabErrors(labErrors);
    },
  };
}

function isLabError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'LAB_ERROR';
}

function toStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}
