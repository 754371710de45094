import { describe, expect, it } from 'vitest';
import { CLIENT, SERVER } from '../../../observe/testing/scene.ts';
import { judge, planOf } from '../../../verdict/testing/judge-story.ts';
import { Dhcpv6Scene, PXE6 } from '../testing/scene.ts';

const OTHER_SERVER = '00:1f:29:04:77:0e';
const URL = 'tftp://[fd77::1]/snponly.efi';
const SILENCE_MS = 61_000;

/** The DHCPv6 steps of the scenario's client. */
const steps = (scene: Dhcpv6Scene, idleMs = 0) =>
  judge(scene, planOf({}), { idleMs })
    .client.steps.filter(({ step, machine }) => machine === 'dhcpv6' && !step.endsWith('.unfinished'))
    .map(({ step, verdict, detail, cause, why, actual }) => ({ step, verdict, detail, cause, why, actual }));

describe('a round for an address', () => {
  it('passes step by step, and says what the client was given', () => {
    const given = { address: 'fd77::100', bootfile: URL, nextServer: 'fd77::1', arch: 7 };
    expect(steps(new Dhcpv6Scene().round({ bootfile: URL }))).toMatchObject([
      {
        step: 'dhcpv6.solicit',
        verdict: 'passed',
        detail: { arch: 7, attempt: 1, vendorClass: PXE6.vendorClass, clientId: `LL ${CLIENT.mac}` },
      },
      { step: 'dhcpv6.advertise', verdict: 'passed', detail: given },
      { step: 'dhcpv6.request', verdict: 'passed', detail: { requested: 'fd77::100', server: `LL ${SERVER.mac}` } },
      { step: 'dhcpv6.reply', verdict: 'passed', detail: given },
    ]);
  });

  it('says whether a server of HTTP boot says HTTPClient back', () => {
    const scene = new Dhcpv6Scene().solicit().advertise({ vendorClass: 'HTTPClient' }).request().reply();
    expect(steps(scene).map(({ detail }) => detail?.['vendorClass'])).toEqual([
      PXE6.vendorClass,
      'HTTPClient',
      PXE6.vendorClass,
      undefined,
    ]);
  });

  it('takes the boot file of the offer where the reply has none', () => {
    const scene = new Dhcpv6Scene().solicit().advertise({ bootfile: URL }).request().reply();
    expect(steps(scene).at(-1)).toMatchObject({ step: 'dhcpv6.reply', verdict: 'passed', detail: { bootfile: URL } });
  });

  it('may be one of two messages, by rapid commit alone', () => {
    const commit = { rapidCommit: true };
    expect(steps(new Dhcpv6Scene().solicit({ ...PXE6, ...commit }).reply(commit)).at(-1)).toMatchObject({
      step: 'dhcpv6.reply',
      verdict: 'passed',
    });
    expect(steps(new Dhcpv6Scene().solicit({ ...PXE6, ...commit }).reply()).at(-1)).toMatchObject({
      step: 'dhcpv6.reply',
      verdict: 'failed',
      cause: 'dhcpv6-unasked-answer',
    });
  });

  it('and one for settings alone has no address', () => {
    const scene = new Dhcpv6Scene()
      .ask('INFORMATION-REQUEST', { ...PXE6, iaid: null })
      .answer('REPLY', { iaid: null, bootfile: URL });
    expect(steps(scene)).toMatchObject([
      { step: 'dhcpv6.information-request', verdict: 'passed', detail: { arch: 7 } },
      { step: 'dhcpv6.reply', verdict: 'passed', detail: { bootfile: URL, nextServer: 'fd77::1' } },
    ]);
  });

  it('of one association does not disturb that of another', () => {
    const own = { iaid: 5, address: 'fd77::121' };
    const scene = new Dhcpv6Scene().solicit().advertise();
    scene.transaction = 0x111111;
    scene.solicit({ iaid: 5 }).advertise(own);
    scene.request({ ...own, arch: 7 }).reply(own);
    scene.transaction = 0x222222;
    expect(steps(scene.request().reply()).map(({ step, verdict }) => `${step} ${verdict}`)).toEqual([
      'dhcpv6.solicit passed',
      'dhcpv6.advertise passed',
      'dhcpv6.solicit passed',
      'dhcpv6.advertise passed',
      'dhcpv6.request passed',
      'dhcpv6.reply passed',
      'dhcpv6.request passed',
      'dhcpv6.reply passed',
    ]);
  });
});

