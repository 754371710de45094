import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SERVER } from '../observe/testing/scene.ts';
import { DHCP_SERVER } from '../protocols/dhcp/testing/scene.ts';
import { WDS_OPERATIONS } from '../protocols/rpc/testing/control.ts';
import { bootItemOption, bootMenuOption, menuPromptOption } from '../protocols/dhcp/wire/pxe-vendor.ts';
import { wimBytes } from '../protocols/wim/testing/bytes.ts';
import { boot, BOOT_PROGRAM, IMAGE_PATH, BootStory } from '../verdict/testing/boot-story.ts';
import { recordedFrom } from './testing/record-frames.ts';

const FILE = { siaddr: SERVER.ip, bootfile: 'pxelinux.0' };
const fetching = (): BootStory => boot().dhcpRound(FILE).arp();
const WIM = wimBytes(20_000);
const SECOND = { mac: '00:1f:29:04:77:09', ip: '172.22.52.208' };

/** Services that do something wrong, and what; beside them the failure that the scenario expects. */
const FAILURES: readonly (readonly [what: string, story: () => BootStory, misbehave: object, failure: object])[] = [
  [
    'refuses the address',
    () =>
      boot()
        .offered()
        .wait(2000)
        .also(({ dhcp }) => dhcp.choose().answer('nak', { server: DHCP_SERVER.ip, message: 'not yours' })),
    { dhcp: { nak: true } },
    { step: 'dhcp.nak', cause: 'dhcp-nak' },
  ],
  [
    'does not lease what it offered',
    () =>
      boot()
        .offered()
        .also(({ dhcp }) => [0, 4000, 8000, 16_000].forEach((ms) => dhcp.wait(ms * 1000).choose())),
    { dhcp: { silent: { after: 1 } } },
    { step: 'dhcp.ack', cause: 'dhcp-ack-missing' },
  ],
  [
    'may not read the file',
    () => fetching().also(({ tftp }) => tftp.request('pxelinux.0').error(2, 'Access violation', 'server')),
    { tftp: { denied: ['pxelinux.0'] } },
    { step: 'tftp.error', cause: 'tftp-access-denied' },
  ],
  [
    'gives up in the middle',
    () =>
      fetching().also(({ tftp }) => tftp.request('pxelinux.0').lockstep(1, 10, 512).error(0, 'disk failure', 'server')),
    { tftp: { 'error-after-block': 10 } },
    { step: 'tftp.error', cause: 'tftp-refused' },
  ],
  [
    'announces another size than it sends',
    () =>
      fetching().also(({ tftp }) =>
        [0, 1000, 2000, 4000, 8000].reduce(
          (scene, ms) => scene.wait(ms * 1000).ack(4),
          tftp.shortened('pxelinux.0', 6000, 5000),
        ),
      ),
    { tftp: { 'wrong-tsize': 1000 } },
    { step: 'tftp.transfer', cause: 'transfer-size-mismatch' },
  ],
  [
    'grants larger blocks than were asked for',
    () =>
      fetching().also(({ tftp }) =>
        tftp.request('pxelinux.0', 'blksize=1468').optionAck('blksize=1472').error(4, 'Malformatted OACK packet'),
      ),
    { tftp: { 'oack-enlarges-blksize': 4 } },
    { step: 'tftp.option-ack', cause: 'tftp-illegal-option-ack' },
  ],
];

describe('a server that does something wrong does it in the scenario', () => {
  it.each(FAILURES)('%s', async (_, story, misbehave, failure) => {
    const scenario = await recordedFrom(story(), (made) => made.scenario);
    const services = scenario.services as Readonly<Record<string, { readonly misbehave?: object }>>;
    const wrong = Object.entries(services).flatMap(([name, { misbehave: how }]) => (how ? [[name, how]] : []));
    expect(Object.fromEntries(wrong)).toEqual(misbehave);
    expect(scenario['expect-failure']).toEqual(failure);
  });

  it('takes its time', async () => {
    const slow = boot()
      .also(({ dhcp }) => dhcp.discover().wait(2_500_000).offer(FILE).wait(10_000).choose().wait(2_500_000).grant(FILE))
      .arp()
      .also(({ tftp }) => tftp.next().request('pxelinux.0').wait(700_000).lockstep(1, 3, 512).lockstep(4, 4, 100));
    const { dhcp, tftp } = await recordedFrom(slow, ({ scenario }) => scenario.services);
    expect(dhcp?.misbehave).toEqual({ delay: '2500ms' });
    expect(tftp?.misbehave).toEqual({ delay: '700ms' });
  });
});

