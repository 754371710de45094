import { join } from 'node:path';
import { execa } from 'execa';
import type { BackupStoreConfig } from '../config.ts';

/** Makes a certificate for 127.0.0.1 that is its own authority. */
export async function makeCertificate(folder: string): Promise<NonNullable<BackupStoreConfig['tls']>> {
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'certificate.key')];
  await execa('openssl', [
    ...['req', '-quiet', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'],
    ...['-subj', '/CN=store', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
  ]);
  return { certificate, key };
}
