import { createTestModel } from '@xstate/graph';
import { type AnyMachineSnapshot, type AnyStateMachine, transition } from 'xstate';
import { describe, expect, it } from 'vitest';
import { stepSchema } from '../../reports/result.ts';
import { toBootEvent } from './boot-events.ts';
import { bootMachine } from './boot-machine.ts';
import type { StepDraft } from '../protocols/base/judge/step.ts';
import { MACHINE_SAMPLES, type MachineSample } from './testing/machine-samples.ts';

const STEP: StepDraft = {
  machine: 'test',
  step: 'dhcp.discover',
  verdict: 'passed',
  startUs: 1,
  endUs: 2,
  frames: [1],
  detail: { vendorClass: 'PXEClient', attempt: 1, bootfile: 'a.0', server: 's', path: 'a.0', port: 445 },
};
const BOOT_STEPS = [
  'dhcp.discover',
  'dhcp.ack',
  'proxydhcp.offer',
  'proxydhcp.request',
  'proxydhcp.ack',
  'tftp.read-request',
  'tftp.transfer',
  'smb.negotiate',
  'smb.session-setup',
  'image.header',
  'image.transfer',
  'image.upload',
  'arp.resolve',
];
const BOOT: MachineSample = {
  name: 'boot',
  machine: bootMachine,
  input: { startUs: 0, planned: true, budgeted: [], guestExpected: true },
  events: [
    ...BOOT_STEPS.map((step) => toBootEvent({ ...STEP, step })),
    toBootEvent({ ...STEP, detail: { vendorClass: 'udhcp' } }),
    toBootEvent({ ...STEP, verdict: 'failed' }),
    toBootEvent({ ...STEP, step: 'tftp.error', verdict: 'recorded', cause: 'boot-file-missing' }),
    { type: 'goal', step: STEP },
    { type: 'end', atUs: 9, quiet: true },
    { type: 'deadline', atUs: 9, waitingFor: 'a test' },
  ] as never[],
  facts: (context: { failed: boolean; phase: string }) => [context.failed, context.phase],
};

const SAMPLES = [...MACHINE_SAMPLES, BOOT];

interface Walk {
  readonly snapshots: readonly AnyMachineSnapshot[];
  readonly steps: readonly StepDraft[];
}

/** Every situation that the sample's events lead to, found by the test model of @xstate/graph. */
function walk(sample: MachineSample): Walk {
  const machine = sample.machine as AnyStateMachine;
  const situation = (snapshot: AnyMachineSnapshot): string =>
    JSON.stringify([snapshot.value, sample.facts(snapshot.context as never)]);
  const paths = createTestModel(machine).getShortestPaths({
    events: sample.events,
    input: sample.input,
    serializeState: situation,
  } as never);
  // The test model leaves out paths that are the beginning of another: their ends are steps of that one.
  const found = new Map<string, AnyMachineSnapshot>();
  for (const path of paths)
    for (const { state } of [...path.steps, path])
      found.set(situation(state as AnyMachineSnapshot), state as AnyMachineSnapshot);
  const snapshots = [...found.values()];
  const steps = snapshots.flatMap((snapshot) =>
    sample.events.flatMap((event) => stepsOf(machine, snapshot, event).steps),
  );
  return { snapshots, steps };
}

function stepsOf(
  machine: AnyStateMachine,
  snapshot: AnyMachineSnapshot,
  event: unknown,
): { next: AnyMachineSnapshot; steps: StepDraft[] } {
  const [next, actions] = transition(machine, snapshot, event as never) as unknown as [
    AnyMachineSnapshot,
    readonly { type: string; params: unknown }[],
  ];
  return {
    next,
    steps: actions.filter((action) => action.type === 'step').map((action) => action.params as StepDraft),
  };
}

describe.each(SAMPLES)('the $name machine', (sample) => {
  const machine = sample.machine as AnyStateMachine;
  const { snapshots, steps } = walk(sample);
  const declared = Object.keys(machine.states).sort();

  it('reaches each of its states', () => {
    expect([...new Set(snapshots.map((snapshot) => snapshot.value as string))].sort()).toEqual(declared);
  });

  it('lets no event fall: what no state handles, its root does', () => {
    const handled = Object.keys((machine.config.on ?? {}) as object);
    expect(handled).toContain('*');
    expect(handled).toContain('deadline');
    for (const snapshot of snapshots) {
      const { next, steps: emitted } = stepsOf(machine, snapshot, {
        type: 'something.new',
        frame: 7,
        atUs: 7,
        client: 'c',
      });
      expect(next.value).toBe(snapshot.value);
      if (sample.name !== 'boot') expect(emitted).toMatchObject([{ verdict: 'recorded' }]);
    }
  });

  it('ends every wait: a deadline leaves the state or says why not', () => {
    for (const snapshot of snapshots) {
      const waits = Object.values(snapshot.getMeta()).some((meta) => meta !== undefined);
      if (!waits || sample.name === 'boot') continue;
      const { next, steps: emitted } = stepsOf(machine, snapshot, sample.events.at(-1));
      expect(emitted.length, String(snapshot.value)).toBe(1);
      expect(next.value).not.toBe(snapshot.value);
    }
  });

  it('emits steps that fit the Result', () => {
    for (const step of steps) {
      expect(step.endUs).toBeGreaterThanOrEqual(step.startUs);
      if (step.verdict === 'failed')
        expect(step).toMatchObject({
          expected: expect.any(String) as string,
          actual: expect.any(String) as string,
          cause: expect.any(String) as string,
        });
      const { startUs, endUs, ...rest } = step;
      expect(() =>
        stepSchema.parse({ ...rest, atMs: startUs / 1000, durationMs: (endUs - startUs) / 1000 }),
      ).not.toThrow();
    }
  });
});
