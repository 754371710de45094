import { describe, expect, it } from 'vitest';
import type { ClientResult } from '../../../reports/result.ts';
import { CLIENT, SERVER } from '../../observe/testing/scene.ts';
import type { Frame } from '../../packet/frame.ts';
import { cutTo, onlyPorts, oneSide, withHoles } from '../../run/testing/capture-faults.ts';
import { decodeFrame, type Packet } from '../../packet/packet.ts';
import { idOf, ResticScene } from '../../protocols/restic/testing/scene.ts';
import { TcpScene } from '../../protocols/tcp/testing/scene.ts';
import { TlsScene } from '../../protocols/tls/testing/scene.ts';
import { createJudge } from '../judge.ts';
import { boot, type BootStory } from '../testing/boot-story.ts';

// What a capture does not hold is not what did not happen; what the client shows to have failed, has.

interface Judged {
  readonly client: ClientResult;
  readonly failed: string[];
  readonly recorded: (step: string) => string[];
}

/** The client of a capture after which nothing comes for minutes, so that every wait is over. */
function judged(frames: readonly Frame[], isLive = false): Judged {
  const judge = createJudge({ linkType: 1, clients: [], openEnd: true, ...(isLive ? {} : { door: {} }) });
  judge.frames(frames);
  judge.advance((frames.at(-1)?.atUs ?? 0) + 400_000_000);
  const [client] = judge.finish();
  if (!client) throw new Error('expected a client, got none');
  const of = (verdict: string) => client.steps.filter((step) => step.verdict === verdict);
  return {
    client,
    failed: of('failed').map(({ step, cause }) => `${step} ${cause ?? ''}`),
    recorded: (name) =>
      of('recorded')
        .filter(({ step }) => step === name)
        .map(({ why }) => why ?? ''),
  };
}

const PORTS = [67, 68, 69, 4011];
const told = (): BootStory => boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'ipxe.efi' });
/** A firmware asks for a size, loads, and iPXE asks for an address of its own. */
const chained = (): BootStory =>
  told()
    .arp()
    .also(({ tftp }) => tftp.probe('ipxe.efi', 20_000).transfer('ipxe.efi', 20_000))
    .wait(2000)
    .also(({ dhcp }) => dhcp.ask('discover', { xid: 9, userClass: 'iPXE' }).offer({ xid: 9 }));

describe('a filter by ports that left the transfers out', () => {
  it('is no silence of the server, where the client went on', () => {
    const { client, failed, recorded } = judged(onlyPorts(chained().frames, PORTS));
    expect(failed.filter((step) => step.startsWith('tftp'))).toEqual([]);
    expect(recorded('tftp.read-request').join()).toMatch(
      /the client went on \((tftp.read-request|dhcp.discover), frame \d+\) and did not ask again: the answer was there/,
    );
    expect(client.verdict).not.toBe('passed');
  });

  it('leaves it open, where nothing shows that the client went on', () => {
    const { client, failed } = judged(onlyPorts(told().also(({ tftp }) => tftp.request('ipxe.efi')).frames, PORTS));
    expect(failed).toEqual([]);
    expect(client).toMatchObject({
      verdict: 'inconclusive',
      why: 'tftp.read-request: a capture filter by ports left out what a server answers from other ports',
    });
  });

  it('hides no silence that the client itself shows: it asked again', () => {
    const asksAgain = told().also(({ tftp }) => tftp.request('ipxe.efi').wait(4e6).request('ipxe.efi'));
    const { client, failed } = judged(onlyPorts(asksAgain.frames, PORTS));
    expect([client.verdict, failed]).toEqual(['failed', ['tftp.read-request tftp-silent']]);
  });
});

describe('a capture of one direction', () => {
  it.each(['sent', 'received'] as const)('of what the client %s: nobody failed to answer', (side) => {
    const { client, failed } = judged(
      oneSide(chained().also(({ tftp }) => tftp.transfer('a', 9000)).frames, CLIENT.mac, side),
    );
    expect(failed).toEqual([]);
    expect(client.verdict).not.toBe('failed');
  });

  it('shows the failures that are in it: the server has no such file', () => {
    const story = told().arp().missesFiles('ipxe.efi');
    expect(judged(oneSide(story.frames, CLIENT.mac, 'received')).client.steps.map(({ step }) => step)).not.toContain(
      'tftp.transfer',
    );
  });
});

