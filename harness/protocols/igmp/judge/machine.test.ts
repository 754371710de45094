import { describe, expect, it } from 'vitest';
import { CLIENT, type Host, SERVER, Tape } from '../../../observe/testing/scene.ts';
import { boot, START_US } from '../../../verdict/testing/boot-story.ts';
import { expecting, judge, planOf, type PlanPart } from '../../../verdict/testing/judge-story.ts';
import { DhcpScene } from '../../dhcp/testing/scene.ts';
import { TftpScene } from '../../tftp/testing/scene.ts';
import { IgmpScene, QUERIER } from '../testing/scene.ts';

const GROUP = '239.1.2.3';
const SOURCE = '10.9.0.9';
const OTHER: Host = { mac: '00:1f:29:04:77:0e', ip: '172.22.52.208' };
const ALONE = { clients: [CLIENT.mac] };
const SILENCE_MS = 31_000;

/** The steps about groups of the scenario's client. */
const steps = (scene: IgmpScene, idleMs = 0, plan: Partial<PlanPart> = {}) =>
  judge(scene, planOf(plan), { idleMs })
    .client.steps.filter(({ step }) => step.startsWith('igmp.') && !step.endsWith('.unfinished'))
    .map(({ step, verdict, detail, cause, why, expected, actual, durationMs }) => ({
      ...{ step, verdict, detail, cause, why, expected, actual, durationMs },
    }));
const told = (scene: IgmpScene, idleMs = 0) => steps(scene, idleMs).map(({ step, verdict }) => [step, verdict]);

