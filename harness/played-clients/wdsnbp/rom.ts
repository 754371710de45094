import { randomInt } from 'node:crypto';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BOOT_SERVER_PORT, DHCP_SERVER_PORT } from '../../protocols/dhcp/wire/ports.ts';
import type { Datagrams } from '../datagrams.ts';
import { GivenUp } from '../given-up.ts';
import { addressRequest, bootServerRequest, discover, readAnswer, type Answer, type Sender } from './messages.ts';
import type { WdsnbpSettings } from './settings.ts';

const EVERYBODY = '255.255.255.255';
const OFFER = 2;
const ACK = 5;
/** PXE 2.1 asks at 0, 4, 12 and 28 s; iPXE, at 0, 1, 3 and 7 s, is quicker and found in QEMU's cards. */
const DISCOVER_WAITS_MS = [1000, 2000, 4000, 8000];
/** How long a DHCP server's offer waits for a boot server's: iPXE 2 s. */
const BOOT_OFFER_MS = 2000;
/**
 * A ROM gathers offers for a while: a second server's are on the wire before it goes on. It takes the first all the
 * same.
 */
const MORE_OFFERS_MS = 500;
const REQUEST_WAITS_MS = [1000, 2000, 3000, 4000];

/** What all parts of the client share. */
export interface Rom {
  readonly socket: Datagrams;
  readonly sender: Sender;
  readonly settings: WdsnbpSettings;
  readonly tell: (event: string, detail?: object) => void;
}

/** An address, and where the boot file is. */
export interface RomResult {
  readonly ip: string;
  /** Who is asked from now on: the boot server, or who has the boot file. */
  readonly bootServer: string;
  readonly server: string;
  readonly bootfile: string;
}

/** Gets an address and the name of a boot file as a PXE ROM does (PXE 2.1 section 2.2). Throws GivenUp. */
export async function bootRom(rom: Rom): Promise<RomResult> {
  const xid = randomInt(2 ** 32);
  const offers = await offersFor(rom, xid);
  const address = offers.find(({ yiaddr }) => yiaddr !== '0.0.0.0');
  if (!address) throw new GivenUp('no DHCP offer was received (PXE-E51)');
  const ack = await exchange(
    rom,
    addressRequest(rom.sender, xid, address),
    DHCP_SERVER_PORT,
    EVERYBODY,
    (answer) => answer.type === ACK && answer.xid === xid && answer.yiaddr === address.yiaddr,
  );
  if (!ack) throw new GivenUp(`no answer to the REQUEST for ${address.yiaddr} (PXE-E51)`);
  await takeAddress(ack);
  rom.tell('rom.address', { ip: ack.yiaddr, server: ack.server });
  // The first boot server that offered; else the DHCP server when it says that it is one (option 60), else what DHCP
  // says of the file.
  const offered = offers.find(({ yiaddr, ofBootServer }) => yiaddr === '0.0.0.0' && ofBootServer);
  const told = offered ?? ack;
  if (told.bootfile !== '' || !told.ofBootServer) return named(told, ack.yiaddr);
  const bootServer = told.server;
  const answer = await exchange(
    rom,
    bootServerRequest(rom.sender, xid, ack.yiaddr),
    BOOT_SERVER_PORT,
    bootServer,
    (one) => one.type === ACK && one.xid === xid && one.fromPort === BOOT_SERVER_PORT,
  );
  if (!answer) throw new GivenUp(`boot server ${bootServer} does not answer on port ${BOOT_SERVER_PORT} (PXE-E55)`);
  return named(answer, ack.yiaddr);
}

function named({ server, nextServer, bootfile }: Answer, ip: string): RomResult {
  if (bootfile === '') throw new GivenUp('no boot filename received (PXE-E53)');
  return { ip, bootServer: server, server: nextServer, bootfile };
}

/**
 * Offers until one has an address and either names a boot server or has waited for one, and those that come soon after.
 */
async function offersFor(rom: Rom, xid: number): Promise<Answer[]> {
  const offers: Answer[] = [];
  const startMs = performance.now();
  const gather = async (untilMs: number, enough: () => boolean): Promise<void> => {
    while (performance.now() < untilMs && !enough()) {
      const offer = await receive(rom, untilMs, (answer) => answer.type === OFFER && answer.xid === xid);
      if (!offer) return;
      offers.push(offer);
      rom.tell('rom.offer', { server: offer.server, yiaddr: offer.yiaddr, bootfile: offer.bootfile });
    }
  };
  const hasAddress = (): boolean => offers.some(({ yiaddr }) => yiaddr !== '0.0.0.0');
  const hasBoth = (): boolean => hasAddress() && offers.some(({ ofBootServer }) => ofBootServer);
  for (const waitMs of DISCOVER_WAITS_MS) {
    await rom.socket.send(
      discover(rom.sender, xid, Math.round((performance.now() - startMs) / 1000)),
      DHCP_SERVER_PORT,
      EVERYBODY,
    );
    await gather(performance.now() + waitMs, hasBoth);
    if (hasBoth()) await gather(performance.now() + MORE_OFFERS_MS, () => false);
    if (hasBoth() || (hasAddress() && performance.now() - startMs > BOOT_OFFER_MS)) break;
  }
  return offers;
}

/** Sends until an answer comes that fits, with PXE's growing pauses. */
export async function exchange(
  rom: Rom,
  bytes: Uint8Array,
  port: number,
  ip: string,
  fits: (answer: Answer) => boolean,
): Promise<Answer | undefined> {
  for (const waitMs of REQUEST_WAITS_MS) {
    await rom.socket.send(bytes, port, ip);
    const answer = await receive(rom, performance.now() + waitMs, fits);
    if (answer) return answer;
  }
  return undefined;
}

function receive(
  { socket, sender, settings }: Rom,
  untilMs: number,
  fits: (answer: Answer) => boolean,
): Promise<Answer | undefined> {
  return socket.next(untilMs, (bytes, from) => {
    const answer = readAnswer(bytes, from, sender, settings.byteOrder);
    return answer && fits(answer) ? answer : undefined;
  });
}

async function takeAddress({ yiaddr, prefixLength }: Answer): Promise<void> {
  await promisify(execFile)('ip', ['address', 'add', `${yiaddr}/${prefixLength}`, 'brd', '+', 'dev', 'eth0']);
}
