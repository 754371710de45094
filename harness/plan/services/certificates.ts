import { CERTIFICATES_FOLDER } from '../../scenario/certificates.ts';
import { addressesOf } from '../../scenario/defaults.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { CertificatesPlan } from '../plan.ts';

/** What the lab makes for a store behind TLS; undefined without one. */
export function planCertificates(scenario: Scenario): CertificatesPlan | undefined {
  const tls = scenario.services.backups?.tls;
  if (tls === undefined) return undefined;
  return {
    folder: CERTIFICATES_FOLDER,
    address: addressesOf(scenario).backups ?? '',
    certificate: (tls === true ? undefined : tls.certificate) ?? 'valid',
  };
}
