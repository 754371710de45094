import { RECEIVER_PORT } from '../../protocols/multicast/wire/ports.ts';
import { defined } from '../../../servers/service/defined.ts';
import { addressesOf } from '../../scenario/defaults.ts';
import { expectedReceivers, receives, sentImage } from '../../scenario/multicast.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { treePath } from '../../scenario/trees.ts';
import { imagesRoot } from '../state-folder.ts';
import type { ServiceConfigs } from './service-plan.ts';

type Multicast = NonNullable<Scenario['services']['multicast']>;

/** The multicast sender's configuration; what a scenario leaves out is mostly the sender's own default. */
export function multicastConfig(scenario: Scenario, multicast: Multicast): ServiceConfigs['multicast'] {
  return {
    address: addressesOf(scenario).multicast ?? '',
    root: imagesRoot(scenario),
    image: treePath(sentImage(scenario) ?? ''),
    receivers: multicast.receivers ?? expectedReceivers(scenario),
    ...defined({
      maxWaitMs: multicast['max-wait'],
      minWaitMs: multicast['min-wait'],
      portBase: multicast['port-base'],
      bitsPerSecond: multicast['max-bitrate'],
      retries: multicast.retries,
      misbehave: multicast.misbehave,
    }),
  };
}

/** Port at which a client's image comes by multicast; undefined for one that reads it from the share. */
export function multicastPort(
  { services }: Scenario,
  client: Scenario['clients'][number] | undefined,
): number | undefined {
  return client && receives(client) ? (services.multicast?.['port-base'] ?? RECEIVER_PORT) : undefined;
}
