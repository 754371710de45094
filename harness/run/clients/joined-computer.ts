import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ClientResult } from '../../../reports/result.ts';
import { fileOnDisk } from '../../../vm-images/comparison/disk-compare.ts';
import { KEYTAB } from '../../../vm-images/comparison/ignored-paths.ts';
import { onHost } from '../../lab/namespaces.ts';
import { resolveRunFolder, RUN_FOLDER } from '../../lab/private-files.ts';
import type { Plan } from '../../plan/plan.ts';

type Joined = NonNullable<NonNullable<ClientResult['guest']>['joined']>;

/**
 * Asks the directory's own database for a client's computer account, and the controller for a ticket with the key that
 * the installation left on the disk. `why` says what is missing.
 */
export async function checkJoined(
  computer: string,
  disk: string,
  plan: Plan,
): Promise<{ joined: Joined; why?: string }> {
  const { directory } = plan;
  const host = plan.hosts.find((one) => one.ip === directory?.address)?.name;
  if (!directory || host === undefined)
    throw new Error('looking for a computer account needs a domain in the scenario');
  const dnsHostName = await hostNameInDirectory(computer, resolveRunFolder(directory.state));
  const wanted = `${computer.toLowerCase()}.${directory.realm}`;
  const refusal = await keyRefused(computer, disk, directory, host);
  const joined: Joined = {
    computer,
    dnsHostName,
    keyOpensAccount: refusal === undefined,
  };
  if (dnsHostName?.toLowerCase() !== wanted)
    return {
      joined,
      why: `the directory's computer account ${computer}: expected the host name ${wanted}, found ${dnsHostName ?? 'none: no computer has joined with it'}`,
    };
  return refusal === undefined
    ? { joined }
    : { joined, why: `the key on the disk does not open the computer account ${computer}: ${refusal}` };
}

/** `dNSHostName` of the account, which joining sets; undefined when there is no account, or only a prestaged one. */
async function hostNameInDirectory(computer: string, state: string): Promise<string | undefined> {
  const { stdout } = await execa('ldbsearch', [
    '--url',
    join(state, 'private', 'sam.ldb'),
    '--configfile',
    join(state, 'smb.conf'),
    `(sAMAccountName=${computer}$)`,
    'dNSHostName',
  ]);
  return /^dNSHostName: (.+)$/m.exec(stdout)?.[1];
}

/** Why the controller gives no ticket for the key on the disk; undefined when it gives one. */
async function keyRefused(
  computer: string,
  disk: string,
  { realm, address }: NonNullable<Plan['directory']>,
  host: string,
): Promise<string | undefined> {
  const folder = `${RUN_FOLDER}/joined-${computer}`;
  await mkdir(folder, { recursive: true });
  const keytab = await fileOnDisk(disk, KEYTAB);
  if (keytab === undefined) return `expected ${KEYTAB} on the disk, found no such file`;
  const kerberos = realm.toUpperCase();
  await writeFile(join(folder, 'keytab'), keytab);
  await writeFile(
    join(folder, 'krb5.conf'),
    `[libdefaults]\n  default_realm = ${kerberos}\n[realms]\n  ${kerberos} = {\n    kdc = ${address}\n  }\n`,
  );
  const [command, ...args] = [...onHost(host), 'kinit', '-k', '-t', join(folder, 'keytab'), `${computer}$@${kerberos}`];
  const result = await execa(command, args, {
    reject: false,
    all: true,
    env: { KRB5_CONFIG: join(folder, 'krb5.conf'), KRB5CCNAME: `FILE:${join(folder, 'ccache')}` },
  });
  return result.failed ? result.all.trim() : undefined;
}
