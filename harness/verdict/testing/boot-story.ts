import { CLIENT, type Host, Scene, SERVER, Tape } from '../../observe/testing/scene.ts';
import type { Frame } from '../../packet/frame.ts';
import { DHCP_SERVER, DhcpScene, type DhcpWords } from '../../protocols/dhcp/testing/scene.ts';
import type { WdsValues } from '../../protocols/dhcp/wire/wds.ts';
import { HttpScene } from '../../protocols/http/testing/scene.ts';
import { ControlScene, WDS_OPERATIONS } from '../../protocols/rpc/testing/control.ts';
import { RpcScene } from '../../protocols/rpc/testing/scene.ts';
import { RPC_SYNTAXES } from '../../protocols/rpc/wire/codec.ts';
import { VisitScene } from '../../protocols/smb/testing/visit.ts';
import { TftpScene } from '../../protocols/tftp/testing/scene.ts';
import { wimBytes } from '../../protocols/wim/testing/bytes.ts';

/** Capture time of power-on, microseconds since the epoch. */
export const START_US = 1_700_000_000_000_000;
/** The boot program that the boot server names, and its size (the reference trace's). */
export const BOOT_PROGRAM = 'boot\\x86\\wdsnbp.com';
/** Path of the image in the stories, as the client writes it. */
export const IMAGE_PATH = 'Images\\Linux\\sample.wim';
const IMAGE = wimBytes(20_000);
/** A guest asks for an address in a transaction and with a class of its own. */
const GUEST = { xid: 0x77, vendorClass: 'udhcp 1.37.0' };

/**
 * A client's boot in frames, chapter by chapter, at real ports. Each method is a chapter in plain words; for everything
 * else, use the scenes of the protocols, which write the same capture.
 */
export class BootStory {
  readonly tape: Tape;
  readonly client: Host;
  readonly link: Scene;
  readonly dhcp: DhcpScene;
  readonly tftp: TftpScene;
  readonly http: HttpScene;
  readonly mapper: RpcScene;
  readonly control: ControlScene;
  readonly smb: VisitScene;

  constructor(tape = new Tape(START_US), client = CLIENT) {
    this.tape = tape;
    this.client = client;
    this.link = new Scene(tape);
    this.dhcp = new DhcpScene(tape);
    this.dhcp.client = client;
    this.tftp = new TftpScene(tape);
    this.http = new HttpScene(tape, 80, 49_161);
    this.mapper = new RpcScene(tape, 135, 49_162);
    this.control = new ControlScene(tape, 49_163);
    this.smb = new VisitScene(tape, 49_164);
    for (const scene of [this.tftp, this.http, this.mapper, this.control, this.smb])
      scene.client = { ...client, port: scene.client.port };
  }

  get frames(): Frame[] {
    return this.tape.frames;
  }

  /** Lets time pass before the next frame. */
  wait(ms: number): this {
    this.link.wait(ms * 1000);
    return this;
  }

  /** Writes frames with the scenes of this story. */
  also(tell: (story: this) => unknown): this {
    tell(this);
    return this;
  }

  /** The client asks who has an address, and is answered. */
  arp(host = SERVER): this {
    return this.also(({ link }) => link.arp(1, this.client, { ip: host.ip }).arp(2, host, this.client));
  }

  /** The ROM asks for an address twice, as iPXE does, and is offered one. */
  offered(boot: DhcpWords = {}): this {
    return this.wait(3000)
      .also(({ dhcp }) => dhcp.discover())
      .wait(1000)
      .also(({ dhcp }) => dhcp.discover().offer(boot));
  }

  /** It takes the offer when it has waited for others. */
  given(boot: DhcpWords = {}): this {
    return this.wait(2000).also(({ dhcp }) => dhcp.choose().grant(boot));
  }

  /** The whole round for an address; `boot` is what the DHCP server says of booting. */
  dhcpRound(boot: DhcpWords = {}): this {
    return this.offered(boot).given(boot);
  }

  /**
   * The whole round for an address beside a boot server on a host of its own, which offers itself; `words` is what it
   * says of booting.
   */
  pxeRound(words: DhcpWords = {}, boot: DhcpWords = {}): this {
    return this.offered(boot)
      .also(({ dhcp }) => dhcp.bootServerOffer(words))
      .given(boot);
  }

  /** The question on port 4011. */
  proxyQuestion(words: DhcpWords = {}): this {
    return this.arp().also(({ dhcp }) => dhcp.askBootServer(words));
  }

  /** The question on port 4011 and its answer. */
  proxyRound(bootfile = BOOT_PROGRAM): this {
    return this.proxyQuestion()
      .wait(19)
      .also(({ dhcp }) => dhcp.bootServerAnswer({ file: bootfile }));
  }

  /** A question of wdsnbp and its answer by option 250; `file` is the next program. */
  programRound(xid: number, asked: WdsValues, answered: WdsValues, file?: string, host = SERVER): this {
    const next = file === undefined ? {} : { file, bcdPath: 'boot\\x86\\default.bcd' };
    return this.programQuestion(xid, asked, host)
      .wait(5)
      .also(({ dhcp }) => dhcp.bootServerAnswer({ xid, wds: answered, ...next }, host));
  }

