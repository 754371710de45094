import { fileURLToPath } from 'node:url';
import type { ServicePlan } from '../../plan/plan.ts';

/** The program of each service. The harness starts servers only as processes: it never imports them. */
export const SERVICE_PROGRAMS: Readonly<Record<ServicePlan['kind'], string>> = {
  dhcp: program('boot/dhcp.ts'),
  proxydhcp: program('boot/proxydhcp.ts'),
  tftp: program('boot/tftp.ts'),
  http: program('boot/http.ts'),
  smb: program('images/smb.ts'),
  'active-directory': program('authentication/active-directory.ts'),
  control: program('images/control.ts'),
};

function program(path: string): string {
  return fileURLToPath(new URL(`../../../servers/${path}`, import.meta.url));
}
