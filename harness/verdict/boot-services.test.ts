import { describe, expect, it } from 'vitest';
import { bootProgramRound, dhcpRound, PROXY_BOOT, proxyOffer, proxyRound } from './testing/boot-scripts.ts';
import {
  CLIENT_IP,
  CLIENT_MAC,
  conversation,
  dhcp,
  DHCP_IP,
  type Line,
  SERVER_IP,
  START_US,
  tftpTransfer,
} from './testing/event-builders.ts';
import type { ServicePlan } from '../plan/service-plan.ts';
import { createEventJudge } from './event-judge.ts';
import { expecting, judgeScript, planOf } from './testing/judge-script.ts';
import { service } from './testing/planned-services.ts';

const OTHER_SERVER = '172.22.52.208';
const NEXT = 'boot\\x86\\pxeboot.n12';
const PXE = { vendorClass: 'PXEClient:Arch:00000:UNDI:002001', arch: 0 };
const PENDING = { nextAction: 1, requestId: 7, pollInterval: 2, pollRetryCount: 5, message: 'ask Anne' } as const;

const outcome = (lines: readonly Line[], plan = planOf({}), idleMs = 0) => {
  const { client, failed } = judgeScript(lines, plan, idleMs);
  return { verdict: client.verdict, first: failed[0] && { step: failed[0].step, cause: failed[0].cause } };
};
/** The same, of a client that ends by itself after its last frame. */
const ended = (lines: readonly Line[], plan: Parameters<typeof judgeScript>[1] & object) => {
  const judge = createEventJudge({
    clients: [{ name: 'pc', mac: CLIENT_MAC, firmware: 'bios', nic: 'none' }],
    startUs: START_US,
    plan,
  });
  const events = conversation(lines);
  for (const event of events) {
    judge.advance(event.atUs);
    judge.event(event);
  }
  judge.ended(CLIENT_MAC, (events.at(-1)?.atUs ?? 0) + 1000, 'over');
  const failed = judge.finish()[0]?.steps.find(({ verdict }) => verdict === 'failed');
  return failed && { step: failed.step, cause: failed.cause };
};

