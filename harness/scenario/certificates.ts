import type { ScenarioContent } from './schema/scenario.ts';

// The certificate of a store of disk backups behind TLS, which a lab makes for itself.

/** Where it is made, in the lab's private folder. */
export const CERTIFICATES_FOLDER = '${run}/certificates';

/** The authority of the store's certificate as agents get it: an archive that is loaded after their boot image. */
export const AUTHORITY_ARCHIVE = 'authority.img';

/** Files of the authority and the store's certificate. */
export const CERTIFICATE_FILES = {
  authority: `${CERTIFICATES_FOLDER}/authority.pem`,
  authorityArchive: `${CERTIFICATES_FOLDER}/${AUTHORITY_ARCHIVE}`,
  certificate: `${CERTIFICATES_FOLDER}/store.pem`,
  key: `${CERTIFICATES_FOLDER}/store.key`,
} as const;

/** Whether the store of disk backups is behind TLS. */
export const hasTls = ({ services }: Pick<ScenarioContent, 'services'>): boolean => services.backups?.tls !== undefined;
