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
import { bootDevicesOf, DEFAULT_VM } from '../defaults.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import { devicesOf, type BootDevice } from '../schema/boot-order.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { keysAt, type MatrixPoint } from './points.ts';

type Client = ScenarioContent['clients'][number];

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
/** What a VM can fail by: what it is made of, or the order in which it is tried. */
type Part = keyof Parts | 'boot-order';

/** A client's VM at one point of the matrix, and where a value of it stands: on an axis, at the client, or nowhere. */
export interface Machine extends Parts {
  readonly client: Client;
  /** Devices that it boots from at some start, by which its parts are judged; undefined where its firmware's variables say. */
  readonly devices: ReturnType<typeof bootDevicesOf>;
  readonly place: (part: Part) => ScenarioPath;
}

/** Why a VM cannot boot as it is to. */
export interface Impossible extends Pick<Problem, 'expected' | 'got' | 'known' | 'says'> {
  /** What decides it: the part at fault, and those that it does not go with. */
  readonly parts: readonly [Part, ...Part[]];
  /** The reason without a place, one clause. */
  readonly why: string;
}

/**
 * Obstacles to what a VM boots from. The boot order decides them, too, where another one on its axis leaves that device out.
 */
export function orderDecides(
  device: BootDevice,
  { matrix }: Pick<ScenarioContent, 'matrix'>,
  obstacles: readonly Impossible[],
): readonly Impossible[] {
  const decides = matrix?.['boot-order']?.some((order) => !devicesOf(order).includes(device)) === true;
  return decides ? obstacles.map((one) => ({ ...one, parts: [...one.parts, 'boot-order'] })) : obstacles;
}

/** The VMs of a scenario at one point of its matrix; played clients have none. */
export function machinesAt(
  { clients, matrix = {} }: Pick<ScenarioContent, 'clients' | 'matrix'>,
  point: MatrixPoint,
): Machine[] {
  return clients.flatMap((client, index): Machine[] => {
    if (client.plays !== undefined) return [];
    const keys = { ...client, ...keysAt(point) };
    const chosen = { ...DEFAULT_VM, ...defined(keys) } as Omit<Parts, 'machine'> & Partial<Parts>;
    const { firmware, nic, transport, memory, machine = firmwareRow(firmware).machineTypes[0] } = chosen;
    return [
      {
        client,
        devices: bootDevicesOf(keys),
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
