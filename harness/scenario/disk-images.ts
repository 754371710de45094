import { SAMPLE_DISKS, type SampleDisk } from '../../vm-images/bundle-contents.ts';

/** The bundled disk of that name; undefined when no bundle has it. */
export function sampleDisk(name: string): SampleDisk | undefined {
  return Object.hasOwn(SAMPLE_DISKS, name) ? SAMPLE_DISKS[name as keyof typeof SAMPLE_DISKS] : undefined;
}
