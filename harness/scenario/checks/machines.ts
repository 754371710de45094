import { bootableNics, bootDriver, type PxeNicModel } from '#qemu-wrapper/nic-models';
import { defined } from '../../../servers/service/defined.ts';
import type { Firmware } from '../../protocols/dhcp/wire/architectures.ts';
import { bootOrderOf, DEFAULT_VM, rootsOf } from '../defaults.ts';
import { matrixPoints } from '../matrix.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { servedBundle } from '../bundles.ts';
import { failureOf } from '../client-order.ts';

type Client = ScenarioContent['clients'][number];

/** What a VM is made of at one point of the matrix. */
interface Parts {
  readonly firmware: Firmware;
  readonly nic: PxeNicModel;
  /** MiB. */
  readonly memory: number;
}

/** A client's VM at one point of the matrix, and where a value of it stands: on an axis, at the client, or nowhere. */
export interface Machine extends Parts {
  readonly client: Client;
  readonly place: (part: keyof Parts) => ScenarioPath;
}

/** Every VM that a scenario starts, at every point of its matrix. */
export function machinesOf({ clients, matrix = {} }: Pick<ScenarioContent, 'clients' | 'matrix'>): Machine[] {
  return clients.flatMap((client, index) =>
    client.plays === undefined
      ? matrixPoints(matrix).map((point): Machine => {
          const made = { ...DEFAULT_VM, ...defined(client), ...point } as Parts;
          return {
            client,
            firmware: made.firmware,
            nic: made.nic,
            memory: made.memory,
            place: (part) => {
              const onAxis: readonly unknown[] = point[part] === undefined ? [] : (matrix[part] ?? []);
              if (onAxis.length > 0) return ['matrix', part, onAxis.indexOf(point[part])];
              return ['clients', index, ...(client[part] === undefined ? [] : [part])];
            },
          };
        })
      : [],
  );
}

/** Cards against the firmware that is to boot from them. */
export function checkNics(content: ScenarioContent): Problem[] {
  return once(
    machinesOf(content)
      .filter(({ client, nic, firmware }) => bootOrderOf(client).includes('network') && !bootDriver(nic, firmware))
      .map(({ nic, firmware, place }) => ({
        path: place('nic'),
        expected: `a network card that boots under ${firmware} (${bootableNics(firmware).join(', ')})`,
        got: JSON.stringify(nic),
        known: bootableNics(firmware),
        says: `network card ${JSON.stringify(nic)} does not boot under firmware ${JSON.stringify(firmware)} (those that do: ${bootableNics(firmware).join(', ')})`,
      })),
  );
}

/**
 * Memory against what the bundles need that the VM boots. A scenario that expects a failure may want too little: that may
 * be what it shows. What a folder of the user's needs is not known.
 */
export function checkMemory(content: ScenarioContent): Problem[] {
  const roots = rootsOf(content);
  return once(
    machinesOf(content)
      .filter(({ client }) => bootOrderOf(client).includes('network') && failureOf(client, content) === undefined)
      .flatMap(({ memory, firmware, place }) =>
        roots.flatMap((root): Problem[] => {
          const needed = servedBundle(root)?.agent?.memoryMiB[firmware] ?? 0;
          return memory >= needed
            ? []
            : [
                {
                  path: place('memory'),
                  expected: `at least ${needed}MiB of memory, which what ${root} boots under ${firmware} needs`,
                  got: `${memory}MiB`,
                },
              ];
        }),
      ),
  );
}

/** Problems without those that say the same of the same place: points of a matrix share their values. */
export function once(problems: readonly Problem[]): Problem[] {
  const key = ({ path, says, got }: Problem): string => JSON.stringify([path, says, got]);
  return [...new Map(problems.map((problem) => [key(problem), problem])).values()];
}
