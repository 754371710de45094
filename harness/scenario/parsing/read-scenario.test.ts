import { describe, expect, it } from 'vitest';
import { parseScenario } from '../testing/parse-scenario.ts';
import { possibleCauses } from '../../protocols/possible-causes.ts';
import { ScenarioError } from '../scenario-error.ts';
import { CAUSE_NAMES, STEP_NAMES } from '../../protocols/words.ts';

// Bad input, and the whole message that a person reads: place, path, expected, got, and what was likeliest meant.

const TOP =
  'name, description, tags, network, services, clients, matrix, steps, strict, budgets, timeout, idle-timeout, after, expect-failure';
const TFTP_FAMILY = family('tftp');

/** Step names of one family and the number of all others, as a message gives them. */
function family(protocol: string): string {
  const names = STEP_NAMES.filter((name) => name.startsWith(`${protocol}.`));
  return `${names.join(', ')}, and ${STEP_NAMES.length - names.length} of other families`;
}

/** Lines 1 to 4: name, `services:`, the services, then `clients:` and one client in line 5; `more` begins in line 6. */
function scenario({
  services = 'dhcp: {}',
  client = 'name: pc',
  more = '',
}: {
  services?: string;
  client?: string;
  more?: string;
} = {}): string {
  return `name: x\nservices:\n  ${services}\nclients:\n  - { ${client} }\n${more}`;
}

