/**
 * Why a VM ended: the guest powered off, reset (with `onReset: 'shutdown'`) or panicked; QMP quit; a signal that
 * asked or killed; or QEMU broke.
 */
export type ExitReason = 'guest-shutdown' | 'guest-reset' | 'guest-panic' | 'host-quit' | 'killed' | 'crashed';

export interface VmExit {
  /** Exit code; undefined after a signal. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stderr: string;
  readonly reason: ExitReason;
  /** The kernel killed a process for want of memory while this one ran, and this one died by SIGKILL. */
  readonly oom?: boolean;
}

/** What is known when QEMU has ended. */
export interface ExitFacts {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** ShutdownCause of the last SHUTDOWN event (qapi/run-state.json). */
  readonly shutdownCause: string | undefined;
  /** We asked it to quit. */
  readonly quitAsked: boolean;
  /** KVM could not go on: QEMU stays, paused, until somebody ends it. */
  readonly internalError: boolean;
}

/** Signals by which somebody ends a process; every other one is a crash. */
const ENDING_SIGNALS = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);

/**
 * Decides the reason. A signal outranks what QEMU had said before, and what QEMU said outranks its exit code:
 * isa-debug-exit makes any code a guest's choice.
 */
export function exitReason({ code, signal, shutdownCause, quitAsked, internalError }: ExitFacts): ExitReason {
  if (internalError) return 'crashed';
  if (signal !== undefined) return ENDING_SIGNALS.has(signal) ? 'killed' : 'crashed';
  switch (shutdownCause) {
    case 'guest-shutdown':
    case 'guest-reset':
    case 'guest-panic':
      return shutdownCause;
    case 'subsystem-reset':
      return 'guest-reset';
    case 'host-qmp-quit':
      return 'host-quit';
    case 'host-signal':
    case 'host-ui':
      return 'killed';
    default:
      if (code !== 0) return 'crashed';
      // The announcement is lost when a command of ours (a screenshot) meets the closed end of the monitor: its failure
      // ends our side with what was still unread. Nobody else has a monitor, so a good end that we did not ask for is
      // the guest's.
      return quitAsked ? 'host-quit' : 'guest-shutdown';
  }
}
