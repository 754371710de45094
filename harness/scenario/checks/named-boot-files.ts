import type { ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

/** A boot file that a scenario names, and where it stands. */
export interface NamedBootFile {
  readonly path: ScenarioPath;
  readonly name: string;
}

/** One for every name that stands in the scenario. */
export function namedBootFiles({ services }: Pick<ScenarioContent, 'services'>): NamedBootFile[] {
  const ofServices = (['dhcp', 'dhcpv6', 'pxe', 'second-pxe'] as const).flatMap((kind) => {
    const { bootfile, bootfiles = {}, 'user-classes': userClasses = {} } = services[kind] ?? {};
    return [
      ...(bootfile === undefined ? [] : [{ path: ['services', kind, 'bootfile'], name: bootfile }]),
      ...Object.entries(bootfiles).map(([architecture, name]) => ({
        path: ['services', kind, 'bootfiles', architecture],
        name,
      })),
      ...Object.entries(userClasses).flatMap(([userClass, files]) => {
        const path = ['services', kind, 'user-classes', userClass];
        return typeof files === 'string'
          ? [{ path, name: files }]
          : Object.entries(files).map(([architecture, name]) => ({ path: [...path, architecture], name }));
      }),
    ];
  });
  const ofMenus = (['pxe', 'second-pxe'] as const).flatMap((kind) =>
    (services[kind]?.menu?.entries ?? []).flatMap((entry, index) =>
      entry.bootfile === undefined || entry.servers
        ? []
        : [{ path: ['services', kind, 'menu', 'entries', index, 'bootfile'], name: entry.bootfile }],
    ),
  );
  const ofDevices = (services.devices?.known ?? []).flatMap((device, index) =>
    device['boot-program'] === undefined
      ? []
      : [{ path: ['services', 'devices', 'known', index, 'boot-program'], name: device['boot-program'] }],
  );
  return [...ofServices, ...ofMenus, ...ofDevices];
}
