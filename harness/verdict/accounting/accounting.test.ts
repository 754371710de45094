import { describe, expect, it } from 'vitest';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { excerptFrames } from '../../observe/testing/reference-trace/build-trace.ts';
import { rowsOf, TRACE_ROWS } from '../../observe/testing/reference-trace/trace-rows.ts';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame } from '../../packet/packet.ts';
import { Accounting, type FrameAccount } from './accounting.ts';
import { frameFacts } from './frame-facts.ts';
import { createJudge } from '../judge.ts';
import { CLIENT, SERVER } from '../../observe/testing/scene.ts';
import { IgmpScene, QUERIER } from '../../protocols/igmp/testing/scene.ts';
import { boot } from '../testing/boot-story.ts';

const STEPS = [1, 2, 3] as const;

/**
 * Judges frames without a scenario and accounts for them; `keep` leaves out events before the accounting, `keepStep`
 * steps.
 */
function accounts(
  frames: readonly Frame[],
  keep: (event: ProtocolEvent) => boolean = () => true,
  keepStep: (step: string) => boolean = () => true,
): FrameAccount[] {
  const events: ProtocolEvent[] = [];
  const judge = createJudge({ linkType: 1, clients: [], onEvent: (event) => events.push(event) });
  judge.frames(frames);
  const clients = judge
    .finish()
    .map((client) => ({ ...client, steps: client.steps.filter(({ step }) => keepStep(step)) }));
  const accounting = new Accounting();
  for (const event of events.filter(keep)) accounting.event(event);
  const facts = frames.map((frame) => frameFacts(frame.number, decodeFrame(frame.bytes, 1)));
  return facts.map(
    accounting.accounts(
      facts.filter(({ frame }) => accounting.messageFrames.has(frame)),
      clients,
    ),
  );
}

const untaken = (list: readonly FrameAccount[]): FrameAccount[] => list.filter(({ by }) => by === 'nothing');

describe('the reference trace', () => {
  it('has 86 rows, and each is taken by a step or a meter', () => {
    const all = STEPS.flatMap((step) => accounts(excerptFrames(step)));
    expect(all).toHaveLength(86);
    expect(all).toHaveLength(TRACE_ROWS.length);
    expect(untaken(all)).toEqual([]);
  });

  it.each([
    [1, { step: 11, meter: 17 }], // the transfer of blksize 1456, its acknowledgements, and nothing else
    [2, { step: 27, meter: 2 }], // SYN/ACK, and the last acknowledgement
    [3, { step: 24, meter: 5 }], // bare acknowledgements
  ] as const)('step %d: so many rows by steps, so many by meters', (step, { step: steps, meter }) => {
    const list = accounts(excerptFrames(step));
    expect({
      step: list.filter(({ by }) => by === 'step').length,
      meter: list.filter(({ by }) => by === 'meter').length,
    }).toEqual({ step: steps, meter });
  });

  it.each(
    STEPS.flatMap((step) =>
      rowsOf(step).map((row, index) => [step, row.frame, row.protocol, row.info, index] as const),
    ),
  )('step %d frame %d, %s %s, is taken by what its protocol means', (step, _frame, protocol, info, index) => {
    const wanted: Readonly<Record<string, RegExp>> = {
      ARP: /^arp\.resolve/,
      DHCP: /^proxydhcp\./,
      TFTP: /^tftp[. ]/,
      TCP: /^tcp[. ]/,
      SMB: /^smb\.negotiate/,
      ISAKMP: /^isakmp\.message/,
      DCERPC: /(^|, )(rpc|wds|ntlm)\./,
      SMB2: /Setup/.test(info) ? /smb\.session-setup/ : /^(smb|image)[. ]/,
    };
    expect(accounts(excerptFrames(step))[index]?.what).toMatch(wanted[protocol] ?? /^$/);
  });

  // What no step or meter tells is not taken: the accounting does not take frames by their looks.
  it.each<[string, 1 | 2 | 3, (event: ProtocolEvent) => boolean, (step: string) => boolean]>([
    ['the TFTP meter', 1, (event) => !event.type.startsWith('tftp.'), () => true],
    ['the TCP connections', 3, (event) => !('connection' in event), () => true],
    ['ARP', 1, () => true, (step) => !step.startsWith('arp.')],
    ['proxyDHCP', 1, () => true, (step) => !step.startsWith('proxydhcp.')],
    [
      'SMB opens and images',
      3,
      (event) => event.type !== 'smb.unfinished',
      (step) => !/^(smb\.(open|read)|image\.)/.test(step),
    ],
    ['the endpoint mapper', 2, () => true, (step) => step !== 'rpc.endpoint-map'],
    ['the logon over RPC', 2, () => true, (step) => !/^(rpc|ntlm)\./.test(step)],
    ['WDS requests', 2, () => true, (step) => step !== 'wds.request'],
    ['ISAKMP', 2, () => true, (step) => step !== 'isakmp.message'],
  ])('misses frames without %s', (_, step, keep, keepStep) => {
    expect(untaken(accounts(excerptFrames(step), keep, keepStep))).not.toEqual([]);
  });
});

