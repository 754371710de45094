import { expect, it } from 'vitest';
import type { Step } from '../../../reports/result.ts';
import { machineReach } from './reach.ts';

const step = (name: string): Step => ({
  machine: 'x',
  step: name,
  verdict: 'passed',
  atMs: 0,
  durationMs: 0,
  frames: [1],
});

it('a recorded boot ends before a store of disk backups, which no capture can fill, whatever else the lab has', () => {
  const { endsBefore } = machineReach({ isReal: () => true, isHidden: () => false, hasSystem: true });
  expect(endsBefore(step('restic.open'))).toMatch(/neither the password/);
  expect(endsBefore(step('smb.negotiate'))).toBeUndefined();
});
