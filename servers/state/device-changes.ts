import { defined } from '../service/defined.ts';
import { findDevice, normalised, type Device, type DeviceId } from './device-store.ts';
import { ManagementError } from './management-error.ts';

// Changes of the device list, pure: for DeviceStore.update(). Each returns the new list, or throws a ManagementError
// that says why not.

type Devices = readonly Device[];

/** Facts that a request on the wire gives about its sender. */
export interface Sighting extends DeviceId {
  /** Option 93. */
  readonly architecture?: number | undefined;
  /** ISO 8601. */
  readonly at: string;
}

/** What an administrator says when approving or rejecting. */
export interface Decision {
  readonly status: 'approved' | 'rejected';
  readonly name?: string | undefined;
  readonly message?: string | undefined;
  readonly bootProgram?: string | undefined;
}

/**
 * Notes that a device asked: an unknown one becomes pending with the next request id, a pending one has polled once
 * more.
 */
export function noteSighting(devices: Devices, sighting: Sighting): Devices {
  const { at, architecture } = sighting;
  const known = findDevice(devices, sighting);
  const told = defined({ architecture });
  if (known !== undefined)
    return replaced(devices, {
      ...known,
      ...told,
      lastSeenAt: at,
      ...(known.status === 'pending' ? { polls: (known.polls ?? 0) + 1 } : {}),
    });
  const { key, ...identity } = identityOf(sighting);
  return [
    ...devices,
    {
      key,
      ...identity,
      ...told,
      status: 'pending',
      requestId: nextRequestId(devices),
      firstSeenAt: at,
      lastSeenAt: at,
      polls: 0,
    },
  ];
}

/** Enters a device before it asks for the first time. */
export function prestage(
  devices: Devices,
  device: Omit<Device, 'key' | 'status' | 'firstSeenAt' | 'lastSeenAt'>,
  at: string,
): Devices {
  const { key, ...identity } = identityOf(device);
  if (key === '') throw new ManagementError("expected the computer's MAC address or UUID (--mac, --uuid), got neither");
  const known = devices.find(
    (other) =>
      (device.uuid !== undefined && other.uuid === identity.uuid) ||
      (device.mac !== undefined && other.mac === identity.mac),
  );
  if (known !== undefined)
    throw new ManagementError(
      `expected a computer that is not known yet, got ${describeDevice(known)} again; remove it first, or change it with approve and name`,
    );
  assertNameIsFree(devices, device.name);
  return [...devices, { key, ...device, ...identity, status: 'prestaged', firstSeenAt: at, lastSeenAt: at }];
}

/** Approves or rejects a device; a decision may be changed, also back. */
export function decide(devices: Devices, device: Device, { status, name, message, bootProgram }: Decision): Devices {
  if (device.status === 'prestaged')
    throw new ManagementError(
      `expected a computer that has asked for approval, got ${describeDevice(device)}, which is prestaged and boots without approval (remove it to have it ask)`,
    );
  assertNameIsFree(devices, name, device);
  const { message: _, ...before } = device;
  return replaced(devices, {
    ...before,
    status,
    ...defined({ name, message, bootProgram }),
  });
}

/** Gives a device its computer name. */
export function rename(devices: Devices, device: Device, name: string): Devices {
  assertNameIsFree(devices, name, device);
  return replaced(devices, { ...device, name });
}

/**
 * Forgets the decision about a device and its progress: a device that asked must ask again, and its own boot program is
 * removed.
 */
export function reset(devices: Devices, device: Device): Devices {
  const { bootProgram: _bootProgram, message: _message, ...rest } = device;
  return replaced(
    devices,
    device.status === 'prestaged'
      ? rest
      : { ...rest, status: 'pending', requestId: device.requestId ?? nextRequestId(devices), polls: 0 },
  );
}

/** Takes a device out of the list: the next time it asks it is unknown. */
export function remove(devices: Devices, device: Device): Devices {
  return devices.filter((other) => other.key !== device.key);
}

/** The device that a person names: by request id, computer name, MAC address or UUID. */
export function namedDevice(devices: Devices, text: string): Device {
  const found = /^\d{1,10}$/.test(text)
    ? devices.find((device) => device.requestId === Number(text))
    : (devices.find((device) => device.name?.toLowerCase() === text.toLowerCase()) ??
      findDevice(devices, { mac: text }) ??
      findDevice(devices, { uuid: text }));
  if (found !== undefined) return found;
  const known =
    devices.length === 0
      ? 'no computer is known'
      : `known: ${devices.slice(0, 20).map(describeDevice).join(', ')}${devices.length > 20 ? `, and ${devices.length - 20} more` : ''}`;
  throw new ManagementError(
    `expected a request id, computer name, MAC address or UUID of a known computer, got ${JSON.stringify(text)} (${known})`,
  );
}

/** A device in the words that a person would use for it. */
export function describeDevice({ name, requestId, mac, uuid, key }: Device): string {
  const id = mac ?? uuid ?? key;
  if (name !== undefined) return `${name} (${id})`;
  return requestId === undefined ? id : `request ${requestId} (${id})`;
}

/** The one device that a change is about: `before` is absent for a new device, `after` for a removed one. */
export interface ChangedDevice {
  readonly before?: Device | undefined;
  readonly after?: Device | undefined;
}

/** The one device that a change of this file altered. */
export function changedDevice(devices: Devices, made: Devices): ChangedDevice {
  return {
    before: devices.find((device) => !made.includes(device)),
    after: made.find((device) => !devices.includes(device)),
  };
}

function identityOf(id: DeviceId): Pick<Device, 'key' | 'mac' | 'uuid'> {
  const known = normalised(id);
  return { key: known.uuid ?? known.mac ?? '', ...known };
}

function replaced(devices: Devices, device: Device): Devices {
  return devices.map((other) => (other.key === device.key ? device : other));
}

/** One more than the highest of the list: a number on a screen keeps its meaning while its computer waits. */
function nextRequestId(devices: Devices): number {
  return devices.reduce((highest, { requestId = 0 }) => Math.max(highest, requestId), 0) + 1;
}

/** Two computers of one name would take each other's account. */
function assertNameIsFree(devices: Devices, name: string | undefined, own?: Device): void {
  const taken =
    name === undefined
      ? undefined
      : devices.find((other) => other.key !== own?.key && other.name?.toLowerCase() === name.toLowerCase());
  if (taken !== undefined)
    throw new ManagementError(
      `expected a name that no other computer has, got ${JSON.stringify(name)}, which is that of ${taken.mac ?? taken.key}`,
    );
}
