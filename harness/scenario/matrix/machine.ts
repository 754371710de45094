import type { Firmware, PxeNicModel } from '#qemu-wrapper/nic-models';
import { defined } from '../../../servers/service/defined.ts';
import { DEFAULT_VM } from '../defaults.ts';
import type { ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import type { MatrixPoint } from './points.ts';

/** What a VM is made of at one point of the matrix. */
interface Parts {
  readonly firmware: Firmware;
  readonly nic: PxeNicModel;
  /** MiB. */
  readonly memory: number;
}
export type Part = keyof Parts;

/** A client's VM at one point of the matrix, and where a value of it stands: on an axis, at the client, or nowhere. */
export interface Machine extends Parts {
  readonly client: ScenarioContent['clients'][number];
  readonly place: (part: Part) => ScenarioPath;
}

/** The VMs of a scenario at one point of its matrix; played clients have none. */
export function machinesAt(
  { clients, matrix = {} }: Pick<ScenarioContent, 'clients' | 'matrix'>,
  point: MatrixPoint,
): Machine[] {
  return clients.flatMap((client, index): Machine[] => {
    if (client.plays !== undefined) return [];
    const { firmware, nic, memory } = { ...DEFAULT_VM, ...defined(client), ...point } as Parts;
    return [
      {
        client,
        firmware,
        nic,
        memory,
        place: (part) => {
          const onAxis: readonly unknown[] = point[part] === undefined ? [] : (matrix[part] ?? []);
          if (onAxis.length > 0) return ['matrix', part, onAxis.indexOf(point[part])];
          return ['clients', index, ...(client[part] === undefined ? [] : [part])];
        },
      },
    ];
  });
}
