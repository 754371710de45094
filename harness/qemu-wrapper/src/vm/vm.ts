import { EventEmitter } from 'node:events';
import path from 'node:path';
import { within } from '../deadline.ts';
import type { GuestAgent } from '../guest-agent/client.ts';
import { QmpCommandError, type QmpClient } from '../qmp/client.ts';
import { object, type QmpEvent } from '../qmp/messages.ts';
import { nicLinkName } from '../spec/qemu-args.ts';
import type { VmSpec } from '../spec/vm-spec.ts';
import { chordOf, chordsOfText } from './keys.ts';
import { stateAfter, type VmEvents, type VmState } from './events.ts';
import type { VmExit } from './exit.ts';
import type { QemuProcess } from './qemu-process.ts';
import type { SerialPort } from './serial-port.ts';

/**
 * How long a key is down, and how long QEMU waits before the next: firmware polls its keyboard, and a PS/2 controller
 * holds 16 bytes.
 */
const KEY_HOLD_MS = 40;

/** Events of a monitor: kept in order, turned into a state, told to listeners. */
export class MonitorEvents {
  readonly emitter = new EventEmitter<VmEvents>();
  state: VmState = 'prelaunch';
  readonly #qemu: QemuProcess;

  constructor(qemu: QemuProcess) {
    this.#qemu = qemu;
  }

  take(event: QmpEvent): void {
    this.state = stateAfter(this.state, event);
    const cause = {
      guest: event.data['guest'] === true,
      reason: typeof event.data['reason'] === 'string' ? event.data['reason'] : '',
    };
    if (event.name === 'SHUTDOWN') this.#qemu.shutdownAnnounced(cause.reason);
    this.emitter.emit('event', event);
    switch (event.name) {
      case 'SHUTDOWN':
      case 'RESET':
        this.emitter.emit(event.name, { ...event, ...cause });
        break;
      case 'POWERDOWN':
      case 'GUEST_PANICKED':
      case 'STOP':
      case 'RESUME':
        this.emitter.emit(event.name, event);
        break;
    }
  }
}

/** A running QEMU. */
export class Vm {
  readonly spec: VmSpec;
  /** Absolute; holds sockets, serial logs and firmware variables. */
  readonly folder: string;
  readonly qmp: QmpClient;
  readonly serial: readonly SerialPort[];
  /** The channel to the guest's agent, for a spec that has one. */
  readonly guestAgent: GuestAgent | undefined;
  /**
   * Resolves at once when QEMU has ended, however, and every line of its serial ports has been passed on; never
   * rejects.
   */
  readonly exited: Promise<VmExit>;
  readonly #qemu: QemuProcess;
  readonly #monitor: MonitorEvents;

