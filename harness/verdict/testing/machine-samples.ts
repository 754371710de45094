import type { MachineEvent } from '../../protocols/base/judge/machine-parts.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import type { Protocol } from '../../protocols/protocol.ts';
import type { MachineSample, MachineSamples } from '../../protocols/testing/machine-sample.ts';
import { alphabetOf, machineOf } from './alphabets.ts';

/** A machine with everything that a walk through all of its states needs. */
export interface WalkedMachine {
  readonly name: string;
  readonly machine: object;
  readonly input: unknown;
  readonly events: readonly MachineEvent<ProtocolEvent>[];
  readonly facts: NonNullable<MachineSample['facts']>;
}

/** The samples of every state machine that a room declares, room by room: one without a sample is an error. */
export const SAMPLES: readonly (readonly [name: string, sample: MachineSample])[] = (
  await Promise.all(
    PROTOCOLS.map(async ({ name: room, judge }: Pick<Protocol<never>, 'name' | 'judge'>) => {
      const names = Object.keys(judge?.machines ?? {});
      const samples = names.length > 0 ? await samplesOf(room) : {};
      return names.map((name) => {
        const sample = samples[name];
        if (!sample) throw new Error(`the room ${room} has no sample of its state machine ${name}`);
        return [name, sample] as const;
      });
    }),
  )
).flat();

async function samplesOf(room: string): Promise<MachineSamples> {
  const { MACHINE_SAMPLES } = (await import(`../../protocols/${room}/testing/machine-samples.ts`)) as {
    readonly MACHINE_SAMPLES: MachineSamples;
  };
  return MACHINE_SAMPLES;
}

/** Every protocol machine with the events of its captures. */
export const WALKED_MACHINES: readonly WalkedMachine[] = SAMPLES.map(([name, sample]) => {
  const { logic, input } = machineOf(name, sample.key);
  const events = alphabetOf(name, sample.captures);
  const lastUs = Math.max(...events.map(({ atUs }) => atUs));
  const deadline = { type: 'deadline', atUs: lastUs + 1, waitingFor: 'a test' } as const;
  const facts = sample.facts ?? (() => 0);
  return { name, machine: logic, input, facts, events: [...(events as MachineEvent<ProtocolEvent>[]), deadline] };
});