describe('a group', () => {
  it('is joined, asked about, answered for and left, in version 2', () => {
    const scene = new IgmpScene()
      .report(CLIENT, GROUP)
      .report(CLIENT, GROUP)
      .query({ maxRespCode: 50 })
      .wait(2_000_000)
      .report(CLIENT, GROUP)
      .leave(CLIENT, GROUP)
      .query({ group: GROUP, maxRespCode: 10 });
    expect(steps(scene, SILENCE_MS)).toMatchObject([
      {
        step: 'igmp.join',
        verdict: 'passed',
        detail: { group: GROUP, version: 2, to: GROUP, ttl: 1, routerAlert: true },
      },
      { step: 'igmp.report', verdict: 'recorded', why: expect.stringContaining('the same again') as string },
      {
        step: 'igmp.query',
        verdict: 'passed',
        detail: { querier: QUERIER.ip, version: 2, to: '224.0.0.1', ttl: 1, maxRespMs: 5000, asks: GROUP },
      },
      {
        step: 'igmp.report',
        verdict: 'passed',
        detail: { group: GROUP, querier: QUERIER.ip },
        durationMs: expect.closeTo(2000, 0) as number,
      },
      { step: 'igmp.leave', verdict: 'passed', detail: { group: GROUP, to: '224.0.0.2' } },
      { step: 'igmp.query', verdict: 'passed', detail: { group: GROUP, maxRespMs: 1000 } },
    ]);
  });

  it('has sources, in version 3', () => {
    const scene = new IgmpScene()
      .record(CLIENT, GROUP, 'allow-new-sources', [SOURCE])
      .record(CLIENT, GROUP, 'allow-new-sources', [SOURCE])
      .record(CLIENT, GROUP, 'change-to-exclude')
      .query({ version: 3, group: GROUP, sources: [SOURCE] })
      .record(CLIENT, GROUP, 'mode-is-include', [SOURCE])
      .record(CLIENT, GROUP, 'block-old-sources', [SOURCE])
      .query({ version: 3, group: GROUP, sources: [SOURCE] })
      .record(CLIENT, GROUP, 'change-to-include')
      .record(CLIENT, GROUP, 'change-to-include');
    expect(steps(scene, SILENCE_MS)).toMatchObject([
      {
        step: 'igmp.join',
        verdict: 'passed',
        detail: { record: 'allow-new-sources', sources: SOURCE, hears: SOURCE },
      },
      { step: 'igmp.report', verdict: 'recorded' },
      { step: 'igmp.report', verdict: 'passed', detail: { record: 'change-to-exclude', hears: 'all' } },
      { step: 'igmp.query', verdict: 'passed', detail: { sources: SOURCE, asks: GROUP } },
      { step: 'igmp.report', verdict: 'passed', detail: { record: 'mode-is-include', querier: QUERIER.ip } },
      { step: 'igmp.report', verdict: 'passed', detail: { sources: SOURCE, hears: `all but ${SOURCE}` } },
      // Blocked: it has nothing to answer.
      { step: 'igmp.query', verdict: 'passed' },
      { step: 'igmp.leave', verdict: 'passed', detail: { record: 'change-to-include', hears: 'none' } },
      { step: 'igmp.leave', verdict: 'recorded' },
    ]);
  });

  it('may have any number of sources, of which so many are remembered, and some are shown', () => {
    const scene = new IgmpScene();
    const named = (count: number, first = 0): string[] =>
      Array.from({ length: count }, (_, index) => `10.${(first + index) >> 8}.${(first + index) & 255}.7`);
    for (let frame = 0; frame < 20; frame++) scene.record(CLIENT, GROUP, 'allow-new-sources', named(300, frame * 300));
    scene.record(CLIENT, GROUP, 'change-to-exclude', named(17));
    const all = steps(scene);
    expect(all.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 21 }, () => 'passed'));
    expect(all[0]?.detail?.['hears']).toMatch(/^10\.0\.0\.7, 10\.0\.1\.7, .*, and 284 more$/);
    expect(all[19]?.detail?.['hears']).toMatch(/^10\.21\.112\.7, .*, and 496 more$/);
    expect(all[20]?.detail?.['hears']).toMatch(/^all but 10\.0\.0\.7, .*, and 1 more$/);
    expect(all[20]?.detail?.['sources']).toMatch(/^10\.0\.0\.7, .*, and 1 more$/);
  });

  it('that the capture does not show to be joined is known by its reports, and its leave is recorded', () => {
    expect(told(new IgmpScene().record(CLIENT, GROUP, 'mode-is-exclude').leave(CLIENT, GROUP))).toEqual([
      ['igmp.report', 'recorded'],
      ['igmp.leave', 'passed'],
    ]);
    expect(steps(new IgmpScene().leave(CLIENT, GROUP))).toMatchObject([
      { step: 'igmp.leave', verdict: 'recorded', why: expect.stringContaining('not in the group') as string },
    ]);
  });

  it('of other records says nothing, and one message may have many', () => {
    const scene = new IgmpScene().record(CLIENT, GROUP, 9).igmp(
      CLIENT,
      { to: '224.0.0.22' },
      {
        type: 'report',
        version: 3,
        records: [GROUP, '239.1.2.4'].map((group) => ({
          ...{ type: 'change-to-exclude', group, sources: [], auxiliary: new Uint8Array(8) },
        })) as never,
      },
    );
    expect(steps(scene).map(({ detail }) => detail?.['group'])).toEqual([GROUP, '239.1.2.4']);
  });

  it.each(['255.1.2.3', '10.0.0.1', '0.0.0.0'])('that is none fails: %s', (group) => {
    const failed = {
      verdict: 'failed',
      cause: 'no-group',
      actual: group,
      expected: expect.stringContaining('RFC 1112') as string,
    };
    expect(steps(new IgmpScene().record(CLIENT, group, 'change-to-exclude'))).toMatchObject([
      { step: 'igmp.join', ...failed },
    ]);
    expect(steps(new IgmpScene().leave(CLIENT, group))).toMatchObject([{ step: 'igmp.leave', ...failed }]);
  });
});

