import { describe, expect, it } from 'vitest';
import { parseScenario } from '../testing/parse-scenario.ts';

const INSTALL = '{ pxe: {}, tftp: {}, images: {} }';
const PC = 'name: pc, firmware: uefi, disk: 1GiB';

/** Services on line 2, clients from line 4 on, what is checked afterwards on the last. */
function problemsOf(services: string, clients: readonly string[], rest = ''): string[] {
  const text = `name: x\nservices: ${services}\nclients:\n${clients.map((client) => `  - { ${client} }\n`).join('')}after: { boot-from: disk }\n${rest}`;
  try {
    parseScenario(text, 'boot.yaml', '/scenarios');
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

describe('a start from the disk', () => {
  it.each<[what: string, services: string, clients: readonly string[], rest?: string]>([
    [
      'of what the agent installs, on each firmware of a PC',
      INSTALL,
      [PC, 'name: other, disk: 1GiB', 'name: secure, firmware: uefi-secure-boot, memory: 1GiB, disk: 1GiB'],
    ],
    ["of what a boot program of one's own installs", '{ pxe: { bootfile: a }, tftp: { root: ./mine } }', [PC]],
    [
      'of what a server of one’s own installs',
      '{ tftp: {}, programs: [{ name: own, at: 172.22.52.9, command: [own], ready: { udp: 67 } }] }',
      [PC],
    ],
    ['of a disk that holds a system from the beginning', '{ tftp: {} }', ['name: pc, disk-image: disks/linux-bios']],
    ['of a disk in a file, whose firmware nobody knows', '{ tftp: {} }', ['name: pc, disk-image: ./own.raw']],
    [
      'of a disk that is captured under the firmware that it was installed for',
      INSTALL.replace('images: {}', 'images: { writable: true }'),
      [
        PC,
        "name: capture, firmware: uefi, disk-of: pc, agent: { mode: capture, image: 'Images\\Linux\\captured.wim' }",
      ],
    ],
  ])('is taken: %s', (_, services, clients, rest) => expect(problemsOf(services, clients, rest)).toEqual([]));

  it.each<[what: string, services: string, clients: readonly string[], message: string]>([
    [
      'by a client without one',
      INSTALL,
      ['name: pc, firmware: uefi'],
      'boot.yaml:5:8: after: expected clients with a disk to look at, got client pc without one',
    ],
    [
      'that nothing was installed on',
      '{ pxe: {}, tftp: {} }',
      [PC],
      'boot.yaml:5:21: after.boot-from: expected an image store, from which the bundled agent installs the disk of pc (services.images), got none, and an empty disk',
    ],
    [
      'that holds a system for another firmware',
      '{ tftp: {} }',
      ['name: pc, firmware: uefi, disk-image: disks/linux-bios'],
      'boot.yaml:5:21: after.boot-from: expected a disk for uefi, the firmware of pc, got disks/linux-bios, which is for bios',
    ],
    [
      'that was installed for another firmware',
      INSTALL.replace('images: {}', 'images: { writable: true }'),
      [PC, "name: capture, disk-of: pc, agent: { mode: capture, image: 'Images\\Linux\\captured.wim' }"],
      'boot.yaml:6:21: after.boot-from: expected a disk that was installed for bios, the firmware of capture, got the disk of pc, which was installed for uefi',
    ],
  ])('is refused: one %s', (_, services, clients, message) => expect(problemsOf(services, clients)).toEqual([message]));
});
