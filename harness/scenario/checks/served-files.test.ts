import { describe, expect, it } from 'vitest';
import { scenarioFolder } from '../testing/scenario-folder.ts';

const { write, messageOf } = scenarioFolder();

describe('boot files and firmwares against what is served', () => {
  const withServices = (services: string, rest = 'clients: [{ name: pc }]'): string =>
    `name: x\nservices: ${services}\n${rest}\n`;
  const uefi = 'clients: [{ name: pc, firmware: uefi }]';
  const advice =
    "name it (bootfiles: { uefi-x64: 'boot\\x64\\wdsmgfw.efi' }), or name no boot file at all, so that each firmware gets its own of boot-files/wds";
  const nowhere = (name: string, meant: string): string =>
    `boot file ${JSON.stringify(name)} is not among the files of boot-files/wds (${meant}); a scenario for this failure needs expect-failure with cause boot-file-missing`;

  it.each<[what: string, text: string, message: string]>([
    [
      "a UEFI client that gets the BIOS' boot program",
      withServices("{ pxe: { bootfile: 'boot\\x86\\wdsnbp.com' }, tftp: {} }", uefi),
      `…/x.yaml:3:33: clients[0].firmware: expected a boot file for firmware "uefi", got "boot\\\\x86\\\\wdsnbp.com", which is for bios: ${advice}`,
    ],
    [
      'a matrix with UEFI, where only a BIOS gets a boot file',
      withServices(
        "{ pxe: { bootfiles: { bios: 'boot\\x86\\wdsnbp.com' } }, tftp: { root: boot-files/wds } }",
        'clients: [{ name: pc }]\nmatrix: { firmware: [bios, uefi] }',
      ),
      `…/x.yaml:4:28: matrix.firmware[1]: expected a boot file for firmware "uefi", got none: ${advice}`,
    ],
    [
      'a mistyped boot file',
      withServices("{ dhcp: { bootfile: 'boot\\x86\\wdsnpb.com' }, tftp: {} }"),
      `…/x.yaml:2:31: services.dhcp.bootfile: ${nowhere('boot\\x86\\wdsnpb.com', 'did you mean "boot/x86/wdsnbp.com"?')}`,
    ],
    [
      'one by architecture',
      withServices('{ pxe: { bootfiles: { bios: boot/x86/WDSNBP.com, uefi-x64: ipxe.efi } }, tftp: {} }'),
      `…/x.yaml:2:70: services.pxe.bootfiles.uefi-x64: ${nowhere('ipxe.efi', 'nearest: boot/x86/agent.img, boot/x86/menu.c32, boot/x86/vmlinuz')}`,
    ],
    [
      'one that is taken away',
      withServices("{ pxe: { bootfile: 'boot\\x86\\wdsnbp.com' }, tftp: { without: [boot/x86/wdsnbp.com] } }"),
      `…/x.yaml:2:30: services.pxe.bootfile: ${nowhere('boot\\x86\\wdsnbp.com', 'nearest: boot/x86/pxeboot.com, boot/x86/abortpxe.com, boot/x86/ldlinux.c32')}`,
    ],
    [
      'one by user class',
      withServices('{ dhcp: { user-classes: { iPXE: { uefi-x64: boot.ipxe } } }, tftp: {} }'),
      `…/x.yaml:2:55: services.dhcp.user-classes.iPXE.uefi-x64: ${nowhere('boot.ipxe', 'nearest: boot/x86/menu.c32, boot/x86/vmlinuz, boot/x86/pxeboot.com')}`,
    ],
    [
      'a URL of a file that only TFTP has',
      withServices(
        '{ dhcp: { bootfile: http://172.22.52.207/boot/boot.ipxe }, http: { files: { boot.ipxe: { text: x } } }, tftp: { files: { boot/boot.ipxe: { text: x } } } }',
      ),
      '…/x.yaml:2:31: services.dhcp.bootfile: boot file "/boot/boot.ipxe" is not among the files of services.http (boot-files/wds, files) (nearest: boot.ipxe, boot/x86/abortpxe.com, boot/x86/vmlinuz)',
    ],
    [
      'a URL where no HTTP service is',
      withServices('{ dhcp: { user-classes: { iPXE: http://172.22.52.207/boot.ipxe } }, tftp: {} }'),
      '…/x.yaml:2:43: services.dhcp.user-classes.iPXE: expected a URL of services.http, got "http://172.22.52.207/boot.ipxe": the scenario has no service http; nobody would answer',
    ],
    [
      'a URL of another port',
      withServices('{ pxe: { bootfile: http://172.22.52.207:8080/boot/x86/vmlinuz }, http: {} }'),
      '…/x.yaml:2:30: services.pxe.bootfile: expected a URL of services.http, got "http://172.22.52.207:8080/boot/x86/vmlinuz": the scenario has services.http at 172.22.52.207 port 80; nobody would answer',
    ],
    [
      'a TFTP URL of a file that is not there',
      withServices("{ dhcpv6: { bootfile: 'tftp://[fd77::172:22:52:207]/ipxe.efi' }, tftp: {} }"),
      '…/x.yaml:2:33: services.dhcpv6.bootfile: boot file "/ipxe.efi" is not among the files of services.tftp (boot-files/wds) (nearest: boot/x86/agent.img, boot/x86/menu.c32, boot/x86/vmlinuz)',
    ],
    [
      'a URL of an IPv6 address that no host has',
      withServices("{ dhcpv6: { user-classes: { iPXE: 'http://[fd77::207]/boot.ipxe' } }, http: {} }"),
      '…/x.yaml:2:45: services.dhcpv6.user-classes.iPXE: expected a URL of services.http, got "http://[fd77::207]/boot.ipxe": the scenario has services.http at fd77::172:22:52:207 port 80; nobody would answer',
    ],
    [
      'HTTP boot without a URL for it',
      withServices(
        "{ dhcp: { bootfiles: { uefi-x64: 'boot\\x64\\wdsmgfw.efi' } }, tftp: {}, http: {} }",
        'clients: [{ name: pc, firmware: uefi, transport: http-ipv4 }]',
      ),
      '…/x.yaml:3:33: clients[0].firmware: expected a boot file for firmware "uefi" by http-ipv4, got none: name it (bootfiles: { uefi-x64-http: \'http://172.22.52.207/boot/x64/wdsmgfw.efi\' })',
    ],
    [
      'a mistyped boot file of DHCPv6',
      withServices("{ dhcpv6: { bootfiles: { uefi-x64: 'boot\\x64\\wdsmgfv.efi' } }, tftp: {} }"),
      `…/x.yaml:2:46: services.dhcpv6.bootfiles.uefi-x64: ${nowhere('boot\\x64\\wdsmgfv.efi', 'did you mean "boot/x64/wdsmgfw.efi"?')}`,
    ],
  ])('refuses %s', async (_, text, message) => expect(await messageOf(await write('x.yaml', text))).toBe(message));

  it('says once that a firmware does not boot by a transport, and asks for no boot file of that', async () => {
    const served = '{ dhcp: {}, dhcpv6: {}, pxe: {}, http: {}, tftp: { root: boot-files/ipxe } }';
    const refused = (firmware: string, transport: string) =>
      `firmware "${firmware}" does not boot by transport "${transport}" (those that it does: pxe-ipv4)`;
    for (const transport of ['pxe-ipv6', 'http-ipv4']) {
      const bios = withServices(served, `clients: [{ name: pc, transport: ${transport} }]`);
      expect(await messageOf(await write('x.yaml', bios))).toBe(
        `…/x.yaml:3:34: clients[0].transport: ${refused('bios', transport)}`,
      );
    }
    const file = await write(
      'x.yaml',
      withServices(served, `clients: [{ name: pc, firmware: uefi, transport: pxe-ipv6 }]`),
    );
    expect(await messageOf(file)).toBe('no error');
    for (const firmware of ['bios', 'uefi-arm64'])
      expect(await messageOf(file, { matrix: { axes: { firmware: [firmware], nic: ['virtio-net-pci'] } } })).toBe(
        `…/x.yaml with --matrix: clients[0].transport: ${refused(firmware, 'pxe-ipv6')}`,
      );
  });

  it('refuses what only a command line makes of a scenario', async () => {
    const file = await write('x.yaml', withServices("{ pxe: { bootfile: 'boot\\x86\\wdsnbp.com' }, tftp: {} }"));
    expect(await messageOf(file)).toBe('no error');
    expect(await messageOf(file, { matrix: { axes: { firmware: ['bios'] } } })).toBe('no error');
    expect(await messageOf(file, { matrix: { axes: { firmware: ['bios', 'uefi'] } } })).toMatch(
      '…/x.yaml with --matrix: matrix.firmware[1]: expected a boot file for firmware "uefi", got "boot\\\\x86\\\\wdsnbp.com", which is for bios: ',
    );
  });

  it.each<[what: string, text: string]>([
    [
      "both firmwares, with the bundle's own boot programs",
      withServices('{ pxe: {}, tftp: {} }', 'clients: [{ name: pc }]\nmatrix: { firmware: [bios, uefi] }'),
    ],
    [
      "every transport of UEFI, with the bundle's own boot programs over IPv6",
      withServices(
        "{ dhcp: { bootfiles: { uefi-x64: 'boot\\x64\\wdsmgfw.efi', uefi-x64-http: 'http://172.22.52.207/boot/x64/wdsmgfw.efi' } }, dhcpv6: {}, tftp: {}, http: {} }",
        `${uefi}\nmatrix: { transport: [pxe-ipv4, pxe-ipv6, http-ipv4, http-ipv6] }`,
      ),
    ],
    [
      'a boot program among the extra files',
      withServices(
        '{ dhcp: { bootfiles: { uefi-x64: ipxe.efi } }, tftp: { files: { ipxe.efi: { file: ./own/IPXE.efi } } } }',
        uefi,
      ),
    ],
    [
      "a folder of one's own, in any case",
      withServices("{ dhcp: { bootfile: '\\Ipxe.EFI' }, tftp: { root: ./own } }", uefi),
    ],
    [
      'a URL of the HTTP service, on its port',
      withServices(
        "{ dhcp: { bootfile: 'http://172.22.52.8:8080/boot/x86/vmlinuz', user-classes: { iPXE: http://172.22.52.8:8080/a%20b.ipxe } }, http: { at: 172.22.52.8, port: 8080, files: { a b.ipxe: { text: x } } } }",
      ),
    ],
    [
      'URLs of the lab over IPv6',
      withServices(
        "{ dhcpv6: { bootfile: 'tftp://[fd78::172:22:52:207]/boot/x64/wdsmgfw.efi', user-classes: { iPXE: 'http://[fd78::172:22:52:207]/boot/x86/vmlinuz' } }, tftp: {}, http: {} }",
        'network: { ipv6: fd78::/64 }\nclients: [{ name: pc }]',
      ),
    ],
    [
      'URLs of servers outside of the lab, or by name, and of other schemes',
      withServices(
        '{ dhcp: { bootfile: http://10.0.0.1/a, bootfiles: { bios: http://boot.lab/a, uefi-x64-http: https://172.22.52.9/a }, user-classes: { iPXE: { bios: nfs://172.22.52.9/a } } } }',
      ),
    ],
    [
      'a URL that is to be missing',
      withServices(
        '{ dhcp: { bootfile: http://172.22.52.207/typo }, http: {} }',
        'clients: [{ name: pc }]\nexpect-failure: { step: http.error, cause: boot-file-missing }',
      ),
    ],
    ['another server', withServices('{ dhcp: { bootfile: a.efi, next-server: 172.22.52.9 }, tftp: {} }', uefi)],
    [
      'a matrix whose UEFI points are excluded',
      withServices(
        '{ tftp: {} }',
        'clients: [{ name: pc }]\nmatrix: { firmware: [bios, uefi], exclude: [{ firmware: uefi }] }',
      ),
    ],
    [
      'a negative scenario',
      withServices('{ dhcp: { bootfile: typo }, tftp: {} }', `${uefi}\nexpect-failure: { step: tftp.transfer }`),
    ],
  ])('takes %s', async (_, text) => {
    await write('own/IPXE.efi', 'x');
    expect(await messageOf(await write('x.yaml', text))).toBe('no error');
  });
});

