import { describe, expect, it } from 'vitest';
import { config, plan, plans } from './testing/plan-of.ts';

describe('trees', () => {
  it('are the bundle, the agent’s configuration, extra files, and what is to be missing', () => {
    const { trees, bundles } = plan(
      "{ tftp: { files: { 'boot\\motd': { text: hi }, '..\\..\\etc\\x': { file: ./x } }, without: ['boot\\x86\\wdsnbp.com'] } }",
    );
    expect(trees).toEqual([
      {
        root: '${run}/tftp',
        entries: [
          { path: '.', bundle: 'boot-files/wds' },
          { path: 'boot/x86/pxelinux.cfg/default', text: expect.stringContaining('pxw.mode=shell') as unknown },
          { path: 'boot/motd', text: 'hi' },
          { path: 'etc/x', source: '/home/somebody/scenarios/wds/x' },
        ],
        without: ['boot/x86/wdsnbp.com'],
      },
    ]);
    expect(bundles).toEqual(['boot-files/wds']);
  });
  it('name the signed boot program where a client has Secure Boot, for every client with that number on the wire', () => {
    const named = (clients: string, more = '') => {
      const [first] = plans(`name: x\nservices: { pxe: {}, tftp: {} }\nclients: [${clients}]\n${more}`);
      return first && (config(first, 'proxydhcp') as { bootfiles: Record<string, string> }).bootfiles[7];
    };
    const uefi = '{ name: a, firmware: uefi }';
    const secure = '{ name: b, firmware: uefi-secure-boot, memory: 1GiB }';
    expect(named(uefi)).toBe('boot\\x64\\wdsmgfw.efi');
    expect(named(secure)).toBe('boot\\x64\\shimx64.efi');
    expect(named(`${uefi}, ${secure}`)).toBe('boot\\x64\\shimx64.efi');
    expect(named('{ name: a, memory: 1GiB }', 'matrix: { firmware: [uefi, uefi-secure-boot] }')).toBe(
      'boot\\x64\\shimx64.efi',
    );
  });
  it('hold signed boot programs only where somebody starts one, so that no other run needs their packages', () => {
    const bundlesFor = (services: string, firmware: string) =>
      plans(`name: x\nservices: ${services}\nclients: [{ name: a, firmware: ${firmware}, memory: 1GiB }]\n`)[0]
        ?.bundles;
    expect(bundlesFor('{ pxe: {}, tftp: {} }', 'uefi')).toEqual(['boot-files/wds', 'agent-uefi']);
    expect(bundlesFor('{ pxe: {}, tftp: {} }', 'uefi-secure-boot')).toContain('signed-programs');
    expect(bundlesFor("{ dhcp: { bootfile: 'boot\\x64\\shimx64.efi' }, tftp: {} }", 'uefi')).toContain(
      'signed-programs',
    );
    expect(bundlesFor('{ dhcp: { bootfile: x }, tftp: { root: ./mine } }', 'uefi-secure-boot')).toEqual([]);
  });
  it('hold iPXE and its script where clients choose it, which the boot server gives to iPXE of that architecture alone', () => {
    const [bios, uefi] = plans(
      `name: x
services: { pxe: {}, tftp: {}, images: {} }
clients: [{ name: a, nic: virtio-net-pci }, { name: b, nic: virtio-net-pci, agent: { unattended: false } }]
matrix: { firmware: [bios, uefi], boot-program: [pxelinux, snponly] }
`,
    );
    expect([bios, uefi].map((one) => one?.bundles.includes('boot-files/ipxe'))).toEqual([false, true]);
    expect(uefi && config(uefi, 'proxydhcp')).toMatchObject({
      bootfiles: { 7: 'snponly.efi' },
      userClasses: { iPXE: { 7: 'boot/x86/boot.ipxe' } },
    });
    const texts = (uefi?.trees[0]?.entries ?? []).flatMap((entry) =>
      'text' in entry ? [[entry.path, entry.text]] : [],
    );
    const other = uefi?.clients[1]?.mac.replaceAll(':', '-') ?? '';
    expect(texts.map(([path]) => path)).toEqual(['boot/x86/boot.ipxe', `boot/x86/boot.ipxe-01-${other}`]);
    expect(texts[0]?.[1]).toMatch(
      /^#!ipxe\nchain --autofree boot\.ipxe-01-\$\{net0\/mac:hexhyp\} \|\|\nkernel vmlinuz .*\ninitrd agent\.img\ninitrd agent-uefi\.img\nboot\n$/,
    );
    expect(texts[1]?.[1]).toMatch(/^#!ipxe\nkernel vmlinuz .*pxw\.unattended=0/);
  });
  it('has the ROM of a card, which is iPXE as well, load the chosen iPXE before it takes its script', () => {
    const [bios, uefi] = plans(
      `name: x
services: { pxe: {}, tftp: {} }
clients: [{ name: a, nic: virtio-net-pci }]
matrix: { firmware: [bios, uefi], boot-program: [undionly, ipxe] }
`,
    );
    expect(bios && config(bios, 'proxydhcp')).toMatchObject({
      bootfiles: { 0: 'undionly.kpxe' },
      userClasses: { iPXE: { 0: 'boot/x86/boot.ipxe' } },
    });
    expect(bios?.bundles).toContain('boot-files/ipxe');
    const scriptOf = (one: typeof bios) =>
      (one?.trees[0]?.entries ?? []).flatMap((entry) =>
        'text' in entry && entry.path === 'boot/x86/boot.ipxe' ? [entry.text] : [],
      );
    expect(scriptOf(bios)).toEqual([
      expect.stringMatching(
        /^#!ipxe\niseq \$\{net0\/chip\} undionly \|\| chain \/undionly\.kpxe\nkernel vmlinuz .*\ninitrd agent\.img\nboot\n$/,
      ),
    ]);
    // A UEFI's own driver is no iPXE.
    expect(scriptOf(uefi)).toEqual([expect.stringMatching(/^#!ipxe\nkernel vmlinuz /)]);
  });
  it('have the menu of a chosen iPXE on the screen when that one has its script, not the ROM of the card', () => {
    const [bios, uefi] =
      plans(
        `name: x
services: { pxe: {}, tftp: {}, images: {}, backups: {}, boot-menu: { entries: [{ name: deploy, title: D }, { name: save, title: S, mode: backup }] } }
clients: [{ name: a, nic: virtio-net-pci, boot-program: undionly }, { name: b, firmware: uefi, nic: virtio-net-pci, boot-program: snponly }]
`,
      )[0]?.clients ?? [];
    expect(bios).toMatchObject({ bootMenu: { files: ['boot/x86/boot.ipxe'], loads: 2 } });
    expect(uefi).toMatchObject({ bootMenu: { files: ['boot/x86/boot.ipxe'], loads: 1 } });
  });
  it('hold a script of iPXE for each processor, beside its kernel', () => {
    const [first] = plans(
      `name: x
services: { pxe: {}, tftp: {} }
clients:
  - { name: a, firmware: uefi, nic: virtio-net-pci, boot-program: ipxe }
  - { name: b, firmware: uefi-arm64, nic: virtio-net-pci, boot-program: ipxe }
`,
    );
    expect(first && config(first, 'proxydhcp')).toMatchObject({
      bootfiles: { 7: 'ipxe.efi', 11: 'ipxe-arm64.efi' },
      userClasses: { iPXE: { 7: 'boot/x86/boot.ipxe', 11: 'boot/arm64/boot.ipxe' } },
    });
    const texts = new Map(
      (first?.trees[0]?.entries ?? []).flatMap((entry) => ('text' in entry ? [[entry.path, entry.text]] : [])),
    );
    expect([...texts.keys()]).toEqual(['boot/x86/boot.ipxe', 'boot/arm64/boot.ipxe']);
    expect(texts.get('boot/x86/boot.ipxe')).toContain('console=ttyS0');
    expect(texts.get('boot/arm64/boot.ipxe')).toMatch(
      /^#!ipxe\nkernel vmlinuz console=ttyAMA0 .*\ninitrd agent\.img\nboot\n$/,
    );
  });
  it('hold the configuration of each boot program that a client runs, and what a UEFI installation needs', () => {
    const [first] = plans(
      `name: x
services: { pxe: {}, tftp: {}, images: {} }
clients:
  - { name: a }
  - { name: b, firmware: uefi, nic: virtio-net-pci }
  - { name: c, firmware: uefi, nic: virtio-net-pci, mac: 52:54:00:00:00:0c, agent: { unattended: false } }
`,
    );
    const { trees = [], bundles = [] } = first ?? {};
    expect(first && config(first, 'proxydhcp')).toMatchObject({
      bootfiles: { 0: 'boot\\x86\\wdsnbp.com', 7: 'boot\\x64\\wdsmgfw.efi' },
    });
    const texts = new Map(
      (trees[0]?.entries ?? []).flatMap((entry) => ('text' in entry ? [[entry.path, entry.text]] : [])),
    );
    expect([...texts.keys()]).toEqual([
      'boot/x86/pxelinux.cfg/default',
      'boot/x64/grub.cfg',
      'boot/x64/grub.cfg-01-52-54-00-00-00-0c',
    ]);
    expect(texts.get('boot/x86/pxelinux.cfg/default')).toContain('INITRD agent.img\n');
    expect(texts.get('boot/x64/grub.cfg')).toContain('initrd /boot/x86/agent.img /boot/x86/agent-uefi.img\n');
    expect(texts.get('boot/x64/grub.cfg-01-52-54-00-00-00-0c')).toContain('pxw.unattended=0');
    expect(bundles).toContain('agent-uefi');
  });
  it('hold the boot files for Arm only where a client has that processor, whose GRUB has a configuration of its own', () => {
    const scenario = (clients: string) =>
      plans(
        `name: x\nservices: { pxe: {}, tftp: {}, images: { groups: { Linux: [sample.wim], Linux arm64: [sample.wim] } } }\nclients:\n${clients}`,
      )[0];
    const pc = '  - { name: a, firmware: uefi }\n';
    const arm = `  - { name: b, firmware: uefi-arm64, nic: virtio-net-pci, agent: { image: 'Images\\Linux arm64\\sample.wim' } }\n`;
    expect(scenario(pc)?.bundles).not.toContain('boot-arm64');
    const both = scenario(pc + arm);
    expect(both?.bundles).toEqual(
      expect.arrayContaining(['boot-files/wds', 'boot-arm64', 'agent-uefi', 'images/linux-arm64']),
    );
    expect(both && config(both, 'proxydhcp')).toMatchObject({
      bootfiles: { 7: 'boot\\x64\\wdsmgfw.efi', 11: 'boot\\arm64\\wdsmgfw.efi' },
    });
    const texts = Object.fromEntries(
      (both?.trees[0]?.entries ?? []).flatMap((entry) => ('text' in entry ? [[entry.path, entry.text]] : [])),
    );
    expect(Object.keys(texts)).toEqual(['boot/x64/grub.cfg', 'boot/arm64/grub.cfg']);
    expect(texts['boot/arm64/grub.cfg']).toMatch(
      /^linux \/boot\/arm64\/vmlinuz console=ttyAMA0 .*pxw\.image=Images%5CLinux%20arm64%5Csample\.wim.*\ninitrd \/boot\/arm64\/agent\.img\nboot\n$/,
    );
    expect(texts['boot/x64/grub.cfg']).toContain('console=ttyS0 ');
  });
  it('give each UEFI client the boot loader that its firmware starts from the disk: a signed one under Secure Boot', () => {
    const [first] = plans(
      `name: x
services: { pxe: {}, tftp: {}, images: {} }
clients: [{ name: a, firmware: uefi }, { name: b, firmware: uefi-secure-boot, memory: 1GiB, mac: 52:54:00:00:00:0b }]
`,
    );
    const initrd = (path: string) =>
      first?.trees[0]?.entries.flatMap((entry) =>
        entry.path === path && 'text' in entry
          ? entry.text.split('\n').filter((line) => line.startsWith('initrd'))
          : [],
      );
    expect(initrd('boot/x64/grub.cfg')).toEqual(['initrd /boot/x86/agent.img /boot/x86/agent-uefi.img']);
    expect(initrd('boot/x64/grub.cfg-01-52-54-00-00-00-0b')).toEqual([
      'initrd /boot/x86/agent.img /boot/x86/agent-secure-boot.img',
    ]);
    expect(first?.bundles).toEqual(expect.arrayContaining(['agent-uefi', 'agent-secure-boot', 'signed-programs']));
  });
  it('of the user’s own stay as they are', () =>
    expect(plan('{ tftp: { root: ./mine } }').trees).toEqual([
      { root: '${run}/tftp', entries: [{ path: '.', source: '/home/somebody/scenarios/wds/mine' }] },
    ]));

  it('hold the additions to an image, and driver packages after the boot image', () => {
    const { trees, bundles } = plan(
      "{ tftp: { root: boot-files/wds-without-rtl8139, driver-packages: [rtl8139] }, images: { packages: packages/sample, driver-packages: [rtl8139], files: { 'WdsClientUnattend\\a.xml': { text: <unattend/> }, 'b.xml': { file: ./b.xml } } }, control: {}, devices: { known: [{ client: pc, answer-file: b.xml }] } }",
    );
    expect(trees[0]?.entries.slice(0, 3)).toEqual([
      { path: '.', bundle: 'boot-files/wds-without-rtl8139' },
      { path: 'boot/x86/drivers', bundle: 'drivers/rtl8139' },
      {
        path: 'boot/x86/pxelinux.cfg/default',
        text: expect.stringContaining('INITRD agent.img,drivers/rtl8139.img\n') as unknown,
      },
    ]);
    expect(trees[1]).toMatchObject({
      root: '${run}/reminst',
      entries: [
        { path: '.', bundle: 'reminst' },
        { path: '.', bundle: 'images/linux-sample' },
        { path: 'Packages', bundle: 'packages/sample' },
        { path: 'DriverPackages', bundle: 'drivers/rtl8139' },
        { path: 'WdsClientUnattend/a.xml', text: '<unattend/>' },
        { path: 'b.xml', source: '/home/somebody/scenarios/wds/b.xml' },
      ],
    });
    expect(bundles).toEqual([
      'boot-files/wds-without-rtl8139',
      'drivers/rtl8139',
      'reminst',
      'images/linux-sample',
      'packages/sample',
    ]);
    expect(
      plan('{ tftp: {}, images: { packages: ../mine }, control: { answer-files: { x64: a.xml } } }').trees[1]?.entries,
    ).toContainEqual({
      path: 'Packages',
      source: '/home/somebody/scenarios/mine',
    });
    expect(plan('{ tftp: {}, images: { root: ./RemInst, groups: { Mine: [own.wim] } } }').trees[1]?.entries).toEqual([
      { path: '.', source: '/home/somebody/scenarios/wds/RemInst' },
    ]);
  });

  it('hold the groups that the scenario names, and what is damaged of them', () => {
    const { trees } = plan(
      String.raw`{ tftp: {}, images: { groups: { Linux 2012: [base.wim] }, damage: { 'Images\Linux 2012\Res.rwm': { truncate: 60% }, 'Images\Linux 2012\base.wim': { flip-byte-at: 3 }, 'Boot\x64\Images\boot.wim': { architecture: x86 } } } }`,
    );
    expect(trees[1]).toMatchObject({
      entries: [
        { path: '.', bundle: 'reminst' },
        { path: '.', bundle: 'images/linux-group' },
      ],
      damage: [
        { path: 'Images/Linux 2012/Res.rwm', keepPercent: 60 },
        { path: 'Images/Linux 2012/base.wim', flipByteAt: 3 },
        { path: 'Boot/x64/Images/boot.wim', architecture: 0 },
      ],
    });
  });

  it('tell the agent where the control service is: by the endpoint mapper, or by its port without one', () => {
    const text = (services: string) => JSON.stringify(plan(services).trees[0]?.entries);
    expect(text('{ tftp: {}, images: {}, control: {} }')).toContain('pxw.control=172.22.52.207\\n');
    expect(
      text('{ tftp: {}, images: {}, control: { at: 172.22.52.9, endpoint-mapper: false, port: 5041 } }'),
    ).toContain('pxw.control=172.22.52.9%3A5041\\n');
    expect(text('{ tftp: {}, images: {} }')).not.toContain('pxw.control');
  });

  it('tell each client what is its own', () => {
    const [both] = plans(
      'name: x\nservices: { tftp: {}, images: {}, authentication: { users: [{ name: u, password: p q }] } }\nclients:\n  - { name: a, disk: 1GiB }\n  - { name: b, disk: 1GiB, mac: 52:54:00:00:00:0b, agent: { unattended: false, logon: { user: U } } }',
    );
    const texts = new Map(
      both?.trees[0]?.entries.flatMap((entry) => ('text' in entry ? [[entry.path, entry.text] as const] : [])),
    );
    expect([...texts.keys()]).toEqual(['boot/x86/pxelinux.cfg/default', 'boot/x86/pxelinux.cfg/01-52-54-00-00-00-0b']);
    expect(texts.get('boot/x86/pxelinux.cfg/default')).toContain(
      'pxw.user=u pxw.password=p%20q pxw.image=Images%5CLinux%5Csample.wim pxw.unattended=1',
    );
    expect(texts.get('boot/x86/pxelinux.cfg/01-52-54-00-00-00-0b')).toContain(
      'pxw.user=U pxw.password=p%20q pxw.image=Images%5CLinux%5Csample.wim pxw.unattended=0',
    );
  });
});
