import { describe, expect, it } from 'vitest';
import { parseScenario } from '../testing/parse-scenario.ts';

/** Lines 1 to 3, then a client a line from line 4. */
function problemsOf(...clients: readonly string[]): string[] {
  const text = `name: x\nservices: { dhcp: {}, tftp: {} }\nclients:\n${clients.map((client) => `  - { ${client} }\n`).join('')}`;
  try {
    parseScenario(text, 'boot.yaml', '/scenarios');
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

const REFERENCE = 'name: reference, disk: 1GiB';

describe('clients in order', () => {
  it('may wait for one another, in any order in the file', () => {
    expect(
      problemsOf(
        'name: copy, disk: 1GiB, starts-after: capture, after: { compare-disk-with: { client: reference, changed: [/etc/machine-id] } }',
        'name: capture, disk-of: Reference',
        REFERENCE,
      ),
    ).toEqual([]);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    [
      'an unknown name',
      [REFERENCE, 'name: b, starts-after: refrence'],
      [
        'boot.yaml:5:30: clients[1].starts-after: unknown client "refrence" (known: reference, b; did you mean "reference"?)',
      ],
    ],
    [
      'a circle',
      ['name: a, starts-after: b', 'name: b, starts-after: c', 'name: c, starts-after: a'],
      [
        'boot.yaml:4:30: clients[0].starts-after: expected an order in which some client is the first, got a circle: a waits for b waits for c waits for a',
        'boot.yaml:5:30: clients[1].starts-after: expected an order in which some client is the first, got a circle: b waits for c waits for a waits for b',
        'boot.yaml:6:30: clients[2].starts-after: expected an order in which some client is the first, got a circle: c waits for a waits for b waits for c',
      ],
    ],
    [
      'a client that waits for itself',
      ['name: a, starts-after: a'],
      [
        'boot.yaml:4:30: clients[0].starts-after: expected an order in which some client is the first, got a circle: a waits for a',
      ],
    ],
    [
      'a cable that is out until an unknown client, or its own, is so far',
      [
        'name: a, agent: {}, incidents: [{ when: started, until: { client: c, step: dhcp.ack } }]',
        'name: b, agent: {}, incidents: [{ when: started, until: { client: b, step: dhcp.ack } }]',
      ],
      [
        'boot.yaml:4:73: clients[0].incidents[0].until.client: unknown client "c" (known: a, b; did you mean "a"?)',
        'boot.yaml:5:73: clients[1].incidents[0].until.client: expected another client, since this one waits meanwhile, got itself',
      ],
    ],
    [
      'an incident with two ends, or none to wait for',
      [
        'name: a, agent: {}, incidents: [{ when: started, for: 2s, until: { client: b, step: dhcp.ack } }, { when: started, what: power-off, until: { client: b, step: dhcp.ack } }]',
        'name: b',
      ],
      [
        'boot.yaml:4:72: clients[0].incidents[0].until: expected one end of the incident: for or until, got a map with "client", "step"',
        'boot.yaml:4:146: clients[0].incidents[1].until: expected no such key beside what: power-off, got a map with "client", "step"',
      ],
    ],
    [
      'two disks',
      [REFERENCE, 'name: b, disk: 1GiB, disk-of: reference'],
      ['boot.yaml:5:22: clients[1].disk: expected one disk: disk or disk-of, got both'],
    ],
    [
      'two disks, one of which holds something',
      [REFERENCE, 'name: b, disk-image: disks/linux-bios, disk-of: reference'],
      ['boot.yaml:5:28: clients[1].disk-image: expected one disk: disk-image or disk-of, got both'],
    ],
    [
      'a bundled disk that there is not',
      ['name: a, disk-image: disks/linux-boot'],
      [
        'boot.yaml:4:28: clients[0].disk-image: unknown disk "disks/linux-boot" (known: disks/linux-bios, disks/linux-bios-large, disks/linux-uefi, disks/two-systems; did you mean "disks/linux-bios"?)',
      ],
    ],
    [
      'a disk that is smaller than what it holds',
      ['name: a, disk-image: disks/linux-bios, disk: 200MiB'],
      ['boot.yaml:4:52: clients[0].disk: expected at least the 256MiB of disks/linux-bios, got 200MiB'],
    ],
    [
      'other blocks than those of what the disk holds',
      ['name: a, firmware: uefi, disk-interface: nvme, disk-image: disks/linux-uefi, disk-block-size: 4096'],
      [
        'boot.yaml:4:101: clients[0].disk-block-size: expected blocks of 512 bytes, those of disks/linux-uefi, got 4096',
      ],
    ],
    [
      'a disk that is not finished',
      [REFERENCE, 'name: a', 'name: b, starts-after: a, disk-of: reference'],
      ['boot.yaml:6:42: clients[2].disk-of: expected a client whose story is over by then (a), got "reference"'],
    ],
    [
      'a disk of somebody without one',
      ['name: a', 'name: b, disk-of: a', 'name: c, disk-of: b'],
      [
        'boot.yaml:5:25: clients[1].disk-of: expected a client with a disk, got a, which has no disk',
        'boot.yaml:6:25: clients[2].disk-of: expected a client with a disk, got a, which has no disk',
      ],
    ],
    [
      'a copy of a disk that is still written',
      [REFERENCE, 'name: b, disk: 1GiB, after: { restored-from: reference }'],
      [
        'boot.yaml:5:52: clients[1].after.restored-from: expected a client whose story is over by then (see starts-after), got "reference"',
      ],
    ],
    [
      'a copy of what is no disk, or no client',
      [
        'name: a',
        'name: b, disk: 1GiB, starts-after: a, after: { restored-from: a }',
        'name: c, disk: 1GiB, starts-after: a, after: { restored-from: d }',
      ],
      [
        'boot.yaml:5:69: clients[1].after.restored-from: expected a client with a disk, got a, which has no disk',
        'boot.yaml:6:69: clients[2].after.restored-from: unknown client "d" (known: a, b, c; did you mean "a"?)',
      ],
    ],
    [
      'a comparison with a disk that is still written',
      [REFERENCE, 'name: b, disk: 1GiB, after: { compare-disk-with: { client: reference } }'],
      [
        'boot.yaml:5:66: clients[1].after.compare-disk-with.client: expected a client whose story is over by then (see starts-after), got "reference"',
      ],
    ],
  ])('refuses %s', (_, clients, messages) =>
    expect(problemsOf(...clients)).toEqual(expect.arrayContaining([...messages])),
  );
});