describe('a service answers as it did', () => {
  it('TFTP with smaller blocks than it was asked for, and without options that it does not know', async () => {
    const story = fetching().also(({ tftp }) =>
      tftp
        .next()
        .request('pxelinux.0', 'blksize=1468', 'windowsize=4')
        .optionAck('blksize=1024')
        .ack(0)
        .lockstep(1, 3, 1024)
        .lockstep(4, 4, 100),
    );
    const tftp = await recordedFrom(story, ({ scenario }) => scenario.services.tftp);
    expect(tftp).toMatchObject({ 'max-blksize': 1024, misbehave: { 'oack-omit': ['windowsize'] } });
  });

  it('two boot servers, of which the client took one', async () => {
    const story = boot()
      .offered()
      .also(({ dhcp }) => dhcp.bootServerOffer({}, SECOND).bootServerOffer())
      .given()
      .proxyRound()
      .loads([BOOT_PROGRAM, 5000]);
    const { pxe, 'second-pxe': second } = await recordedFrom(story, ({ scenario }) => scenario.services);
    expect([pxe?.at, second?.at]).toEqual([SERVER.ip, SECOND.ip]);
    // Which of them is first decides whom a client asks: here it took the other one.
    expect([pxe?.misbehave, second?.misbehave]).toEqual([{ delay: '100ms' }, undefined]);
  });

  const url = `http://${SERVER.ip}/boot.ipxe`;
  const chained = (): BootStory =>
    fetching()
      .loads(['pxelinux.0', 4000])
      .also(({ dhcp }) => {
        const xid = 0x99;
        const ipxe = { xid, userClass: 'iPXE' };
        dhcp.discover(ipxe).offer({ xid, bootfile: url }).choose(ipxe).grant({ xid, bootfile: url });
      })
      .also(({ http }) => http.connect().get('/boot.ipxe').respond('200 OK', ['Content-Length: 7'], '#!ipxe\n'));

  it('a boot file by HTTP, and another one for iPXE', async () => {
    await recordedFrom(
      chained(),
      async ({ scenario, folder }) => {
        expect(scenario.services.dhcp).toMatchObject({ bootfile: 'pxelinux.0', 'user-classes': { iPXE: url } });
        expect(scenario.services.http).toMatchObject({ at: SERVER.ip });
        expect(await readFile(join(folder, 'made.files/http/boot.ipxe'), 'utf8')).toBe('#!ipxe\n');
        expect((await stat(join(folder, 'made.files/tftp/pxelinux.0'))).size).toBe(4000);
        expect(scenario.steps?.at(-1)).toEqual({
          'http.get': { path: '/boot.ipxe', server: SERVER.ip, status: 200, bytes: 7 },
        });
      },
      { contents: true },
    );
  });

  it('with the contents that a lab’s own capture has, which are no customer’s', async () => {
    const contentOf = (ofLab: boolean) =>
      recordedFrom(chained(), ({ folder }) => readFile(join(folder, 'made.files/http/boot.ipxe'), 'latin1'), { ofLab });
    expect(await contentOf(true)).toBe('#!ipxe\n');
    expect(await contentOf(false)).not.toContain('ipxe');
  });
});

