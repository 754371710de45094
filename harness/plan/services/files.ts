import { fileServerIpv6 } from '../../scenario/ipv6-defaults.ts';
import { addressesOf } from '../../scenario/defaults.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { defined } from '../../../servers/service/defined.ts';
import { TREE_ROOTS } from '../trees.ts';
import type { ServiceConfigs } from './service-plan.ts';

type Tftp = NonNullable<Scenario['services']['tftp']>;
type Http = NonNullable<Scenario['services']['http']>;

/**
 * The TFTP server's configuration; what a scenario leaves out is the server's own default, which stands in its schema.
 */
export function tftpConfig(scenario: Scenario, tftp: Tftp): ServiceConfigs['tftp'] {
  return {
    address: addressesOf(scenario).tftp ?? '',
    ...defined({ ipv6: fileServerIpv6(scenario, 'tftp') }),
    root: TREE_ROOTS.tftp,
    ...defined({
      maxBlksize: tftp['max-blksize'],
      maxWindowsize: tftp['max-windowsize'],
      timeoutMs: tftp.timeout,
      retries: tftp.retries,
      singlePort: tftp['single-port'],
    }),
    misbehave: tftp.misbehave ?? {},
  };
}

/** The HTTP server's configuration; defaults stand in its schema, too. */
export function httpConfig(scenario: Scenario, http: Http): ServiceConfigs['http'] {
  return {
    address: addressesOf(scenario).http ?? '',
    ...defined({ ipv6: fileServerIpv6(scenario, 'http') }),
    root: TREE_ROOTS.http,
    ...defined({ port: http.port }),
    misbehave: http.misbehave ?? {},
  };
}
