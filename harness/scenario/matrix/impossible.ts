import { bootableNics, bootDriver } from '#qemu-wrapper/nic-models';
import { bootOrderOf, rootsOf } from '../defaults.ts';
import type { Problem } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { servedBundle } from '../bundles.ts';
import { failureOf } from '../client-order.ts';
import type { Machine, Part } from './machine.ts';

/** Why a VM cannot boot as it is to. */
export interface Impossible extends Pick<Problem, 'expected' | 'got' | 'known' | 'says'> {
  /** What decides it: the part at fault, and those that it does not go with. */
  readonly parts: readonly [Part, ...Part[]];
  /** The reason without a place, one clause. */
  readonly why: string;
}

/** Everything that keeps a VM of a scenario from booting over the network. */
export function impossibilities(machine: Machine, content: ScenarioContent): Impossible[] {
  return bootOrderOf(machine.client).includes('network') ? [...cardOf(machine), ...memoryOf(machine, content)] : [];
}

/** The card against the firmware that is to boot from it. */
function cardOf({ nic, firmware }: Machine): Impossible[] {
  if (bootDriver(nic, firmware)) return [];
  const known = bootableNics(firmware);
  const why = `network card ${JSON.stringify(nic)} does not boot under firmware ${JSON.stringify(firmware)}`;
  return [
    {
      parts: ['nic', 'firmware'],
      expected: `a network card that boots under ${firmware} (${known.join(', ')})`,
      got: JSON.stringify(nic),
      known,
      why,
      says: `${why} (those that do: ${known.join(', ')})`,
    },
  ];
}

/**
 * Memory against what the bundles need that the VM boots. A scenario that expects a failure may want too little: that may
 * be what it shows. What a folder of the user's needs is not known.
 */
function memoryOf({ client, memory, firmware }: Machine, content: ScenarioContent): Impossible[] {
  if (failureOf(client, content) !== undefined) return [];
  return rootsOf(content).flatMap((root): Impossible[] => {
    const needed = servedBundle(root)?.agent?.memoryMiB[firmware] ?? 0;
    return memory >= needed
      ? []
      : [
          {
            parts: ['memory', 'firmware'],
            expected: `at least ${needed}MiB of memory, which what ${root} boots under ${firmware} needs`,
            got: `${memory}MiB`,
            why: `what ${root} boots under ${firmware} needs ${needed}MiB of memory`,
          },
        ];
  });
}
