import { bootOrderOf, joinOf } from '../scenario/defaults.ts';
import type { MatrixPoint } from '../scenario/matrix.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { ARCHITECTURES } from '../scenario/schema-dhcp.ts';
import { deriveMac, deriveUuid } from './derive-identity.ts';
import type { ClientPlan, MachinePlan, PlayedPlan } from './plan.ts';

type Client = Scenario['clients'][number];
type Identity = Pick<ClientPlan, 'name' | 'mac' | 'uuid'>;

/** The bundled agent installs within this: 256 MiB run, and the image passes through the page cache. */
const DEFAULT_MEMORY_MIB = 512;
/** A played client asks for a decision so long: some polls at WDS's usual ten seconds. */
const DEFAULT_POLLS_FOR_MS = 30_000;

/** Every client with everything that it needs; a matrix point's values replace those of each machine. */
export function planClients(scenario: Scenario, id: string, point: MatrixPoint): readonly ClientPlan[] {
  const taken = new Set(scenario.clients.flatMap((client) => client.mac ?? []));
  return scenario.clients.map((client) => {
    const mac = client.mac ?? deriveMac(id, client.name, taken);
    taken.add(mac);
    const identity = { name: client.name, mac, uuid: client.uuid ?? deriveUuid(id, client.name) };
    return client.plays === undefined ? planMachine({ ...client, ...point } as Client, identity, joinOf(scenario, client.name)) : planPlayed(client, identity);
  });
}

function planMachine(client: Client, identity: Identity, join: string | undefined): MachinePlan {
  return {
    ...identity,
    firmware: client.firmware ?? 'bios',
    nic: client.nic ?? 'e1000',
    memoryMiB: client.memory ?? DEFAULT_MEMORY_MIB,
    cpus: client.cpus ?? 1,
    ...(client.disk === undefined ? {} : { diskMiB: client.disk }),
    bootOrder: bootOrderOf(client).map((device, index) => ({ device, bootindex: index })),
    ...(client['clock-offset'] === undefined ? {} : { clockOffsetMs: client['clock-offset'] }),
    ...(join === undefined ? {} : { join }),
    keys: client.agent?.keys ?? [],
  };
}

function planPlayed(client: Client, identity: Identity): PlayedPlan {
  const architecture = ARCHITECTURES[client.architecture ?? 'bios'];
  return {
    ...identity,
    plays: 'wdsnbp',
    firmware: architecture === 0 ? 'bios' : 'uefi',
    nic: 'none',
    settings: { architecture, presses: client.presses ?? 'f12', pollsForMs: client['polls-for'] ?? DEFAULT_POLLS_FOR_MS, byteOrder: 'big-endian', pollIntervalUnitMs: 1000 },
  };
}
