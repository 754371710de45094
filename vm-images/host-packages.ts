import { readFile } from 'node:fs/promises';

const STATUS_FILE = '/var/lib/dpkg/status';

/**
 * Version of an installed package in the text of dpkg's status file (deb-status format: stanzas, `Field: value`), or
 * undefined.
 */
export function installedVersion(status: string, name: string): string | undefined {
  const start = status.startsWith(`Package: ${name}\n`) ? 0 : status.indexOf(`\n\nPackage: ${name}\n`);
  if (start < 0) return undefined;
  const end = status.indexOf('\n\n', start + 2);
  const stanza = status.slice(start, end < 0 ? undefined : end);
  if (!/^Status: .* installed$/m.test(stanza)) return undefined;
  return /^Version: (.+)$/m.exec(stanza)?.[1];
}

/** dpkg's status file, empty on a host without dpkg. It has some megabytes: read it once for many look-ups. */
export const readStatus = (): Promise<string> => readFile(STATUS_FILE, 'utf8').catch(() => '');

/** Versions of the named packages; those that are not installed have no entry. */
export function versionsIn(status: string, names: readonly string[]): Record<string, string> {
  const found = names.map((name) => [name, installedVersion(status, name)] as const);
  return Object.fromEntries(found.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
}