describe('names of files against what bundles and folders hold', () => {
  const services = (more = ''): string =>
    `name: x\nservices:\n  pxe: { bootfile: 'boot\\x86\\wdsnbp.com' }\n  tftp: {${more}}\n  images: {}\nclients: [{ name: pc }]\n`;
  it.each<[what: string, text: string, message: string]>([
    [
      'a file to leave out that nobody has',
      services("without: ['boot\\x86\\wdsnpb.com']"),
      '…/x.yaml:4:20: services.tftp.without[0]: file "boot\\\\x86\\\\wdsnpb.com" is not among the files of boot-files/wds (did you mean "boot/x86/wdsnbp.com"?)',
    ],
    [
      'a file to deny that nobody has, in a scenario that expects a failure',
      `${services("misbehave: { denied: ['boot\\x86\\agnet.img'] }")}expect-failure: { step: tftp.error }`,
      '…/x.yaml:4:32: services.tftp.misbehave.denied[0]: file "boot\\\\x86\\\\agnet.img" is not among the files of boot-files/wds (did you mean "boot/x86/agent.img"?)',
    ],
    [
      'a transfer of a file that nobody has',
      `${services()}steps: [tftp.transfer: { path: 'boot\\x86\\vmlinux' }]`,
      '…/x.yaml:7:32: steps[0].tftp.transfer.path: file "boot\\\\x86\\\\vmlinux" is not among the files of boot-files/wds (did you mean "boot/x86/vmlinuz"?)',
    ],
    [
      'a request for it',
      `${services()}steps: [tftp.read-request: { path: 'boot/x86/pxeboot.n21' }]`,
      '…/x.yaml:7:36: steps[0].tftp.read-request.path: file "boot/x86/pxeboot.n21" is not among the files of boot-files/wds (did you mean "boot/x86/pxeboot.n12"?)',
    ],
    [
      'the name of a boot file that nobody has, where another failure is expected',
      `${services()}steps: [proxydhcp.ack: { bootfile: 'boot\\x86\\wdsnpb.com' }]\nexpect-failure: { step: tftp.transfer, cause: tftp-silent }`,
      '…/x.yaml:7:36: steps[0].proxydhcp.ack.bootfile: file "boot\\\\x86\\\\wdsnpb.com" is not among the files of boot-files/wds (did you mean "boot/x86/wdsnbp.com"?)',
    ],
    [
      'an image that the store lacks',
      `${services()}steps: [image.transfer: { path: 'Images\\Linux\\smaple.wim' }]`,
      '…/x.yaml:7:33: steps[0].image.transfer.path: file "Images\\\\Linux\\\\smaple.wim" is not among the files of the image store (did you mean "Images/Linux/sample.wim"?)',
    ],
    [
      'an image group with an image that no bundle has',
      services().replace('images: {}', 'images: { groups: { Linux: [smaple.wim] } }'),
      '…/x.yaml:5:31: services.images.groups.Linux[0]: image "Images\\\\Linux\\\\smaple.wim" is not among the files of the image store (did you mean "Images/Linux/sample.wim"?); images of your own stand in services.images.files',
    ],
    [
      'damage to a file that the store lacks',
      services().replace('images: {}', "images: { damage: { 'Images\\Linux\\Res.rwm': { truncate: 50% } } }"),
      '…/x.yaml:5:23: services.images.damage: file "Images\\\\Linux\\\\Res.rwm" is not among the files of the image store (did you mean "Images/Linux/sample.wim"?)',
    ],
  ])('refuses %s', async (_, text, message) => expect(await messageOf(await write('x.yaml', text))).toBe(message));

  it.each<[what: string, text: string]>([
    [
      'the failure that a file is missing',
      `${services()}steps: [tftp.read-request: { path: nothing }]\nexpect-failure: { step: tftp.error, cause: boot-file-missing }`,
    ],
    [
      'a file that is left out, where a failure is expected',
      `${services("without: ['boot\\x86\\vmlinuz']")}steps: [tftp.read-request: { path: 'boot\\x86\\vmlinuz' }]\nexpect-failure: { step: tftp.error, cause: tftp-refused }`,
    ],
    ['a name that boot programs only try', `${services()}steps: [tftp.error: { path: 'boot\\x86\\pxelinux.cfg/A' }]`],
    [
      'the configuration of a boot program',
      `${services()}steps: [tftp.transfer: { path: 'boot\\x86\\pxelinux.cfg/default' }]`,
    ],
    ['what the scenario adds', `${services('files: { motd: { text: x } }')}steps: [tftp.transfer: { path: MOTD }]`],
    ['a folder of the share', `${services()}steps: [smb.open: { path: 'Images\\Linux' }]`],
    [
      'an image of its own',
      services().replace(
        'images: {}',
        "images: { groups: { Own: [x.wim] }, files: { 'Images\\Own\\x.wim': { text: x } } }",
      ),
    ],
  ])('takes %s', async (_, text) => expect(await messageOf(await write('x.yaml', text))).toBe('no error'));

  it('takes any name where a capture of other servers is judged', async () => {
    const file = await write('x.yaml', `${services()}steps: [image.header: { path: 'Images\\7\\pro.wim' }]`);
    expect(await messageOf(file)).toMatch('is not among the files of the image store');
    expect(await messageOf(file, { judgesCapture: true })).toBe('no error');
  });
});
