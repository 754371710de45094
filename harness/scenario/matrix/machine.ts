import type { DiskInterface } from '#qemu-wrapper/machines';
import {
  firmwareRow,
  type Firmware,
  type MachineType,
  type PxeNicModel,
  type Transport,
} from '#qemu-wrapper/nic-models';
import { defined } from '../../../servers/service/defined.ts';
import type { AgentLoaderName } from '../../../vm-images/bundle-contents.ts';
import { DEFAULT_VM } from '../defaults.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import type { MatrixPoint } from './points.ts';

/** What a VM is made of at one point of the matrix. */
interface Parts {
  readonly firmware: Firmware;
  readonly nic: PxeNicModel;
  readonly transport: Transport;
  /** MiB. */
  readonly memory: number;
  readonly machine: MachineType;
  readonly 'disk-interface': DiskInterface;
  readonly 'disk-block-size': number;
  /** Undefined for the firmware's default. */
  readonly 'boot-program': AgentLoaderName | undefined;
}
type Part = keyof Parts;

/** A client's VM at one point of the matrix, and where a value of it stands: on an axis, at the client, or nowhere. */
export interface Machine extends Parts {
  readonly client: ScenarioContent['clients'][number];
  readonly place: (part: Part) => ScenarioPath;
}

/** Why a VM cannot boot as it is to. */
export interface Impossible extends Pick<Problem, 'expected' | 'got' | 'known' | 'says'> {
  /** What decides it: the part at fault, and those that it does not go with. */
  readonly parts: readonly [Part, ...Part[]];
  /** The reason without a place, one clause. */
  readonly why: string;
}

/** The VMs of a scenario at one point of its matrix; played clients have none. */
export function machinesAt(
  { clients, matrix = {} }: Pick<ScenarioContent, 'clients' | 'matrix'>,
  point: MatrixPoint,
): Machine[] {
  return clients.flatMap((client, index): Machine[] => {
    if (client.plays !== undefined) return [];
    const chosen = { ...DEFAULT_VM, ...defined(client), ...point } as Omit<Parts, 'machine'> & Partial<Parts>;
    const { firmware, nic, transport, memory, machine = firmwareRow(firmware).machineTypes[0] } = chosen;
    return [
      {
        client,
        firmware,
        nic,
        transport,
        memory,
        machine,
        'disk-interface': chosen['disk-interface'],
        'disk-block-size': chosen['disk-block-size'],
        'boot-program': chosen['boot-program'],
        place: (part) => {
          const onAxis: readonly unknown[] = point[part] === undefined ? [] : (matrix[part] ?? []);
          if (onAxis.length > 0) return ['matrix', part, onAxis.indexOf(point[part])];
          return ['clients', index, ...(client[part] === undefined ? [] : [part])];
        },
      },
    ];
  });
}