  constructor(parts: {
    spec: VmSpec;
    folder: string;
    qemu: QemuProcess;
    qmp: QmpClient;
    monitor: MonitorEvents;
    serial: readonly SerialPort[];
    guestAgent?: GuestAgent | undefined;
  }) {
    this.spec = parts.spec;
    this.folder = parts.folder;
    this.qmp = parts.qmp;
    this.serial = parts.serial;
    this.guestAgent = parts.guestAgent;
    this.#qemu = parts.qemu;
    this.#monitor = parts.monitor;
    this.exited = this.#watch();
    this.events.on('STOP', () => void this.#lookForInternalError());
  }

  get pid(): number {
    return this.#qemu.pid ?? 0;
  }

  /** The command line, to be run in `folder`. */
  get argv(): readonly string[] {
    return this.#qemu.argv;
  }

  get stderr(): string {
    return this.#qemu.stderr;
  }

  get state(): VmState {
    return this.#monitor.state;
  }

  get events(): EventEmitter<VmEvents> {
    return this.#monitor.emitter;
  }

  /** Lets the guest run: the first time that is power-on. */
  async cont(): Promise<void> {
    // QEMU knows no card that begins without a link.
    for (const [index, { netDevice }] of (this.spec.nics ?? []).entries())
      if (netDevice.kind === 'unplugged') await this.plug(index, false);
    await this.qmp.execute('cont');
  }

  /** Pauses the guest. */
  async stop(): Promise<void> {
    await this.qmp.execute('stop');
  }

  /** Plugs the cable of the n-th network card in, or takes it out: the guest sees its link go up or down. */
  async plug(nic: number, isIn: boolean): Promise<void> {
    await this.qmp.execute('set_link', { name: nicLinkName(this.spec, nic), up: isIn });
  }

  /** Presses the power button, which a guest may ignore. */
  async powerDown(): Promise<void> {
    await this.qmp.execute('system_powerdown');
  }

  /** Presses the reset button. */
  async reset(): Promise<void> {
    await this.qmp.execute('system_reset');
  }

  /** Ends QEMU: by QMP, then SIGTERM, then SIGKILL, each with a third of the deadline. Harmless when it has ended. */
  async quit(deadlineMs: number): Promise<VmExit> {
    this.#qemu.quitAsked();
    const steps: (readonly [string, () => void])[] = [
      ['qmp quit', () => void this.qmp.execute('quit', {}, { deadlineMs }).catch(() => undefined)],
      ['end after SIGTERM', () => this.#qemu.signal('SIGTERM')],
    ];
    for (const [step, act] of steps) {
      act();
      const exit = await within(step, deadlineMs / 3, this.exited).catch(() => undefined);
      if (exit !== undefined) return exit;
    }
    this.#qemu.signal('SIGKILL');
    return within(`VM ${this.spec.name} to end after SIGKILL`, deadlineMs / 3, this.exited);
  }

  /** Writes the screen as PNG (QEMU 7.1 and later, built with png). */
  async screenshot(file: string): Promise<void> {
    try {
      await this.qmp.execute('screendump', { filename: path.resolve(file), format: 'png' });
    } catch (error) {
      if (!(error instanceof QmpCommandError) || !/format|png/i.test(error.message)) throw error;
      throw new Error(
        `screenshot of ${this.spec.name}: this QEMU (${this.qmp.version}) cannot write PNG, which needs 7.1 or later built with png support`,
        { cause: error },
      );
    }
  }

  /**
   * Presses keys one after the other: QEMU's key names, chords joined by "-": `['a', 'ret', 'f12', 'shift-a']`.
   * Resolves when QEMU has taken them all.
   */
  async sendKeys(keys: readonly string[]): Promise<void> {
    for (const chord of keys.map(chordOf)) {
      // QEMU queues the presses and releases and spaces them by the hold time itself.
      await this.qmp.execute('send-key', {
        keys: chord.map((code) => ({ type: 'qcode', data: code })),
        'hold-time': KEY_HOLD_MS,
      });
    }
  }

  /** Types a text on a US keyboard. */
  async typeText(text: string): Promise<void> {
    await this.sendKeys(chordsOfText(text));
  }

  /** Calls back for every line of a serial port from now on; returns how to stop. */
  onSerialLine(port: number, callback: (line: string) => void): () => void {
    const serial = this.serial[port];
    if (serial === undefined)
      throw new RangeError(`VM ${this.spec.name} has ${this.serial.length} serial ports, there is no port ${port}`);
    return serial.onLine(callback);
  }

  async #watch(): Promise<VmExit> {
    const exit = await this.#qemu.exited;
    await Promise.all(this.serial.map(({ ended }) => ended));
    this.#monitor.state = 'exited';
    return exit;
  }

  /** A STOP that was not asked for may be KVM giving up, which leaves QEMU standing. */
  async #lookForInternalError(): Promise<void> {
    const status = await this.qmp.execute('query-status').catch(() => undefined);
    if (object(status)?.['status'] !== 'internal-error') return;
    this.#monitor.state = 'internal-error';
    this.#qemu.internalErrorSeen();
  }
}
