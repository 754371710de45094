import type { RouterAdvertisementsConfig } from './config.ts';

// RFC 4861 section 6.2.1: the longest time between two unsolicited advertisements, and no router lifetime is shorter.
const MAX_INTERVAL_SECONDS = 600;
const MIN_INTERVAL_SECONDS = 3;

/** What radvd.conf(5) says for a configuration. */
export function radvdConf(config: Omit<RouterAdvertisementsConfig, 'state' | 'startTimeoutMs'>): string {
  const { lifetimeSeconds } = config;
  const most = lifetimeSeconds === 0 ? MAX_INTERVAL_SECONDS : Math.min(MAX_INTERVAL_SECONDS, lifetimeSeconds);
  const lines = [
    `interface ${config.interface} {`,
    '  IgnoreIfMissing off;',
    '  AdvSendAdvert on;',
    `  MaxRtrAdvInterval ${most};`,
    `  MinRtrAdvInterval ${Math.max(MIN_INTERVAL_SECONDS, Math.floor(most / 3))};`,
    `  AdvManagedFlag ${onOff(config.managed)};`,
    `  AdvOtherConfigFlag ${onOff(config.other)};`,
    `  AdvDefaultLifetime ${lifetimeSeconds};`,
    // A host that has just asked gets its answer at once, and not after what RFC 4861 section 6.2.6 allows between two
    // multicast ones: three seconds.
    '  AdvRASolicitedUnicast on;',
    `  prefix ${config.prefix} {`,
    '    AdvOnLink on;',
    `    AdvAutonomous ${onOff(config.autonomous)};`,
    '  };',
    '};',
  ];
  return `${lines.join('\n')}\n`;
}

const onOff = (flag: boolean): string => (flag ? 'on' : 'off');
