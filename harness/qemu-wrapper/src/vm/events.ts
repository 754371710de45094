import type { QmpEvent } from '../qmp/messages.ts';

/** What a VM reports while it lives: QEMU's own events by name (qapi/run-state.json), and `event` for every one. */
export interface VmEvents {
  SHUTDOWN: [event: QmpEvent & { readonly guest: boolean; readonly reason: string }];
  RESET: [event: QmpEvent & { readonly guest: boolean; readonly reason: string }];
  POWERDOWN: [event: QmpEvent];
  GUEST_PANICKED: [event: QmpEvent];
  STOP: [event: QmpEvent];
  RESUME: [event: QmpEvent];
  /** Every event, also those without an entry here. */
  event: [event: QmpEvent];
}

/**
 * Run states that matter to a caller; QEMU's `prelaunch` is the pause of -S, `internal-error` that of a broken
 * accelerator.
 */
export type VmState = 'prelaunch' | 'running' | 'paused' | 'shutdown' | 'guest-panicked' | 'internal-error' | 'exited';

/** The state after an event. */
export function stateAfter(state: VmState, { name }: QmpEvent): VmState {
  switch (name) {
    case 'RESUME':
      return 'running';
    case 'STOP':
      return state === 'shutdown' || state === 'guest-panicked' ? state : 'paused';
    case 'SHUTDOWN':
      return 'shutdown';
    case 'GUEST_PANICKED':
      return 'guest-panicked';
    default:
      return state;
  }
}
