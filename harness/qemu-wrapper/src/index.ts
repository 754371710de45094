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
export { startMachine, type StartOptions } from './machine/start-machine.ts';
export { Machine } from './machine/machine.ts';
export type { MachineEvents, MachineState } from './machine/machine-events.ts';
export type { ExitReason, MachineExit } from './machine/machine-exit.ts';
export { MachineEndedError, MachineStartError, shellLine } from './machine/machine-errors.ts';
export { SerialPort } from './machine/serial-port.ts';
export { QmpClient, QmpCommandError } from './qmp/qmp-client.ts';
export type { QmpEvent } from './qmp/qmp-messages.ts';
export { lintMachine, MachineSpecError } from './spec/lint.ts';
export { MACHINE_FILES } from './spec/machine-files.ts';
export {
  NIC_MODELS,
  type Accelerator,
  type DiskSpec,
  type Firmware,
  type MachineSpec,
  type NetDevice,
  type NicModel,
  type NicSpec,
  type UdpEndpoint,
} from './spec/machine-spec.ts';
export { qemuArgs } from './spec/qemu-args.ts';
