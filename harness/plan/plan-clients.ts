import { bootOrderOf } from '../scenario/defaults.ts';
import type { MatrixPoint } from '../scenario/matrix.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { deriveMac, deriveUuid } from './derive-identity.ts';
import type { ClientPlan } from './plan.ts';

/** The bundled agent installs within this: 256 MiB run, and the image passes through the page cache. */
const DEFAULT_MEMORY_MIB = 512;

/** Every client with everything that a VM needs; a matrix point's values replace those of each client. */
export function planClients(scenario: Scenario, id: string, point: MatrixPoint): readonly ClientPlan[] {
  const taken = new Set(scenario.clients.flatMap((client) => client.mac ?? []));
  return scenario.clients.map((written) => {
    const client = { ...written, ...point } as typeof written;
    const mac = client.mac ?? deriveMac(id, client.name, taken);
    taken.add(mac);
    return {
      name: client.name,
      mac,
      uuid: client.uuid ?? deriveUuid(id, client.name),
      firmware: client.firmware ?? 'bios',
      nic: client.nic ?? 'e1000',
      memoryMiB: client.memory ?? DEFAULT_MEMORY_MIB,
      cpus: client.cpus ?? 1,
      ...(client.disk === undefined ? {} : { diskMiB: client.disk }),
      bootOrder: bootOrderOf(client).map((device, index) => ({ device, bootindex: index })),
      keys: client.agent?.keys ?? [],
    };
  });
}