describe('what nobody took says why', () => {
  const [first] = excerptFrames(3);
  const renumbered = (frames: readonly Uint8Array[]): Frame[] =>
    frames.map((bytes, index) => ({ number: index + 1, atUs: index, bytes, originalLength: bytes.length }));

  it('for hosts that are no client’s, and for protocols of no boot', () => {
    const stranger = excerptFrames(1)[3]?.bytes.slice() ?? new Uint8Array(0);
    stranger.set([2, 2, 2, 2, 2, 2], 6);
    stranger.set([2, 2, 2, 2, 2, 2, 10, 0, 0, 9], 22);
    stranger.set([10, 0, 0, 8], 38);
    const mdns = excerptFrames(2)[18]?.bytes.slice() ?? new Uint8Array(0);
    mdns.set([0x14, 0xe9, 0x14, 0xe9], 34);
    const ping = mdns.slice();
    ping.set([1], 23);
    const list = accounts(
      renumbered([
        ...excerptFrames(2)
          .slice(0, 9)
          .map(({ bytes }) => bytes),
        stranger,
        mdns,
        ping,
        new Uint8Array(60),
      ]),
    );
    expect(untaken(list).map(({ what }) => what)).toEqual([
      'ARP of no client and about no client',
      'UDP 172.22.52.222:5353 to 172.22.52.207:5353: no conversation of a client',
      'ICMP that explains no step',
      'IEEE 802.2 LLC (spanning tree and the like): no machine judges it',
    ]);
  });

  it('for a message that no machine judges, and its earlier segments', () => {
    const echo = Uint8Array.from(first?.bytes ?? []);
    echo[54 + 4 + 12] = 13; // SMB2 ECHO instead of CREATE
    const answer = Uint8Array.from(excerptFrames(3)[1]?.bytes ?? []);
    answer[54 + 4 + 12] = 13;
    expect(accounts(renumbered([echo, answer]))).toMatchObject([
      { by: 'nothing' },
      { by: 'nothing', what: 'smb.other: no machine judges it' },
    ]);
  });
});

it('a message of several segments belongs to the step of its last one', () => {
  const [create, ...rest] = excerptFrames(3);
  const bytes = create?.bytes ?? new Uint8Array(0);
  const cut = 54 + 100;
  // The same bytes in two segments: IP length, TCP sequence and nothing else differ.
  const head = bytes.slice(0, cut);
  const tail = Uint8Array.from([...bytes.subarray(0, 54), ...bytes.subarray(cut)]);
  new DataView(head.buffer).setUint16(16, head.length - 14);
  const view = new DataView(tail.buffer);
  view.setUint16(16, tail.length - 14);
  view.setUint32(38, view.getUint32(38) + 100);
  const frames = [head, tail, ...rest.map((frame) => frame.bytes)].map((part, index) => ({
    number: index + 1,
    atUs: index,
    bytes: part,
    originalLength: part.length,
  }));
  const list = accounts(frames);
  expect(list[0]).toMatchObject({
    by: 'step',
    what: expect.stringMatching(/^smb\.open Images.* \(part of the message that ends in frame 2\)$/) as string,
  });
  expect(untaken(list)).toEqual([]);
});

it('blocks of files that are loaded at the same two ports one after the other count for their own file', () => {
  const { frames, tftp } = boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'a.0' }).arp();
  const names = ['a.0', 'b.0', 'c.0'];
  const firstBlocks = names.map((name) => {
    tftp.request(name, 'blksize=512').optionAck('blksize=512').ack(0);
    tftp.lockstep(1, 3, 512).data(4, 0).ack(4);
    return frames.length - 8;
  });
  const list = accounts(frames);
  for (const [index, name] of names.entries())
    for (const { by, what } of list.slice(firstBlocks[index], (firstBlocks[index] ?? 0) + 4)) {
      expect(by).toBe('meter');
      expect(what).toContain(name);
    }
});

it('IGMP is taken by the steps of the client that it concerns', () => {
  const [group, other] = ['239.1.2.3', { mac: '00:1f:29:04:77:0e', ip: '172.22.52.208' }];
  const story = boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'pxelinux.0' });
  const before = story.frames.length;
  new IgmpScene(story.tape)
    .record(CLIENT, group, 'change-to-exclude')
    .query()
    .record(CLIENT, group, 'mode-is-exclude')
    .report(other, '239.255.255.250')
    .query({ group: '239.255.255.250' })
    .igmp(QUERIER, { to: '224.0.0.4' }, { type: 'other', number: 0x13 })
    .report(CLIENT, group, { checksum: 1 })
    .leave(CLIENT, group);
  expect(
    accounts(story.frames)
      .slice(before)
      .map(({ by, what }) => `${by}: ${what}`),
  ).toEqual([
    'step: igmp.join',
    'step: igmp.query, igmp.report',
    'step: igmp.report',
    'nothing: IGMP that concerns no client',
    'nothing: IGMP that concerns no client',
    'nothing: IGMP that concerns no client',
    'step: igmp.malformed',
    'step: igmp.leave',
  ]);
});
