import { backupModeOf, recoversFiles, restoredFrom } from '../backups.ts';
import { isFolder } from '../bundles.ts';
import { FILE_SERVICES, rootsOf } from '../defaults.ts';
import { sampleDisk } from '../disk-images.ts';
import { byName, diskOwner, failureOf } from '../client-order.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

/**
 * Clients that are to start from their disks, against what is on these by then: something that the agent installed, and
 * for the firmware that starts it.
 */
export function checkDiskBoots(content: ScenarioContent): Problem[] {
  return content.clients.flatMap((client, index) => {
    const path: ScenarioPath = client.after === undefined ? ['after'] : ['clients', index, 'after'];
    const after = client.after ?? content.after;
    const key = (['boot-from', 'next-start'] as const).find((one) => after?.[one] === 'disk');
    if (key === undefined || failureOf(client, content) !== undefined || client.plays !== undefined) return [];
    const at = [...path, key];
    const mode = backupModeOf(client);
    // What earlier runs left in a store that is kept is not known.
    const source = mode === 'restore' ? byName(restoredFrom(client), content.clients) : client;
    if (source === undefined || (mode === 'restore' && source === client)) return [];
    const owner = diskOwner(source, content.clients);
    const image = owner['disk-image'];
    if ((owner === client || mode === 'restore') && image !== undefined) {
      const disk = sampleDisk(image);
      const mine = client.firmware ?? 'bios';
      // What is installed on it takes the place of what was there; whose disk a file holds is not known.
      return disk === undefined ||
        disk.firmwares.includes(mine) ||
        (content.services.images !== undefined && !recoversFiles(client)) ||
        content.matrix?.firmware !== undefined
        ? []
        : [
            {
              path: at,
              expected: `a disk for ${mine}, the firmware of ${client.name}`,
              got: `${image}, which is for ${disk.firmwares.join(' and ')}`,
            },
          ];
    }
    if (owner === client)
      return installs(content)
        ? []
        : [
            {
              path: at,
              expected: `an image store, from which the bundled agent installs the disk of ${client.name} (services.images)`,
              got: 'none, and an empty disk',
            },
          ];
    // An installation on it begins with new partitions; a capture, a backup, a restore and a recovery leave what the first firmware starts.
    const [mine, theirs] = [client.firmware ?? 'bios', owner.firmware ?? 'bios'];
    return (client.agent?.mode !== 'capture' && mode === undefined && !recoversFiles(client)) ||
      mine === theirs ||
      content.matrix?.firmware !== undefined
      ? []
      : [
          {
            path: at,
            expected: `a disk that was installed for ${mine}, the firmware of ${client.name}`,
            got: `the disk of ${owner.name}, which was installed for ${theirs}`,
          },
        ];
  });
}

/**
 * Whether something on the network may fill a disk: the bundled agent from the store, a boot program of the user's own, or
 * one of the user's own server.
 */
function installs(content: ScenarioContent): boolean {
  const { services } = content;
  const roots = rootsOf(content);
  return (
    services.images !== undefined ||
    services.programs !== undefined ||
    roots.length === 0 ||
    roots.some(isFolder) ||
    FILE_SERVICES.some((kind) => Object.keys(services[kind]?.files ?? {}).length > 0)
  );
}
