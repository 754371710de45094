import { REFERENCE_LAB } from '../../servers/service/reference-lab.ts';
import { HTTP_PORT } from '../protocols/http/wire/ports.ts';
import { addressesOf, bootFilesOf, namesBootFile, type FileService } from './defaults.ts';
import { formatIpv6, hostIpv6, parseIpv6Range, parsePrefix } from './schema/ipv6.ts';
import type { ScenarioContent } from './schema/scenario.ts';

// Values over IPv6 for what a scenario leaves out.

type Dhcpv6 = NonNullable<ScenarioContent['services']['dhcpv6']>;

/** Groups of the lab's prefix; undefined for a lab without IPv6. */
export function prefixOf({
  network,
  services,
}: Pick<ScenarioContent, 'network' | 'services'>): readonly number[] | undefined {
  const wanted = services.dhcpv6 !== undefined || services['router-advertisements'] !== undefined;
  const prefix = network?.ipv6 ?? (wanted ? REFERENCE_LAB.ipv6Prefix : undefined);
  return prefix === undefined ? undefined : parsePrefix(prefix);
}

/** The IPv6 address of a server of boot files; undefined where it has none. */
export function fileServerIpv6(content: ScenarioContent, kind: FileService): string | undefined {
  const prefix = prefixOf(content);
  const at = addressesOf(content)[kind];
  return prefix && at !== undefined ? hostIpv6(prefix, at) : undefined;
}

const RANGE_GROUPS = { from: [0, 0, 0, 0x1000], to: [0, 0, 0, 0x1fff] } as const;

/** Addresses that DHCPv6 gives away. */
export function dhcpv6RangeOf(content: ScenarioContent): { readonly from: string; readonly to: string } {
  const given = content.services.dhcpv6?.range;
  const parsed = given === undefined ? undefined : parseIpv6Range(given);
  if (parsed) return parsed;
  const prefix = prefixOf(content) ?? [];
  return {
    from: formatIpv6([...prefix, ...RANGE_GROUPS.from]),
    to: formatIpv6([...prefix, ...RANGE_GROUPS.to]),
  };
}

const HTTP_SUFFIX = '-http';
const isHttpWord = (architecture: string): boolean => architecture.endsWith(HTTP_SUFFIX);

/** Whether a boot file is named by a URL. */
export const isUrl = (name: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(name);

/**
 * The URL of a boot file for option 59: a name becomes one of the service that such a client loads from; undefined where
 * the scenario has no such service.
 */
export function bootUrl(content: ScenarioContent, name: string, architecture = ''): string | undefined {
  if (isUrl(name)) return name;
  const kinds: readonly FileService[] = isHttpWord(architecture) ? ['http'] : ['tftp', 'http'];
  const kind = kinds.find((one) => content.services[one] !== undefined);
  const address = kind && fileServerIpv6(content, kind);
  if (kind === undefined || address === undefined) return undefined;
  const port = kind === 'http' ? (content.services.http?.port ?? HTTP_PORT) : undefined;
  const path = name.replaceAll('\\', '/').replace(/^\/+/, '');
  return `${kind}://[${address}]${port === undefined || port === HTTP_PORT ? '' : `:${port}`}/${path}`;
}

/** DHCPv6's boot files by architecture: its own, or else those of the bundles that TFTP and HTTP serve. */
export function dhcpv6BootFiles(content: ScenarioContent, dhcpv6: Dhcpv6): NonNullable<Dhcpv6['bootfiles']> {
  const { bootfile, bootfiles } = dhcpv6;
  if (namesBootFile({ bootfile, bootfiles, menu: undefined })) return bootfiles ?? {};
  const { tftp, http } = content.services;
  const words = Object.entries(bootFilesOf(content, {})).filter(([word]) => word !== 'bios');
  return Object.fromEntries([
    ...(tftp === undefined ? [] : words),
    ...(http === undefined ? [] : words.map(([word, file]) => [`${word}${HTTP_SUFFIX}`, file] as const)),
  ]);
}
