import type { Recipe } from './bundle.ts';
import { REFERENCE_LAB } from '../servers/service/reference-lab.ts';
import { NIC_DRIVERS } from './nic-drivers.ts';
import { agentRecipe } from './recipes/agent.ts';
import { agentDirectoryRecipe } from './recipes/agent-directory.ts';
import { agentSecureBootRecipe, agentUefiRecipe } from './recipes/agent-uefi.ts';
import { bootFilesIpxeRecipe } from './recipes/boot-files-ipxe.ts';
import { bootFilesWdsRecipe } from './recipes/boot-files-wds.ts';
import { driverPackageRecipe } from './recipes/driver-package.ts';
import { domainRecipe } from './recipes/domain.ts';
import { imagesLinuxGroupRecipe } from './recipes/images-linux-group.ts';
import { imagesLinuxSampleRecipe } from './recipes/images-linux-sample.ts';
import { kernelRecipe } from './recipes/kernel.ts';
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
  agentUefiRecipe,
  agentSecureBootRecipe,
  agentDirectoryRecipe,
  driverPackageRecipe('rtl8139', rtl8139),
  imagesLinuxSampleRecipe,
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
