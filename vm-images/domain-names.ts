/** What identifies an Active Directory domain: its names, and the address of its controller. */
export interface DomainNames {
  /** DNS domain, lowercase; the Kerberos realm is the same in capitals. */
  readonly realm: string;
  /** NetBIOS name. */
  readonly domain: string;
  /** NetBIOS name of the controller. */
  readonly host: string;
  /** IPv4 address of the controller: the domain's DNS has it. */
  readonly address: string;
}

const PREFIX = 'domain';

/** Name of the bundle that holds such a domain: `domain/system.lab/SYSTEM/WDS/172.22.52.207`. */
export function domainBundleName({ realm, domain, host, address }: DomainNames): string {
  return [PREFIX, realm, domain, host, address].join('/');
}

/** The domain that a bundle's name denotes; undefined for other bundles. */
export function parseDomainBundleName(name: string): DomainNames | undefined {
  const [prefix, realm, domain, host, address, ...more] = name.split('/');
  if (
    prefix !== PREFIX ||
    realm === undefined ||
    domain === undefined ||
    host === undefined ||
    address === undefined ||
    more.length > 0
  )
    return undefined;
  return { realm, domain, host, address };
}
