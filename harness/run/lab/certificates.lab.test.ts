import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CERTIFICATE_KINDS, type CertificateKind } from '../../scenario/schema/certificate-kinds.ts';
import { makeCertificates } from './certificates.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'pxewright-certificates-'));
});
afterAll(() => rm(scratch, { recursive: true }));

/** What openssl makes of the certificate of a store at that address. */
const VERDICTS: Readonly<Record<CertificateKind, RegExp>> = {
  valid: /store\.pem: OK$/,
  expired: /certificate has expired/,
  'unknown-authority': /unable to get local issuer certificate/,
  'other-name': /ip address mismatch/i,
};

test.each(CERTIFICATE_KINDS)('openssl finds a certificate that is to be %s so', async (certificate) => {
  const folder = join(scratch, certificate);
  await makeCertificates({ folder, address: '172.22.52.207', certificate });
  const file = (name: string): string => join(folder, name);
  const { all } = await execa(
    'openssl',
    [
      'verify',
      '-verify_ip',
      '172.22.52.207',
      '-purpose',
      'sslserver',
      '-CAfile',
      file('authority.pem'),
      file('store.pem'),
    ],
    { reject: false, all: true },
  );
  expect(all).toMatch(VERDICTS[certificate]);
  const { stdout } = await execa(
    'sh',
    ['-c', 'cpio -i --quiet --to-stdout agent/store-authority.pem <"$1"', 'sh', file('authority.img')],
    { stripFinalNewline: false },
  );
  expect(stdout).toBe(await readFile(file('authority.pem'), 'utf8'));
});
