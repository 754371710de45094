import { describe, expect, it } from 'vitest';
import { expecting, failures, judge, planOf } from '../../../verdict/testing/judge-story.ts';
import { answer, ask, type SmbScene, STATUS } from '../testing/scene.ts';
import { smb1Answer, smb1Exchange, smb1Negotiate } from '../testing/smb1.ts';
import { VisitScene } from '../testing/visit.ts';

const NOT_SUPPORTED = 0xc000_00bb;
const WILDCARD = 0x02ff;
const SILENCE_MS = 31_000;

const connected = (): VisitScene => new VisitScene().connect();
const loggedOn = (): VisitScene => connected().logon();
const mounted = (): VisitScene => loggedOn().mount();
const negotiating = (scene = connected()): VisitScene => asking(scene, ask.negotiate(0x0202, 0x0210));
const treeAsked = (): VisitScene => asking(loggedOn(), ask.treeConnect('\\\\172.22.52.207\\REMINST'));
function asking(scene: VisitScene, question: Parameters<SmbScene['request']>[0]): VisitScene {
  scene.request(question);
  return scene;
}

describe('each of these fails one step', () => {
  it.each<[string, string, string, SmbScene, number?]>([
    [
      'no dialect in common',
      ...(['smb.negotiate', 'smb-no-common-dialect'] as const),
      connected().exchange(ask.negotiate(0x0202), answer.refused('negotiate', NOT_SUPPORTED)),
    ],
    [
      'a dialect that was not offered',
      ...(['smb.negotiate', 'smb-protocol-breach'] as const),
      connected().exchange(ask.negotiate(0x0202), answer.negotiate(0x0210)),
    ],
    [
      'the answer to an SMB1 NEGOTIATE to another one',
      ...(['smb.negotiate', 'smb-protocol-breach'] as const),
      connected().exchange(ask.negotiate(0x0202), answer.negotiate(WILDCARD)),
    ],
    [
      'a second NEGOTIATE',
      ...(['smb.negotiate', 'smb-protocol-breach'] as const),
      negotiating(loggedOn()).response(3, answer.negotiate(0x0210)),
    ],
    ['a silent server', 'smb.negotiate', 'smb-silent', negotiating(), SILENCE_MS],
    ['a connection that ends instead of an answer', 'smb.negotiate', 'smb-connection-lost', negotiating().disconnect()],
    ['one that is reset', 'smb.negotiate', 'smb-connection-lost', negotiating().reset()],
    ['a share that is not there', 'smb.tree-connect', 'share-missing', loggedOn().mount('R', STATUS.shareUnknown)],
    [
      'a share that the user may not see',
      'smb.tree-connect',
      'access-denied',
      loggedOn().mount('R', STATUS.accessDenied),
    ],
    ['one that is refused otherwise', 'smb.tree-connect', 'share-refused', loggedOn().mount('R', NOT_SUPPORTED)],
    ['silence about a share', 'smb.tree-connect', 'smb-silent', treeAsked(), SILENCE_MS],
    ['the end instead of a share', 'smb.tree-connect', 'smb-connection-lost', treeAsked().reset()],
    ['a file in vain, and nothing more', 'smb.open', 'image-missing', mounted().misses('a.txt'), SILENCE_MS],
    ['a file in vain, and the end', 'smb.open', 'image-missing', mounted().misses('a.txt').reset()],
    [
      'a file that the user may not read',
      'smb.open',
      'access-denied',
      mounted().misses('a', STATUS.accessDenied).disconnect(),
    ],
  ])('%s: %s, %s', (_, step, cause, scene, idleMs) => {
    expect(failures(scene, idleMs)).toEqual([[step, cause]]);
  });

  it('a client that does not answer the challenge', () => {
    const challenged = (): VisitScene =>
      connected().exchange(ask.negotiate(0x0210), answer.negotiate(0x0210)).challenged();
    expect(failures(challenged(), SILENCE_MS)).toEqual([['ntlm.authenticate', 'credentials-not-sent']]);
    expect(failures(challenged().disconnect())).toEqual([['smb.session-setup', 'smb-connection-lost']]);
  });

  it('the same of a mechanism that is not NTLM', () => {
    const unknown = Uint8Array.of(0x60, 0);
    const scene = connected()
      .exchange(ask.negotiate(0x0210), answer.negotiate(0x0210))
      .exchange(ask.sessionSetup(unknown), answer.sessionSetup(new Uint8Array(0), STATUS.moreProcessing));
    expect(failures(scene, SILENCE_MS)).toEqual([['smb.session-setup', 'credentials-not-sent']]);
  });
});

