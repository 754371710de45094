import { bootFilePath, urlHost } from '../../protocols/base/judge/boot-target.ts';
import { HTTP_PORT } from '../../protocols/http/wire/ports.ts';
import { TFTP_PORT } from '../../protocols/tftp/wire/ports.ts';
import { addressesOf, subnetOf, type FileService } from '../defaults.ts';
import { fileServerIpv6, prefixOf } from '../ipv6-defaults.ts';
import type { Problem } from '../scenario-error.ts';
import type { Scenario } from '../scenario.ts';
import { parseIpv4 } from '../schema/ipv4.ts';
import { hostIpv6, isOfPrefix, parseIpv6 } from '../schema/ipv6.ts';
import type { NamedBootFile } from './named-boot-files.ts';
import { servedBy } from './served-files.ts';
import { missingFrom } from '../tree.ts';

const PORTS = { tftp: TFTP_PORT, http: HTTP_PORT } as const;

/**
 * A boot file named by an http:// or tftp:// URL, against the service that the scenario has there. Other schemes, servers
 * by name or outside of the lab's networks, and the user's own programs are nobody's to know. That nobody is there may be what
 * a scenario shows that expects a failure.
 */
export async function checkBootUrl(
  scenario: Scenario,
  { path, name }: NamedBootFile,
  { expectsFailure }: { readonly expectsFailure: boolean },
): Promise<Problem[]> {
  const url = URL.canParse(name) ? new URL(name) : undefined;
  const got = JSON.stringify(name);
  if (url === undefined)
    return [{ path, expected: 'a boot file, or a URL such as http://172.22.52.207/boot.ipxe', got }];
  const kind = url.protocol.slice(0, -1);
  const host = urlHost(name) ?? '';
  if ((kind !== 'tftp' && kind !== 'http') || isOfProgram(scenario, host) || !isInLab(scenario, host)) return [];
  const address = parseIpv6(host) === undefined ? addressesOf(scenario)[kind] : fileServerIpv6(scenario, kind);
  const port = portOf(scenario, kind);
  if (address !== host || port !== Number(url.port || PORTS[kind])) {
    if (expectsFailure) return [];
    const there = address === undefined ? `no service ${kind}` : `services.${kind} at ${address} port ${port}`;
    return [
      {
        path,
        expected: `a URL of services.${kind}`,
        got,
        says: `expected a URL of services.${kind}, got ${got}: the scenario has ${there}; nobody would answer`,
      },
    ];
  }
  const file = bootFilePath(name);
  const served = servedBy(scenario, [kind]);
  if (served === undefined || (await served.tree.has(file))) return [];
  return [
    missingFrom(served.tree, { path, name: file, what: 'boot file', where: `services.${kind} (${served.where})` }),
  ];
}

function portOf({ services }: Scenario, kind: FileService): number {
  return (kind === 'http' ? services.http?.port : undefined) ?? PORTS[kind];
}

function isOfProgram(scenario: Scenario, host: string): boolean {
  const prefix = prefixOf(scenario);
  return (scenario.services.programs ?? []).some(
    ({ at }) => at === host || (prefix !== undefined && hostIpv6(prefix, at) === host),
  );
}

function isInLab(scenario: Scenario, host: string): boolean {
  const { network, broadcast } = subnetOf(scenario);
  const address = parseIpv4(host);
  if (address !== undefined) return address > network && address < broadcast;
  const [prefix, groups] = [prefixOf(scenario), parseIpv6(host)];
  return prefix !== undefined && groups !== undefined && isOfPrefix(groups, prefix);
}
