import * as z from 'zod';
import { authentication } from './authentication.ts';
import { bootMenu } from './boot-menu.ts';
import { backups } from './backups.ts';
import { control } from './control.ts';
import { devices, state } from './devices.ts';
import { dhcp, pxe } from './dhcp.ts';
import { dhcpv6, routerAdvertisements } from './dhcpv6.ts';
import { http, tftp } from './files.ts';
import { images } from './images.ts';
import { multicast } from './multicast.ts';
import { programs } from './programs.ts';

// The services of the lab. Every `at` is a host of its own; services with the same `at` share one.

/** All services of a lab. */
export const services = z.strictObject(
  {
    dhcp: dhcp.optional(),
    dhcpv6: dhcpv6.optional(),
    'router-advertisements': routerAdvertisements.optional(),
    pxe: pxe.optional(),
    'second-pxe': pxe.optional().meta({
      description:
        'another PXE boot server on the network, with the keys of `pxe`: the target of a referral, or one that answers by mistake',
    }),
    'boot-menu': bootMenu.optional(),
    tftp: tftp.optional(),
    http: http.optional(),
    authentication: authentication.optional(),
    images: images.optional(),
    control: control.optional(),
    multicast: multicast.optional(),
    backups: backups.optional(),
    devices: devices.optional(),
    state: state.optional(),
    programs: programs.optional(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'a map of services, e.g. { dhcp: {}, tftp: {} }' : undefined) },
);