describe('a query', () => {
  const member = () => new IgmpScene().report(CLIENT, GROUP);

  it('that is not answered in its own time is recorded: nobody can tell a program that ended from one that hangs', () => {
    expect(told(member().query({ maxRespCode: 100 }), 10_000)).toHaveLength(2);
    expect(steps(member().query({ maxRespCode: 100 }), 10_300)[2]).toMatchObject({
      step: 'igmp.report',
      verdict: 'recorded',
      cause: 'member-silent',
      detail: { group: GROUP, querier: QUERIER.ip },
    });
    expect(told(member().query({ maxRespCode: 10 }), 1300)).toHaveLength(3);
    // A version 1 query has no time of its own.
    expect(told(member().query({ version: 1 }), 10_100)).toHaveLength(2);
    const late = member().query({ maxRespCode: 10 }).wait(2_000_000).report(CLIENT, GROUP).query();
    expect(told(late.report(CLIENT, GROUP))).toEqual([
      ['igmp.join', 'passed'],
      ['igmp.query', 'passed'],
      ['igmp.report', 'recorded'],
      ['igmp.report', 'recorded'],
      ['igmp.query', 'passed'],
      ['igmp.report', 'passed'],
    ]);
  });

  it('is answered by another host for the client, up to version 2', () => {
    const suppressed = (version: 2 | 3) => member().query({ version }).report(OTHER, GROUP);
    expect(steps(suppressed(2), SILENCE_MS)[2]).toMatchObject({
      step: 'igmp.report',
      verdict: 'recorded',
      why: `${OTHER.ip} answered for the group, so that the client need not (RFC 2236 section 3)`,
    });
    expect(steps(suppressed(2), SILENCE_MS)[2]?.cause).toBeUndefined();
    expect(steps(suppressed(3), SILENCE_MS)[2]).toMatchObject({ cause: 'member-silent' });
  });

  it('about other groups, or before any group, concerns the client not', () => {
    expect(told(new IgmpScene().query().report(CLIENT, GROUP).query({ group: '239.1.2.4' }))).toEqual([
      ['igmp.join', 'passed'],
    ]);
    expect(told(member().query({ to: OTHER.ip }))).toEqual([['igmp.join', 'passed']]);
    expect(told(member().query({ to: CLIENT.ip }))).toEqual([
      ['igmp.join', 'passed'],
      ['igmp.query', 'passed'],
    ]);
  });

  it('with a larger time to live than 1 fails where routers carry it to other links', () => {
    expect(steps(member().query({ group: GROUP, ttl: 64 }))[1]).toMatchObject({
      step: 'igmp.query',
      verdict: 'failed',
      cause: 'igmp-forwarded',
      actual: 'time to live 64',
      detail: { ttl: 64 },
    });
    // To 224.0.0.1 no router carries it, however long it may live.
    expect(steps(member().query({ ttl: 64 }))[1]).toMatchObject({ verdict: 'passed', detail: { ttl: 64 } });
  });
});

it('a report with a larger time to live than 1 fails where routers carry it to other links', () => {
  expect(steps(new IgmpScene().report(CLIENT, GROUP, { ttl: 2 }))).toMatchObject([
    { step: 'igmp.join', verdict: 'failed', cause: 'igmp-forwarded' },
  ]);
  expect(steps(new IgmpScene().record(CLIENT, GROUP, 'change-to-exclude', [], { ttl: 2 }))).toMatchObject([
    { step: 'igmp.join', verdict: 'passed', detail: { ttl: 2 } },
  ]);
});

describe('a client that names more groups than any system joins', () => {
  const groups = (count: number, first = 0): string[] =>
    Array.from({ length: count }, (_, index) => `239.1.${(first + index) >> 8}.${(first + index) & 255}`);
  const many = (count: number): IgmpScene => {
    const scene = new IgmpScene();
    for (const group of groups(count)) scene.record(CLIENT, group, 'change-to-exclude');
    return scene;
  };

  it('is followed in the first of them, and it is said once that there are more', () => {
    const all = steps(many(300));
    expect(all.map(({ step }) => step)).toEqual([...groups(256).map(() => 'igmp.join'), 'igmp.excess']);
    expect(all.at(-1)).toMatchObject({ verdict: 'recorded', detail: { group: '239.1.1.0', followed: 256 } });
  });

  it('is asked for those that are followed, and not for those that it has left', () => {
    const asks = (scene: IgmpScene): string[] =>
      scene
        .query({ version: 3 })
        .events(ALONE)
        .flatMap((event) => (event.type === 'igmp.query' ? event.asks : []));
    expect(asks(many(300))).toEqual(groups(256));
    const leaves = many(300).leave(CLIENT, '239.1.0.0').leave(CLIENT, '239.1.1.0');
    expect(asks(leaves)).toEqual(groups(255, 1));
    expect(asks(leaves.record(CLIENT, '239.1.0.0', 'change-to-exclude')).slice(255)).toEqual(groups(256));
  });
});

it('a message with a wrong checksum, or that does not decode, is dropped by every receiver', () => {
  const { client } = judge(
    new IgmpScene()
      .report(CLIENT, GROUP, { checksum: 1 })
      .report(CLIENT, GROUP)
      .query({ checksum: 2 })
      .ip(CLIENT, { mac: '01:00:5e:00:00:16', ip: '224.0.0.22' }, 2, Uint8Array.of(0x22, 0)),
    planOf({}),
  );
  expect(client.steps.slice(0, 4)).toMatchObject([
    { step: 'igmp.malformed', detail: { reason: 'expected checksum 0xf8fa, got 0x0001' } },
    { step: 'igmp.join', verdict: 'passed' },
    { step: 'igmp.malformed', detail: { reason: 'expected checksum 0xee9b, got 0x0002' } },
    { step: 'igmp.malformed', detail: { reason: 'checksum needs 2 bytes but only 0 remain' } },
  ]);
});

