import { fileURLToPath } from 'node:url';
import { type Host, SERVER } from '../../observe/testing/scene.ts';
import type { Frame } from '../../packet/frame.ts';
import { DHCP_SERVER } from '../../protocols/dhcp/testing/scene.ts';
import { answer, ask, fileIdOf, STATUS } from '../../protocols/smb/testing/scene.ts';
import type { VisitScene } from '../../protocols/smb/testing/visit.ts';
import { wimBytes } from '../../protocols/wim/testing/bytes.ts';
import { wimGroup } from '../../protocols/wim/testing/group.ts';
import { openCaptureFile } from '../../tcpdump-wrapper/src/index.ts';
import { boot, type BootStory, IMAGE_PATH } from './boot-story.ts';

// Captures with what a protocol's state machine can meet, good and odd, enough to reach all of its states.

/** Frames in the order of a capture. */
export interface Capture {
  readonly frames: readonly Frame[];
}

/** A capture of software that is not ours. */
async function recorded(name: string): Promise<Capture> {
  const file = fileURLToPath(new URL(`../../observe/testdata/${name}.pcap`, import.meta.url));
  const frames: Frame[] = [];
  for await (const batch of (await openCaptureFile(file, { keepFrames: true })).batches()) frames.push(...batch);
  return { frames };
}

const told = (tell: (story: BootStory) => unknown): BootStory => boot().also(tell);
const visited = (visit: (smb: VisitScene) => unknown): BootStory =>
  told(({ smb }) => visit(smb.connect().logon().referral().mount()));

const OTHER: Host = { mac: '00:1f:29:04:77:0e', ip: '172.22.52.208' };

const arp = [
  told(({ link, client }) =>
    link
      .arp(1, { ...client, ip: '0.0.0.0' }, { ip: SERVER.ip })
      .arp(1, client, { ip: client.ip })
      .arp(1, client, { ip: SERVER.ip })
      .arp(2, SERVER, client)
      .arp(2, { ...SERVER, mac: OTHER.mac }, client),
  ),
];

const dhcp = [
  boot()
    .dhcpRound({ siaddr: SERVER.ip, bootfile: 'pxelinux.0' })
    .also(({ dhcp: to }) => to.offer({ xid: 5 }).grant({ xid: 5 }).answer('nak', { server: DHCP_SERVER.ip }))
    .also(({ dhcp: to }) => to.ask('decline').ask('release').ask('inform')),
  boot().guestDhcp(),
];

const proxydhcp = [
  boot()
    .proxyBoot()
    .also(({ dhcp: to }) =>
      to
        .bootServerOffer({ bootfile: 'a.0' })
        .bootServerAnswer()
        // From port 67 and without option 60: no client takes it as an answer to its question.
        .answer('ack', { server: SERVER.ip, bootfile: 'a.0' }, { ...SERVER, port: 67 }),
    )
    .programRound(9, {}, { nextAction: 3, referralServer: OTHER.ip }),
];

const wdsnbp = [
  boot()
    .programRound(1, {}, { nextAction: 1, requestId: 1 })
    .programRound(2, { pxePromptDone: 1 }, { nextAction: 5 })
    .programRound(3, {}, { nextAction: 3, referralServer: OTHER.ip })
    .programRound(4, {}, { pxeClientPrompt: 1 }, 'pxeboot.com'),
];

const tftp = [
  boot()
    .proxyBoot()
    .missesFiles('pxelinux.cfg/default')
    .also(({ tftp: to }) => {
      to.next().request('a').error(2, 'access violation', 'server');
      to.next().request('a', 'tsize=0').optionAck('tsize=700').optionAck('tsize=700').ack(0).error(8, 'no');
      to.next().request('a').request('a').lockstep(1, 1, 512).lockstep(1, 1, 512).data(3, 512);
      to.next().request('a').data(0, 512);
      to.next().write('a');
    }),
];

const tcp = [
  told(({ http }) => http.connect().missed(5).bytes(false, Uint8Array.of(1)).again().get('/')),
  told(({ http }) => http.syn().connect().disconnect()),
  told(({ http }) => http.connect().reset()),
];

