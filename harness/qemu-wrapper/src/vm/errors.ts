import type { MachineExit } from './machine-exit.ts';

/** QEMU did not get as far as a paused machine with an open monitor. */
export class MachineStartError extends Error {
  override readonly name = 'MachineStartError';
  readonly code = 'MACHINE_START';
  readonly argv: readonly string[];
  readonly folder: string;
  readonly stderr: string;

  constructor(
    machine: string,
    why: string,
    facts: { argv: readonly string[]; folder: string; stderr: string; cause?: unknown },
  ) {
    super(
      `starting machine ${machine} failed: ${why}\n  standard error: ${quoted(facts.stderr)}\n  command, in ${facts.folder}: ${shellLine(facts.argv)}`,
      { cause: facts.cause },
    );
    this.argv = facts.argv;
    this.folder = facts.folder;
    this.stderr = facts.stderr;
  }
}

/** The machine had ended, or ended while something was asked of it. */
export class MachineEndedError extends Error {
  override readonly name = 'MachineEndedError';
  readonly code = 'MACHINE_ENDED';
  /** undefined when only the monitor is gone and QEMU still stands. */
  readonly exit: MachineExit | undefined;

  constructor(machine: string, exit: MachineExit | undefined, cause?: Error) {
    super(
      `machine ${machine} ${exit === undefined ? 'closed its monitor but still runs' : `ended: ${howItEnded(exit)}`}`,
      { cause },
    );
    this.exit = exit;
  }
}

function howItEnded({ reason, code, signal, oom, stderr }: MachineExit): string {
  return `${reason}, ${signal ?? `code ${String(code)}`}${oom === true ? ', out of memory' : ''}; standard error: ${quoted(stderr)}`;
}

/** An argument list as a line that a shell takes. */
export function shellLine(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

function quoted(stderr: string): string {
  const text = stderr.trim();
  return text === '' ? '(empty)' : text.split('\n').join('\n    ');
}
