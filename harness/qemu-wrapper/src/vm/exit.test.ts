import { expect, it } from 'vitest';
import { exitReason } from './exit.ts';

it.each([
  ['the guest powers off', { code: 0, shutdownCause: 'guest-shutdown' }, 'guest-shutdown'],
  ['the guest chooses an exit code', { code: 85, shutdownCause: 'guest-shutdown' }, 'guest-shutdown'],
  ['the guest resets', { code: 0, shutdownCause: 'guest-reset' }, 'guest-reset'],
  ['the guest panics', { code: 0, shutdownCause: 'guest-panic' }, 'guest-panic'],
  ['QMP quits', { code: 0, shutdownCause: 'host-qmp-quit' }, 'host-quit'],
  ['SIGTERM ends it in order', { code: 0, shutdownCause: 'host-signal' }, 'killed'],
  ['SIGKILL ends it', { signal: 'SIGKILL' }, 'killed'],
  ['it dies of SIGSEGV', { signal: 'SIGSEGV' }, 'crashed'],
  ['it dies while the guest powers off', { signal: 'SIGABRT', shutdownCause: 'guest-shutdown' }, 'crashed'],
  ['it ends in order, unannounced', { code: 0 }, 'guest-shutdown'],
  ['it was asked to quit and ends unannounced', { code: 0, quitAsked: true }, 'host-quit'],
  ['it exits with an error', { code: 1 }, 'crashed'],
  ['KVM gives up and it is ended for that', { signal: 'SIGKILL', internalError: true }, 'crashed'],
])(
  'when %s',
  (_, facts: {
    code?: number;
    signal?: string;
    shutdownCause?: string;
    quitAsked?: boolean;
    internalError?: boolean;
  }, reason) => {
    expect(
      exitReason({
        code: facts.code,
        signal: facts.signal,
        shutdownCause: facts.shutdownCause,
        quitAsked: facts.quitAsked ?? false,
        internalError: facts.internalError ?? false,
      }),
    ).toBe(reason);
  },
);
