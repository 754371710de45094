/** The install images of the bundles, by path below the share, and the name of the one image in each. */
export const BUNDLED_IMAGES = {
  'Images\\Linux\\sample.wim': 'pxewright sample Linux',
  'Images\\Linux arm64\\sample.wim': 'pxewright sample Linux for Arm',
  'Images\\Linux 2012\\base.wim': 'base Linux',
  'Images\\Linux 2012\\workshop.wim': 'workshop Linux',
} as const;
