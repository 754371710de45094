import { bootFilePath } from '../../protocols/base/judge/boot-target.ts';
import { HTTP_PORT } from '../../protocols/http/wire/ports.ts';
import { addressesOf, subnetOf } from '../defaults.ts';
import type { Problem } from '../scenario-error.ts';
import type { Scenario } from '../scenario.ts';
import { parseIpv4 } from '../schema/ipv4.ts';
import type { NamedBootFile } from './named-boot-files.ts';
import type { ServedFiles } from './served-files.ts';
import { missingFrom } from '../tree.ts';

/** Whether a boot file is named by a URL: iPXE fetches those, and so does UEFI's HTTP boot. */
export const isUrl = (name: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(name);

/**
 * A boot file named by an http:// URL, against the HTTP service that the scenario has there. Other schemes, servers by
 * name or outside of the lab's subnet, and the user's own programs are nobody's to know.
 */
export async function checkBootUrl(
  scenario: Scenario,
  { path, name }: NamedBootFile,
  served: ServedFiles | undefined,
): Promise<Problem[]> {
  const url = URL.canParse(name) ? new URL(name) : undefined;
  const got = JSON.stringify(name);
  if (url === undefined)
    return [{ path, expected: 'a boot file, or a URL such as http://172.22.52.207/boot.ipxe', got }];
  const { http, programs = [] } = scenario.services;
  const isPrograms = programs.some(({ at }) => at === url.hostname);
  if (url.protocol !== 'http:' || isPrograms || !isInLab(scenario, url.hostname)) return [];
  const address = addressesOf(scenario).http;
  const port = http?.port ?? HTTP_PORT;
  if (address !== url.hostname || port !== Number(url.port || HTTP_PORT)) {
    const there = address === undefined ? 'no service http' : `services.http at ${address} port ${port}`;
    return [
      {
        path,
        expected: 'a URL of services.http',
        got,
        says: `expected a URL of services.http, got ${got}: the scenario has ${there}; nobody would answer`,
      },
    ];
  }
  const file = bootFilePath(name);
  if (served === undefined || (await served.tree.has(file))) return [];
  return [missingFrom(served.tree, { path, name: file, what: 'boot file', where: `services.http (${served.where})` })];
}

function isInLab(scenario: Scenario, host: string): boolean {
  const { network, broadcast } = subnetOf(scenario);
  const address = parseIpv4(host);
  return address !== undefined && address > network && address < broadcast;
}
