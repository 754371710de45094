import { bootableNics, bootDriver, firmwareRow, TRANSPORTS, transportsOf } from '#qemu-wrapper/nic-models';
import { agentLoader, AGENT_LOADER_NAMES } from '../../../vm-images/bundle-contents.ts';
import { backupModeOf, snapshotsOf } from '../backups.ts';
import { rootsOf } from '../defaults.ts';
import { hasDisk } from '../checks/references.ts';
import { impossibleDisks } from './disk.ts';
import { orderDecides } from './machine.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { servedBundle } from '../bundles.ts';
import { failureOf } from '../client-order.ts';
import type { Impossible, Machine } from './machine.ts';

/** Everything that keeps a VM of a scenario from booting as it is to. */
export function impossibilities(machine: Machine, content: ScenarioContent): Impossible[] {
  const { devices } = machine;
  return [
    ...boardOf(machine),
    ...variablesOf(machine),
    ...((devices?.includes('network') ?? true)
      ? orderDecides('network', content, [
          ...cardOf(machine),
          ...transportOf(machine, content),
          ...programOf(machine),
          ...memoryOf(machine, content),
        ])
      : []),
    ...(devices?.includes('unplugged-nic') ? orderDecides('unplugged-nic', content, unpluggedCardOf(machine)) : []),
    ...(hasDisk(content, machine.client) ? impossibleDisks(machine, content) : []),
  ];
}

/** The machine type against the firmware. */
function boardOf({ machine, firmware }: Machine): Impossible[] {
  const known = firmwareRow(firmware).machineTypes;
  if (known.includes(machine)) return [];
  return [
    {
      parts: ['machine', 'firmware'],
      expected: `a machine type on which firmware ${firmware} runs (${known.join(', ')})`,
      got: JSON.stringify(machine),
      known,
      why: `firmware ${JSON.stringify(firmware)} runs on machine type ${known.join(' or ')}`,
    },
  ];
}

/** Variables that a client brings, against the firmware. */
function variablesOf({ client, firmware }: Machine): Impossible[] {
  if (client['firmware-variables'] === undefined || firmwareRow(firmware).flash !== undefined) return [];
  return [
    {
      parts: ['firmware'],
      expected: 'a UEFI beside firmware-variables',
      got: JSON.stringify(firmware),
      why: `firmware ${JSON.stringify(firmware)} has no variables`,
    },
  ];
}

/** A card without a cable is started all the same, so that its firmware must have a driver for it. */
function unpluggedCardOf({ client: { 'unplugged-nic': nic }, firmware }: Machine): Impossible[] {
  if (nic === undefined || bootDriver(nic, firmware)) return [];
  const known = bootableNics(firmware);
  return [
    {
      parts: ['firmware'],
      expected: `an unplugged-nic that ${firmware} has in its boot order (${known.join(', ')})`,
      got: JSON.stringify(nic),
      why: `the unplugged network card ${JSON.stringify(nic)} does not boot under firmware ${JSON.stringify(firmware)}`,
    },
  ];
}

/** The card against the firmware that is to boot from it. */
function cardOf({ nic, firmware }: Machine): Impossible[] {
  if (bootDriver(nic, firmware)) return [];
  const known = bootableNics(firmware);
  const why = `network card ${JSON.stringify(nic)} does not boot under firmware ${JSON.stringify(firmware)}`;
  return [
    {
      parts: ['nic', 'firmware'],
      expected: `a network card that boots under ${firmware} (${known.join(', ')})`,
      got: JSON.stringify(nic),
      known,
      why,
      says: `${why} (those that do: ${known.join(', ')})`,
    },
  ];
}