function messageOf(text: string): string {
  try {
    parseScenario(text, 'boot.yaml', '/scenarios');
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  return 'no error';
}

const HOST = 'a host address of 172.22.52.0/24 (172.22.52.1 to 172.22.52.254)';

describe('a bad scenario', () => {
  it.each<[what: string, text: string, message: string]>([
    // A client that is a program.
    [
      'gives a VM what only a played client has',
      scenario({ client: 'name: pc, presses: f12' }),
      'boot.yaml:5:26: clients[0].presses: expected presses only beside plays: wdsnbp, got a VM',
    ],
    [
      'gives a played client what only a VM has',
      scenario({ client: 'name: pc, plays: wdsnbp, nic: e1000' }),
      'boot.yaml:5:37: clients[0].nic: expected a client that plays wdsnbp without nic: it has no VM, got nic',
    ],
    [
      'lets a played client log on as a user that nobody has',
      scenario({ client: 'name: pc, plays: wdsnbp, deploys-as: { user: administrator }' }),
      'boot.yaml:5:52: clients[0].deploys-as.user: unknown user "administrator" (known: administrateur; did you mean "administrateur"?)',
    ],
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
      'boot.yaml:3:24: services.dhcp.bootfiles: unknown key "uefi64" (known: bios, uefi-ia32, uefi-x64, uefi-arm64, uefi-x64-http; did you mean "uefi-x64"?)',
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
      'boot.yaml:7:22: steps[0].tftp.transfer: unknown key "blocksize" (known: path, server, bytes, blocks, blksize, windowsize, retransmissions, gaps; did you mean "blksize"?)',
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
    // References and names.
    [
      'reserves for an unknown client',
      scenario({ services: 'dhcp: { reservations: { pv: 172.22.52.5 } }' }),
      'boot.yaml:3:27: services.dhcp.reservations: unknown client "pv" (known: pc; did you mean "pc"?)',
    ],
    [
      'is silent to an unknown client',
      scenario({ services: 'dhcp: { misbehave: { silent: { for: [pd] } } }' }),
      'boot.yaml:3:40: services.dhcp.misbehave.silent.for[0]: unknown client "pd" (known: pc; did you mean "pc"?)',
    ],
    [
      'logs on as an unknown user',
      scenario({ services: 'tftp: {}\n  images: {}', client: 'name: pc, agent: { logon: { user: bob } }' }),
      'boot.yaml:6:41: clients[0].agent.logon.user: unknown user "bob" (known: administrateur)',
    ],
    [
      'adds an unknown driver package',
      scenario({ services: 'tftp: { driver-packages: [rtl8193] }' }),
      'boot.yaml:3:29: services.tftp.driver-packages[0]: unknown driver package "rtl8193" (known: rtl8139; did you mean "rtl8139"?)',
    ],
    [
      'adds a driver package to boot files of its own',
      scenario({ services: 'tftp: { root: ./mine, driver-packages: [rtl8139] }' }),
      'boot.yaml:3:42: services.tftp.driver-packages: expected a bundle as root, whose boot image the packages are added to, got "./mine"',
    ],
    [
      'installs an unknown image',
      scenario({ services: 'tftp: {}\n  images: {}', client: 'name: pc, agent: { image: Images\\Linux\\simple.wim }' }),
      'boot.yaml:6:33: clients[0].agent.image: unknown image "Images\\\\Linux\\\\simple.wim" (known: Images\\Linux\\sample.wim; did you mean "Images\\\\Linux\\\\sample.wim"?)',
    ],
    [
      'installs an image without a store',
      scenario({ client: 'name: pc, agent: { image: a.wim }' }),
      'boot.yaml:5:33: clients[0].agent.image: unknown image "a.wim" (the scenario has none)',
    ],
    [
      'knows a client that is none',
      scenario({ services: 'devices: { known: [{ client: pd }] }' }),
      'boot.yaml:3:32: services.devices.known[0].client: unknown client "pd" (known: pc; did you mean "pc"?)',
    ],
    [
      'knows two computers by one name',
      scenario({
        services: "devices: { known: [{ client: pc, name: PC01 }, { mac: '52:54:00:00:00:01', name: pc01 }] }",
      }),
      'boot.yaml:3:84: services.devices.known[1].name: duplicate computer name "pc01" (first: services.devices.known[0].name)',
    ],
    [
      'approves a client that is none',
      scenario({ services: 'pxe: { bootfile: a }\n  devices: { administrator: [{ after-polls: 2, approve: pd }] }' }),
      'boot.yaml:4:57: services.devices.administrator[0].approve: unknown client "pd" (known: pc; did you mean "pc"?)',
    ],
    [
      'decides twice at once',
      scenario({ services: 'devices: { administrator: [{ after-polls: 2, approve: pc, reject: pc }] }' }),
      'boot.yaml:3:30: services.devices.administrator[0]: expected either approve or reject, got a map with "after-polls", "approve", "reject"',
    ],
    [
      'names a computer as none can be',
      scenario({ services: 'devices: { known: [{ client: pc, name: 12345 67890 }] }' }),
      'boot.yaml:3:42: services.devices.known[0].name: expected a computer name of 1 to 15 letters, digits and inner hyphens, and not of digits only, e.g. PC01, got "12345 67890"',
    ],
    [
      'names two clients alike',
      scenario({ more: '  - { name: PC }' }),
      'boot.yaml:6:13: clients[1].name: duplicate client "pc" (first: clients[0].name)',
    ],
    [
      'gives two clients one MAC address',
      scenario({ client: 'name: a, mac: 52-54-00-00-00-01', more: '  - { name: b, mac: 52:54:00:00:00:01 }' }),
      'boot.yaml:6:21: clients[1].mac: duplicate MAC address "52:54:00:00:00:01" (first: clients[0].mac)',
    ],
    // Addresses.
    [
      'has a host outside the subnet',
      scenario({ services: 'dhcp: { at: 10.0.0.1 }' }),
      `boot.yaml:3:15: services.dhcp.at: expected ${HOST}, got 10.0.0.1, which is outside`,
    ],
    [
      'has a host at the network address',
      scenario({ services: 'tftp: { at: 172.22.52.0 }' }),
      `boot.yaml:3:15: services.tftp.at: expected ${HOST}, got 172.22.52.0, the network address`,
    ],
    [
      'has a host at the broadcast address',
      scenario({ services: 'tftp: { at: 172.22.52.255 }' }),
      `boot.yaml:3:15: services.tftp.at: expected ${HOST}, got 172.22.52.255, the broadcast address`,
    ],
    [
      'gives hosts away',
      scenario({ services: 'dhcp: { range: 172.22.52.200-172.22.52.210 }\n  tftp: {}' }),
      'boot.yaml:3:18: services.dhcp.range: expected a range without the addresses of hosts, got 172.22.52.200-172.22.52.210, which holds 172.22.52.207 (services.tftp)',
    ],
    [
      'has a range beyond the subnet',
      scenario({ services: 'dhcp: { range: 172.22.52.2-172.22.53.2 }' }),
      'boot.yaml:3:18: services.dhcp.range: expected a range inside 172.22.52.1 to 172.22.52.254, got 172.22.52.2-172.22.53.2',
    ],
    [
      'has a range backwards',
      scenario({ services: 'dhcp: { range: 172.22.52.9-172.22.52.2 }' }),
      'boot.yaml:3:18: services.dhcp.range: expected two addresses, the lower first, e.g. 172.22.52.100-172.22.52.199, got "172.22.52.9-172.22.52.2"',
    ],
    [
      'has a range without room',
      scenario({ services: 'dhcp: { range: 172.22.52.9-172.22.52.9 }', more: '  - { name: b }' }),
      'boot.yaml:3:18: services.dhcp.range: expected an address for every client without a reservation (2), got 172.22.52.9-172.22.52.9 with 1 of them',
    ],
    [
      'has a subnet without room',
      scenario({ services: 'dhcp: {}\n  tftp: {}', more: 'network: { subnet: 10.1.2.0/30 }' }),
      'boot.yaml:3:9: services.dhcp: expected an address for every client without a reservation (1), got no range that is free of hosts',
    ],
    [
      'reserves the address of a host',
      scenario({ services: 'dhcp: { reservations: { pc: 172.22.52.1 } }' }),
      'boot.yaml:3:31: services.dhcp.reservations.pc: expected an address that no host has, got 172.22.52.1, which services.dhcp has',
    ],
    // Boot orders and the matrix.
    [
      'boots from a disk that is not there',
      scenario({ client: 'name: pc, boot-order: [disk]' }),
      'boot.yaml:5:30: clients[0].boot-order[0]: expected a device that the client has (give it a disk: 2GiB), got "disk"',
    ],
    [
      'boots from nothing',
      scenario({ client: 'name: pc, boot-order: []' }),
      'boot.yaml:5:29: clients[0].boot-order: expected at least one device, got an empty list',
    ],
    [
      'boots twice from one device',
      scenario({ client: 'name: pc, boot-order: [network, network]' }),
      'boot.yaml:5:39: clients[0].boot-order[1]: expected every device once, got "network" again',
    ],
    [
      'looks at a disk that is not there',
      scenario({ more: 'after: { boot-from: disk }' }),
      'boot.yaml:6:8: after: expected clients with a disk to look at, got client pc without one',
    ],
    [
      'boots UEFI from a card that it has no driver for',
      scenario({ client: 'name: pc, firmware: uefi, nic: i82559c' }),
      'boot.yaml:5:38: clients[0].nic: network card "i82559c" does not boot under firmware "uefi" (those that do: e1000, e1000e, ne2k_pci, pcnet, rtl8139, virtio-net-pci, vmxnet3)',
    ],
    [
      'boots UEFI from such a card at a point of the matrix',
      scenario({ more: 'matrix: { firmware: [bios, uefi], nic: [e1000, i82559c] }' }),
      'boot.yaml:6:48: matrix.nic[1]: network card "i82559c" does not boot under firmware "uefi" (those that do: e1000, e1000e, ne2k_pci, pcnet, rtl8139, virtio-net-pci, vmxnet3)',
    ],
    // Steps and failures that can never happen.
    [
      'expects something after the end of the boot',
      scenario({ more: 'steps: [boot.complete, dhcp.ack]' }),
      'boot.yaml:6:24: steps[1]: expected boot.complete as the last step, since the boot ends with it, got dhcp.ack after it',
    ],
    [
      'mistypes an NTSTATUS',
      scenario({ more: 'steps: [smb.tree-connect: { status: STATUS_SUCESS }]' }),
      'boot.yaml:6:37: steps[0].smb.tree-connect.status: expected a name such as STATUS_SUCCESS, or { matches: a regular expression }, got "STATUS_SUCESS" (known: STATUS_SUCCESS, STATUS_UNSUCCESSFUL, STATUS_NO_SUCH_USER, STATUS_PIPE_BUSY, STATUS_PENDING, and 95 more; did you mean "STATUS_SUCCESS"?)',
    ],
    [
      'mistypes another name of a closed list',
      scenario({ more: 'steps: [tcp.connect, ntlm.negotiate: { carrier: smbd }]' }),
      'boot.yaml:6:49: steps[1].ntlm.negotiate.carrier: expected one of smb, rpc, or { matches: a regular expression }, got "smbd" (did you mean "smb"?)',
    ],
    [
      'expects a step that only fails',
      scenario({ more: 'steps: [dhcp.decline]' }),
      'boot.yaml:6:9: steps[0]: expected a step that can pass: this one only fails (expect-failure: { step: dhcp.decline } expects that), got dhcp.decline',
    ],
    [
      'expects a step that is only recorded',
      scenario({ client: 'name: pc, steps: [tftp.unfinished]' }),
      'boot.yaml:5:25: clients[0].steps[0]: expected a step that can pass: this one is only recorded, got tftp.unfinished',
    ],
    [
      'expects the refusal of its boot file',
      scenario({ services: "dhcp: { bootfile: 'a\\b' }", more: 'steps: [tftp.error: { path: A/B }]' }),
      'boot.yaml:6:9: steps[0]: expected tftp.error of a file that the boot does not need, or expect-failure: { step: tftp.error }, got tftp.error of a boot file, which can only fail',
    ],
    [
      'expects the refusal of the boot file of a bundle',
      scenario({ services: 'tftp: {}\n  pxe: {}', more: 'steps: [tftp.error: { path: Boot/x86/wdsnbp.com }]' }),
      'boot.yaml:7:9: steps[0]: expected tftp.error of a file that the boot does not need, or expect-failure: { step: tftp.error }, got tftp.error of a boot file, which can only fail',
    ],
    [
      "expects the refusal of a computer's own boot file",
      scenario({
        services: 'tftp: {}\n  pxe: {}\n  devices: { known: [{ client: pc, boot-program: own.com }] }',
        more: 'steps: [tftp.error: { path: own.com }]',
      }),
      'boot.yaml:8:9: steps[0]: expected tftp.error of a file that the boot does not need, or expect-failure: { step: tftp.error }, got tftp.error of a boot file, which can only fail',
    ],
    [
      'expects the refusal of a file that it expects to be loaded',
      scenario({ more: 'steps: [tftp.error: { path: b }, tftp.transfer: { path: b }]' }),
      'boot.yaml:6:9: steps[0]: expected tftp.error of a file that the boot does not need, or expect-failure: { step: tftp.error }, got tftp.error of a file that another step expects, which can only fail',
    ],
    [
      'wants a failure of a step that never fails',
      scenario({ more: 'expect-failure: { step: tftp.retransmission }' }),
      'boot.yaml:6:25: expect-failure.step: expected a step that can fail: this one is only recorded, got tftp.retransmission',
    ],
    [
      'wants a cause that the step never has',
      scenario({ more: 'expect-failure: { step: arp.resolve, cause: wrong-password }' }),
      `boot.yaml:6:45: expect-failure.cause: arp.resolve never fails with cause "wrong-password" (causes that it can have: ${possibleCauses('arp.resolve').join(', ')})`,
    ],
    [
      'wants a cause that needs another key',
      scenario({ more: 'expect-failure: { step: dhcp.ack, cause: unexpected-step }' }),
      'boot.yaml:6:42: expect-failure.cause: expected strict: true, without which nothing fails so, got unexpected-step',
    ],
    [
      'tells a story that no client goes through',
      scenario({ client: 'name: pc, steps: [dhcp.ack]', more: 'steps: [dhcp.offer]' }),
      "boot.yaml:6:8: steps: expected a client that goes through the scenario's steps, got only clients with steps or an expected failure of their own, which replace it",
    ],
    [
      'repeats a value of the matrix',
      scenario({ more: 'matrix: { nic: [e1000, e1000] }' }),
      'boot.yaml:6:24: matrix.nic[1]: expected every value once, got "e1000" again',
    ],
    [
      'excludes a value that the matrix lacks',
      scenario({ more: 'matrix: { nic: [e1000], exclude: [{ nic: pcnet }] }' }),
      'boot.yaml:6:42: matrix.exclude[0].nic: expected a value of matrix.nic, got "pcnet"',
    ],
    [
      'excludes by an axis that the matrix lacks',
      scenario({ more: 'matrix: { nic: [e1000], exclude: [{ firmware: uefi }] }' }),
      'boot.yaml:6:47: matrix.exclude[0].firmware: expected an axis of the matrix, got "firmware"',
    ],
    [
      'excludes everything',
      scenario({ more: 'matrix: { nic: [e1000], exclude: [{ nic: e1000 }] }' }),
      'boot.yaml:6:34: matrix.exclude: expected at least one combination left, got exclusions that leave none',
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
