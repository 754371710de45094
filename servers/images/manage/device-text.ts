import { architectureName } from '../../../harness/protocols/dhcp/wire/architectures.ts';
import type { Device } from '../../state/device-store.ts';
import { printable, table } from './table.ts';

const NONE = '-';

/** Known computers as a table, those that wait first: an administrator looks for them. */
export function deviceTable(devices: readonly Device[]): string[] {
  if (devices.length === 0) return ['no computers'];
  const sorted = devices.toSorted(
    (a, b) =>
      Number(b.status === 'pending') - Number(a.status === 'pending') || (a.requestId ?? 0) - (b.requestId ?? 0),
  );
  return table(
    ['REQUEST', 'NAME', 'STATUS', 'MAC', 'UUID', 'ARCHITECTURE', 'SINCE'],
    sorted.map((device) => [
      device.requestId === undefined ? NONE : String(device.requestId),
      device.name ?? NONE,
      device.status,
      device.mac ?? NONE,
      device.uuid ?? NONE,
      device.architecture === undefined ? NONE : architectureName(device.architecture),
      device.firstSeenAt,
    ]),
  );
}

/** One computer, a line a field. */
export function deviceLines(device: Device): string[] {
  const { architecture, join } = device;
  const fields: readonly (readonly [string, string | number | undefined])[] = [
    ['name', device.name],
    ['status', device.status],
    ['request id', device.requestId],
    ['MAC address', device.mac],
    ['UUID', device.uuid],
    ['architecture', architecture === undefined ? undefined : `${architectureName(architecture)} (${architecture})`],
    ['first seen', device.firstSeenAt],
    ['last seen', device.lastSeenAt],
    ['polls', device.polls],
    ['answer file', device.answerFile],
    ['boot program', device.bootProgram],
    ['message', device.message],
    [
      'joins',
      join === undefined
        ? undefined
        : [join.domain, join.organizationalUnit].filter((part) => part !== undefined).join(', '),
    ],
  ];
  return fields.flatMap(([title, value]) =>
    value === undefined ? [] : [`${`${title}:`.padEnd(14)}${printable(String(value))}`],
  );
}
