// The lab of the reference trace (harness/observe/testdata/reference-trace): the defaults of scenarios, services and
// their examples. The names of its server are our own.

/** Addresses, names and the account of the reference trace. */
export const REFERENCE_LAB = {
  subnet: '172.22.52.0',
  prefixLength: 24,
  /** The trace has no IPv6: the prefix is one for private use (RFC 4193). */
  ipv6Prefix: 'fd77::/64',
  /** The DHCP server, which is another host than the deployment server. */
  dhcp: '172.22.52.1',
  /** The deployment server: boot negotiation, boot files, images, control channel, domain. */
  server: '172.22.52.207',
  client: '172.22.52.222',
  serverName: 'WDS',
  /** NetBIOS domain, a workgroup where there is no directory. */
  domain: 'SYSTEM',
  realm: 'system.lab',
  share: 'REMINST',
  account: { name: 'administrateur', password: 'Passw0rd.lab' },
} as const;