describe('frames that a snap length cut', () => {
  it('are judged as far as they go: no message is malformed, no step fails', () => {
    for (const bytes of [60, 100, 250, 290, 300, 310]) {
      const { client, failed } = judged(cutTo(boot().dhcpBoot().guestDhcp().frames, bytes));
      expect(failed, `${bytes} bytes`).toEqual([]);
      expect(client.steps.map(({ step }) => step)).not.toContain('dhcp.malformed');
    }
    // The options up to the bootfile name are there.
    const [offer] = judged(cutTo(told().frames, 310)).client.steps.filter(({ step }) => step === 'dhcp.offer');
    expect(offer).toMatchObject({ verdict: 'passed', detail: { yiaddr: CLIENT.ip, server: '172.22.52.1' } });
  });
});

describe('frames that the capture lost', () => {
  const isOack = ({ bytes }: Frame): boolean => {
    const { udp, payload } = decodeFrame(bytes, 1);
    return udp !== undefined && payload[0] === 0 && payload[1] === 6;
  };
  const { frames } = boot().dhcpBoot().pxelinux().guestDhcp();
  const withoutOacks = withHoles(frames, (index) => isOack(frames[index] as Frame));

  it('an OACK that is missing makes no block too long', () => {
    const { client, failed, recorded } = judged(withoutOacks);
    expect([client.verdict, failed]).toEqual(['passed', []]);
    expect(recorded('tftp.anomaly').join('\n')).toMatch(/^the capture does not hold the answer to the options/m);
  });

  it('and in a live run, whose capture is whole, the block is too long', () => {
    expect(judged(withoutOacks, true).failed[0]).toBe('tftp.anomaly tftp-protocol-breach');
  });

  it.each([1, 2, 3, 4])('frame %i of the round for an address: the client went on', (index) => {
    const { client, failed } = judged(withHoles(frames, (at) => at === index));
    expect([client.verdict, failed]).toEqual(['passed', []]);
  });

  it('the ACK of a system that then logs on: it has its address', () => {
    const { frames: install } = boot().wdsInstall();
    const acks = install.flatMap(({ bytes }, index) =>
      decodeFrame(bytes, 1).udp?.destinationPort === 68 ? [index] : [],
    );
    const { client, failed, recorded } = judged(withHoles(install, (index) => index === acks.at(-1)));
    expect([client.verdict, failed]).toEqual(['passed', []]);
    expect(recorded('dhcp.ack').join()).toMatch(/^the client went on \(.*with the address that it asked for/);
  });

  const install = boot().wdsInstall().frames;
  const { frames: booted } = boot().booted();
  const payloadOf = ({ bytes }: Frame): Uint8Array => decodeFrame(bytes, 1).payload;
  /** The position of the only, or the nth, frame of which this is true. */
  const indexOf = (some: readonly Frame[], is: (frame: Frame) => boolean, nth = 0): number =>
    some.flatMap((frame, index) => (is(frame) ? [index] : []))[nth] ?? expect.fail('no such frame');
  const isTftp =
    (op: number) =>
    ({ bytes }: Frame): boolean => {
      const { udp, payload } = decodeFrame(bytes, 1);
      return udp !== undefined && payload[0] === 0 && payload[1] === op;
    };
  const isBootServers = ({ udp }: Packet): boolean => udp?.destinationPort === 4011 || udp?.sourcePort === 4011;
  const without = (some: readonly Frame[], lost: number): Judged => judged(withHoles(some, (at) => at === lost));

  it.each<[string, readonly Frame[], number, string, RegExp]>([
    [
      'the request of the boot file',
      frames,
      indexOf(frames, isTftp(1)),
      'tftp.read-request',
      /^frame \d+ belongs to a transfer whose request the capture does not hold/,
    ],
    [
      'the ERROR that ends a size probe',
      booted,
      indexOf(booted, isTftp(5)),
      'tftp.transfer',
      /^neither side sent its last packet again/,
    ],
    [
      'the only block of a configuration',
      frames,
      indexOf(frames, (frame) => isTftp(3)(frame) && payloadOf(frame).length === 404),
      'tftp.transfer',
      /^neither side sent its last packet again/,
    ],
    [
      'an answer of the endpoint mapper',
      install,
      indexOf(install, ({ bytes }) => decodeFrame(bytes, 1).tcp?.sourcePort === 135, 2),
      'rpc.request',
      /^the capture lost a part of this connection/,
    ],
    [
      'an answer to SMB’s NEGOTIATE',
      install,
      indexOf(install, ({ bytes }) => decodeFrame(bytes, 1).tcp?.sourcePort === 445, 1),
      'smb.session-setup',
      /^the capture lost a part of this connection/,
    ],
  ])('%s: the client went on', (_, some, lost, step, why) => {
    const { client, failed, recorded } = without(some, lost);
    expect([client.verdict, failed]).toEqual(['passed', []]);
    expect(recorded(step).join('\n')).toMatch(new RegExp(why.source, 'm'));
    // A live run's capture is whole.
    expect(
      judged(
        withHoles(some, (at) => at === lost),
        true,
      ).failed,
    ).not.toEqual([]);
  });

  it.each([0, 1])('a question to the boot server, or the answer that names the next file (%i)', (which) => {
    const { frames: asks } = boot()
      .proxyBoot()
      .programRound(1, {}, { actionDone: 1, requestId: 7, pxeClientPrompt: 1 }, 'boot\\x86\\pxeboot.com')
      .loads(['boot\\x86\\pxeboot.com', 20_000])
      .guestDhcp();
    const lost = indexOf(asks, ({ bytes }) => isBootServers(decodeFrame(bytes, 1)), 2 + which);
    const { client, failed } = without(asks, lost);
    expect([client.verdict, failed]).toEqual(['passed', []]);
    expect(judged(asks, true).client.verdict).toBe('passed');
  });

  it('the answer to a SYN: who acknowledges it has had it', () => {
    const lost = indexOf(install, ({ bytes }) => decodeFrame(bytes, 1).tcp?.sourcePort === 445);
    const { client, failed } = without(install, lost);
    expect([client.verdict, failed]).toEqual(['passed', []]);
  });

  it.each<[string, readonly Frame[], string]>([
    [
      'the answer to the last request of all',
      told().arp().missesFiles('ipxe.efi').frames,
      'tftp.read-request: the client asked once and not again',
    ],
    [
      'the refusal of a logon',
      boot().booted().smbLogon(0xc000_006d).frames,
      'tcp.lost: the capture lost a part of the connection to port 445',
    ],
    [
      'what the mapper does not know',
      boot().booted().unmapped().frames,
      'tcp.lost: the capture lost a part of the connection to port 135',
    ],
  ])('%s: nobody knows what it was', (_, some, why) => {
    const { client, failed } = without(some, some.length - 1);
    expect([client.verdict, failed]).toEqual(['inconclusive', []]);
    expect(client.why).toContain(why);
  });

  describe('a backup over a connection of which a frame is missing', () => {
    const booted = (): BootStory => boot().pxelinux().guestDhcp();
    it.each([
      ['the answer to a pack', 2, /^$/],
      ['the next request', 3, /^the capture lost a part of this connection/],
    ])('%s: nobody can vouch for the boot', (_, after, doubt) => {
      const { tape } = booted();
      const restic = new ResticScene(tape).opens().locks();
      const kept = tape.frames.length;
      for (const kind of ['data', 'index', 'snapshots'] as const) restic.saves(kind, idOf('d'));
      restic.unlocks().disconnect();
      expect(judged(tape.frames).client.verdict).toBe('passed');
      const { client, failed, recorded } = without(tape.frames, kept + after);
      expect([client.verdict, failed]).toEqual(['inconclusive', []]);
      expect(client.why).toContain('tcp.lost: the capture lost a part of the connection to port 8000');
      expect(recorded('restic.backup').join()).toMatch(doubt);
    });

    it('whichever frame of its work it is, the backup does not fail for it', () => {
      const { tape } = booted();
      const restic = new ResticScene(tape).opens().locks();
      const kept = tape.frames.length;
      for (const kind of ['data', 'index', 'snapshots'] as const) restic.saves(kind, idOf('d'));
      restic.unlocks().disconnect();
      const failed = tape.frames.flatMap((_, index) => {
        const found = index < kept ? [] : without(tape.frames, index).failed;
        return found.length === 0 ? [] : [`${index - kept}: ${found.join()}`];
      });
      expect(failed).toEqual([]);
    });

    it('fails where the capture lost nothing: the store is gone', () => {
      const { tape } = booted();
      const restic = new ResticScene(tape).opens().locks().sends('data', idOf('d')).reset();
      for (let more = 1; more < 4; more++) new ResticScene(tape, restic.client.port + more).wait(1e6).refused();
      expect(judged(tape.frames).failed.join()).toMatch(/restic.backup store-unreachable/);
    });

    it('over TLS: whether the store said that it would end the connection', () => {
      const { tape } = booted();
      const hello = tape.frames.length + 4;
      new TlsScene(tape).opens().sends(true, 100_000).sealedAlert(false).disconnect('server');
      expect(judged(tape.frames).client.verdict).toBe('passed');
      // Without the version a record is no alert by its size.
      const { client, failed, recorded } = without(tape.frames, hello);
      expect([client.verdict, failed]).toEqual(['inconclusive', []]);
      expect(recorded('tls.transfer').join()).toMatch(/^the capture lost a part of this connection/);
    });

    it('over TLS: fails where what was lost is another connection’s, and where nothing was', () => {
      const cut = (story: BootStory): BootStory => {
        new TlsScene(story.tape).opens().sends(true, 100_000).reset();
        return story;
      };
      expect(judged(cut(booted()).frames).failed).toEqual(['tls.transfer tls-cut']);
      const { frames: more } = cut(boot().wdsInstall());
      const lost = indexOf(more, ({ bytes }) => decodeFrame(bytes, 1).tcp?.sourcePort === 445, 1);
      expect(without(more, lost).failed).toEqual(['tls.transfer tls-cut']);
    });
  });

  it('the question that was refused: what came of it is not known', () => {
    const some = boot().booted().unmapped().frames;
    expect(without(some, some.length - 2).client.verdict).toBe('inconclusive');
  });

  it('and no silence that a client shows by asking again, whichever try is missing', () => {
    const asks = told()
      .arp()
      .also(({ tftp }) => {
        for (const waitMs of [0, 350, 700, 1000, 2000]) tftp.wait(waitMs * 1000).request('ipxe.efi');
      }).frames;
    for (let lost = asks.length - 5; lost < asks.length; lost++)
      expect(without(asks, lost).failed).toEqual(['tftp.read-request tftp-silent']);
  });

  it('and no stall that a side shows by sending its last packet again', () => {
    const stalls = told()
      .arp()
      .also(({ tftp }) => {
        tftp.request('ipxe.efi').lockstep(1, 9, 512);
        for (const waitMs of [1000, 2000, 4000]) tftp.wait(waitMs * 1000).ack(9);
      }).frames;
    for (let lost = 8; lost < stalls.length; lost++)
      expect(without(stalls, lost).failed).toEqual(['tftp.transfer transfer-stalled']);
  });
});

describe('a connection that the server accepted, and of which the capture holds no more', () => {
  /** As a filter on SYN leaves it. */
  const handshake = (): Frame[] => {
    const story = boot().dhcpBoot();
    const { frames } = new TcpScene(story.tape, 445).connect();
    return frames.slice(0, -1);
  };

  it('is not said to have had no answer', () => {
    const { client, failed, recorded } = judged(handshake());
    expect(failed).toEqual([]);
    expect(recorded('tcp.connect').join()).toMatch(
      /^the server accepted the connection \(frame \d+\), and the capture holds nothing that the client sent then/,
    );
    expect(client).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('tcp.connect: the server accepted the connection') as string,
    });
  });

  it('had none where it was not accepted, and in a lab’s own capture', () => {
    expect(judged(handshake().slice(0, -1)).failed).toEqual(['tcp.connect smb-unreachable']);
    expect(judged(handshake(), true).failed).toEqual(['tcp.connect smb-unreachable']);
  });
});
