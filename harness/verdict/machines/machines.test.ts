import { createTestModel } from '@xstate/graph';
import { type AnyMachineSnapshot, type AnyStateMachine, type StateValue, transition } from 'xstate';
import { describe, expect, it } from 'vitest';
import { stepSchema } from '../../../reports/result.ts';
import { toBootEvent } from '../boot/boot-events.ts';
import { bootMachine } from '../boot/boot-machine.ts';
import { at, CLIENT, observe, SERVER } from '../../observe/testing/scene.ts';
import type { Waiting } from '../../protocols/base/judge/machine-parts.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { authIpBytes } from '../../protocols/isakmp/testing/bytes.ts';
import { boot } from '../testing/boot-story.ts';
import { WALKED_MACHINES, type WalkedMachine } from '../testing/machine-samples.ts';

interface Walk {
  readonly snapshots: readonly AnyMachineSnapshot[];
  readonly steps: readonly StepDraft[];
}

/** Every situation that the sample's events lead to, found by the test model of @xstate/graph. */
function walk(sample: WalkedMachine): Walk {
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

/** The states that hold no others, each below those that hold it. */
const namesIn = (states: AnyStateMachine['states']): string[] =>
  Object.entries(states).flatMap(([name, { states: below }]) => {
    const names = namesIn(below);
    return names.length === 0 ? [name] : names.map((inner) => `${name}.${inner}`);
  });
const nameOf = (value: StateValue): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value)
        .map(([name, below]) => `${name}.${nameOf(below ?? '')}`)
        .join();

const WALKS = WALKED_MACHINES.map((sample) => ({ sample, ...walk(sample) }));

/** The steps of the protocols' machines, one of each meaning for the order of a boot. */
const BOOT_EVENTS = [
  ...new Map(
    WALKS.flatMap(({ steps }) => steps.map((step) => toBootEvent(step))).map((event) => [
      `${event.type} ${'step' in event ? event.step.step : ''}`,
      event,
    ]),
  ).values(),
];
const BOOT: WalkedMachine = {
  name: 'boot',
  machine: bootMachine,
  input: { startUs: 0, planned: true, budgeted: [], guestExpected: true, expectedAgain: [] },
  events: [
    ...BOOT_EVENTS,
    // What the judge itself tells it.
    ...BOOT_EVENTS.slice(0, 1).map((event) => ({ ...event, type: 'goal' })),
    { type: 'end', atUs: 9, quiet: true },
    { type: 'deadline', atUs: 9, waitingFor: 'a test' },
  ] as never[],
  facts: (context: { failed: boolean; phase: string }) => [context.failed, context.phase],
};

/** An event that no state machine is made for. */
const [OF_NO_MACHINE] = observe(
  boot().also(({ link }) => link.udp(at(CLIENT, 500), at(SERVER, 500), authIpBytes())).frames,
  { clients: [CLIENT.mac] },
).events;

describe.each([...WALKS, { sample: BOOT, ...walk(BOOT) }])(
  'the $sample.name machine',
  ({ sample, snapshots, steps }) => {
    const machine = sample.machine as AnyStateMachine;
    const declared = namesIn(machine.states).sort();

    it('reaches each of its states', () => {
      expect([...new Set(snapshots.map(({ value }) => nameOf(value as StateValue)))].sort()).toEqual(declared);
    });

    it('lets no event fall: what no state handles, its root does', () => {
      const handled = Object.keys((machine.config.on ?? {}) as object);
      expect(handled).toContain('*');
      expect(handled).toContain('deadline');
      for (const snapshot of snapshots) {
        const { next, steps: emitted } = stepsOf(machine, snapshot, OF_NO_MACHINE);
        expect(next.value).toEqual(snapshot.value);
        if (sample.name !== 'boot') expect(emitted).toMatchObject([{ verdict: 'recorded' }]);
      }
    });

    it('ends every wait: a deadline leaves the state or says why not', () => {
      for (const snapshot of snapshots) {
        const waits = Object.values(snapshot.getMeta()).some((meta) => meta !== undefined);
        if (!waits || sample.name === 'boot') continue;
        const { next, steps: emitted } = stepsOf(machine, snapshot, sample.events.at(-1));
        // Who has left may have said all before.
        const least = (snapshot.context as Waiting).left === true ? 0 : 1;
        expect(emitted.length, JSON.stringify(snapshot.value)).toBeGreaterThanOrEqual(least);
        expect(emitted.length, JSON.stringify(snapshot.value)).toBeLessThanOrEqual(1);
        expect(next.value).not.toEqual(snapshot.value);
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
  },
);
