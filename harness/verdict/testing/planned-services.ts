import type { ServiceKind, ServiceOf } from '../../plan/services/service-plan.ts';

/** The least configuration that each service needs. */
const LEAST: { readonly [Kind in ServiceKind]: ServiceOf<Kind>['config'] } = {
  dhcp: { address: '172.22.52.1', subnet: '172.22.52.0', prefixLength: 24 },
  dhcpv6: { interface: 'eth0' },
  'router-advertisements': { interface: 'eth0', state: '/radvd', prefix: 'fd77::/64' },
  proxydhcp: { address: '172.22.52.207' },
  tftp: { address: '172.22.52.207', root: '/tftp' },
  http: { address: '172.22.52.207', root: '/http' },
  'active-directory': { address: '172.22.52.207', provision: '/domain', state: '/directory' },
  smb: { address: '172.22.52.207', state: '/samba', root: '/reminst' },
  multicast: { address: '172.22.52.207', root: '/reminst', image: 'a.wim' },
  control: { address: '172.22.52.207' },
  'backup-store': { address: '172.22.52.207', root: '/backups', password: 'p' },
};

/** A service of a plan, with what a test has to say about it. */
export function service<Kind extends ServiceKind>(
  kind: Kind,
  config: Partial<ServiceOf<Kind>['config']> = {},
): ServiceOf<Kind> {
  return { kind, host: 'host-207', config: { ...LEAST[kind], ...config } };
}