const http = [
  told(({ http: to }) =>
    to.connect().get('/a').respond('200 OK', ['Content-Length: 5'], 'hello').get('/a').disconnect(),
  ),
  told(({ http: to }) => to.connect().get('/a').respond('404 Not Found', ['Content-Length: 0']).reset()),
];

const IMAGE = wimBytes(20_000);
const NO_BYTES = new Uint8Array(0);
/** An SMB 3 transform header with nothing in it (MS-SMB2 section 2.2.41). */
const ENCRYPTED = Uint8Array.of(0, 0, 0, 60, 0xfd, 0x53, 0x4d, 0x42, ...new Uint8Array(56));

const smb = [
  visited((to) => {
    to.opens(IMAGE_PATH, IMAGE).reads().closes().misses(IMAGE_PATH);
    to.opens('a.bin', IMAGE).readRefused(0, STATUS.sharingViolation).writes(0, NO_BYTES).writeRefused(STATUS.diskFull);
    to.renames('b.wim').renames('b.wim', STATUS.accessDenied).closes();
    to.exchange(ask.treeDisconnect(), answer.refused('treeDisconnect', STATUS.accessDenied));
    const echo = to.request(ask.echo());
    to.response(echo, answer.echo()).response(echo, answer.echo()).disconnect();
  }),
  visited((to) => to.opens('a.bin', IMAGE).reads().bytes(true, ENCRYPTED)),
  told(({ smb: to }) =>
    to
      .connect()
      .logon(STATUS.logonFailure)
      .exchange(ask.create('a'), answer.create(fileIdOf(1), 0))
      .reset(),
  ),
];

const ANOTHER = { uuid: '12345678-1234-1234-1234-123456789abc', version: '1.0' };

const rpc = [
  boot().controlled(),
  boot()
    .mapped()
    .also(({ control }) => control.open().asks(2).faults(5).answer(9, NO_BYTES).shutdown().disconnect()),
  told(({ control }) =>
    control.connect().bind(ANOTHER).bindAck().call(2, new Uint8Array(8)).answer(2, new Uint8Array(4)),
  ),
  told(({ control }) => control.connect().bind().reset()),
];

const ntlm = [told(({ smb: to }) => to.connect().logon())];

const GROUP = wimGroup();
const GROUP_IMAGE = 'Images\\Linux\\one.wim';

const image = [
  visited((to) =>
    to.opens(IMAGE_PATH, IMAGE).reads(0, 4096).reads(15_000).closes().opens(IMAGE_PATH, IMAGE).reads().closes(),
  ),
  visited((to) =>
    to.opens(IMAGE_PATH, new Uint8Array(300_000)).reads().closes().opens(IMAGE_PATH, IMAGE).reads(0, 4096),
  ),
  visited((to) => {
    to.opens(GROUP_IMAGE, GROUP.image).reads().closes();
    for (const end of [70_000, 160_000]) to.opens('Images\\Linux\\Res.rwm', GROUP.shared).reads(0, end).closes();
  }),
];

const PARTIAL = `${IMAGE_PATH}.partial`;
/** The header that a writer begins with: FLAG_HEADER_WRITE_IN_PROGRESS is set. */
const BEGUN = IMAGE.with(16, (IMAGE[16] ?? 0) | 0x40);

const upload = [
  visited((to) => {
    to.opens(PARTIAL).writes(0, BEGUN).writes(0, IMAGE.slice(0, 4096)).writeRefused(STATUS.diskFull).closes();
    to.opens(PARTIAL).renames('notes.txt', STATUS.accessDenied).renames('notes.txt');
    to.renames(IMAGE_PATH, STATUS.accessDenied).renames(IMAGE_PATH).closes();
    to.opens(IMAGE_PATH).writes(0, new Uint8Array(300)).closes().opens(PARTIAL).writes(0, BEGUN);
  }),
];

/** By the state machine that takes their events. Nothing of ours writes Kerberos: its captures are a real KDC's. */
export const CAPTURES = {
  ...{ arp, dhcp, proxydhcp, wdsnbp, tftp, tcp, http, smb, rpc, ntlm, image, upload },
  kerberos: await Promise.all(['kerberos-smbclient', 'kerberos-refusals', 'kerberos-skew'].map(recorded)),
} satisfies Readonly<Record<string, readonly Capture[]>>;
