import path from 'node:path';
import * as z from 'zod';
import { defined } from '../service/defined.ts';
import { mac } from '../service/config-fields.ts';
import { COMPUTER_NAME, COMPUTER_NAME_WORDS, UUID } from '../service/name-patterns.ts';
import { DEVICE_STATUSES } from './device-status.ts';
import { StateFile } from './state-file.ts';

export const computerName = z
  .string('expected a computer name')
  .regex(COMPUTER_NAME, `expected ${COMPUTER_NAME_WORDS}`);

/** A UUID as text; capitals are normalised to lowercase. */
export const uuid = z
  .string('expected a UUID')
  .regex(UUID, 'expected a UUID such as 4c4c4544-0042-3510-8050-b4c04f383432')
  .transform((text) => text.toLowerCase());

const text = z
  .string('expected text')
  .min(1, 'expected text that is not empty')
  .max(1024, 'expected at most 1024 characters');
const time = z.iso.datetime('expected a time such as 2026-11-24T12:00:00.000Z');
const count = z.int('expected a whole number').min(0, 'expected a whole number that is not negative');

/** A computer that the server knows, or that asked to be known; WDS keeps a prestaged account for it. */
export const deviceSchema = z
  .strictObject({
    /** UUID, or MAC address of a device without one; one device each. */
    key: text,
    /** SMBIOS UUID as the client sends it (option 97). */
    uuid: uuid.exactOptional(),
    mac: mac.exactOptional(),
    /** Computer name. */
    name: computerName.exactOptional(),
    status: z.enum(DEVICE_STATUSES, `expected one of ${DEVICE_STATUSES.join(', ')}`),
    /** Number that the waiting user sees on the screen and tells the administrator (WDS: request id). */
    requestId: z
      .int('expected a request id')
      .min(1, 'expected a request id of at least 1')
      .max(0xffff_ffff, 'expected a request id of 32 bits')
      .exactOptional(),
    /** Processor architecture of option 93 (RFC 4578 section 2.1). */
    architecture: z
      .int('expected an architecture')
      .min(0, 'expected 0 to 65535')
      .max(0xffff, 'expected 0 to 65535')
      .exactOptional(),
    firstSeenAt: time,
    lastSeenAt: time,
    /** How often it has asked for the decision. */
    polls: count.exactOptional(),
    /** Path below the share. */
    answerFile: text.exactOptional(),
    join: z.strictObject({ domain: text, organizationalUnit: text.exactOptional() }).exactOptional(),
    /** Boot file of this device alone, below the TFTP root. */
    bootProgram: text.exactOptional(),
    /** The administrator's message to the user of the device. */
    message: text.exactOptional(),
  })
  .readonly();
export type Device = z.output<typeof deviceSchema>;

/** A device that has not been seen yet: what a new state begins with. */
export type NewDevice = Omit<Device, 'firstSeenAt' | 'lastSeenAt'>;

const fileSchema = z.strictObject({
  schema: z.literal(1, 'expected 1, the only format that this version knows'),
  devices: z.array(deviceSchema).readonly(),
});

/** How a device is asked for: the facts that a request on the wire gives about its sender. */
export interface DeviceId {
  readonly mac?: string | undefined;
  readonly uuid?: string | undefined;
}

/** Computers that a deployment server knows; one file that its services and the administrator's commands share. */
export interface DeviceStore {
  /** All of them, as they are now. Throws `StateFileError` when the file is damaged. */
  devices(): readonly Device[];
  /** One of them, by UUID, else by MAC address. Throws `StateFileError` when the file is damaged. */
  find(id: DeviceId): Device | undefined;
  /**
   * Changes them, atomically among all processes; `change` gets the newest and is pure. Returns what is then stored.
   */
  update(change: (devices: readonly Device[]) => readonly Device[]): Promise<readonly Device[]>;
}

/**
 * Opens the store of a state folder. Neither the folder nor `devices.json` in it need exist: both are made by the first
 * change.
 */
export function openDeviceStore(folder: string): DeviceStore {
  const file = deviceFile(folder);
  return {
    devices: () => file.read().devices,
    find: (id) => findDevice(file.read().devices, id),
    update: async (change) => (await file.update(({ devices }) => ({ schema: 1, devices: change(devices) }))).devices,
  };
}

/** Begins a state folder with these devices, seen for the first time at `at`; a store that is there stays as it is. */
export async function beginDeviceStore(folder: string, devices: readonly NewDevice[], at: string): Promise<void> {
  await deviceFile(folder).begin({
    schema: 1,
    devices: devices.map((device) => ({ ...device, firstSeenAt: at, lastSeenAt: at })),
  });
}

const deviceFile = (folder: string): StateFile<typeof fileSchema> =>
  new StateFile(path.join(folder, 'devices.json'), fileSchema, { schema: 1, devices: [] });

/**
 * The device that an id means. The UUID is the computer's, the MAC address that of a card which may move or be shared (a
 * docking station): a device whose UUID is known to be another one is not found by its card.
 */
export function findDevice(devices: readonly Device[], id: DeviceId): Device | undefined {
  const { uuid: wantedUuid, mac: wantedMac } = normalised(id);
  const byUuid = wantedUuid === undefined ? undefined : devices.find((device) => device.uuid === wantedUuid);
  if (byUuid !== undefined || wantedMac === undefined) return byUuid;
  return devices.find((device) => device.mac === wantedMac && (device.uuid === undefined || wantedUuid === undefined));
}

/**
 * An id as devices are stored with it. Boards whose maker set no UUID all have one of only zeros or only ones, which
 * identifies no computer.
 */
export function normalised({ mac: macText, uuid: uuidText }: DeviceId): { mac?: string; uuid?: string } {
  const known = uuidText !== undefined && !/^[0-]+$|^[f-]+$/i.test(uuidText);
  return defined({
    uuid: known ? uuidText.toLowerCase() : undefined,
    mac: macText?.toLowerCase().replaceAll('-', ':'),
  });
}
