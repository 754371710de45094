import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { BundleError } from '../bundle.ts';
import { cpioNewc } from '../cpio.ts';
import type { CpioEntry } from '../cpio.ts';
import { compressInitramfs } from '../initramfs-compression.ts';
import { programEntries } from '../libraries.ts';

const NAME = 'agent-directory';

// The program that the kernel starts for a key that it lacks (request-key.conf(5)): cifs gets its Kerberos ticket this
// way.
const REQUEST_KEY_CONF =
  'create cifs.spnego * * /usr/sbin/cifs.upcall %k\ncreate dns_resolver * * /usr/sbin/cifs.upcall %k\n';
// Read by glibc and cifs.upcall: the user that mounts, and the sources of names.
const PASSWD = 'root:x:0:0:root:/:/bin/sh\n';
const NSSWITCH_CONF = 'passwd: files\nhosts: files dns\n';

/**
 * What a boot image needs for a domain, as an initramfs that is loaded after the agent's: Kerberos, its upcall for
 * cifs, and adcli.
 */
export const agentDirectoryRecipe: Recipe = {
  name: NAME,
  what: "initramfs beside the agent's: kinit, cifs.upcall and adcli for an Active Directory domain",
  needs: [],
  sources: ['recipes/agent-directory.ts', 'cpio.ts', 'libraries.ts', 'initramfs-compression.ts'],
  packages: ['krb5-user', 'cifs-utils', 'keyutils', 'adcli', 'libsasl2-modules-gssapi-mit', 'zstd'],
  build,
};

async function build({ folder, progress }: BuildContext): Promise<void> {
  // A SASL plugin that adcli's LDAP library opens at run time, so it keeps its path.
  const [sasl] = globSync('/usr/lib/*/sasl2/libgssapiv2.so');
  if (sasl === undefined)
    throw new BundleError(
      NAME,
      "expected SASL's GSSAPI plugin at /usr/lib/*/sasl2/libgssapiv2.so, found none; install libsasl2-modules-gssapi-mit",
    );
  const programs = await programEntries({
    'usr/bin/kinit': '/usr/bin/kinit',
    'usr/sbin/cifs.upcall': '/usr/sbin/cifs.upcall',
    'usr/sbin/adcli': '/usr/sbin/adcli',
    'sbin/request-key': '/sbin/request-key',
    [path.relative('/', sasl)]: sasl,
  });
  const text = (name: string, data: string): CpioEntry => ({
    type: 'file',
    path: name,
    mode: 0o644,
    data: Buffer.from(data),
  });
  const archive = cpioNewc([
    text('etc/request-key.conf', REQUEST_KEY_CONF),
    text('etc/passwd', PASSWD),
    text('etc/nsswitch.conf', NSSWITCH_CONF),
    ...programs,
  ]);
  progress(`compressing ${(archive.length / 1e6).toFixed(1)} MB`);
  await writeFile(path.join(folder, 'directory.img'), await compressInitramfs(archive));
}
