import { describe, expect, it } from 'vitest';
import { SERVER, type Host } from '../../observe/testing/scene.ts';
import { DHCP_SERVER } from '../../protocols/dhcp/testing/scene.ts';
import { boot, type BootStory } from '../testing/boot-story.ts';
import { expecting, judge, planOf, type StoryEnd } from '../testing/judge-story.ts';
import { service } from '../testing/planned-services.ts';
import { bootServiceCause, createServiceHistory } from './boot-service-facts.ts';

const OTHER_SERVER: Host = { mac: '00:1f:29:04:77:0e', ip: '172.22.52.208' };
const NEXT = 'boot\\x86\\pxeboot.n12';
const PENDING = { nextAction: 1, requestId: 7, pollInterval: 2, pollRetryCount: 5, message: 'ask Anne' } as const;

/** The first failure of a story, by step and cause. */
const outcome = (story: BootStory, plan = planOf({}), end?: StoryEnd) => {
  const [failure] = judge(story, plan, end).failed;
  return failure && { step: failure.step, cause: failure.cause };
};
/** A client that ends by itself after its last frame. */
const OVER: StoryEnd = { ended: 'over' };

describe('the conversation with wdsnbp', () => {
  it('is pending, approved, prompted, and names the next program', () => {
    const { client, named, failed } = judge(
      boot()
        .proxyBoot()
        .programRound(1, { versionQuery: true }, PENDING)
        .programRound(2, {}, PENDING)
        .programRound(3, {}, { actionDone: 1, requestId: 7, pxeClientPrompt: 1 }, 'boot\\x86\\pxeboot.com')
        .programRound(4, { pxePromptDone: 1 }, { pxeClientPrompt: 2 }, NEXT)
        .loads([NEXT, 30_000]),
    );
    expect(failed).toEqual([]);
    expect(client.verdict).toBe('passed');
    expect(named('wdsnbp.pending').map(({ verdict }) => verdict)).toEqual(['passed', 'recorded']);
    expect(named('wdsnbp.pending')[0]?.detail).toEqual({
      server: SERVER.ip,
      requestId: 7,
      pollIntervalSeconds: 2,
      pollRetryCount: 5,
      message: 'ask Anne',
    });
    expect(named('wdsnbp.approved')[0]).toMatchObject({
      detail: { requestId: 7, polls: 2, bootfile: 'boot\\x86\\pxeboot.com' },
      // Two more questions a second apart, answered after 5 ms; four frames.
      durationMs: 2010.4,
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
    const story = boot()
      .proxyBoot()
      .programRound(1, {}, { pxeClientPrompt: 2 }, NEXT)
      .loads(['boot\\x86\\other.com', 30_000]);
    expect(outcome(story)).toEqual({ step: 'tftp.read-request', cause: 'wrong-boot-file' });
  });

  it('counts a question that is sent again once', () => {
    const story = boot().proxyBoot().programRound(1, {}, PENDING).programQuestion(2, {});
    const { named } = judge(story.programRound(2, {}, { actionDone: 1 }, NEXT));
    expect(named('wdsnbp.approved')[0]?.detail).toMatchObject({ polls: 1 });
  });

  it('ends in a rejection', () => {
    const story = boot()
      .proxyBoot()
      .programRound(1, {}, PENDING)
      .programRound(2, {}, { nextAction: 5, message: 'no' }, 'boot\\x86\\abortpxe.com');
    expect(outcome(story)).toEqual({ step: 'wdsnbp.rejected', cause: 'device-rejected' });
  });

  it('waits in vain: until nothing is asked any more, or until the client has gone', () => {
    const plan = planOf({ expectations: expecting(['wdsnbp.pending'], ['tftp.transfer', { path: NEXT }]) });
    const story = boot().proxyBoot().programRound(1, {}, PENDING).programRound(2, {}, PENDING);
    expect(outcome(story, plan, { idleMs: 61_000 })).toEqual({ step: 'wdsnbp.approved', cause: 'device-pending' });
    expect(outcome(story, plan, OVER)).toEqual({ step: 'tftp.transfer', cause: 'device-pending' });
  });

  it('goes on with the server that it is referred to, and names its silence', () => {
    const referred = () => boot().proxyBoot().programRound(1, {}, { nextAction: 3, referralServer: OTHER_SERVER.ip });
    const answered = referred().programRound(2, {}, { pxeClientPrompt: 2 }, NEXT, OTHER_SERVER);
    const { client, named, failed } = judge(answered, planOf({}));
    expect(named('wdsnbp.referral')[0]?.detail).toEqual({
      server: SERVER.ip,
      referralServer: OTHER_SERVER.ip,
    });
    expect({ verdict: client.verdict, failed }).toEqual({ verdict: 'passed', failed: [] });
    expect(outcome(referred().programQuestion(2, {}, OTHER_SERVER), planOf({}), { idleMs: 11_000 })).toEqual({
      step: 'proxydhcp.ack',
      cause: 'referral-unanswered',
    });
  });

  it('knows the prompt that nobody answered', () => {
    const plan = planOf({ expectations: expecting(['tftp.transfer', { path: 'boot\\x86\\pxeboot.com' }]) });
    const story = boot().proxyBoot().programRound(1, {}, { pxeClientPrompt: 1 }, 'boot\\x86\\pxeboot.com');
    expect(outcome(story, plan, OVER)).toEqual({ step: 'tftp.transfer', cause: 'prompt-unanswered' });
  });

  it('reads numbers as the scenario’s server writes them', () => {
    // 2 seconds as 20 units of 100 ms, little-endian: 20 read big-endian is 5120.
    const story = boot()
      .proxyBoot()
      .programRound(1, {}, { nextAction: 1, pollInterval: 20 * 256 });
    const plan = planOf({
      services: [service('proxydhcp', { wds: { byteOrder: 'little-endian', pollIntervalUnitMs: 100 } })],
    });
    expect(judge(story, plan).named('wdsnbp.pending')[0]?.detail).toMatchObject({ pollIntervalSeconds: 2 });
  });
});

it('the boot server’s answer goes to the port that asked', () => {
  const story = boot()
    .pxeRound()
    .proxyQuestion()
    .also(({ dhcp }) => dhcp.bootServerAnswer({ file: 'a.0' }, SERVER, { from: 4011, to: 4011 }));
  expect(judge(story).failed[0]).toMatchObject({
    step: 'proxydhcp.ack',
    cause: 'proxydhcp-wrong-port',
    expected: 'an answer to port 68, which asked',
  });
});

describe('misconfigured boot services', () => {
  const bothOn67 = { step: 'proxydhcp.offer', cause: 'pxe-and-dhcp-both-on-67' };

  it('both on port 67: the boot server’s offer before the address', () => {
    const story = boot().also(({ dhcp }) => dhcp.discover().bootServerOffer({}, DHCP_SERVER).offer());
    expect(outcome(story)).toEqual(bothOn67);
  });

  it('both on port 67: the boot server’s offer after the address', () => {
    const story = boot().also(({ dhcp }) => dhcp.discover().offer().bootServerOffer({}, DHCP_SERVER));
    expect(outcome(story)).toEqual(bothOn67);
  });

  it('is none when the boot server is another host', () => {
    const story = boot().also(({ dhcp }) => dhcp.discover().offer().bootServerOffer());
    expect(
      judge(story)
        .named('proxydhcp.offer')
        .map(({ verdict }) => verdict),
    ).toEqual(['passed']);
  });

  const option60 = boot()
    .dhcpRound({ vendorClass: 'PXEClient' })
    .also(({ dhcp }) => dhcp.askBootServer({}, DHCP_SERVER));

  it('option 60 without a boot server: told by the wire alone, and when the client has gone', () => {
    const unanswered = { step: 'proxydhcp.ack', cause: 'option-60-without-boot-server' };
    expect(outcome(option60, planOf({}), { idleMs: 11_000 })).toEqual(unanswered);
    expect(outcome(option60, planOf({ expectations: expecting(['proxydhcp.ack']) }), OVER)).toEqual(unanswered);
  });

  it('a boot server that is there and silent is another thing', () => {
    const services = [service('proxydhcp', { address: DHCP_SERVER.ip, port4011: true, bootfile: 'a.0' })];
    expect(outcome(option60, planOf({ services }), { idleMs: 11_000 })).toEqual({
      step: 'proxydhcp.ack',
      cause: 'proxydhcp-silent',
    });
  });

  it('two boot servers: the client asks the one that the scenario does not mean', () => {
    const plan = planOf({ expectations: expecting(['proxydhcp.ack', { server: OTHER_SERVER.ip }]) });
    const two = boot()
      .offered()
      .also(({ dhcp }) => dhcp.bootServerOffer().bootServerOffer({}, OTHER_SERVER))
      .given()
      .proxyRound();
    expect(outcome(two, plan, OVER)).toEqual({ step: 'proxydhcp.ack', cause: 'two-boot-servers' });
    expect(outcome(boot().pxeRound().proxyRound(), plan, OVER)).toEqual({
      step: 'proxydhcp.ack',
      cause: 'different-detail',
    });
  });

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
    const story = boot()
      .wait(3000)
      .also(({ dhcp }) => dhcp.discover({ arch }).offer())
      .given();
    const plan = planOf({ services, expectations: expecting(['tftp.transfer', { path: 'a.0' }]) });
    expect(outcome(story, plan, OVER)?.cause).toBe(cause);
  });

  it.each([
    [
      'a server that names files for other architectures',
      { bootfiles: { '11': 'a' } },
      'no-boot-file-for-architecture',
    ],
    ['one that names a file, and leaves the option out', { bootfiles: { '7': 'a' } }, undefined],
    ['one that names none', {}, undefined],
  ])('over IPv6: %s', (_, config, cause) => {
    const history = createServiceHistory();
    const step = { machine: 'dhcpv6', verdict: 'passed', startUs: 0, endUs: 0, frames: [1] } as const;
    // EDK2's network stack asks for an address of its own, and so does a system; what it boots is DHCPv6's to say.
    history.note({ ...step, step: 'dhcpv6.solicit', detail: {} });
    history.note({ ...step, step: 'dhcpv6.solicit', detail: { arch: 7 } });
    const services = [service('dhcp', { bootfile: 'a.0' }), service('dhcpv6', config), service('tftp')];
    const failed = { ...step, step: 'dhcpv6.request', verdict: 'failed', detail: {}, cause: 'no-boot-file' } as const;
    expect(bootServiceCause(failed, history, services)).toBe(cause);
  });

  it('files that nobody tells of are no transport server’s where the scenario cannot know who tells', () => {
    const story = boot()
      .wait(3000)
      .also(({ dhcp }) => dhcp.discover().offer())
      .given();
    const programs = [{ name: 'own', host: 'host-207', command: ['own'], folder: '/', ready: { udp: 67 } }];
    const plan = planOf({ services: [service('http')], expectations: expecting(['tftp.transfer', { path: 'a.0' }]) });
    expect(outcome(story, plan, OVER)?.cause).toBe('transport-server-only');
    expect(outcome(story, { ...plan, programs }, OVER)?.cause).toBe('no-boot-file');
  });
});
