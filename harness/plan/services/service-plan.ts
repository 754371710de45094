import type * as z from 'zod';
import type { directoryConfigSchema } from '../../../servers/authentication/directory-config.ts';
import type { dhcpConfigSchema } from '../../../servers/boot/dhcp/config.ts';
import type { dhcpv6ConfigSchema } from '../../../servers/boot/dhcpv6/config.ts';
import type { httpConfigSchema } from '../../../servers/boot/http/config.ts';
import type { proxydhcpConfigSchema } from '../../../servers/boot/proxydhcp/config.ts';
import type { routerAdvertisementsConfigSchema } from '../../../servers/boot/router-advertisements/config.ts';
import type { tftpConfigSchema } from '../../../servers/boot/tftp/config.ts';
import type { backupStoreConfigSchema } from '../../../servers/images/backup-store/config.ts';
import type { controlConfigSchema } from '../../../servers/images/control/config.ts';
import type { multicastConfigSchema } from '../../../servers/images/multicast/config.ts';
import type { smbConfigSchema } from '../../../servers/images/smb/config.ts';
import type { DeepReadonly } from '../freeze.ts';

// The services that a lab can start. A new one is a row in each of the two tables here, and one in services.ts that
// says when a scenario has it; the compiler asks for the others.

/** What each service is configured with: the input of its own schema. */
export interface ServiceConfigs {
  dhcp: z.input<typeof dhcpConfigSchema>;
  dhcpv6: z.input<typeof dhcpv6ConfigSchema>;
  'router-advertisements': z.input<typeof routerAdvertisementsConfigSchema>;
  proxydhcp: z.input<typeof proxydhcpConfigSchema>;
  tftp: z.input<typeof tftpConfigSchema>;
  http: z.input<typeof httpConfigSchema>;
  'active-directory': z.input<typeof directoryConfigSchema>;
  smb: z.input<typeof smbConfigSchema>;
  control: z.input<typeof controlConfigSchema>;
  'backup-store': z.input<typeof backupStoreConfigSchema>;
  multicast: z.input<typeof multicastConfigSchema>;
}

export type ServiceKind = keyof ServiceConfigs;

/** Each service's program below `servers/`, without its extension. The harness starts servers only as processes: it never imports them. */
export const SERVICE_PROGRAMS: Readonly<Record<ServiceKind, string>> = {
  dhcp: 'boot/dhcp',
  dhcpv6: 'boot/dhcpv6',
  'router-advertisements': 'boot/router-advertisements',
  proxydhcp: 'boot/proxydhcp',
  tftp: 'boot/tftp',
  http: 'boot/http',
  'active-directory': 'authentication/active-directory',
  smb: 'images/smb',
  control: 'images/control',
  'backup-store': 'images/backup-store',
  multicast: 'images/multicast',
};

/** A service of one kind to start. */
export interface ServiceOf<Kind extends ServiceKind> {
  readonly kind: Kind;
  /** HostPlan.name */
  readonly host: string;
  /** Paths are absolute or begin with `${run}/`. */
  readonly config: DeepReadonly<ServiceConfigs[Kind]>;
}

/** One service to start: `kind` says which configuration it has. */
export type ServicePlan = { [Kind in ServiceKind]: ServiceOf<Kind> }[ServiceKind];
