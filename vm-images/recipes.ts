import type { Recipe } from './bundle.ts';
import { REFERENCE_LAB } from '../servers/service/reference-lab.ts';
import { NIC_DRIVERS } from './nic-drivers.ts';
import { agentArm64Recipe } from './recipes/agent-arm64.ts';
import { agentRecipe } from './recipes/agent.ts';
import { agentBackupRecipe } from './recipes/agent-backup.ts';
import { agentHotRecipe } from './recipes/agent-hot.ts';
import { agentSnapshotRecipe } from './recipes/agent-snapshot.ts';
import { agentDirectoryRecipe } from './recipes/agent-directory.ts';
import { agentMulticastRecipe } from './recipes/agent-multicast.ts';
import { agentSecureBootRecipe, agentUefiRecipe } from './recipes/agent-uefi.ts';
import { bootArm64Recipe } from './recipes/boot-arm64.ts';
import { bootFilesIpxeRecipe } from './recipes/boot-files-ipxe.ts';
import { bootFilesWdsRecipe } from './recipes/boot-files-wds.ts';
import { diskLinuxBiosRecipe, diskLinuxUefiRecipe, diskTwoSystemsRecipe } from './recipes/disks.ts';
import { driverPackageRecipe } from './recipes/driver-package.ts';
import { domainRecipe } from './recipes/domain.ts';
import { imagesLinuxGroupRecipe } from './recipes/images-linux-group.ts';
import { imagesLinuxArm64Recipe, imagesLinuxSampleRecipe } from './recipes/images-linux-sample.ts';
import { kernelRecipe } from './recipes/kernel.ts';
import { kernelArm64Recipe } from './recipes/kernel-arm64.ts';
import { packagesArm64Recipe } from './recipes/packages-arm64.ts';
import { reminstRecipe } from './recipes/reminst.ts';
import { samplePackagesRecipe } from './recipes/sample-packages.ts';
import { signedProgramsRecipe } from './recipes/signed-programs.ts';
import { wdsctlRecipe } from './recipes/wdsctl.ts';

/**
 * The boot image without a driver for the client's card: the card boots by PXE, and then the system finds no driver.
 */
const { rtl8139, ...otherDrivers } = NIC_DRIVERS;

/** Every recipe, in the order of their needs. */
export const RECIPES: readonly Recipe[] = [
  kernelRecipe,
  wdsctlRecipe,
  agentRecipe('agent', Object.values(NIC_DRIVERS).flat()),
  agentRecipe('agent-without-rtl8139', Object.values(otherDrivers).flat()),
  bootFilesWdsRecipe('boot-files/wds', 'agent'),
  bootFilesWdsRecipe('boot-files/wds-without-rtl8139', 'agent-without-rtl8139'),
  signedProgramsRecipe,
  bootFilesIpxeRecipe,
  kernelArm64Recipe,
  packagesArm64Recipe,
  agentArm64Recipe,
  bootArm64Recipe,
  agentUefiRecipe,
  agentSecureBootRecipe,
  agentDirectoryRecipe,
  agentBackupRecipe,
  agentHotRecipe,
  agentSnapshotRecipe,
  agentMulticastRecipe,
  driverPackageRecipe('rtl8139', rtl8139),
  imagesLinuxSampleRecipe,
  imagesLinuxArm64Recipe,
  diskLinuxBiosRecipe('disks/linux-bios'),
  diskLinuxBiosRecipe('disks/linux-bios-large'),
  diskLinuxUefiRecipe,
  diskTwoSystemsRecipe,
  samplePackagesRecipe,
  imagesLinuxGroupRecipe,
  reminstRecipe,
  domainRecipe({
    realm: REFERENCE_LAB.realm,
    domain: REFERENCE_LAB.domain,
    host: REFERENCE_LAB.serverName,
    address: REFERENCE_LAB.server,
  }),
];
