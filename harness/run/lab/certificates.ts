import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { resolveRunFolder } from '../../lab/private-files.ts';
import type { Task } from '../../lab/task.ts';
import type { CertificatesPlan } from '../../plan/plan.ts';
import { cpioNewc } from '../../../vm-images/cpio.ts';
import { STORE_AUTHORITY } from '../../../vm-images/agent-options.ts';

// Node makes no X.509 certificates; openssl does (decision 203). Keys are the lab's own, and go with it.

/** Before any clock that a scenario sets, and long after it: 99991231235959Z would be “never” (RFC 5280 section 4.1.2.5). */
const FOR_GOOD = ['20000101000000Z', '20991231000000Z'] as const;
const LONG_AGO = ['20000101000000Z', '20010101000000Z'] as const;
/** Of the documentation (RFC 5737): nobody has it. */
const OTHER_ADDRESS = '192.0.2.1';

/** Makes an authority and a certificate by it, or by another one that nobody knows. */
export function certificatesTask(plan: CertificatesPlan): Task {
  return {
    title: `certificate for ${plan.address}`,
    setup: () => makeCertificates({ ...plan, folder: resolveRunFolder(plan.folder) }),
  };
}

/** `authority.pem`, the same as an archive for agents, `store.pem` and `store.key`. */
export async function makeCertificates({ folder, address, certificate }: CertificatesPlan): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(folder, name);
  await makeAuthority(folder, 'authority');
  const signer = certificate === 'unknown-authority' ? 'unknown' : 'authority';
  if (signer !== 'authority') await makeAuthority(folder, signer);
  const [begin, end] = certificate === 'expired' ? LONG_AGO : FOR_GOOD;
  await openssl([
    ...[...newKey(file('store.key')), '-x509', '-CA', file(`${signer}.pem`), '-CAkey', file(`${signer}.key`)],
    ...['-subj', '/CN=pxewright store of disk backups', '-not_before', begin, '-not_after', end],
    ...['-addext', `subjectAltName=IP:${certificate === 'other-name' ? OTHER_ADDRESS : address}`],
    ...['-addext', 'basicConstraints=critical,CA:FALSE', '-out', file('store.pem')],
  ]);
  const data = await readFile(file('authority.pem'));
  await writeFile(file('authority.img'), cpioNewc([{ path: STORE_AUTHORITY, mode: 0o444, type: 'file', data }]));
}

function makeAuthority(folder: string, name: string): Promise<void> {
  return openssl([
    ...[...newKey(join(folder, `${name}.key`)), '-x509', '-subj', `/CN=pxewright ${name}`],
    ...['-not_before', FOR_GOOD[0], '-not_after', FOR_GOOD[1], '-out', join(folder, `${name}.pem`)],
  ]);
}

const newKey = (file: string): readonly string[] => [
  ...['req', '-quiet', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', file],
];

async function openssl(args: readonly string[]): Promise<void> {
  await execa('openssl', args, { stdin: 'ignore' });
}
