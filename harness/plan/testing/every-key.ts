const PROGRAM = 'boot\\x86\\wdsnbp.com';
const SHA256 = '0'.repeat(64);
const MENU = {
  prompt: 'Press F8',
  timeout: '3s',
  entries: [{ name: 'WDS', type: 1, bootfile: PROGRAM, servers: ['10.9.8.7'] }],
  discovery: ['no-multicast'],
};
const NEGOTIATION = {
  prompt: 'opt-out',
  bcd: 'boot\\bcd',
  approval: { 'poll-interval': '2s', retries: 3, message: 'wait' },
  'boot-programs': { prompted: 'a.com', unprompted: 'b.com', abort: 'c.com', uefi: 'd.efi' },
  referral: '10.9.8.6',
  'option-250': { 'byte-order': 'little-endian', 'interval-unit': '100ms' },
};
const PXE = {
  bootfiles: { bios: PROGRAM },
  'port-4011': false,
  'user-classes': { iPXE: 'boot.ipxe' },
  'next-server': '10.9.8.5',
  'offer-carries-bootfile': true,
  'pad-to': 1000,
  'vendor-class': 'AAPLBSDPC',
  options: { '43': { hex: '0104' } },
  misbehave: { silent: true },
};

/**
 * Scenarios that have, together with the bundled ones, every key of the schema with a value that is not its default. A
 * new key belongs here, or into a bundled scenario.
 */
