import type * as z from 'zod';
import { directoryConfigSchema } from '../../../servers/authentication/directory-config.ts';
import { dhcpConfigSchema } from '../../../servers/boot/dhcp/config.ts';
import { dhcpv6ConfigSchema } from '../../../servers/boot/dhcpv6/config.ts';
import { httpConfigSchema } from '../../../servers/boot/http/config.ts';
import { proxydhcpConfigSchema } from '../../../servers/boot/proxydhcp/config.ts';
import { routerAdvertisementsConfigSchema } from '../../../servers/boot/router-advertisements/config.ts';
import { tftpConfigSchema } from '../../../servers/boot/tftp/config.ts';
import { backupStoreConfigSchema } from '../../../servers/images/backup-store/config.ts';
import { controlConfigSchema } from '../../../servers/images/control/config.ts';
import { multicastConfigSchema } from '../../../servers/images/multicast/config.ts';
import { smbConfigSchema } from '../../../servers/images/smb/config.ts';
import type { ServiceConfigs, ServiceKind, ServicePlan } from '../services/service-plan.ts';

const SCHEMAS: { readonly [Kind in ServiceKind]: z.ZodType<unknown, ServiceConfigs[Kind]> } = {
  dhcp: dhcpConfigSchema,
  dhcpv6: dhcpv6ConfigSchema,
  'router-advertisements': routerAdvertisementsConfigSchema,
  proxydhcp: proxydhcpConfigSchema,
  tftp: tftpConfigSchema,
  http: httpConfigSchema,
  'active-directory': directoryConfigSchema,
  smb: smbConfigSchema,
  control: controlConfigSchema,
  'backup-store': backupStoreConfigSchema,
  multicast: multicastConfigSchema,
};

/**
 * What a service makes of its configuration, which it gets as JSON with `${run}` as the run's private folder; throws what
 * it would refuse.
 */
export function takenConfig({ kind, config }: ServicePlan): unknown {
  return SCHEMAS[kind].parse(JSON.parse(JSON.stringify(config).replaceAll('${run}', '/run/lab')));
}