describe('the conversation with wdsnbp', () => {
  it('is pending, approved, prompted, and names the next program', () => {
    const { client, named, failed } = judgeScript([
      ...PROXY_BOOT,
      ...bootProgramRound(1, { versionQuery: true }, PENDING),
      ...bootProgramRound(2, {}, PENDING),
      ...bootProgramRound(3, {}, { actionDone: 1, requestId: 7, pxeClientPrompt: 1 }, 'boot\\x86\\pxeboot.com'),
      ...bootProgramRound(4, { pxePromptDone: 1 }, { pxeClientPrompt: 2 }, NEXT),
      ...tftpTransfer('9', NEXT, 30_000),
    ]);
    expect(failed).toEqual([]);
    expect(client.verdict).toBe('passed');
    expect(named('wdsnbp.pending').map(({ verdict }) => verdict)).toEqual(['passed', 'recorded']);
    expect(named('wdsnbp.pending')[0]?.detail).toEqual({
      server: SERVER_IP,
      requestId: 7,
      pollIntervalSeconds: 2,
      pollRetryCount: 5,
      message: 'ask Anne',
    });
    expect(named('wdsnbp.approved')[0]).toMatchObject({
      detail: { requestId: 7, polls: 2, bootfile: 'boot\\x86\\pxeboot.com' },
      durationMs: 2010,
    });
    expect(named('wdsnbp.prompt')[0]?.detail).toEqual({ prompt: 'opt-in' });
    expect(named('proxydhcp.request').at(-1)?.detail).toMatchObject({
      promptDone: 'opt-in',
      architecture: 0,
      clientPort: 68,
    });
    expect(named('proxydhcp.ack').at(-1)?.detail).toMatchObject({
      bootfile: NEXT,
      bcdPath: 'boot\\x86\\default.bcd',
      prompt: 'no-prompt',
    });
  });

  it('holds the client to the last program that was named', () => {
    const script = [
      ...PROXY_BOOT,
      ...bootProgramRound(1, {}, { pxeClientPrompt: 2 }, NEXT),
      ...tftpTransfer('9', 'boot\\x86\\other.com', 30_000),
    ];
    expect(outcome(script).first).toEqual({ step: 'tftp.read-request', cause: 'wrong-boot-file' });
  });

  it('counts a question that is sent again once', () => {
    const [question, answer] = bootProgramRound(2, {}, { actionDone: 1 }, NEXT) as [Line, Line];
    const { named } = judgeScript([...PROXY_BOOT, ...bootProgramRound(1, {}, PENDING), question, question, answer]);
    expect(named('wdsnbp.approved')[0]?.detail).toMatchObject({ polls: 1 });
  });

  it('ends in a rejection', () => {
    const script = [
      ...PROXY_BOOT,
      ...bootProgramRound(1, {}, PENDING),
      ...bootProgramRound(2, {}, { nextAction: 5, message: 'no' }, 'boot\\x86\\abortpxe.com'),
    ];
    expect(outcome(script).first).toEqual({ step: 'wdsnbp.rejected', cause: 'device-rejected' });
  });

  it('waits in vain: until nothing is asked any more, or until the client has gone', () => {
    const plan = planOf({ expectations: expecting(['wdsnbp.pending'], ['tftp.transfer', { path: NEXT }]) });
    const script = [...PROXY_BOOT, ...bootProgramRound(1, {}, PENDING), ...bootProgramRound(2, {}, PENDING)];
    expect(outcome(script, plan, 61_000).first).toEqual({ step: 'wdsnbp.approved', cause: 'device-pending' });
    expect(ended(script, plan)).toEqual({ step: 'tftp.transfer', cause: 'device-pending' });
  });

  it('goes on with the server that it is referred to, and names its silence', () => {
    const referred = [...PROXY_BOOT, ...bootProgramRound(1, {}, { nextAction: 3, referralServer: OTHER_SERVER })];
    const asked = bootProgramRound(2, {}, { pxeClientPrompt: 2 }, NEXT, OTHER_SERVER);
    expect(judgeScript([...referred, ...asked]).named('wdsnbp.referral')[0]?.detail).toEqual({
      server: SERVER_IP,
      referralServer: OTHER_SERVER,
    });
    expect(outcome([...referred, ...asked])).toEqual({ verdict: 'passed', first: undefined });
    expect(outcome([...referred, ...asked.slice(0, 1)], planOf({}), 11_000).first).toEqual({
      step: 'proxydhcp.ack',
      cause: 'referral-unanswered',
    });
  });

  it('knows the prompt that nobody answered', () => {
    const plan = planOf({ expectations: expecting(['tftp.transfer', { path: 'boot\\x86\\pxeboot.com' }]) });
    expect(
      ended([...PROXY_BOOT, ...bootProgramRound(1, {}, { pxeClientPrompt: 1 }, 'boot\\x86\\pxeboot.com')], plan),
    ).toEqual({ step: 'tftp.transfer', cause: 'prompt-unanswered' });
  });

  it('reads numbers as the scenario’s server writes them', () => {
    // 2 seconds as 20 units of 100 ms, little-endian: 20 read big-endian is 5120.
    const script = [...PROXY_BOOT, ...bootProgramRound(1, {}, { nextAction: 1, pollInterval: 20 * 256 })];
    const plan = planOf({
      services: [service('proxydhcp', { wds: { byteOrder: 'little-endian', pollIntervalUnitMs: 100 } })],
    });
    expect(judgeScript(script, plan).named('wdsnbp.pending')[0]?.detail).toMatchObject({ pollIntervalSeconds: 2 });
  });
});

describe('the boot server’s answer', () => {
  it('goes to the port that asked', () => {
    const [question] = proxyRound().slice(-2) as [Line, Line];
    const elsewhere: Line = [
      1,
      dhcp(
        'proxydhcp.ack',
        { server: SERVER_IP, file: 'a.0', vendorClass: 'PXEClient' },
        { fromPort: 4011, to: CLIENT_IP, toPort: 4011 },
      ),
    ];
    const { failed } = judgeScript([...dhcpRound({}, proxyOffer()), question, elsewhere]);
    expect(failed[0]).toMatchObject({
      step: 'proxydhcp.ack',
      cause: 'proxydhcp-wrong-port',
      expected: 'an answer to port 68, which asked',
    });
  });
});