describe('SMB1', () => {
  const modern = ['NT LM 0.12', 'SMB 2.002', 'SMB 2.???'];

  it.each<[string, string, SmbScene]>([
    ['a client that offers nothing else', 'the client offers SMB1 alone', smb1Negotiate(connected(), 'NT LM 0.12')],
    ['a server that answers SMB2’s offer in SMB1', 'the server answers in SMB1', smb1Negotiate(connected(), ...modern)],
  ])('is named, and what follows in it is not judged: %s', (_, why, scene) => {
    const { failed, named } = judge(smb1Exchange(smb1Answer(scene, 0), 0x73).disconnect());
    expect(failed).toEqual([]);
    expect(named('smb.negotiate')).toMatchObject([
      {
        verdict: 'recorded',
        cause: 'smb1-only',
        detail: { dialect: 'NT LM 0.12', smb1: true },
        why: expect.stringContaining(why) as string,
      },
    ]);
    expect(named('smb.error')).toEqual([]);
  });

  it.each<[string, string, SmbScene]>([
    ['a server that ends the connection', 'smb1-refused', smb1Negotiate(connected(), 'NT LM 0.12').reset()],
    ['a server that takes no dialect', 'smb1-refused', smb1Answer(smb1Negotiate(connected(), 'NT LM 0.12'), 0xffff)],
    [
      'the same to a client that speaks SMB2',
      'smb-no-common-dialect',
      smb1Answer(smb1Negotiate(connected(), ...modern), 0xffff),
    ],
    ['the end of the connection to that client', 'smb-connection-lost', smb1Negotiate(connected(), ...modern).reset()],
  ])('is refused by %s: %s', (_, cause, scene) => {
    expect(failures(scene)).toEqual([['smb.negotiate', cause]]);
  });

  it('to a NEGOTIATE that the capture does not hold is said as it is', () => {
    const { failed, named } = judge(smb1Answer(connected(), 2));
    expect(failed).toEqual([]);
    expect(named('smb.negotiate')).toMatchObject([
      { verdict: 'recorded', why: expect.stringContaining('a NEGOTIATE that the capture does not hold') as string },
    ]);
  });

  it('is the cause of a share that a scenario waits for', () => {
    const scene = smb1Answer(smb1Negotiate(connected(), 'NT LM 0.12'), 0);
    const plan = planOf({ expectations: expecting(['smb.tree-connect']) });
    expect(judge(scene, plan).failed).toMatchObject([{ step: 'smb.tree-connect', cause: 'smb1-only' }]);
  });
});

it('what is related to a CREATE that was refused is its consequence, and no refusal to read', () => {
  const none = new Uint8Array(16).fill(0xff);
  const related = { related: true } as const;
  const scene = mounted();
  const first = scene.request(
    ask.create('AFP_AfpInfo'),
    { ...ask.read(none, 0, 60), options: related },
    { ...ask.close(none), options: related },
  );
  scene.response(
    first,
    answer.refused('create', STATUS.notFound),
    { ...answer.refused('read', STATUS.notFound), options: { ...related, status: STATUS.notFound } },
    { ...answer.refused('close', STATUS.notFound), options: { ...related, status: STATUS.notFound } },
  );
  const { failed, named } = judge(scene.opens('b.txt').closes().disconnect());
  expect(failed).toEqual([]);
  expect(named('smb.error').slice(1)).toMatchObject(
    ['read', 'close'].map((command) => ({
      verdict: 'recorded',
      detail: { command, path: 'AFP_AfpInfo', status: 'STATUS_OBJECT_NAME_NOT_FOUND' },
      why: expect.stringContaining('a consequence: the CREATE of “AFP_AfpInfo”') as string,
    })),
  );
});

it('a client finds another file after one in vain', () => {
  expect(failures(mounted().misses('a.txt').opens('b.txt').closes().disconnect())).toEqual([]);
});

it('a file that the server does not take is recorded: what becomes of it is for the client to say', () => {
  const { failed, named } = judge(mounted().opens('a.txt').writeRefused(STATUS.diskFull).closes());
  expect(failed).toEqual([]);
  expect(named('smb.error')).toMatchObject([
    { verdict: 'recorded', cause: 'server-disk-full', detail: { path: 'a.txt', status: 'STATUS_DISK_FULL' } },
  ]);
});
