import { decide, noteSighting } from '../../state/device-changes.ts';
import { findDevice, openDeviceStore, type Device, type DeviceStore } from '../../state/device-store.ts';
import type { DhcpRequest } from '../dhcp/request.ts';
import type { Emit } from '../../service/event-lines.ts';
import { messageOf } from '../../service/service.ts';
import type { WdsConfig } from './wds-config.ts';

/** Who asks, as the device store knows it. */
type Asker = Pick<DhcpRequest, 'mac' | 'uuid' | 'architecture'>;

/**
 * The device list after a boot program asked: the device is entered or its poll counted, and the scripted administrator
 * decides about it when the time has come. Pure.
 */
export function afterPoll(
  devices: readonly Device[],
  asker: Asker,
  config: Pick<WdsConfig, 'administrator' | 'limits'>,
  at: string,
): readonly Device[] {
  const { mac, uuid, architecture } = asker;
  if (findDevice(devices, { mac, uuid }) === undefined && devices.length >= config.limits.devices) return devices;
  const noted = noteSighting(devices, { mac, uuid, architecture, at });
  const device = findDevice(noted, { mac, uuid });
  if (device?.status !== 'pending') return noted;
  const due = config.administrator.find((one) => one.mac === mac && (device.polls ?? 0) >= one.afterPolls);
  return due ? decide(noted, device, due) : noted;
}

/** Looks up who asks in the device store, and enters devices that have to wait. */
export class DeviceDesk {
  readonly #store: DeviceStore;
  readonly #config: WdsConfig;
  readonly #emit: Emit;
  readonly #waiting = new Set<Promise<unknown>>();

  constructor(folder: string, config: WdsConfig, emit: Emit) {
    this.#store = openDeviceStore(folder);
    this.#config = config;
    this.#emit = emit;
  }

  /**
   * The device that asks. `polls`: its boot program asks for the decision. `failed` when the store gives no answer: the
   * client then gets no answer either.
   */
  async consult(asker: Asker, polls: boolean): Promise<Device | undefined | 'failed'> {
    const { limits } = this.#config;
    if (this.#waiting.size >= limits.waiting)
      return this.#failed(
        `${this.#waiting.size} requests wait for the device store already, the limit is ${limits.waiting}`,
      );
    const looking = this.#look(asker, polls).catch((error: unknown) => this.#failed(messageOf(error)));
    this.#waiting.add(looking);
    const found = await looking;
    this.#waiting.delete(looking);
    return found;
  }

  /** Resolves when nothing is being written any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#waiting);
  }

  async #look(asker: Asker, polls: boolean): Promise<Device | undefined> {
    const before = this.#store.find(asker);
    const changes = polls && (before === undefined ? this.#config.unknown === 'pending' : before.status === 'pending');
    if (!changes) return before;
    return findDevice(
      await this.#store.update((devices) => afterPoll(devices, asker, this.#config, new Date().toISOString())),
      asker,
    );
  }

  #failed(message: string): 'failed' {
    this.#emit({ event: 'error', message: `device store: ${message}` });
    return 'failed';
  }
}
