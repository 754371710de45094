import { expect, it } from 'vitest';
import { stateAfter, type VmState } from './events.ts';

it.each<[VmState, string, VmState]>([
  ['prelaunch', 'RESUME', 'running'],
  ['running', 'STOP', 'paused'],
  ['running', 'SHUTDOWN', 'shutdown'],
  ['shutdown', 'STOP', 'shutdown'],
  ['running', 'GUEST_PANICKED', 'guest-panicked'],
  ['guest-panicked', 'STOP', 'guest-panicked'],
  ['running', 'RESET', 'running'],
])('%s becomes, after %s, %s', (state, name, next) => {
  expect(stateAfter(state, { name, data: {}, atUs: 0 })).toBe(next);
});
