import { execa } from 'execa';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { domainBundleName, parseDomainBundleName, type DomainNames } from '../domain-names.ts';

const PROGRAM = path.join(import.meta.dirname, '..', 'domain', 'provision.py');
// Debian's and Ubuntu's interpreter: Samba's bindings are installed for it.
const PYTHON = '/usr/bin/python3';

/**
 * An Active Directory domain without further accounts. A controller starts from a copy, since provisioning takes
 * seconds.
 */
export function domainRecipe(names: DomainNames): Recipe {
  return {
    name: domainBundleName(names),
    what: `Active Directory domain ${names.realm} (${names.domain}) of a controller at ${names.address}`,
    needs: [],
    sources: ['recipes/domain.ts', 'domain'],
    packages: ['samba-ad-dc', 'samba-ad-provision', 'samba-dsdb-modules', 'python3-samba'],
    parameters: { ...names },
    build: (context) => build(context, names),
  };
}

/** The recipe of a domain by its bundle's name, or undefined if the name does not denote a domain. */
export function domainRecipeNamed(name: string): Recipe | undefined {
  const names = parseDomainBundleName(name);
  return names === undefined ? undefined : domainRecipe(names);
}

async function build(
  { folder, scratch, progress }: BuildContext,
  { realm, domain, host, address }: DomainNames,
): Promise<void> {
  progress('provisioning the directory');
  await execa(PYTHON, [PROGRAM, folder, realm, domain, host, address], { all: true, env: { TMPDIR: scratch } });
  // Sockets and locks of the provisioning process; a bundle holds only files.
  await Promise.all(
    ['msg.sock', 'msg.lock', 'bind-dns', 'gencache.tdb', 'names.tdb', 'smb.conf', 'etc'].map((name) =>
      rm(path.join(folder, name), { recursive: true, force: true }),
    ),
  );
}
