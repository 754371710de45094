/** Axes of a matrix in the order that ids name them; each is a key of a client, too. */
export const AXES = [
  'firmware',
  'nic',
  'transport',
  'memory',
  'cpus',
  'disk',
  'machine',
  'disk-interface',
  'disk-block-size',
  'boot-program',
  'boot-order',
  'tpm',
] as const;
export type Axis = (typeof AXES)[number];
