import { describe, expect, it } from 'vitest';
import { possibleCauses } from '../../protocols/possible-causes.ts';
import { messageOf, scenario } from '../testing/bad-scenario.ts';

// Values that the schema takes, each by itself, and the message that a person reads where they contradict each other.

const HOST = 'a host address of 172.22.52.0/24 (172.22.52.1 to 172.22.52.254)';
const NO_UEFI =
  'network card "i82559c" does not boot under firmware "uefi" (those that do: e1000, e1000e, ne2k_pci, pcnet, rtl8139, virtio-net-pci, vmxnet3)';
const REFUSED =
  'steps[0]: expected tftp.error of a file that the boot does not need, or expect-failure: { step: tftp.error }, got tftp.error of';

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
      'has IPv6 addresses of another link',
      scenario({ services: 'dhcpv6: { range: fd78::1-fd78::9 }' }),
      'boot.yaml:3:20: services.dhcpv6.range: expected addresses of fd77::/64 (network.ipv6), got "fd78::1-fd78::9"',
    ],
    [
      'has IPv6 addresses that hosts have',
      scenario({ services: 'dhcpv6: { range: fd77::1-fd77::ffff:0:0:0 }' }),
      'boot.yaml:3:20: services.dhcpv6.range: expected a range without the addresses of hosts, got fd77::1-fd77::ffff:0:0:0, which holds fd77::172:22:52:1 (services.dhcpv6)',
    ],
    [
      'has a range of two IPv6 links',
      scenario({ services: "dhcpv6: { range: 'fd77::1-fd77:0:0:1::1' }" }),
      'boot.yaml:3:20: services.dhcpv6.range: expected two IPv6 addresses of one /64, the lower first, e.g. fd77::1000-fd77::1fff, got "fd77::1-fd77:0:0:1::1"',
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
      'boot.yaml:5:30: clients[0].boot-order[0]: expected a device that client pc has (give it a disk: 2GiB), got "disk"',
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
      'boots from a second card that is not there',
      scenario({ client: 'name: pc, boot-order: [unplugged-nic, network]' }),
      'boot.yaml:5:30: clients[0].boot-order[0]: expected a device that client pc has (give it an unplugged-nic: e1000), got "unplugged-nic"',
    ],
    [
      'tries a card without a cable that its firmware has no driver for',
      scenario({
        client: 'name: pc, firmware: uefi, unplugged-nic: i82559c, boot-order: [unplugged-nic, network]',
      }),
      'boot.yaml:5:27: clients[0].firmware: expected an unplugged-nic that uefi has in its boot order (e1000, e1000e, ne2k_pci, pcnet, rtl8139, virtio-net-pci, vmxnet3), got "i82559c"',
    ],
    [
      'has another order for a start that never comes',
      scenario({ client: 'name: pc, disk: 1GiB, next-boot-order: [disk]' }),
      'boot.yaml:5:46: clients[0].next-boot-order: expected beside next-boot-order a start that has it (after.next-start), got none, so that nothing reads it',
    ],
    [
      'starts twice afterwards',
      scenario({ client: 'name: pc, disk: 1GiB', more: 'after: { boot-from: disk, next-start: disk }' }),
      'boot.yaml:6:39: after.next-start: expected one further start: boot-from or next-start, got both',
    ],
    [
      'brings UEFI variables to a BIOS',
      scenario({ client: 'name: pc, firmware-variables: ./x.fd' }),
      'boot.yaml:5:5: clients[0]: expected a UEFI beside firmware-variables, got "bios"',
    ],
    // Hardware.
    [
      'has a machine type that its firmware does not run on',
      scenario({ client: 'name: pc, firmware: uefi-secure-boot, memory: 1GiB, machine: pc' }),
      'boot.yaml:5:68: clients[0].machine: expected a machine type on which firmware uefi-secure-boot runs (q35), got "pc"',
    ],
    [
      'has less memory than its firmware needs',
      scenario({ client: 'name: pc, firmware: uefi-arm64, nic: virtio-net-pci, memory: 64MiB' }),
      'boot.yaml:5:68: clients[0].memory: expected at least 128MiB of memory, which firmware uefi-arm64 needs to boot from the network, got 64MiB',
    ],
    [
      'has a 4Kn disk that QEMU does not make',
      scenario({ client: 'name: pc, firmware: uefi, disk: 1GiB, disk-interface: sata, disk-block-size: 4096' }),
      'boot.yaml:5:84: clients[0].disk-block-size: expected blocks of 512 bytes, or another disk-interface (virtio, nvme, usb), got 4096',
    ],
    [
      'starts from a 4Kn disk under a BIOS',
      scenario({ client: 'name: pc, disk: 1GiB, disk-block-size: 4096' }),
      'boot.yaml:5:46: clients[0].disk-block-size: expected blocks of 512 bytes, the only ones from which bios starts, got 4096',
    ],
    [
      'starts from a SATA disk on Arm',
      scenario({
        client: 'name: pc, firmware: uefi-arm64, nic: virtio-net-pci, disk: 1GiB, disk-interface: sata',
      }),
      'boot.yaml:5:88: clients[0].disk-interface: expected a disk that uefi-arm64 has a driver for (virtio, nvme, usb), got "sata"',
    ],
    [
      'has an IDE disk on Arm',
      scenario({ client: 'name: pc, firmware: uefi-arm64, nic: virtio-net-pci, disk: 1GiB, disk-interface: ide' }),
      'boot.yaml:5:88: clients[0].disk-interface: expected a disk that machine type virt takes (virtio, sata, nvme, usb), got "ide"',
    ],
    [
      'installs on a disk that the bundled agent has no driver for',
      scenario({ services: 'tftp: {}\n  images: {}', client: 'name: pc, disk: 1GiB, disk-interface: nvme' }),
      'boot.yaml:6:45: clients[0].disk-interface: expected a disk that the agent of boot-files/wds has a driver for (virtio, ide, sata), got "nvme"',
    ],
    [
      'looks at a disk that is not there',
      scenario({ more: 'after: { boot-from: disk }' }),
      'boot.yaml:6:8: after: expected clients with a disk to look at, got client pc without one',
    ],
    [
      'boots UEFI from a card that it has no driver for',
      scenario({ client: 'name: pc, firmware: uefi, nic: i82559c' }),
      `boot.yaml:5:38: clients[0].nic: ${NO_UEFI}`,
    ],
    [
      'boots from such a card at no point of the matrix',
      scenario({ more: 'matrix: { firmware: [uefi], nic: [e1000, i82559c] }' }),
      `boot.yaml:6:42: matrix.nic[1]: ${NO_UEFI}`,
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
      `boot.yaml:6:9: ${REFUSED} a boot file, which can only fail`,
    ],
    [
      'expects the refusal of the boot file of a bundle',
      scenario({ services: 'tftp: {}\n  pxe: {}', more: 'steps: [tftp.error: { path: Boot/x86/wdsnbp.com }]' }),
      `boot.yaml:7:9: ${REFUSED} a boot file, which can only fail`,
    ],
    [
      "expects the refusal of a computer's own boot file",
      scenario({
        services: 'tftp: {}\n  pxe: {}\n  devices: { known: [{ client: pc, boot-program: own.com }] }',
        more: 'steps: [tftp.error: { path: own.com }]',
      }),
      `boot.yaml:8:9: ${REFUSED} a boot file, which can only fail`,
    ],
    [
      'expects the refusal of a file that it expects to be loaded',
      scenario({ more: 'steps: [tftp.error: { path: b }, tftp.transfer: { path: b }]' }),
      `boot.yaml:6:9: ${REFUSED} a file that another step expects, which can only fail`,
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
      'boots a BIOS by a transport of UEFI',
      scenario({ more: '  - { name: b, transport: http-ipv6 }' }),
      'boot.yaml:6:27: clients[1].transport: firmware "bios" does not boot by transport "http-ipv6" (those that it does: pxe-ipv4)',
    ],
    [
      'repeats a value of the matrix',
      scenario({ more: 'matrix: { nic: [e1000, e1000] }' }),
      'boot.yaml:6:24: matrix.nic[1]: expected every value once, got "e1000" again',
    ],
    [
      'chooses pairs from one axis',
      scenario({ more: 'matrix: { nic: [e1000, pcnet], choose: pairwise }' }),
      'boot.yaml:6:40: matrix.choose: expected two axes or more, to make pairs of, got 1',
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
});