describe('misconfigured boot services', () => {
  const bothOn67 = dhcp(
    'proxydhcp.offer',
    { server: DHCP_IP, siaddr: DHCP_IP, vendorClass: 'PXEClient' },
    { from: DHCP_IP },
  );
  const offer = dhcp('dhcp.offer', { server: DHCP_IP, yiaddr: CLIENT_IP, leaseSeconds: 60 }, { from: DHCP_IP });
  const discover: Line = [1, dhcp('dhcp.discover', PXE)];

  it.each([
    ['before', [discover, [1, bothOn67], [1, offer]]],
    ['after', [discover, [1, offer], [1, bothOn67]]],
  ] as const)('both on port 67: the boot server’s offer %s the address', (_, script) => {
    expect(outcome(script).first).toEqual({ step: 'proxydhcp.offer', cause: 'pxe-and-dhcp-both-on-67' });
  });

  it('is none when the boot server is another host', () => {
    expect(
      judgeScript([discover, [1, offer], ...proxyOffer()])
        .named('proxydhcp.offer')
        .map(({ verdict }) => verdict),
    ).toEqual(['passed']);
  });

  const option60 = [
    ...dhcpRound({ vendorClass: 'PXEClient' }),
    [1, dhcp('proxydhcp.request', { ...PXE, ciaddr: CLIENT_IP }, { from: CLIENT_IP, to: DHCP_IP, toPort: 4011 })],
  ] as const;

  it('option 60 without a boot server: told by the wire alone, and when the client has gone', () => {
    expect(outcome(option60, planOf({}), 11_000).first).toEqual({
      step: 'proxydhcp.ack',
      cause: 'option-60-without-boot-server',
    });
    expect(ended(option60, planOf({ expectations: expecting(['proxydhcp.ack']) }))).toEqual({
      step: 'proxydhcp.ack',
      cause: 'option-60-without-boot-server',
    });
  });

  it('a boot server that is there and silent is another thing', () => {
    const services = [service('proxydhcp', { address: DHCP_IP, port4011: true, bootfile: 'a.0' })];
    expect(outcome(option60, planOf({ services }), 11_000).first).toEqual({
      step: 'proxydhcp.ack',
      cause: 'proxydhcp-silent',
    });
  });

  it('two boot servers: the client asks the one that the scenario does not mean', () => {
    const second: Line = [
      1,
      dhcp(
        'proxydhcp.offer',
        { server: OTHER_SERVER, siaddr: OTHER_SERVER, vendorClass: 'PXEClient' },
        { from: OTHER_SERVER },
      ),
    ];
    const plan = planOf({ expectations: expecting(['proxydhcp.ack', { server: OTHER_SERVER }]) });
    expect(ended([...dhcpRound({}, [...proxyOffer(), second]), ...proxyRound()], plan)).toEqual({
      step: 'proxydhcp.ack',
      cause: 'two-boot-servers',
    });
    expect(ended([...dhcpRound({}, proxyOffer()), ...proxyRound()], plan)).toEqual({
      step: 'proxydhcp.ack',
      cause: 'different-detail',
    });
  });

  const noBootFile = (services: readonly ServicePlan[], vendorArch = 0) => {
    const lines = dhcpRound().map(
      ([afterMs, body]): Line =>
        body.type === 'dhcp.discover'
          ? [afterMs, dhcp('dhcp.discover', { ...PXE, arch: vendorArch })]
          : [afterMs, body],
    );
    return ended(lines, planOf({ services, expectations: expecting(['tftp.transfer', { path: 'a.0' }]) }))?.cause;
  };

  it.each([
    [
      'no boot file for the architecture',
      [service('dhcp'), service('proxydhcp', { bootfiles: { '0': 'a.0' } }), service('tftp')],
      7,
      'no-boot-file-for-architecture',
    ],
    [
      'the same in DHCP',
      [service('dhcp', { bootfiles: { '0': 'a.0' } }), service('tftp')],
      7,
      'no-boot-file-for-architecture',
    ],
    ['files that nobody tells of', [service('dhcp', { bootfiles: {} }), service('tftp')], 0, 'transport-server-only'],
    [
      'a server for known computers',
      [service('dhcp'), service('proxydhcp', { bootfile: 'a.0', wds: { unknown: 'ignore' } }), service('tftp')],
      0,
      'unknown-computer-ignored',
    ],
    ['nothing at all', [service('dhcp')], 0, 'no-boot-file'],
    [
      'a boot server that should have offered',
      [service('dhcp'), service('proxydhcp', { bootfile: 'a.0' }), service('tftp')],
      0,
      'no-boot-file',
    ],
  ] as const)('%s', (_, services, arch, cause) => {
    expect(noBootFile(services, arch)).toBe(cause);
  });
});
