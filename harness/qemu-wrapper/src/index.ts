export {
  AcceleratorError,
  decideAccelerator,
  type AcceleratorDecision,
  type DecideOptions,
} from './accelerator/decide-accelerator.ts';
export { runCanary, type CanaryResult } from './accelerator/canary.ts';
export { debugExitBootSector } from './accelerator/boot-sector.ts';
export { DeadlineError } from './deadline.ts';
export { qemuHas, qemuLacks, QemuNotFoundError, qemuVersion, type QemuFeatures } from './installation.ts';
export { startVm, type StartOptions } from './vm/start-vm.ts';
export { SavedStateError, saveState, type SavedState } from './vm/saved-state.ts';
export { tpmUse, type TpmUse } from './vm/tpm-log.ts';
export { Vm } from './vm/vm.ts';
export type { VmEvents, VmState } from './vm/events.ts';
export type { ExitReason, VmExit } from './vm/exit.ts';
export { VmEndedError, VmStartError, shellLine } from './vm/errors.ts';
export { SerialPort } from './vm/serial-port.ts';
export { GuestAgent, GuestAgentError } from './guest-agent/client.ts';
export { whileFrozen, type Frozen, type FreezeDeadlines } from './guest-agent/frozen.ts';
export { hotBackup, type HotBackup, type HotBackupOptions } from './backup/hot-backup.ts';
export type { FullReason } from './backup/backup-plan.ts';
export { BlockJobError, type JobProgress } from './backup/block-job.ts';
export { QmpClient, QmpCommandError } from './qmp/client.ts';
export type { QmpEvent } from './qmp/messages.ts';
export {
  NIC_MODELS,
  PXE_NIC_MODELS,
  PXE_NICS,
  PXE_ROM_FILES,
  type NicDriver,
  type NicModel,
  type PxeNicModel,
} from './spec/nic-models.ts';
export { FIRMWARE_NAMES, FIRMWARES, type Firmware, type MachineType } from './spec/firmwares.ts';
export { acceleratorFor } from './spec/machines.ts';
export { lintVm, VmSpecError } from './spec/lint.ts';
export { VM_FILES } from './spec/vm-files.ts';
export {
  type Accelerator,
  type DiskInterface,
  type DiskSpec,
  type VmSpec,
  type NetDevice,
  type NicSpec,
  type UdpEndpoint,
} from './spec/vm-spec.ts';
export { qemuArgs } from './spec/qemu-args.ts';
export { changeVariables, readVariables } from './firmware-vars/files.ts';
export { differenceOf, variableText, type VariableDifference } from './firmware-vars/difference.ts';
export { ACTIVE, type LoadOption } from './firmware-vars/load-option.ts';
export {
  bootEntryName,
  decidesBoot,
  settingsOf,
  type FirmwareChanges,
  type FirmwareSettings,
  type KeyVariable,
} from './firmware-vars/settings.ts';
export type { Signature } from './firmware-vars/signatures.ts';
export { VariableStoreError, type FirmwareVariable } from './firmware-vars/store.ts';
