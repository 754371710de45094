import { describe, expect, it } from 'vitest';
import { failures, judge } from '../../../verdict/testing/judge-story.ts';
import { answer, ask, type SmbScene, STATUS } from '../testing/scene.ts';
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