/** The boot program against the firmware that is to start it, and the transport by which its name comes. */
function programOf({ firmware, transport, 'boot-program': program }: Machine): Impossible[] {
  if (program === undefined) return [];
  if (transport !== 'pxe-ipv4')
    return [
      {
        parts: ['boot-program', 'transport'],
        expected: 'transport pxe-ipv4 beside boot-program, which services.pxe names',
        got: JSON.stringify(transport),
        why: `services.pxe, which names a boot-program, is not asked by transport ${JSON.stringify(transport)}`,
      },
    ];
  if (agentLoader(program).files[firmware] !== undefined) return [];
  const known = AGENT_LOADER_NAMES.filter((name) => agentLoader(name).files[firmware] !== undefined);
  const why = `boot program ${JSON.stringify(program)} does not start under firmware ${JSON.stringify(firmware)}`;
  return [
    {
      parts: ['boot-program', 'firmware'],
      expected: `a boot program that starts under ${firmware} (${known.join(', ')})`,
      got: JSON.stringify(program),
      known,
      why,
      says: `${why} (those that do: ${known.join(', ')})`,
    },
  ];
}

/**
 * The transport against the firmware, and against the services that it takes. A scenario that expects a failure may lack
 * one: that may be what it shows. What the user's own programs serve, nobody can know.
 */
function transportOf({ client, firmware, transport }: Machine, content: ScenarioContent): Impossible[] {
  const known = transportsOf(firmware);
  const got = JSON.stringify(transport);
  if (!known.includes(transport)) {
    const why = `firmware ${JSON.stringify(firmware)} does not boot by transport ${got}`;
    return [
      {
        parts: ['transport', 'firmware'],
        expected: `a transport that ${firmware} boots by (${known.join(', ')})`,
        got,
        known,
        why,
        says: `${why} (those that it does: ${known.join(', ')})`,
      },
    ];
  }
  const { services } = content;
  if (failureOf(client, content) !== undefined || services.programs !== undefined) return [];
  const { ip, http } = TRANSPORTS[transport];
  const lacking = [
    ...(ip === 6 && services.dhcpv6 === undefined ? ['services.dhcpv6'] : []),
    ...(http && services.http === undefined ? ['services.http'] : []),
  ];
  const why = `transport ${got} needs ${lacking.join(' and ')}, which the scenario does not have`;
  return lacking.length === 0
    ? []
    : [{ parts: ['transport'], expected: `${lacking.join(' and ')} for this transport`, got, why, says: why }];
}

/**
 * Memory against what the firmware needs, and what the bundles need that the VM boots. A scenario that expects a failure may want too little: that may
 * be what it shows. What a folder of the user's needs is not known.
 */
function memoryOf({ client, memory, firmware }: Machine, content: ScenarioContent): Impossible[] {
  if (failureOf(client, content) !== undefined) return [];
  const least = firmwareRow(firmware).leastMemoryMiB;
  if (memory < least)
    return [
      {
        parts: ['memory', 'firmware'],
        expected: `at least ${least}MiB of memory, which firmware ${firmware} needs to boot from the network`,
        got: `${memory}MiB`,
        why: `firmware ${JSON.stringify(firmware)} needs ${least}MiB of memory to boot from the network`,
      },
    ];
  return rootsOf(content).flatMap((root): Impossible[] => {
    const agent = servedBundle(root)?.agent;
    const needs = backupModeOf(client) === undefined ? agent?.memoryMiB : agent?.backupMemoryMiB;
    const snapshot = Math.ceil(Math.max(0, ...(snapshotsOf(client) ?? [])) / 1024);
    const alone = needs?.[firmware];
    const needed = alone === undefined ? 0 : alone + snapshot;
    const what = `what ${root} boots under ${firmware}${snapshot === 0 ? '' : ` and a snapshot of ${snapshot}MiB`}`;
    return memory >= needed
      ? []
      : [
          {
            parts: ['memory', 'firmware'],
            expected: `at least ${needed}MiB of memory, which ${what} ${snapshot === 0 ? 'needs' : 'need'}`,
            got: `${memory}MiB`,
            why: `${what} ${snapshot === 0 ? 'needs' : 'need'} ${needed}MiB of memory`,
          },
        ];
  });
}