describe('a boot menu, whose keys no frame shows', () => {
  const ITEMS = [
    { type: 0, description: 'Local disk' },
    { type: 5, description: 'Deployment' },
  ];
  /** The client takes an entry so many seconds after it has its address; `timeoutS` is what the prompt waits. */
  const chosen = (type: number, afterS: number, timeoutS: number): BootStory => {
    const menu = [bootMenuOption(ITEMS), menuPromptOption({ timeoutS, text: 'Press F8' })];
    return boot()
      .pxeRound({ vendorOptions: menu })
      .wait(afterS * 1000)
      .proxyQuestion({ vendorOptions: [bootItemOption({ type, layer: 0 })] })
      .also(({ dhcp }) => dhcp.bootServerAnswer({ file: BOOT_PROGRAM }))
      .loads([BOOT_PROGRAM, 5000]);
  };
  const menuOf = (story: BootStory): Promise<{ menu: unknown; text: string; open: string }> =>
    recordedFrom(story, ({ scenario, text, recording }) => ({
      menu: scenario.services.pxe?.menu,
      text,
      open: recording.open.join('\n'),
    }));
  const [LOCAL, DEPLOYMENT] = [
    { name: 'Local disk', type: 0 },
    { name: 'Deployment', type: 5 },
  ];

  it.each([
    ['after the prompt', 60, 'the prompt waited 60 s'],
    ['at a menu without a prompt', 255, 'the menu was shown at once'],
  ])('has the entry first that was chosen %s, and takes it at once', async (_, timeoutS, instead) => {
    const { menu, text, open } = await menuOf(chosen(5, 12, timeoutS));
    expect(menu).toEqual({ timeout: '0s', prompt: 'Press F8', entries: [DEPLOYMENT, LOCAL] });
    expect(text).toMatch(/timeout: 0s # frame \d+ asks for "Deployment", and keys are not on the wire, so that/);
    expect(open).toMatch(/^services\.pxe\.menu: frame \d+ asks for "Deployment"/m);
    expect(open).toContain(`in the capture it was number 2, and ${instead}`);
  });

  it('takes the first entry at once that somebody did not wait for', async () => {
    const { menu } = await menuOf(chosen(0, 12, 60));
    expect(menu).toEqual({ timeout: '0s', prompt: 'Press F8', entries: [LOCAL, DEPLOYMENT] });
  });

  it('waits as long as it did, where nobody pressed a key', async () => {
    const { menu, open } = await menuOf(chosen(0, 10, 10));
    expect(menu).toEqual({ timeout: '10s', prompt: 'Press F8', entries: [LOCAL, DEPLOYMENT] });
    expect(open).not.toContain('menu');
  });
});

describe('a client', () => {
  it('that negotiates as wdsnbp does is played, and presses what its user pressed', async () => {
    const story = boot().proxyBoot().programRound(0x31, {}, { pxeClientPrompt: 1 }, 'boot\\x86\\pxeboot.com');
    const scenario = await recordedFrom(story, (made) => made.scenario);
    expect(scenario.clients[0]).toMatchObject({ plays: 'wdsnbp', presses: 'nothing' });
    expect(scenario.services.pxe).toMatchObject({ bootfile: BOOT_PROGRAM, prompt: 'opt-in' });
  });

  it('that is a ROM other than iPXE is played, and goes no further than its boot file', async () => {
    const { scenario, open } = await recordedFrom(boot().wdsInstall(), (made) => ({
      scenario: made.scenario,
      open: made.recording.open,
    }));
    expect(scenario.clients[0]).toMatchObject({ plays: 'wdsnbp' });
    expect(Object.keys(scenario.services)).toEqual(['dhcp', 'pxe', 'tftp']);
    expect(scenario.steps?.at(-1)).toHaveProperty(['tftp.transfer', 'path'], BOOT_PROGRAM);
    expect(open).toEqual([
      expect.stringMatching(
        /^steps: they end with tftp\.transfer of boot\\x86\\wdsnbp\.com \(31\.1 kB\) \(frames \d+ to \d+\): the program that plays the ROM runs no boot file$/,
      ),
    ]);
  });

  it('with firmware that takes an address without a boot file is played, since that of a VM takes none', async () => {
    const uefi = { arch: 7, vendorClass: 'PXEClient:Arch:00007:UNDI:003016' };
    const bare = (boots: object): BootStory =>
      boot().also(({ dhcp }) => dhcp.discover(uefi).offer(boots).wait(2_000_000).choose(uefi).grant(boots));
    const clientOf = (story: BootStory) =>
      recordedFrom(story, ({ scenario, text }) => [scenario.clients[0], text] as const);
    const [client, text] = await clientOf(bare({}));
    expect(client).toMatchObject({ plays: 'wdsnbp', architecture: 'uefi-x64' });
    expect(text).toContain('plays: wdsnbp # frame 3 takes an address with which nobody names a boot file');
    expect(await clientOf(bare(FILE))).toMatchObject([{ firmware: 'uefi' }, expect.not.stringContaining('plays')]);
  });

  it('with an Arm processor is an Arm computer in the lab', async () => {
    const arm = { arch: 11, vendorClass: 'PXEClient:Arch:00011:UNDI:003000' };
    const story = boot().also(({ dhcp }) => dhcp.discover(arm).offer(FILE).wait(2_000_000).choose(arm).grant(FILE));
    const { clients, open } = await recordedFrom(story, ({ scenario, recording }) => ({
      clients: scenario.clients,
      open: recording.open.join('\n'),
    }));
    expect(clients).toMatchObject([{ firmware: 'uefi-arm64' }]);
    expect(open).not.toContain('clients:');
  });

  it('that speaks to the control service logs on there, with a password of the lab’s own', async () => {
    const negotiated = boot()
      .proxyBoot()
      .programRound(0x31, {}, { pxeClientPrompt: 1 }, 'boot\\x86\\pxeboot.n12')
      .loads(['boot\\x86\\pxeboot.n12', 4000])
      .controlled()
      .mounted();
    const { scenario, text, open } = await recordedFrom(negotiated, ({ recording, ...made }) => ({
      ...made,
      open: recording.open,
    }));
    expect(scenario.services).toMatchObject({
      authentication: { domain: 'SYSTEM', users: [{ name: 'administrateur' }] },
      control: { at: SERVER.ip },
    });
    expect(scenario.clients[0]).toMatchObject({ 'deploys-as': { user: 'administrateur' } });
    expect(text).toMatch(/password: \S+ # no capture shows one; any gives the same steps\n/);
    expect(open.join('\n')).toMatch(/^services\.authentication: no capture shows the password of administrateur;/m);
    expect(open.join('\n')).toMatch(
      /^steps: they end before smb\.negotiate \(frames? \d+.*\): the program that plays wdsnbp/m,
    );
  });

  it('whom the control service refuses has a wrong password in the lab, which says so', async () => {
    const ACCESS_DENIED = 5;
    const refused = boot()
      .proxyBoot()
      .programRound(0x31, {}, { pxeClientPrompt: 1 }, 'boot\\x86\\pxeboot.n12')
      .loads(['boot\\x86\\pxeboot.n12', 4000])
      .mapped()
      .controlOpened()
      .controlLogon()
      .also(({ control }) => control.faults(ACCESS_DENIED));
    const { scenario, plan, open } = await recordedFrom(refused, ({ recording, ...made }) => ({
      ...made,
      open: recording.open,
    }));
    const [account] = scenario.services.authentication?.users ?? [];
    const password = scenario.clients[0]?.['deploys-as']?.password;
    expect(account?.name).toBe('administrateur');
    expect([account?.password, password]).toEqual([
      expect.any(String),
      expect.not.stringContaining(String(account?.password)),
    ]);
    expect(scenario['expect-failure']).toEqual({ step: 'rpc.fault', cause: 'wrong-password' });
    expect(plan.expectFailure).toMatchObject({ cause: 'wrong-password' });
    expect(open.join('\n')).toMatch(/^expect-failure: access was denied after the logon \(frames? \d+/m);
  });

  it('that reports an error once it has its answer file gets one in the lab that is none', async () => {
    const given = boot()
      .proxyBoot()
      .programRound(0x31, {}, { pxeClientPrompt: 1 }, 'boot\\x86\\pxeboot.n12')
      .loads(['boot\\x86\\pxeboot.n12', 4000])
      .mapped()
      .controlOpened()
      .also(({ control }) =>
        control
          .asks(WDS_OPERATIONS.GET_CLIENT_UNATTEND)
          .replies(0, [{ name: 'FLAGS', type: 4, values: [1] }])
          .asks(WDS_OPERATIONS.LOG_MSG, [{ name: 'MESSAGE_TYPE', type: 4, values: [1] }]),
      );
    const { scenario, text } = await recordedFrom(given, (made) => made);
    const files = scenario.services.images?.files ?? {};
    expect(files).toEqual({
      'WdsClientUnattend\\pc.xml': { text: expect.not.stringContaining('unattend') as unknown },
    });
    expect(text).toMatch(/text: .* # frames \d+.*: the client gets it, and reports an error: here it is none/);
    expect(scenario['expect-failure']).toEqual({ step: 'wds.request', cause: 'client-reported-error' });
  });
});

const RTL8139 = [0x10ec, 0x8139] as const;
/** A lab's VM in a boot that has come to its image store. */
const inLab = (...more: readonly (readonly [name: string, bytes: number])[]): BootStory => {
  const iPXE = { userClass: 'iPXE', pciId: RTL8139 };
  const file = { siaddr: SERVER.ip, bootfile: BOOT_PROGRAM };
  return boot()
    .also(({ dhcp }) => dhcp.discover(iPXE).offer(file).choose(iPXE).grant(file))
    .arp()
    .loads([BOOT_PROGRAM, 42_000], ['boot/x86/vmlinuz', 9000], ['boot/x86/agent.img', 5000], ...more);
};

it('a lab’s client whose account is locked logs on to a domain, with the programs for one', async () => {
  const ACCOUNT_LOCKED_OUT = 0xc000_0234;
  const locked = inLab(['boot/x86/directory.img', 4000]).smbLogon(ACCOUNT_LOCKED_OUT);
  const { services, ...scenario } = await recordedFrom(locked, (made) => made.scenario, { ofLab: true });
  expect(services.authentication).toMatchObject({ kind: 'active-directory', users: [{ locked: true }] });
  // Nothing else makes the client load them.
  expect(services.devices).toMatchObject({ known: [{ join: true }] });
  expect(scenario['expect-failure']).toEqual({ step: 'smb.session-setup', cause: 'account-locked' });
});

it.each([
  ['no WIM', new Uint8Array(20_000), { 'flip-byte-at': 3 }, { step: 'image.header', cause: 'image-damaged' }],
  ['cut short', WIM.slice(0, 15_000), { truncate: '60%' }, { step: 'image.header', cause: 'image-truncated' }],
])('an image of a lab that is %s is so in the scenario', async (_, bytes, damage, failure) => {
  const looked = inLab().mounted().imageLooked(IMAGE_PATH, bytes);
  const scenario = await recordedFrom(looked, (made) => made.scenario, { ofLab: true });
  expect(scenario.services.images?.damage).toEqual({ [IMAGE_PATH]: damage });
  expect(scenario['expect-failure']).toEqual(failure);
});

describe('what other clients of a lab left', () => {
  const CAPTURED = 'Images\\Linux\\captured.wim';
  const made = (story: BootStory) =>
    recordedFrom(story, ({ scenario, plan }) => ({ ...scenario, plan }), { ofLab: true });

  it('a client that captures its disk gets one with a system, by a client that installs one before', async () => {
    const captured = inLab()
      .mounted()
      .also(({ smb }) => smb.opens(`${CAPTURED}.partial`).writes(0, WIM));
    const { clients, services, plan } = await made(captured);
    expect(clients).toMatchObject([
      { name: 'reference', disk: '1GiB', nic: 'rtl8139', steps: [{ 'image.transfer': { path: IMAGE_PATH } }] },
      { name: 'pc', 'disk-of': 'reference', agent: { mode: 'capture', image: CAPTURED } },
    ]);
    expect(services.images).toMatchObject({ writable: true });
    expect(services.images).not.toHaveProperty('files');
    expect(plan.clients.map(({ name }) => name)).toEqual(['reference', 'pc']);
  });

  it('a client that installs an image which no lab has gets it by one that captures it before', async () => {
    const { clients, services } = await made(inLab().mounted().imageLooked(CAPTURED, WIM));
    expect(clients).toMatchObject([
      { name: 'reference' },
      { name: 'capture', 'disk-of': 'reference', agent: { mode: 'capture', image: CAPTURED } },
      { name: 'pc', 'starts-after': 'capture', disk: '2GiB', agent: { image: CAPTURED } },
    ]);
    expect(services.images).toMatchObject({ writable: true });
  });
});

it.each([
  [
    'a lab’s VM with an Arm processor',
    11,
    'boot\\arm64\\wdsmgfw.efi',
    ['boot/arm64/vmlinuz', 'boot/arm64/agent.img'],
    'uefi-arm64',
    '512MiB',
  ],
  [
    'a lab’s VM that loads what Secure Boot starts from a disk',
    7,
    'boot\\x64\\shimx64.efi',
    ['boot/x64/grubx64.efi', 'boot/x86/vmlinuz', 'boot/x86/agent.img', 'boot/x86/agent-secure-boot.img'],
    'uefi-secure-boot',
    '1GiB',
  ],
])('%s is one in the scenario, with the lab’s files for it', async (_, arch, bootfile, files, firmware, memory) => {
  const asks = { arch, vendorClass: `PXEClient:Arch:${String(arch).padStart(5, '0')}:UNDI:003000` };
  const file = { siaddr: SERVER.ip, bootfile };
  const story = boot()
    .also(({ dhcp }) => dhcp.discover(asks).offer(file).wait(2_000_000).choose(asks).grant(file))
    .arp()
    .loads([bootfile, 42_000], ...files.map((path): [string, number] => [path, 5000]));
  const { scenario, open } = await recordedFrom(
    story,
    (made) => ({ scenario: made.scenario, open: made.recording.open.join('\n') }),
    { ofLab: true },
  );
  expect(scenario.clients).toMatchObject([{ firmware, memory }]);
  expect(scenario.services.tftp).toMatchObject({ root: 'boot-files/wds' });
  expect(scenario.services.tftp?.files).toBeUndefined();
  expect(open).not.toContain('placeholder');
});

it('a lab’s VM that is given an answer file finds one on the share that it mounts', async () => {
  const answered = inLab()
    .mapped()
    .controlOpened()
    .also(({ control }) =>
      control.asks(WDS_OPERATIONS.GET_CLIENT_UNATTEND).replies(0, [{ name: 'FLAGS', type: 4, values: [1] }]),
    )
    .mounted()
    .imageRead();
  const { images, devices } = await recordedFrom(answered, ({ scenario }) => scenario.services, { ofLab: true });
  const [known] = devices?.known ?? [];
  expect(Object.keys(images?.files ?? {})).toEqual([known?.['answer-file']]);
  expect(images?.share).toBe('REMINST');
});

describe('the boot image of a lab, which is told by what it can do', () => {
  const PACKAGE = 'boot/x86/drivers/rtl8139.img';
  const served = (story: BootStory) =>
    recordedFrom(story, ({ scenario: { services, clients }, text }) => ({ services, clients, text }), { ofLab: true });

  it('has no driver for the card where nothing follows it; it looks for a store all the same', async () => {
    const { services, clients, text } = await served(inLab());
    expect(services).toMatchObject({ tftp: { root: 'boot-files/wds-without-rtl8139' }, images: {} });
    expect(clients).toMatchObject([{ nic: 'rtl8139', disk: '2GiB' }]);
    expect(text).toMatch(/root: \S+ # .*: nothing follows frame \d+, as without a driver for the rtl8139\n/);
  });

  it('got one by a driver package', async () => {
    const { services } = await served(inLab([PACKAGE, 3000]).mounted().imageRead());
    expect(services.tftp).toEqual({
      at: SERVER.ip,
      root: 'boot-files/wds-without-rtl8139',
      'driver-packages': ['rtl8139'],
    });
  });

  it('has all drivers where the system speaks', async () => {
    const { services } = await served(inLab().mounted().imageRead());
    expect(services.tftp).toMatchObject({ root: 'boot-files/wds' });
  });

  it('has a boot program’s configuration in one folder, and nobody expects it where the program looks before', async () => {
    const looked = inLab().missesFiles('/grub.cfg').loads(['boot/x86/ldlinux.c32', 3000]).mounted().imageRead();
    const { scenario } = await recordedFrom(looked, (made) => made, { ofLab: true });
    expect(scenario.services.tftp).toEqual({ at: SERVER.ip, root: 'boot-files/wds' });
    expect(JSON.stringify(scenario.steps)).not.toContain('"/grub.cfg"');
  });
});

it('a computer that is installed again at its next start starts twice in the scenario', async () => {
  const installed = (story: BootStory): BootStory => story.wdsInstall().wait(30_000);
  const twice = installed(new BootStory(installed(boot()).tape));
  const { scenario, text } = await recordedFrom(twice, (made) => made, { ofLab: true });
  expect(scenario.after).toEqual({ 'next-start': 'network' });
  expect(scenario.clients).toMatchObject([{ 'boot-order': ['network', 'disk'] }]);
  expect(text).toMatch(/next-start: network # frames \d+ to \d+: installed once more\n/);
  const once = await recordedFrom(installed(boot()), (made) => made.scenario, { ofLab: true });
  expect(once).not.toHaveProperty('after');
});
