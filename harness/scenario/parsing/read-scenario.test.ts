import { describe, expect, it } from 'vitest';
import { CAUSE_NAMES } from '../../protocols/words.ts';
import { family, messageOf, scenario } from '../testing/bad-scenario.ts';
import { parseScenario } from '../testing/parse-scenario.ts';

// Bad input, and the whole message that a person reads: place, path, expected, got, and what was likeliest meant.

const TOP =
  'name, description, tags, network, services, clients, matrix, steps, strict, budgets, timeout, idle-timeout, after, expect-failure';
const TFTP_FAMILY = family('tftp');

describe('a bad scenario', () => {
  it.each<[what: string, text: string, message: string]>([
    // Not YAML, or not one scenario.
    ['is empty', '', 'boot.yaml:1:1: expected a scenario: a map with name, services and clients, got an empty file'],
    [
      'is only a comment',
      '# later\n',
      'boot.yaml:1:1: expected a scenario: a map with name, services and clients, got an empty file',
    ],
    ['is a text', 'hello', 'boot.yaml:1:1: expected a map ({} takes every default), got "hello"'],
    ['is a list', '- a\n- b', 'boot.yaml:1:1: expected a map ({} takes every default), got a list of 2'],
    [
      'is several documents',
      'name: x\n---\nname: y\n',
      'boot.yaml:2:1: expected one YAML document a file, got 2 documents',
    ],
    [
      'does not close a bracket',
      'name: [x\n',
      'boot.yaml:2:1: not YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      'indents with a tab',
      'name: x\nservices:\n\tdhcp: {}\n',
      'boot.yaml:3:1: not YAML: indentation is made of spaces, got a tab',
    ],
    ['has a key twice', 'name: x\nname: y\n', 'boot.yaml:2:1: duplicate key "name"'],
    ['has a tag', 'name: !secret x\n', 'boot.yaml:1:7: not YAML: unresolved tag: !secret'],
    ['has an alias without anchor', 'name: *who\n', 'boot.yaml:1:7: alias "*who" has no anchor "&who" above it'],
    [
      'unfolds aliases without end',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e'].map((key, n) => `${key}: &${key} [${`*${'abcd'[n] ?? ''},`.repeat(9)}]\n`).join('')}`,
      'boot.yaml:1:1: expected at most 100 values unfolded from aliases, got more (a few lines of YAML can unfold into gigabytes)',
    ],
    [
      'nests without end',
      '['.repeat(20_000),
      'boot.yaml:1:1: expected maps and lists nested a few levels deep, got nesting too deep to read',
    ],
    [
      'writes backslashes in double quotes',
      scenario({ services: 'pxe: { bootfile: "boot\\wdsnbp.com" }' }),
      'boot.yaml:3:25: not YAML: in double quotes a backslash begins an escape, and YAML has no such escape; write paths with backslashes in single quotes',
    ],
    [
      'writes backslashes in double quotes that YAML can read',
      scenario({ services: 'pxe: { bootfile: "boot\\x86.com" }' }),
      'boot.yaml:3:20: services.pxe.bootfile: expected a path without control characters (in double quotes YAML takes a backslash for an escape: write paths in single quotes), got "boot\\u{86}.com"',
    ],
    // Keys.
    ['has an unknown key', scenario({ more: 'foo: 1' }), `boot.yaml:6:1: unknown key "foo" (known: ${TOP})`],
    [
      'has a mistyped key',
      scenario({ more: '  \nstep: []' }),
      `boot.yaml:7:1: unknown key "step" (known: ${TOP}; did you mean "steps"?)`,
    ],
    [
      'has a key in another spelling',
      scenario({ more: 'expectFailure: {}' }),
      `boot.yaml:6:1: unknown key "expectFailure" (known: ${TOP}; did you mean "expect-failure"?)`,
    ],
    ['has __proto__', scenario({ more: '__proto__: 1' }), `boot.yaml:6:1: unknown key "__proto__" (known: ${TOP})`],
    [
      'lacks a key',
      'name: x\nservices: {}\n',
      'boot.yaml:1:1: missing key "clients" (expected a list of clients, e.g. [{ name: pc }])',
    ],
    [
      'lacks a key further in',
      scenario({ client: 'nic: e1000' }),
      'boot.yaml:5:5: clients[0]: missing key "name" (expected a short name of letters, digits and hyphens, e.g. pc-1)',
    ],
    [
      'has an unknown architecture',
      scenario({ services: 'dhcp: { bootfiles: { uefi64: b } }' }),
      'boot.yaml:3:24: services.dhcp.bootfiles: unknown key "uefi64" (known: bios, uefi-ia32, uefi-x64, uefi-arm64, uefi-x64-http, uefi-arm64-http; did you mean "uefi-x64"?)',
    ],
    [
      'has an impossible option number',
      scenario({ services: 'dhcp: { options: { 300: a } }' }),
      'boot.yaml:3:22: services.dhcp.options: expected as key a DHCP option number from 1 to 254, got "300"',
    ],
    // Types and forms.
    [
      'writes yes for true',
      scenario({ more: 'strict: yes' }),
      'boot.yaml:6:9: strict: expected true or false, got "yes"',
    ],
    ['writes one for a list', scenario({ more: 'tags: smoke' }), 'boot.yaml:6:7: tags: expected a list, got "smoke"'],
    [
      'writes nothing for a map',
      scenario({ services: 'dhcp:' }),
      'boot.yaml:3:3: services.dhcp: expected a map ({} takes every default), got nothing',
    ],
    [
      'gives a duration without unit',
      scenario({ more: 'timeout: 30' }),
      'boot.yaml:6:10: timeout: expected a duration with its unit, e.g. 500ms, 8s, 2m, got 30',
    ],
    [
      'gives a duration with a strange unit',
      scenario({ more: 'timeout: 30 seconds' }),
      'boot.yaml:6:10: timeout: expected a duration with its unit, e.g. 500ms, 8s, 2m, got "30 seconds"',
    ],
    [
      'gives a size without unit',
      scenario({ client: 'name: pc, memory: 512' }),
      'boot.yaml:5:25: clients[0].memory: expected a size with its unit, e.g. 512MiB, 2GiB, got 512',
    ],
    [
      'gives a size in decimal units',
      scenario({ client: 'name: pc, memory: 512MB' }),
      'boot.yaml:5:25: clients[0].memory: expected a size with its unit, e.g. 512MiB, 2GiB, got "512MB"',
    ],
    [
      'has a password of digits',
      scenario({ services: 'authentication: { users: [{ name: a, password: 1234 }] }' }),
      'boot.yaml:3:50: services.authentication.users[0].password: expected a password as text (a password of digits goes in quotes), got 1234',
    ],
    [
      'has a multicast MAC address',
      scenario({ client: 'name: pc, mac: 01:00:5e:00:00:01' }),
      'boot.yaml:5:22: clients[0].mac: expected a unicast MAC address, e.g. 52:54:00:12:34:56, got "01:00:5e:00:00:01"',
    ],
    [
      'has no client',
      'name: x\nservices: {}\nclients: []\n',
      'boot.yaml:3:10: clients: expected at least one client, got an empty list',
    ],
    [
      'has an unknown network card',
      scenario({ client: 'name: pc, nic: e100' }),
      'boot.yaml:5:22: clients[0].nic: expected one of e1000, e1000e, i82559c, ne2k_pci, pcnet, rtl8139, virtio-net-pci, vmxnet3, got "e100" (did you mean "e1000"?)',
    ],
    [
      'has an unusable subnet',
      scenario({ more: 'network: { subnet: 172.22.52.7/24 }' }),
      'boot.yaml:6:20: network.subnet: expected an IPv4 network with all host bits zero, /8 to /30, e.g. 172.22.52.0/24, got "172.22.52.7/24"',
    ],
    // Steps.
    [
      'names an unknown step',
      scenario({ more: 'steps:\n  - tftp.tranfer: { path: a }' }),
      `boot.yaml:7:5: steps[0]: unknown key "tftp.tranfer" (known: ${TFTP_FAMILY}; did you mean "tftp.transfer"?)`,
    ],
    [
      'names an unknown step without details',
      scenario({ more: 'steps:\n  - boot.done' }),
      `boot.yaml:7:5: steps[0]: expected a step, e.g. - tftp.transfer: { blksize: 1456 }, got "boot.done" (known: ${family('boot')})`,
    ],
    [
      'names an unknown detail',
      scenario({ more: 'steps:\n  - tftp.transfer: { blocksize: 1456 }' }),
      'boot.yaml:7:22: steps[0].tftp.transfer: unknown key "blocksize" (known: path, server, bytes, blocks, blksize, windowsize, retransmissions, gaps, repeats, program, signed; did you mean "blksize"?)',
    ],
    [
      'gives a detail the wrong type',
      scenario({ more: 'steps:\n  - tftp.transfer: { blksize: big }' }),
      'boot.yaml:7:31: steps[0].tftp.transfer.blksize: expected a number, got "big"',
    ],
    [
      'gives a detail a broken expression',
      scenario({ more: 'steps:\n  - dhcp.ack: { server: { matches: "(" } }' }),
      'boot.yaml:7:36: steps[0].dhcp.ack.server.matches: expected a regular expression that JavaScript understands, got "("',
    ],
    [
      'has two steps in one',
      scenario({ more: 'steps:\n  - { dhcp.ack: {}, boot.complete: {} }' }),
      'boot.yaml:7:5: steps[0]: expected exactly one step name, got a map with "dhcp.ack", "boot.complete"',
    ],
    [
      'expects an unknown step to fail',
      scenario({ more: 'expect-failure: { step: tftp.eror }' }),
      `boot.yaml:6:25: expect-failure.step: expected the name of a step, got "tftp.eror" (known: ${TFTP_FAMILY}; did you mean "tftp.error"?)`,
    ],
    [
      'expects a failure of a cause that no step has',
      scenario({ more: 'expect-failure: { step: tftp.error, cause: boot-file-mising }' }),
      `boot.yaml:6:44: expect-failure.cause: expected a cause (harness/docs/steps.md), got "boot-file-mising" (known: boot-file-missing, no-boot-file, share-missing, image-missing, failure-missing, and ${CAUSE_NAMES.length - 5} more; did you mean "boot-file-missing"?)`,
    ],
  ])('that %s', (_, text, message) => expect(messageOf(text)).toBe(message));

  it('has all of its errors reported, in the order of the file', () => {
    const text = scenario({
      services: 'dhcp: { at: 1, leese: 1h }',
      client: 'name: pc, firmware: efi',
      more: 'strict: 7\ntimeout: 5\n',
    });
    expect(
      messageOf(text)
        .split('\n')
        .map((line) => line.split(': ').slice(0, 2).join(': ')),
    ).toEqual([
      'boot.yaml:3:15: services.dhcp.at',
      'boot.yaml:3:18: services.dhcp',
      'boot.yaml:5:27: clients[0].firmware',
      'boot.yaml:6:9: strict',
      'boot.yaml:7:10: timeout',
    ]);
  });

  it('says in data what its message says', () => {
    expect.assertions(1);
    try {
      parseScenario(scenario({ services: 'dhcp: { leese: 1h }' }), 'boot.yaml', '/scenarios');
    } catch (error) {
      expect(error).toMatchObject({
        file: 'boot.yaml',
        line: 3,
        column: 11,
        path: 'services.dhcp',
        got: '"leese"',
        known: expect.arrayContaining(['lease', 'at']) as unknown,
      });
    }
  });

  it('finds the place of a value behind an alias', () => {
    expect(messageOf('name: x\nservices: {}\nclients:\n  - &pc { name: pc, nic: bad }\n  - *pc\n')).toContain(
      'boot.yaml:4:26: clients[1].nic: expected one of',
    );
  });
});

