import { agentLoader } from '../../../vm-images/bundle-contents.ts';
import { chosenPrograms } from '../boot-programs.ts';
import { bootsAgent } from '../bundles.ts';
import { ARCHITECTURE_OF, namesBootFile, rootsOf } from '../defaults.ts';
import { expandMatrix, once } from '../matrix/expand-matrix.ts';
import { machinesAt, type Machine } from '../matrix/machine.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

/**
 * Boot programs that clients choose by a word: services.pxe must be free to name them, the root must have what they load, and
 * clients that say the same number (option 93) get the same.
 */
export function checkChosenPrograms(content: ScenarioContent): Problem[] {
  const names = chosenPrograms(content);
  if (names.length === 0) return [];
  const { pxe, tftp } = content.services;
  const got = `boot-program ${names.join(', ')}`;
  const client = content.clients.findIndex((one) => one['boot-program'] !== undefined);
  const path: ScenarioPath =
    content.matrix?.['boot-program'] === undefined ? ['clients', client, 'boot-program'] : ['matrix', 'boot-program'];
  const isFree = pxe !== undefined && !namesBootFile(pxe) && pxe['user-classes'] === undefined;
  const isServed = tftp !== undefined && rootsOf(content, ['tftp']).every(bootsAgent);
  if (!isFree)
    return [{ path, expected: 'services.pxe without boot files of its own, which then names the boot program', got }];
  if (!isServed)
    return [{ path, expected: 'services.tftp with a bundle as root whose boot programs load the boot image', got }];
  return once(expandMatrix(content).points.flatMap((point) => quarrels(machinesAt(content, point))));
}

/** VMs that are given another boot program than an earlier one with the same number. */
function quarrels(machines: readonly Machine[]): Problem[] {
  return machines.flatMap((machine, index) => {
    const word = ARCHITECTURE_OF[machine.firmware];
    const other = machines.slice(0, index).find(({ firmware }) => ARCHITECTURE_OF[firmware] === word);
    if (other === undefined || fileOf(other) === fileOf(machine)) return [];
    return [
      {
        path: machine.place('boot-program'),
        expected: `the boot program of ${other.client.name}, which says ${word} (option 93) as well: ${other['boot-program'] ?? 'the default'}`,
        got: machine['boot-program'] ?? 'the default',
      },
    ];
  });
}

const fileOf = ({ firmware, 'boot-program': program }: Machine): string | undefined =>
  program === undefined ? undefined : agentLoader(program).files[firmware];
