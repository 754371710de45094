import { posix } from 'node:path';
import type { Firmware } from '#qemu-wrapper/nic-models';
import { AGENT_UEFI_BUNDLES, BUNDLE_CONTENTS, filesOfBundle } from '../../../vm-images/bundle-contents.ts';
import { bootsAgent, DRIVER_PACKAGES, SERVED_BUNDLES } from '../../scenario/bundles.ts';
import {
  DRIVERS_FOLDER,
  grubConfigurations,
  GRUBS,
  PXELINUX_CONFIGURATIONS,
  PXELINUX_FOLDER,
} from '../../scenario/trees.ts';
import { seen, type Commented } from '../commented.ts';
import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { ServerFile } from './file-tree.ts';
import { namedNic } from './nic.ts';

/** What a lab's file service had as root. */
export interface ServedBundle {
  readonly name: string;
  /** For people. */
  readonly why: string;
  /** Driver packages that were loaded with its boot image. */
  readonly packages: readonly Commented[];
  /** The system that it boots has no driver for the client's network card, and never speaks. */
  readonly bootsMute: boolean;
}

const OF_LAB = 'the bundle of the lab that the capture is of';

/** The bundle that has the most of these files, and whose boot image has the drivers that the capture shows. */
export function servedBundleOf(files: readonly ServerFile[], facts: CaptureFacts): ServedBundle | undefined {
  const hits = (name: string): number => files.filter(({ place }) => inBundle(name, place)).length;
  const [best] = SERVED_BUNDLES.toSorted((a, b) => hits(b) - hits(a));
  if (best === undefined || (files.length > 0 && hits(best) === 0)) return undefined;
  if (!bootsAgent(best)) return { name: best, why: OF_LAB, packages: [], bootsMute: false };
  const packages = files.flatMap(({ place, frame }) => {
    const name = packageIn(place);
    return name === undefined ? [] : [seen(name, frame)];
  });
  const lacking = lackedDriver(files, facts);
  const without = SERVED_BUNDLES.find(
    (name) => lacking !== undefined && BUNDLE_CONTENTS[name]?.lacksDriverOf === lacking.driver,
  );
  return without === undefined || lacking === undefined
    ? { name: best, why: OF_LAB, packages, bootsMute: false }
    : { name: without, why: `${OF_LAB}: ${lacking.why}`, packages, bootsMute: packages.length === 0 };
}

interface LackedDriver {
  readonly driver: string;
  readonly why: string;
}

/** The driver that the boot image lacked: bundles that differ in it have the same names of files. */
function lackedDriver(files: readonly ServerFile[], facts: CaptureFacts): LackedDriver | undefined {
  for (const { place, frame } of files) {
    const driver = packageIn(place);
    if (driver !== undefined) return { driver, why: `frame ${frame} adds a driver to its boot image` };
  }
  const image = files.find(({ place }) => AGENT_IMAGE.test(place))?.whole?.whole;
  const driver = namedNic(facts.dhcp.questions);
  if (image === undefined || driver === undefined) return undefined;
  const [, loaded] = image;
  const speaks = facts.share.server ?? facts.dhcp.questions.find(({ frame }) => frame > loaded);
  return speaks === undefined
    ? { driver, why: `nothing follows frame ${loaded}, as without a driver for the ${driver}` }
    : undefined;
}
const AGENT_IMAGE = /(^|\/)agent\.img$/i;

/** The driver package that lies at a place of a lab's file service; undefined for any other file. */
export function packageIn(place: string): string | undefined {
  const wanted = place.toLowerCase();
  return DRIVER_PACKAGES.find((name) => wanted === `${PXELINUX_FOLDER}/${DRIVERS_FOLDER}/${name}.img`);
}

const CONFIGURATIONS = [
  PXELINUX_CONFIGURATIONS.common.replace(/[^/]*$/, ''),
  ...GRUBS.map((places) => grubConfigurations(places).common),
];

/** Archives that lie beside the boot image where clients need them. */
const BESIDE_AGENT = ['agent-directory', ...Object.values(AGENT_UEFI_BUNDLES)].flatMap(
  (name) => filesOfBundle(name) ?? [],
);

/** Whether a lab's file service with this bundle as root has that file. */
export function inBundle(name: string, place: string): boolean {
  const wanted = place.toLowerCase();
  // The boot programs' configurations are made for each scenario, by the bundles whose boot image has the agent.
  if (CONFIGURATIONS.some((start) => wanted.startsWith(start))) return bootsAgent(name);
  if (BESIDE_AGENT.includes(posix.basename(wanted))) return bootsAgent(name);
  const { signed, arm64 } = BUNDLE_CONTENTS[name] ?? {};
  return [name, signed, arm64]
    .flatMap((one) => (one === undefined ? [] : (filesOfBundle(one) ?? [])))
    .some((file) => file.toLowerCase() === wanted);
}

/** The firmware for which a lab's client loads a file beside the boot image; undefined for any other file. */
export function firmwareLoading(path: string): Firmware | undefined {
  const name = posix.basename(path).toLowerCase();
  const found = Object.entries(AGENT_UEFI_BUNDLES).find(([, bundle]) => name === `${bundle}.img`);
  return found?.[0] as Firmware | undefined;
}
