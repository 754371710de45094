import { devicesOf, type BootDevice } from '../schema/boot-order.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { hasDisk } from './references.ts';

type Client = ScenarioContent['clients'][number];

/**
 * Boot orders, of clients and on an axis: at least one device, each once, and only those that the VM has. A device that a VM
 * lacks, it lacks at every point of a matrix, so that none is left out for it.
 */
export function checkBootOrders(content: ScenarioContent): Problem[] {
  const { clients, matrix } = content;
  return clients.flatMap((client, index) => {
    if (client.plays !== undefined) return [];
    const own = (['boot-order', 'next-boot-order'] as const).flatMap((key) =>
      client[key] === undefined ? [] : checkOrder(content, client, ['clients', index, key], client[key]),
    );
    const onAxis = (matrix?.['boot-order'] ?? []).flatMap((order, at) =>
      checkOrder(content, client, ['matrix', 'boot-order', at], devicesOf(order)),
    );
    return [...own, ...onAxis];
  });
}

function checkOrder(
  content: ScenarioContent,
  client: Client,
  path: ScenarioPath,
  order: readonly BootDevice[],
): Problem[] {
  if (order.length === 0) return [{ path, expected: 'at least one device', got: 'an empty list' }];
  const lacking = {
    disk: hasDisk(content, client) ? undefined : 'give it a disk: 2GiB',
    'unplugged-nic': client['unplugged-nic'] === undefined ? 'give it an unplugged-nic: e1000' : undefined,
    network: undefined,
  };
  return order.flatMap((device, index): Problem[] => {
    const at = [...path, index];
    if (order.indexOf(device) !== index) return [{ path: at, expected: 'every device once', got: `"${device}" again` }];
    const advice = lacking[device];
    return advice === undefined
      ? []
      : [{ path: at, expected: `a device that client ${client.name} has (${advice})`, got: `"${device}"` }];
  });
}