describe('groups that systems join by themselves', () => {
  // What Windows and Linux say while they run, and what is wrong with some of it.
  const BACKGROUND = ['224.0.0.1', '224.0.0.22', '224.0.0.251', '224.0.0.252', '239.255.255.250'];
  const chatter = (tape: Tape, host: Host): void => {
    const scene = new IgmpScene(tape);
    for (const group of BACKGROUND)
      scene.report(host, group, { ttl: 64 }).record(host, group, 'mode-is-exclude').query({ group, ttl: 64 });
    scene.query().leave(host, '239.255.255.250').leave(host, '239.255.255.253').query({ version: 1 });
  };
  const PLAN = {
    strict: true,
    expectations: expecting(['dhcp.ack'], ['tftp.transfer', { path: 'pxelinux.0' }], ['boot.complete']),
  };
  const withChatter = (host: Host) => {
    const story = boot();
    chatter(story.tape, host);
    story.dhcpRound({ siaddr: SERVER.ip, bootfile: 'pxelinux.0' });
    chatter(story.tape, host);
    return story
      .arp()
      .loads(['pxelinux.0', 42_000])
      .also(({ tape }) => chatter(tape, host));
  };

  it.each([
    ['the client', CLIENT],
    ['another host', OTHER],
  ])('change no verdict, whoever speaks: %s', (_, host) => {
    for (const plan of [planOf({}), planOf({ ...PLAN, strict: false }), undefined]) {
      const [quiet, loud] = [boot().dhcpBoot(), withChatter(host)].map((story) => judge(story, plan));
      expect(quiet?.client.verdict).toBe('passed');
      expect(loud?.failed).toEqual(quiet?.failed);
      expect(loud?.client).toMatchObject({ verdict: quiet?.client.verdict, firmware: quiet?.client.firmware });
    }
    expect(judge(withChatter(host), planOf({})).named('igmp.join')).toHaveLength(host === CLIENT ? 7 : 0);
  });

  it('are incidental: a strict scenario allows them', () => {
    const list = expecting(['dhcp.discover'], ['dhcp.offer'], ['dhcp.ack'], ['tftp.transfer', { path: 'pxelinux.0' }]);
    const verdicts = [boot().dhcpBoot(), withChatter(CLIENT)].map(
      (story) => judge(story, planOf({ strict: true, expectations: list })).client.verdict,
    );
    expect(verdicts[1]).toBe(verdicts[0]);
  });

  it('are nothing that a boot waits for: what ended it from outside is told without them', () => {
    const asked = (tell: (story: ReturnType<typeof boot>) => unknown) =>
      judge(
        boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'pxelinux.0' }).also(tell),
        planOf({ expectations: expecting(['tftp.transfer']) }),
        { ended: 'nothing moved', how: 'idle' },
      ).failed;
    const quiet = asked(() => undefined);
    expect(quiet).toMatchObject([{ actual: expect.stringContaining('it was waiting for') as string }]);
    const loud = asked(({ tape }) => new IgmpScene(tape).report(CLIENT, GROUP).query());
    expect(loud.map(({ actual }) => actual?.split('waiting for')[1])).toEqual(
      quiet.map(({ actual }) => actual?.split('waiting for')[1]),
    );
  });

  it('make nobody a client', () => {
    const tape = new Tape(START_US);
    chatter(tape, OTHER);
    expect(new IgmpScene(tape).events()).toEqual([]);
  });
});

it('the groups of a host that turns out to be a client are told first, those before a new address are not', () => {
  const eventsAfter = (begin: (tape: Tape) => unknown): string[] => {
    const scene = new IgmpScene().report(CLIENT, GROUP).query();
    begin(scene.tape);
    return scene.events().map(({ type }) => type);
  };
  expect(eventsAfter((tape) => new TftpScene(tape).request('a')).slice(0, 3)).toEqual([
    ...['igmp.join', 'igmp.query', 'tftp.read-request'],
  ]);
  expect(eventsAfter((tape) => new DhcpScene(tape).discover())).toEqual(['dhcp.discover']);
});
