import type { VirtualMachine } from './virtual-machine.ts';
import { xmlDocument } from './xml.ts';

/** The image that the guest writes to has this id, and no parent: there are no snapshots. */
const TOP = '{5fbaabe3-6958-40ff-92a7-860e329aab41}';
const NONE = '{00000000-0000-0000-0000-000000000000}';
/** Of qemu-img's images: 1 MiB. */
const CLUSTER_SECTORS = 2048;

const MOST_HEADS = 16;
const MOST_SECTORS = 63;

/**
 * DiskDescriptor.xml, which makes a folder NAME.hdd with an image in it a disk of Parallels'.
 * Source: docs/interop/prl-xml in QEMU.
 */
export function parallelsDisk({ disk }: VirtualMachine): string {
  const sectors = disk.bytes / 512;
  const geometry = exactGeometry(sectors);
  return xmlDocument({
    Parallels_disk_image: {
      '@Version': '1.0',
      Disk_Parameters: {
        Disk_size: sectors,
        Cylinders: geometry.cylinders,
        Heads: geometry.heads,
        Sectors: geometry.sectors,
        Padding: 0,
      },
      StorageData: {
        Storage: {
          Start: 0,
          End: sectors,
          Blocksize: CLUSTER_SECTORS,
          Image: { GUID: TOP, Type: 'Compressed', File: disk.file },
        },
      },
      Snapshots: { Shot: { GUID: TOP, ParentGUID: NONE } },
    },
  });
}

/** The largest tracks of which the disk has a whole number: the product must be its size. */
export function exactGeometry(sectors: number): { cylinders: number; heads: number; sectors: number } {
  let best = { cylinders: sectors, heads: 1, sectors: 1 };
  for (let heads = 1; heads <= MOST_HEADS; heads++)
    for (let perTrack = 1; perTrack <= MOST_SECTORS; perTrack++) {
      const cylinders = sectors / (heads * perTrack);
      if (Number.isInteger(cylinders) && cylinders < best.cylinders) best = { cylinders, heads, sectors: perTrack };
    }
  return best;
}