export const EVERY_KEY: readonly unknown[] = [
  {
    name: 'a boot menu',
    services: {
      tftp: {},
      images: {},
      'boot-menu': {
        title: 'Rescue',
        timeout: '7s',
        default: 'save',
        entries: [
          { name: 'install', title: 'Install' },
          { name: 'save', title: 'Save', mode: 'capture', key: 's' },
        ],
      },
    },
    clients: [
      {
        name: 'a',
        agent: { keys: [{ when: 'boot-menu', keys: ['s'] }] },
        incidents: [
          { when: 'menu', delay: '2s', what: 'unplug', for: '9s' },
          { when: 'apply', percent: 50, what: 'power-off' },
        ],
      },
      {
        name: 'b',
        agent: {},
        incidents: [{ when: 'started', what: 'pause', until: { client: 'A', step: 'dhcp.ack' } }],
      },
      { name: 'other' },
    ],
  },
  {
    name: 'VMs',
    tags: ['a'],
    network: { subnet: '10.9.8.0/24' },
    services: {
      dhcp: {
        at: '10.9.8.1',
        range: '10.9.8.100-10.9.8.120',
        lease: '2h',
        bootfiles: { bios: PROGRAM },
        'next-server': '10.9.8.5',
        'vendor-class': 'PXEClient',
        options: { '15': 'lab.example' },
        authoritative: true,
      },
      pxe: { ...PXE, 'port-4011': true, menu: MENU },
      'second-pxe': { ...PXE, at: '10.9.8.8', menu: MENU },
      tftp: {
        files: { a: { file: './a' } },
        'max-blksize': 1000,
        'max-windowsize': 2,
        timeout: '2s',
        retries: 3,
        'single-port': true,
      },
      http: {
        at: '10.9.8.9',
        root: 'boot-files/wds-without-rtl8139',
        files: { b: { text: 'b' }, c: { file: './c' } },
        without: ['boot/x86/vmlinuz'],
        port: 8080,
        misbehave: { status: 503 },
      },
      images: { at: '10.9.8.10', groups: { Linux: ['a1.wim', 'a2.wim'] }, root: './RemInst' },
      state: './state',
      programs: [
        { name: 'a', at: '10.9.8.11', command: ['a', 'b'], ready: { udp: 67 } },
        { name: 'c', at: '10.9.8.11', command: ['c'], ready: { tcp: 81 } },
        { name: 'd', at: '10.9.8.11', command: ['d'], ready: { log: 'up' } },
      ],
    },
    clients: [
      {
        name: 'pc1',
        disk: '1GiB',
        'disk-interface': 'ide',
        cpus: 2,
        mac: '52:54:00:00:00:01',
        uuid: '4c4c4544-0042-3510-8050-b4c04f383431',
        'boot-order': ['disk', 'network'],
        agent: {
          image: { file: 'Images\\Linux\\a1.wim', index: 2 },
          keys: [{ when: 'menu', delay: '1s', keys: ['down', 'ret'] }],
        },
        after: { 'compare-disk-with': { file: 'Images\\Linux\\a1.wim', index: 2 }, ignore: ['/x'] },
      },
      {
        name: 'pc2',
        disk: '1GiB',
        'starts-after': 'pc1',
        agent: { image: { file: 'Images\\Linux\\a1.wim', name: 'other' } },
        after: {
          'compare-disk-with': { client: 'pc1', changed: ['/etc/hostname'] },
          files: { '/etc/hostname': SHA256 },
          'boot-from': 'disk',
        },
      },
      {
        name: 'pc3',
        disk: '1GiB',
        after: { 'compare-disk-with': { file: 'Images\\Linux\\a1.wim', name: 'other' } },
      },
      {
        name: 'pc4',
        disk: '1GiB',
        'starts-after': 'pc2',
        after: { 'compare-disk-with': { client: 'pc1' } },
      },
      { name: 'pc5', disk: '1GiB' },
      {
        name: 'pc6',
        firmware: 'uefi',
        machine: 'pc',
        tpm: true,
        disk: '1GiB',
        'boot-order': ['network', 'disk'],
        'next-boot-order': ['disk'],
        'unplugged-nic': 'pcnet',
        after: { 'next-start': 'disk' },
      },
    ],
    steps: ['dhcp.discover'],
    strict: true,
    'idle-timeout': '20s',
    timeout: '7m',
    after: {
      'compare-disk-with': { file: 'Images\\Linux\\a1.wim', index: 2 },
      ignore: ['/x'],
      files: { '/x': SHA256 },
    },
  },
  {
    name: 'an image by its name, for all',
    services: { tftp: {}, images: {} },
    clients: [{ name: 'pc', disk: '1GiB' }],
    after: { 'compare-disk-with': { file: 'Images\\Linux\\sample.wim', name: 'x' } },
  },
  {
    name: 'IPv6',
    network: { ipv6: 'fd78::/64' },
    services: {
      dhcp: {},
      dhcpv6: {
        at: '172.22.52.2',
        range: 'fd78::20-fd78::2f',
        lease: '2h',
        dns: ['fd78::53'],
        bootfile: 'a.efi',
        bootfiles: { 'uefi-x64': 'a.efi' },
        'user-classes': { iPXE: 'boot.ipxe' },
        parameters: ['quiet'],
        preference: 255,
        'rapid-commit': true,
        misbehave: { silent: true },
      },
      'router-advertisements': { at: '172.22.52.3', managed: false, other: false, autonomous: true, lifetime: '0s' },
      tftp: {},
    },
    clients: [{ name: 'pc', firmware: 'uefi', transport: 'pxe-ipv6' }],
  },
  {
    name: 'addresses of IPv6 alone',
    network: { ipv6: 'fd78::/64' },
    services: { dhcp: {}, tftp: {} },
    clients: [{ name: 'pc' }],
  },
  {
    name: 'a deployment server',
    services: {
      dhcp: {},
      pxe: { ...NEGOTIATION, bootfile: PROGRAM },
      'second-pxe': { ...NEGOTIATION, bootfile: PROGRAM, 'port-67': false },
      tftp: {},
      images: {},
      control: {
        at: '172.22.52.9',
        port: 5041,
        'endpoint-mapper': false,
        'answer-files': { x64: 'a.xml' },
        'answer-files-override': true,
        'log-level': 1,
        organization: 'Lab',
        'time-zone': 'W. Europe Standard Time',
        'domain-join': {
          'new-computers': true,
          'naming-policy': 'PC%03#',
          'organizational-unit': 'OU=x',
          'prestage-using-mac': true,
          'reset-boot-program': true,
        },
        'max-fragment': 512,
      },
      devices: {
        unknown: 'pending',
        known: [
          { client: 'pc1', name: 'PC01', join: true, 'answer-file': 'a.xml' },
          {
            mac: '52:54:00:00:00:0a',
            uuid: '4c4c4544-0042-3510-8050-b4c04f383431',
            status: 'pending',
            'boot-program': PROGRAM,
            message: 'wait',
            join: { domain: 'other.lab', 'organizational-unit': 'OU=y' },
          },
        ],
        administrator: [
          { 'after-polls': 2, approve: 'pc1', name: 'PC11', message: 'welcome' },
          { 'after-polls': 2, reject: 'pc2' },
        ],
      },
    },
    clients: [
      { name: 'pc1', plays: 'wdsnbp', 'polls-for': '5s', steps: ['dhcp.ack'], 'expect-failure': { step: 'dhcp.ack' } },
      { name: 'pc2', plays: 'wdsnbp' },
      { name: 'pc3', plays: 'wdsnbp' },
    ],
    'expect-failure': { step: 'dhcp.ack' },
  },
  {
    name: 'a domain',
    services: {
      tftp: {},
      authentication: {
        kind: 'active-directory',
        at: '172.22.52.9',
        users: [
          { name: 'bob', password: 'secret', administrator: false, locked: true, expired: true },
          { name: 'eve', password: 'secret' },
        ],
      },
      images: {},
      devices: { known: [{ client: 'pc', name: 'PC01', join: true }] },
    },
    clients: [{ name: 'pc', disk: '1GiB', after: { joined: true, 'boot-from': 'disk' } }],
  },
  {
    name: 'another domain',
    services: { tftp: {}, authentication: { kind: 'active-directory' }, images: {} },
    clients: [{ name: 'pc', cpus: 2 }],
  },
  {
    name: 'a matrix',
    services: { dhcp: {}, pxe: {}, tftp: {} },
    clients: [{ name: 'pc' }],
    matrix: {
      choose: 'pairwise',
      firmware: ['bios', 'uefi'],
      nic: ['e1000', 'pcnet'],
      memory: ['512MiB', '1GiB'],
      cpus: [3, 1, 2],
      disk: ['1GiB', '2GiB'],
      exclude: [
        { firmware: 'uefi', nic: 'pcnet' },
        { memory: '1GiB', cpus: 2 },
        { disk: '2GiB', cpus: 1 },
      ],
    },
  },
  {
    name: 'a further start of all',
    services: { dhcp: {}, pxe: {}, tftp: {} },
    clients: [
      { name: 'pc', disk: '1GiB' },
      { name: 'own', disk: '1GiB', after: { 'next-start': 'network', files: { '/x': SHA256 } } },
    ],
    after: { 'next-start': 'network', files: { '/x': SHA256 } },
  },
  {
    name: 'UEFI variables',
    services: { dhcp: {}, pxe: {}, tftp: {} },
    clients: [{ name: 'pc', firmware: 'uefi', 'firmware-variables': './v.fd' }],
  },
  {
    name: 'a matrix of hardware',
    services: { dhcp: {}, pxe: {}, tftp: {} },
    clients: [{ name: 'pc', firmware: 'uefi', disk: '1GiB', 'boot-order': ['network'], 'disk-block-size': 4096 }],
    matrix: {
      machine: ['q35', 'pc'],
      'disk-interface': ['virtio', 'nvme', 'usb'],
      exclude: [{ machine: 'pc', 'disk-interface': 'usb' }],
    },
  },
  {
    name: 'a matrix of disks',
    services: { dhcp: {}, pxe: {}, tftp: {} },
    clients: [{ name: 'pc', firmware: 'uefi', disk: '1GiB', 'boot-order': ['network'] }],
    matrix: {
      cpus: [1, 2],
      'disk-block-size': [512, 4096],
      exclude: [{ cpus: 1, 'disk-block-size': 4096 }],
    },
  },
  {
    name: 'a matrix of transports',
    services: { dhcp: {}, dhcpv6: {}, tftp: {}, http: {} },
    clients: [{ name: 'pc', firmware: 'uefi' }],
    matrix: {
      transport: ['pxe-ipv4', 'pxe-ipv6', 'http-ipv6'],
      cpus: [1, 2],
      exclude: [{ transport: 'pxe-ipv6', cpus: 2 }],
    },
  },
  {
    name: 'a matrix of boot orders and TPMs',
    services: { dhcp: {}, pxe: {}, tftp: {} },
    clients: [{ name: 'pc', disk: '1GiB', 'boot-order': ['network'] }],
    matrix: {
      'boot-order': [['network', 'disk'], ['disk', 'network'], ['network']],
      tpm: [true, false],
      exclude: [{ tpm: false, 'boot-order': ['network'] }],
    },
  },
  {
    name: 'disks that hold something',
    services: { dhcp: {}, pxe: {}, tftp: {} },
    clients: [
      { name: 'sample', disk: '1GiB', 'disk-image': 'disks/linux-bios' },
      { name: 'own', 'disk-image': './disk.qcow2', 'disk-interface': 'sata' },
    ],
  },
  {
    name: 'a boot program by its word',
    services: { dhcp: {}, pxe: {}, tftp: {} },
    clients: [{ name: 'pc', firmware: 'uefi', 'boot-program': 'snponly' }],
  },
  {
    name: 'a matrix of boot programs',
    services: { dhcp: {}, pxe: {}, tftp: {} },
    clients: [{ name: 'pc', firmware: 'uefi' }],
    matrix: {
      nic: ['e1000', 'pcnet'],
      'boot-program': ['grub', 'snponly'],
      exclude: [{ nic: 'pcnet', 'boot-program': 'snponly' }],
    },
  },
  {
    name: 'an image by multicast',
    services: {
      tftp: {},
      images: { at: '172.22.52.8', groups: { Linux: ['a1.wim', 'a2.wim'] }, root: './RemInst' },
      multicast: {
        at: '172.22.52.9',
        image: 'Images\\Linux\\a2.wim',
        receivers: 2,
        'max-wait': '5s',
        'min-wait': '2s',
        'port-base': 9100,
        'max-bitrate': '100Mbit',
        retries: 12,
        misbehave: { 'dies-after': 1000 },
      },
    },
    clients: [{ name: 'pc', disk: '1GiB' }],
  },
  {
    name: 'a client whose image comes by multicast',
    services: { tftp: {}, images: {}, multicast: {} },
    clients: [{ name: 'pc', disk: '1GiB', agent: { by: 'multicast' } }],
  },
  {
    name: 'disks that are saved and restored',
    services: {
      tftp: {},
      backups: {
        at: '172.22.52.9',
        port: 8001,
        password: 'secret',
        capacity: '64MiB',
        store: './backups',
        tls: { certificate: 'expired' },
        schedule: { every: '24h', keep: { last: 7, daily: 7, weekly: 4, within: '30d' } },
        misbehave: { 'damage-pack': 1 },
      },
    },
    clients: [
      {
        name: 'pc1',
        'disk-image': 'disks/linux-bios',
        agent: { mode: 'backup' },
        after: { 'virtual-machines': ['vmdk', 'qcow2'] },
      },
      {
        name: 'pc2',
        disk: '1GiB',
        'starts-after': 'pc1',
        agent: { mode: 'restore', backup: { of: 'pc1', id: '20261128T111500Z' }, 'store-password': 'another' },
        after: { 'restored-from': 'pc1', 'boot-from': 'disk' },
      },
      {
        name: 'pc3',
        'disk-image': 'disks/linux-bios',
        agent: { mode: 'work' },
        'hot-backups': { take: ['unfrozen', 'frozen'], every: '20s', at: '172.22.52.10' },
      },
      {
        name: 'pc4',
        'disk-image': 'disks/linux-bios',
        agent: { mode: 'work', 'store-password': 'another' },
        'hot-backups': { take: ['snapshot', { snapshot: '1MiB' }] },
      },
    ],
  },
  {
    name: 'backups that become virtual machines',
    services: { tftp: {}, backups: {} },
    clients: [{ name: 'pc', 'disk-image': 'disks/linux-bios', agent: { mode: 'backup' } }],
    after: { 'virtual-machines': ['vmdk', 'vpc'] },
  },
  {
    name: 'files of a backup that are recovered',
    services: { tftp: {}, images: {}, backups: { store: './backups' } },
    clients: [
      {
        name: 'pc',
        'disk-image': 'disks/linux-bios',
        agent: {
          mode: 'recover',
          backup: { of: 'other', id: '20261128T111500Z' },
          paths: ['/etc/hostname', '/home'],
          logon: { user: 'administrateur' },
        },
      },
    ],
  },
  {
    name: 'an image store that is elsewhere',
    services: { tftp: {}, images: { at: '172.22.52.9' } },
    clients: [
      { name: 'pc1', disk: '1GiB' },
      { name: 'pc2', disk: '1GiB', 'starts-after': 'pc1' },
      { name: 'pc3', 'starts-after': 'pc2', 'disk-of': 'pc1' },
    ],
  },
];
