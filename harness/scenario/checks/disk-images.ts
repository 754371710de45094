import { SAMPLE_DISKS } from '../../../vm-images/bundle-contents.ts';
import { isFolder } from '../bundles.ts';
import { sampleDisk } from '../disk-images.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { dangling } from './references.ts';

/** Disks that clients begin with: bundles that are there, on disks that are large enough for them. */
export function checkDiskImages({ clients, matrix }: ScenarioContent): Problem[] {
  return clients.flatMap((client, index): Problem[] => {
    const name = client['disk-image'];
    if (name === undefined) return [];
    const path: ScenarioPath = ['clients', index];
    if (client['disk-of'] !== undefined)
      return [{ path: [...path, 'disk-image'], expected: 'one disk: disk-image or disk-of', got: 'both' }];
    const known = sampleDisk(name);
    if (known === undefined)
      return isFolder(name) ? [] : dangling([...path, 'disk-image'], 'disk', name, Object.keys(SAMPLE_DISKS));
    const sizes = [
      ...(client.disk === undefined ? [] : [{ at: [...path, 'disk'], mebibytes: client.disk }]),
      ...(matrix?.disk ?? []).map((mebibytes, place) => ({ at: ['matrix', 'disk', place], mebibytes })),
    ];
    const blocks = [
      { at: [...path, 'disk-block-size'], bytes: client['disk-block-size'] },
      ...(matrix?.['disk-block-size'] ?? []).map((bytes, place) => ({
        at: ['matrix', 'disk-block-size', place],
        bytes,
      })),
    ];
    return [
      ...sizes.flatMap(({ at, mebibytes }) => tooSmall(at, mebibytes, name, known.mebibytes * MIB)),
      ...blocks.flatMap(({ at, bytes }): Problem[] =>
        bytes === undefined || bytes === 512
          ? []
          : [{ path: at, expected: `blocks of 512 bytes, those of ${name}`, got: String(bytes) }],
      ),
    ];
  });
}

const MIB = 2 ** 20;

/** A disk that is smaller than what it begins with. */
export function tooSmall(path: ScenarioPath, mebibytes: number, name: string, bytes: number): Problem[] {
  return mebibytes * MIB >= bytes
    ? []
    : [{ path, expected: `at least the ${bytes / MIB}MiB of ${name}`, got: `${mebibytes}MiB` }];
}