describe('a good scenario', () => {
  it('has its units resolved, its steps split and each step placed', () => {
    const { scenario: parsed } = parseScenario(
      scenario({
        client: 'name: pc, memory: 1.5GiB, mac: 52-54-00-AA-BB-CC',
        more: "timeout: 2m\nbudgets: { dhcp: 1.5s }\nsteps:\n  - dhcp.ack\n  - dhcp.ack:\n  - tftp.transfer: { path: 'boot\\x86', blksize: 1456 }\n",
      }),
      'boot.yaml',
      '/scenarios',
    );
    expect(parsed).toMatchObject({
      timeout: 120_000,
      budgets: { dhcp: 1500 },
      clients: [{ memory: 1536, mac: '52:54:00:aa:bb:cc' }],
      steps: [
        { step: 'dhcp.ack', with: {} },
        { step: 'dhcp.ack', with: {} },
        { step: 'tftp.transfer', with: { path: 'boot\\x86', blksize: 1456 } },
      ],
      source: { file: 'boot.yaml', folder: '/scenarios', steps: ['boot.yaml:9:5', 'boot.yaml:10:5', 'boot.yaml:11:5'] },
    });
  });

  it('may ask for a user and an image that are not there when it expects a failure', () => {
    expect(
      messageOf(
        scenario({
          services: 'tftp: {}\n  images: {}',
          client: "name: pc, agent: { image: 'Images\\Linux\\gone.wim', logon: { user: bob } }",
          more: 'expect-failure: { step: smb.open }',
        }),
      ),
    ).toBe('no error');
  });
});
