import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { seconds, within } from '../deadline.ts';
import { QmpClient } from '../qmp/client.ts';
import { readVariables } from '../firmware-vars/files.ts';
import { firmwareRow } from '../spec/firmwares.ts';
import { lintVm, VmSpecError } from '../spec/lint.ts';
import { GuestAgent } from '../guest-agent/client.ts';
import { VM_FILES } from '../spec/vm-files.ts';
import type { VmSpec } from '../spec/vm-spec.ts';
import { qemuArgs } from '../spec/qemu-args.ts';
import { connectWhenListening } from '../unix-socket.ts';
import { Vm, MonitorEvents } from './vm.ts';
import { VmEndedError, VmStartError } from './errors.ts';
import { QemuProcess } from './qemu-process.ts';
import { restoreState, type SavedState } from './saved-state.ts';
import { makeSerialPipes, openSerialPipes } from './serial-pipes.ts';
import { SerialPort } from './serial-port.ts';
import { copySparse } from './sparse-copy.ts';
import { startTpm } from './tpm.ts';

/**
 * The process follows its closed monitor within milliseconds, unless the kernel is still freeing or dumping its memory.
 */
const EXIT_AFTER_MONITOR_MS = 5000;

export interface StartOptions {
  /** The VM's own folder: sockets, serial logs, firmware variables. Made if need be. */
  readonly folder: string;
  /** Longest time until the VM is paused at its first instruction with an open monitor. */
  readonly deadlineMs: number;
  /** Paused where it was saved, instead of at its first instruction. */
  readonly state?: SavedState;
}

/**
 * Starts a VM, paused: `cont()` powers it on. Rejects with VmSpecError for a spec that cannot work, and with
 * VmStartError, which has the command line and standard error, when QEMU ends or does not answer.
 */
export async function startVm(spec: VmSpec, { folder, deadlineMs, state }: StartOptions): Promise<Vm> {
  const problems = lintVm(spec);
  if (problems.length > 0) throw new VmSpecError(spec.name, problems);
  await prepareFolder(spec, folder);
  for (const [port, log] of (state?.serialLogs ?? []).entries())
    await writeFile(path.join(folder, VM_FILES.serialLog(port)), log);
  const startedAt = performance.now();
  const tpm = spec.tpm === true ? await startTpm(spec.name, folder, deadlineMs) : undefined;
  const qemu = new QemuProcess(qemuArgs(spec, { restored: state !== undefined }), folder, tpm);
  const died = new AbortController();
  void qemu.exited.then(() => died.abort(new Error('it ended')));
  const left = (): number => Math.max(1, deadlineMs - (performance.now() - startedAt));
  try {
    const connect = (name: string, step: string) =>
      connectWhenListening(folder, name, { step, deadlineMs: left(), signal: died.signal });
    const monitor = new MonitorEvents(qemu);
    const socket = await connect(VM_FILES.qmpSocket, 'qmp socket');
    qemu.followMonitor(socket);
    const explainEnd = async (broken: Error): Promise<VmEndedError> =>
      new VmEndedError(
        spec.name,
        await within('QEMU to end after its monitor', EXIT_AFTER_MONITOR_MS, qemu.exited).catch(() => undefined),
        broken,
      );
    const qmp = new QmpClient(socket, { onEvent: (event) => monitor.take(event), explainEnd });
    const guestAgent =
      spec.guestAgent === true
        ? new GuestAgent(spec.name, await connect(VM_FILES.guestAgentSocket, 'socket of the guest agent'), {
            explainEnd,
          })
        : undefined;
    await qmp.negotiate(left());
    const serial = await serialPorts(spec, folder);
    if (state) await restoreState(qmp, state.file, left());
    return new Vm({ spec, folder: path.resolve(folder), qemu, qmp, monitor, serial, guestAgent });
  } catch (error) {
    const hadEnded = died.signal.aborted;
    if (!hadEnded) qemu.signal('SIGKILL');
    const exit = await qemu.exited;
    const why = hadEnded
      ? `QEMU ended with ${exit.signal ?? `code ${String(exit.code)}`}`
      : `${reasonOf(error)} (${seconds(deadlineMs)} for all of the start)`;
    throw new VmStartError(spec.name, why, {
      argv: qemu.argv,
      folder: path.resolve(folder),
      stderr: exit.stderr,
      cause: error,
    });
  }
}

async function serialPorts({ serialPorts = 1 }: VmSpec, folder: string): Promise<SerialPort[]> {
  return Promise.all(
    Array.from(
      { length: serialPorts },
      async (_, port) =>
        new SerialPort(port, path.resolve(folder, VM_FILES.serialLog(port)), await openSerialPipes(folder, port)),
    ),
  );
}

async function prepareFolder(spec: VmSpec, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // A socket left by an earlier VM would refuse connections until QEMU has replaced it.
  for (const name of [VM_FILES.qmpSocket, VM_FILES.guestAgentSocket])
    await rm(path.join(folder, name), { force: true });
  await makeSerialPipes(folder, spec.serialPorts ?? 1);
  const { flash, packages } = firmwareRow(spec.firmware);
  if (flash === undefined) return;
  const { code = flash.code, variables = flash.variables } = spec.firmwareFiles ?? {};
  const refuse = (what: string) => (error: unknown) => {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const advice = absent ? ` (Debian: apt-get install ${packages.join(' ')})` : '';
    throw new VmSpecError(spec.name, [`${what} of firmware ${spec.firmware}: ${reasonOf(error)}${advice}`]);
  };
  await access(code).catch(refuse('the code'));
  await readVariables(variables).catch(refuse('the variables'));
  await copySparse(variables, path.join(folder, VM_FILES.firmwareVars)).catch(refuse('the variables'));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
