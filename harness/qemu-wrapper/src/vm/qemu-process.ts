import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { exitReason, type VmExit } from './exit.ts';
import type { Tpm } from './tpm.ts';

/** Of standard error, what an error message can use; KVM's register dump has about 2 000 characters. */
const STDERR_KEPT_CHARACTERS = 16_384;

/** The QEMU process itself: its standard error, and how it ended. */
export class QemuProcess {
  readonly argv: readonly string[];
  /** Resolves at once when the process has ended, and its TPM; never rejects. */
  readonly exited: Promise<VmExit>;
  readonly #subprocess: ReturnType<typeof spawn>;
  readonly #oomKillsBefore = oomKills();
  readonly #tpm: Tpm | undefined;
  #stderr = '';
  #monitorClosed: Promise<unknown> = Promise.resolve();
  #shutdownCause: string | undefined;
  #quitAsked = false;
  #internalError = false;

  constructor(argv: readonly string[], folder: string, tpm?: Tpm) {
    this.argv = argv;
    this.#tpm = tpm;
    this.#subprocess = spawn(argv, folder);
    this.#subprocess.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-STDERR_KEPT_CHARACTERS);
    });
    this.exited = this.#watch();
  }

  get pid(): number | undefined {
    return this.#subprocess.pid;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /**
   * The monitor's connection, whose last words say why QEMU ended: the process's end may be seen before they have been
   * read. The kernel closes it with the process, so that waiting for it is short.
   */
  followMonitor(socket: Socket): void {
    this.#monitorClosed = new Promise((resolve) => socket.once('close', resolve));
  }

  /** QEMU has announced why it is about to end. */
  shutdownAnnounced(cause: string): void {
    this.#shutdownCause = cause;
  }

  /** QEMU is asked to quit: its end is not the guest's. */
  quitAsked(): void {
    this.#quitAsked = true;
  }

  /** The accelerator broke: QEMU would stay, paused for ever, and read as a time-out. It is ended instead. */
  internalErrorSeen(): void {
    this.#internalError = true;
    this.signal('SIGKILL');
  }

  /** Sends a signal to this process, by its pid. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void {
    this.#subprocess.kill(name);
  }

  async #watch(): Promise<VmExit> {
    const result = await this.#subprocess;
    await this.#monitorClosed;
    await this.#tpm?.end();
    const { exitCode: code, signal } = result;
    const reason = exitReason({
      code,
      signal,
      shutdownCause: this.#shutdownCause,
      quitAsked: this.#quitAsked,
      internalError: this.#internalError,
    });
    const stderr =
      code === undefined && signal === undefined
        ? `${this.#stderr}${notStarted(result, this.argv[0] ?? '')}`
        : this.#stderr;
    const oom = reason === 'killed' && signal === 'SIGKILL' && (await oomKills()) > (await this.#oomKillsBefore);
    return { code, signal, stderr, reason, ...(oom && { oom }) };
  }
}

function spawn([file = '', ...args]: readonly string[], folder: string) {
  return execa(file, args, { cwd: folder, buffer: false, reject: false, stdin: 'ignore', stdout: 'ignore' });
}

function notStarted(result: Awaited<ReturnType<typeof spawn>>, file: string): string {
  return result.code === 'ENOENT'
    ? `${file} was not found: install QEMU for that CPU (Debian: qemu-system-x86, qemu-system-arm)`
    : (result.originalMessage ?? 'it could not be run');
}

/**
 * How many processes the kernel has killed for want of memory since it started (proc_vmstat(5)); 0 where it does not
 * say.
 */
async function oomKills(): Promise<number> {
  const vmstat = await readFile('/proc/vmstat', 'utf8').catch(() => '');
  return Number(/^oom_kill (\d+)$/m.exec(vmstat)?.[1] ?? 0);
}
