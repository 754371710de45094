import { BUNDLED_IMAGES } from '../../../vm-images/bundled-images.ts';
import { backupModeOf, isBackupMode, recoversFiles } from '../backups.ts';
import { bootsAgent } from '../bundles.ts';
import { failureOf } from '../client-order.ts';
import { imagePaths, joinOf, rootsOf } from '../defaults.ts';
import { imageChoice } from '../image-choice.ts';
import { machinesOf, once } from '../matrix/expand-matrix.ts';
import type { Machine } from '../matrix/machine.ts';
import { receives } from '../multicast.ts';
import { isArm } from '../processor.ts';
import type { Problem } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { comparable } from '../tree.ts';

/**
 * The processors of VMs against what the bundles have for each: the agent for 64-bit Arm installs and captures, and has none of its
 * additions; an image is for one processor. A scenario that expects a failure may be wrong about an image.
 */
export function checkProcessors(content: ScenarioContent): Problem[] {
  if (!rootsOf(content).some(bootsAgent)) return [];
  const machines = machinesOf(content);
  const arm = machines.filter(({ firmware }) => isArm(firmware));
  return once([
    ...arm.flatMap((machine) => additionsOf(machine, content)),
    ...(arm.length > 0 && arm.length === machines.length ? driversOf(content) : []),
    ...machines.flatMap((machine) => imageOf(machine, content)),
  ]);
}

/** What the agent for Arm lacks: a client of the control channel, of a domain, of multicast, and of the store of disk backups. */
function additionsOf({ client, firmware, place }: Machine, content: ScenarioContent): Problem[] {
  const lacks = [
    ...(content.services.control === undefined ? [] : ['services.control']),
    ...(client.agent?.logon?.authentication === 'kerberos' ? ['agent.logon.authentication: kerberos'] : []),
    ...(joinOf(content, client.name) === undefined ? [] : ['join']),
    ...(receives(client) ? ['agent.by: multicast'] : []),
    ...(backupModeOf(client) === undefined ? [] : [`agent.mode: ${backupModeOf(client) ?? ''}`]),
    ...(content.services['boot-menu']?.entries ?? []).flatMap(({ name, mode }) =>
      isBackupMode(mode) ? [`mode: ${mode} of the boot menu's ${name}`] : [],
    ),
  ];
  return lacks.map((key) => ({
    path: place('firmware'),
    expected: `a firmware of a PC beside ${key}, for which the bundled agent for Arm has no program`,
    got: firmware,
  }));
}

/** Driver packages, which are modules for the kernel of PCs, where no client is a PC. */
function driversOf({ services }: ScenarioContent): Problem[] {
  const names = services.tftp?.['driver-packages'] ?? [];
  return names.length === 0
    ? []
    : [
        {
          path: ['services', 'tftp', 'driver-packages'],
          expected: 'a client with the processor of a PC, for whose kernel the bundled driver packages are',
          got: `${names.join(', ')}, and clients with firmware uefi-arm64 alone`,
        },
      ];
}

/** A bundled image against the processor of the client that is to install it. */
function imageOf({ client, firmware, place }: Machine, content: ScenarioContent): Problem[] {
  const { agent } = client;
  if (content.services.images?.root !== undefined || failureOf(client, content) !== undefined) return [];
  if (agent?.mode === 'capture' || agent?.unattended === false) return [];
  if (backupModeOf(client) !== undefined || recoversFiles(client)) return [];
  const wanted = agent?.image ?? imagePaths(content)[0];
  if (wanted === undefined) return [];
  const file = comparable(imageChoice(wanted).file);
  const bundled = Object.keys(BUNDLED_IMAGES).find((path) => comparable(path) === file);
  if (bundled === undefined) return [];
  const [mine, its] = [isArm(firmware), bundled.includes('arm64')].map((arm) =>
    arm ? 'a 64-bit Arm processor' : 'the processor of a PC',
  );
  return mine === its
    ? []
    : [
        {
          path: place('firmware'),
          expected: `a firmware for ${its ?? ''}, which ${bundled} is for; the bundled groups are Linux and Linux 2012 for PCs, Linux arm64 for Arm`,
          got: firmware,
        },
      ];
}
