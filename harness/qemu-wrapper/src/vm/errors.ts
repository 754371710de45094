import type { VmExit } from './exit.ts';

/** QEMU did not get as far as a paused VM with an open monitor. */
export class VmStartError extends Error {
  override readonly name = 'VmStartError';
  readonly code = 'VM_START';
  readonly argv: readonly string[];
  readonly folder: string;
  readonly stderr: string;

  constructor(
    vm: string,
    why: string,
    facts: { argv: readonly string[]; folder: string; stderr: string; cause?: unknown },
  ) {
    super(
      `starting VM ${vm} failed: ${why}\n  standard error: ${quoted(facts.stderr)}\n  command, in ${facts.folder}: ${shellLine(facts.argv)}`,
      { cause: facts.cause },
    );
    this.argv = facts.argv;
    this.folder = facts.folder;
    this.stderr = facts.stderr;
  }
}

/** The VM had ended, or ended while something was asked of it. */
export class VmEndedError extends Error {
  override readonly name = 'VmEndedError';
  readonly code = 'VM_ENDED';
  /** undefined when only the monitor is gone and QEMU still stands. */
  readonly exit: VmExit | undefined;

  constructor(vm: string, exit: VmExit | undefined, cause?: Error) {
    super(`VM ${vm} ${exit === undefined ? 'closed its monitor but still runs' : `ended: ${howItEnded(exit)}`}`, {
      cause,
    });
    this.exit = exit;
  }
}

function howItEnded({ reason, code, signal, oom, stderr }: VmExit): string {
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