  programQuestion(xid: number, asked: WdsValues, host = SERVER): this {
    const wds = { architecture: 0, ...asked };
    return this.wait(1000).also(({ dhcp }) => dhcp.askBootServer({ xid, wds }, host));
  }

  /** Files that the server has, by TFTP. */
  loads(...files: readonly (readonly [name: string, bytes: number])[]): this {
    for (const [name, bytes] of files) this.wait(5).tftp.transfer(name, bytes);
    return this;
  }

  /** Files that are asked for by TFTP in vain. */
  missesFiles(...names: readonly string[]): this {
    for (const name of names) this.wait(5).tftp.missing(name);
    return this;
  }

  /** A boot whose DHCP server names file and server itself. */
  dhcpBoot(): this {
    return this.dhcpRound({ siaddr: SERVER.ip, bootfile: 'pxelinux.0' }).arp().loads(['pxelinux.0', 42_000]);
  }

  /** A boot that finds its file through a boot server on another host. */
  proxyBoot(): this {
    return this.pxeRound()
      .proxyRound()
      .also(({ tftp }) => tftp.probe(BOOT_PROGRAM, 31_124).transfer(BOOT_PROGRAM, 31_124, { tsize: false }));
  }

  /** PXELINUX: its library, the configuration names that it tries, kernel and initramfs. */
  pxelinux(): this {
    return this.loads(['boot/ldlinux.c32', 11_800])
      .missesFiles('boot/pxelinux.cfg/01-00-11-11-80-d2-92', 'boot/pxelinux.cfg/AC1634DE')
      .loads(['boot/pxelinux.cfg/default', 400], ['boot/vmlinuz', 12_000], ['boot/initrd.img', 5500]);
  }

  /** The booted system asks for an address of its own. */
  guestDhcp(): this {
    const { xid } = GUEST;
    const chosen = { ...GUEST, server: DHCP_SERVER.ip, requested: this.client.ip };
    return this.wait(3000).also(({ dhcp }) =>
      dhcp.ask('discover', GUEST).offer({ xid }).ask('request', chosen).grant({ xid }),
    );
  }

  /** From power-on to the system that was booted. */
  booted(): this {
    return this.proxyBoot().pxelinux().guestDhcp();
  }

  /** The endpoint mapper is asked where WDS control listens, and knows it. */
  mapped(): this {
    return this.#asksMapper(5040);
  }

  /** The endpoint mapper is asked where WDS control listens, and does not know that interface. */
  unmapped(): this {
    return this.#asksMapper(undefined);
  }

  #asksMapper(port: number | undefined): this {
    return this.wait(10).also(({ mapper }) =>
      mapper.connect().bind(RPC_SYNTAXES.endpointMapper).bindAck().mapping(2, port),
    );
  }

  /** WDS control before a logon: the log is opened. */
  controlOpened(): this {
    return this.also(({ control }) => control.open().asks(WDS_OPERATIONS.LOG_INIT).replies());
  }

  /** The logon on the same connection, and the request for the images (the reference trace's step 2). */
  controlLogon(): this {
    return this.wait(5).also(({ control }) => control.logon().asks(WDS_OPERATIONS.IMG_ENUMERATE));
  }

  /** The whole control channel. */
  controlled(): this {
    return this.mapped()
      .controlOpened()
      .controlLogon()
      .also(({ control }) => control.replies());
  }

  /** The connection to the file server and the logon there; `status` is that of the server's last answer. */
  smbLogon(status?: number): this {
    return this.wait(50).also(({ smb }) => smb.connect().logon(status));
  }

  /** The logon, and the share of images. */
  mounted(): this {
    return this.smbLogon().also(({ smb }) => smb.referral().mount());
  }

  /** An image is looked at: its header and its list. */
  imageLooked(path = IMAGE_PATH, bytes = IMAGE): this {
    return this.wait(5).also(({ smb }) =>
      smb
        .opens(path, bytes)
        .reads(0, 4096)
        .reads(bytes.length - 4096)
        .closes(),
    );
  }

  /** An image is read as a whole, and not yet closed. */
  imageFetched(path = IMAGE_PATH, bytes = IMAGE): this {
    return this.wait(5).also(({ smb }) => smb.opens(path, bytes).reads().wait(690_000));
  }

  /** The image is looked at, then read as a whole. */
  imageRead(): this {
    return this.imageLooked()
      .imageFetched()
      .also(({ smb }) => smb.closes());
  }

  /** Everything from power-on to the image. */
  wdsInstall(): this {
    return this.booted()
      .controlled()
      .mounted()
      .imageRead()
      .wait(10)
      .also(({ smb }) => smb.disconnect());
  }
}

/** An empty story of the client, at power-on. */
export const boot = (): BootStory => new BootStory();
