import { execa } from 'execa';
import { access, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DeadlineError, within } from '../deadline.ts';
import { VM_FILES } from '../spec/vm-files.ts';
import { VmStartError } from './errors.ts';

/** The program that plays a TPM (Debian: swtpm). */
export const TPM_PROGRAM = 'swtpm';
/** From here on swtpm logs each command in hex: some 10 kB of a boot. */
const LOG_LEVEL = 20;
/** Between looks for the file that says that it listens. */
const RETRY_MS = 5;
/** It ends by itself as soon as QEMU's connection does; SIGTERM is for one that QEMU never reached. */
const END_MS = 2000;

/** A VM's TPM, which ends with it. */
export interface Tpm {
  end(): Promise<void>;
}

/**
 * Starts the TPM of a VM, which then listens in the VM's folder. What it keeps survives there, so that a second start
 * in the same folder has the same TPM. Rejects with VmStartError.
 */
export async function startTpm(vm: string, folder: string, deadlineMs: number): Promise<Tpm> {
  await mkdir(path.join(folder, VM_FILES.tpmState), { recursive: true });
  for (const stale of [VM_FILES.tpmSocket, VM_FILES.tpmPid]) await rm(path.join(folder, stale), { force: true });
  const args = [
    'socket',
    '--tpm2',
    '--tpmstate',
    `dir=${VM_FILES.tpmState}`,
    '--ctrl',
    `type=unixio,path=${VM_FILES.tpmSocket}`,
    '--pid',
    `file=${VM_FILES.tpmPid}`,
    '--terminate',
    '--log',
    `file=${VM_FILES.tpmLog},level=${LOG_LEVEL},truncate`,
  ];
  // Paths are relative to the VM's folder for the same reason as QEMU's (VM_FILES).
  const program = execa(TPM_PROGRAM, args, { cwd: folder, reject: false, stdin: 'ignore', all: true });
  const ended = new AbortController();
  const exited = program.then((result) => {
    ended.abort();
    return result;
  });
  const startedAt = performance.now();
  // It writes its number after it has bound its socket (swtpm.c), so that QEMU is never refused.
  while (
    !(await access(path.join(folder, VM_FILES.tpmPid)).then(
      () => true,
      () => false,
    ))
  ) {
    const waitedMs = performance.now() - startedAt;
    if (!ended.signal.aborted && waitedMs < deadlineMs) {
      await delay(RETRY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
      continue;
    }
    program.kill('SIGKILL');
    const { code, all, exitCode } = await exited;
    const why =
      code === 'ENOENT'
        ? `${TPM_PROGRAM}, which plays its TPM, was not found (Debian: apt-get install swtpm)`
        : waitedMs < deadlineMs
          ? `its TPM ended with code ${String(exitCode)}`
          : new DeadlineError('socket of the TPM', waitedMs, deadlineMs).message;
    throw new VmStartError(vm, why, { argv: [TPM_PROGRAM, ...args], folder: path.resolve(folder), stderr: all });
  }
  return {
    async end() {
      await within('TPM to follow its VM', END_MS, exited).catch(() => program.kill('SIGTERM'));
      await exited;
    },
  };
}