describe('what an answer does wrong', () => {
  const offered = () => new Dhcpv6Scene().solicit();
  const asked = () => new Dhcpv6Scene().solicit().advertise().request();
  const changed = (scene: Dhcpv6Scene, transaction: number): Dhcpv6Scene => Object.assign(scene, { transaction });
  it.each<[what: string, scene: Dhcpv6Scene, step: string, cause: string]>([
    ['no address', offered().answer('ADVERTISE', {}), 'dhcpv6.advertise', 'dhcpv6-no-address'],
    ['a refusal', offered().answer('ADVERTISE', { status: 'NoAddrsAvail' }), 'dhcpv6.refused', 'dhcpv6-no-address'],
    ['another client', offered().advertise({ client: OTHER_SERVER }), 'dhcpv6.advertise', 'dhcpv6-wrong-client'],
    ['another association', offered().advertise({ iaid: 9 }), 'dhcpv6.advertise', 'dhcpv6-wrong-association'],
    ['no server', offered().advertise({ server: null }), 'dhcpv6.advertise', 'dhcpv6-no-server-identifier'],
    ['another transaction', changed(offered(), 7).advertise(), 'dhcpv6.advertise', 'dhcpv6-wrong-transaction'],
    ['no URL', offered().advertise({ bootfile: 'snponly.efi' }), 'dhcpv6.advertise', 'boot-file-url-unusable'],
    [
      'no brackets',
      offered().advertise({ bootfile: 'tftp://fd77::1/a' }),
      'dhcpv6.advertise',
      'boot-file-url-unusable',
    ],
    ['no path', offered().advertise({ bootfile: 'tftp://[fd77::1]' }), 'dhcpv6.advertise', 'boot-file-url-unusable'],
    [
      'an option cut short',
      offered().advertise({ more: [{ code: 23, data: Uint8Array.of(1) }] }),
      'dhcpv6.advertise',
      'malformed-message',
    ],
    ['another server', asked().reply({ server: OTHER_SERVER }), 'dhcpv6.reply', 'dhcpv6-wrong-server'],
    ['another address', asked().reply({ address: 'fd77::9' }), 'dhcpv6.reply', 'dhcpv6-address-changed'],
    ['off the link', asked().reply({ status: 'NotOnLink' }), 'dhcpv6.refused', 'dhcpv6-not-on-link'],
    ['for no reason', asked().reply({ status: 'UnspecFail' }), 'dhcpv6.refused', 'dhcpv6-refused'],
    [
      'a request to nobody who offered',
      offered().advertise().request({ server: OTHER_SERVER }),
      'dhcpv6.request',
      'dhcpv6-unoffered-request',
    ],
    [
      'a request for another address',
      offered().advertise().request({ address: 'fd77::9' }),
      'dhcpv6.request',
      'dhcpv6-unoffered-request',
    ],
    ['an address in use', asked().reply().ask('DECLINE', { address: 'fd77::100' }), 'dhcpv6.decline', 'address-in-use'],
  ])('%s', (_, scene, step, cause) => {
    expect(steps(scene).at(-1)).toMatchObject({ step, verdict: 'failed', cause });
  });

  it('is no matter where another server has offered an address', () => {
    const scene = offered().advertise().answer('ADVERTISE', { status: 'NoAddrsAvail', server: OTHER_SERVER });
    expect(steps(scene).at(-1)).toMatchObject({ step: 'dhcpv6.refused', verdict: 'recorded' });
  });
});

describe('silence', () => {
  it.each<[string, Dhcpv6Scene, string, string]>([
    ['to every SOLICIT', new Dhcpv6Scene().solicit().wait(1_000_000).solicit(), 'dhcpv6.advertise', 'dhcpv6-silent'],
    ['to the REQUEST', new Dhcpv6Scene().solicit().advertise().request(), 'dhcpv6.reply', 'dhcpv6-reply-missing'],
    ['to an offer without a boot file', new Dhcpv6Scene().solicit().advertise(), 'dhcpv6.request', 'no-boot-file'],
    [
      'to an offer with one',
      new Dhcpv6Scene().solicit().advertise({ bootfile: URL }),
      'dhcpv6.request',
      'dhcpv6-offer-ignored',
    ],
    [
      'to a question for settings',
      new Dhcpv6Scene().ask('INFORMATION-REQUEST', { ...PXE6, iaid: null }),
      'dhcpv6.reply',
      'dhcpv6-silent',
    ],
  ])('%s', (_, scene, step, cause) => {
    expect(steps(scene, SILENCE_MS).at(-1)).toMatchObject({ step, verdict: 'failed', cause });
  });
});

describe('what changes nothing', () => {
  it('is recorded: resends, and answers to other questions', () => {
    const scene = new Dhcpv6Scene().round().again();
    scene.transaction += 1;
    scene
      .ask('RELEASE', { address: 'fd77::100', server: SERVER.mac })
      .answer('REPLY', { iaid: null, status: 'Success' });
    expect(steps(scene).slice(4)).toMatchObject([
      { step: 'dhcpv6.reply', verdict: 'recorded', why: 'the same REPLY again' },
      { step: 'dhcpv6.release', verdict: 'recorded', detail: { requested: 'fd77::100' } },
      { step: 'dhcpv6.reply', verdict: 'recorded', why: 'the answer to RELEASE, transaction 0xaae469' },
    ]);
  });

  it('attempts count within a transaction', () => {
    const scene = new Dhcpv6Scene().solicit().wait(1_000_000).solicit().advertise();
    expect(steps(scene).map(({ detail }) => detail?.['attempt'])).toEqual([1, 2, undefined]);
  });
});
