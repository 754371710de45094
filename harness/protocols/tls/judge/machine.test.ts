import { describe, expect, it, test } from 'vitest';
import type { ClientResult, Step } from '../../../../reports/result.ts';
import type { Frame } from '../../../packet/frame.ts';
import { createJudge } from '../../../verdict/judge.ts';
import { type CaptureName, CAPTURES, framesOf } from '../testing/captures.ts';
import { encodeRecord } from '../testing/encode.ts';
import { TlsScene } from '../testing/scene.ts';

/** What becomes of the one client of some frames; `idleMs` pass after the last of them. */
function judged(frames: readonly Frame[], mac: string, idleMs = 0, isDoubtful = false): ClientResult | undefined {
  const judge = createJudge({
    linkType: 1,
    clients: [{ name: 'pc', mac, firmware: 'bios', nic: 'e1000' }],
    startUs: frames[0]?.atUs ?? 0,
    ...(isDoubtful ? { door: {} } : {}),
  });
  judge.frames(frames);
  if (idleMs > 0) judge.advance((frames.at(-1)?.atUs ?? 0) + idleMs * 1000);
  return judge.finish()[0];
}

const of = (scene: TlsScene, idleMs = 0): readonly Step[] =>
  (judged(scene.frames, scene.client.mac, idleMs)?.steps ?? []).filter(({ step }) => step.startsWith('tls.'));
/** A step in short: `tls.transfer upload`, or `tls.alert: tls-refused` when it failed; recorded ones in brackets. */
const short = ({ step, verdict, cause, detail }: Step): string => {
  const direction = detail?.['direction'] === undefined ? '' : ` ${String(detail['direction'])}`;
  const text = `${step}${direction}${cause === undefined ? '' : `: ${cause}`}`;
  return verdict === 'recorded' ? `(${text})` : text;
};
const scene = (): TlsScene => new TlsScene();
const beside = (one: TlsScene): TlsScene => new TlsScene(one.tape, one.client.port + 1);
const BULK = 200_000;
/** A full record. */
const RECORD = encodeRecord('application-data', new Uint8Array(16_401));
const BY_VOLUMES = /judged by its connections and volumes/;

describe('restic, curl and OpenSSL', () => {
  const told: Readonly<Record<CaptureName, readonly string[]>> = {
    backup: ['tls.handshake', 'tls.transfer upload'],
    restore: ['tls.handshake', 'tls.transfer download'],
    snapshots: ['tls.handshake', 'tls.transfer neither'],
    expired: ['tls.alert: certificate-refused', 'tls.alert: certificate-refused'],
    restarted: ['tls.handshake', '(tls.cut: tls-cut)', 'tls.handshake', 'tls.transfer upload'],
    'download-1.2': ['tls.handshake', 'tls.transfer download'],
    'unknown-ca': ['tls.alert: certificate-authority-unknown'],
    'protocol-version': ['tls.alert: tls-version-refused'],
    'handshake-failure': ['tls.alert: tls-refused'],
    // openssl s_server ends a connection without a word, as one does that is killed.
    retry: ['tls.handshake', '(tls.unfinished)'],
    resumed: ['tls.handshake', '(tls.cut: tls-cut)', 'tls.handshake', 'tls.transfer download'],
    'not-spoken': ['tls.handshake: tls-not-spoken'],
  };

  test.each(CAPTURES)('%s', async (capture) => {
    const { steps = [] } = judged(await framesOf(capture), '02:00:00:00:00:11') ?? {};
    const shown = steps.filter(({ step, verdict }) => step.startsWith('tls.') || verdict === 'failed');
    expect(shown.map(short)).toEqual(told[capture]);
  });

  it('a backup is a phase and a transfer, and the result says by what it was judged', async () => {
    const {
      phaseSpans = [],
      transfers = [],
      findings,
      steps = [],
    } = judged(await framesOf('backup'), '02:00:00:00:00:11') ?? {};
    expect(phaseSpans.map(({ phase }) => phase)).toEqual(['backup']);
    expect(transfers).toMatchObject([
      { protocol: 'tls', path: '10.9.0.1:8000', operation: 'write', direction: 'upload' },
    ]);
    const [transfer] = transfers;
    expect(transfer?.bytes).toBeGreaterThan(3_000_000);
    expect(transfer?.bytes).toBeLessThan(3_100_000);
    expect(findings).toEqual([expect.stringMatching(BY_VOLUMES)]);
    expect(steps.find(({ step }) => step === 'tls.transfer')?.why).toMatch(BY_VOLUMES);
  });

  it('a restore is a phase and a transfer, too', async () => {
    const { phaseSpans = [], transfers = [] } = judged(await framesOf('restore'), '02:00:00:00:00:11') ?? {};
    expect(phaseSpans.map(({ phase }) => phase)).toEqual(['restore']);
    expect(transfers).toMatchObject([{ protocol: 'tls', operation: 'get' }]);
  });

  it('a handshake says what was agreed on', async () => {
    const { steps = [] } = judged(await framesOf('download-1.2'), '02:00:00:00:00:11') ?? {};
    expect(steps.find(({ step }) => step === 'tls.handshake')?.detail).toMatchObject({
      server: '10.9.0.1',
      port: 8000,
      version: 'TLS 1.2',
      name: 'store.lab',
      protocols: 'http/1.1',
    });
  });
});

describe('a handshake', () => {
  it.each<[what: string, told: TlsScene, idleMs: number, steps: readonly string[]]>([
    ['that nobody answers', scene().connect().clientHello(), 40_000, ['tls.handshake: tls-silent']],
    ['that stops', scene().agrees(), 40_000, ['tls.handshake: tls-silent']],
    ['that the server ends', scene().connect().clientHello().reset(), 0, ['tls.handshake: tls-unfinished']],
    ['that the client ends', scene().agrees().disconnect(), 0, ['tls.handshake: tls-unfinished']],
    [
      'that the server answers without TLS',
      scene().connect().clientHello().answersInClear(),
      40_000,
      ['tls.handshake: tls-not-spoken'],
    ],
    [
      'that the server refuses, encrypted',
      scene().connect().clientHello().serverHello().sealedAlert(false).disconnect('server'),
      0,
      ['tls.alert: tls-refused'],
    ],
    [
      'with a warning',
      scene().connect().clientHello().alert(false, 112, false).serverHello().sealed(true, 53).disconnect(),
      0,
      ['(tls.alert)', 'tls.handshake', 'tls.transfer neither'],
    ],
  ])('%s', (_, told, idleMs, steps) => {
    expect(of(told, idleMs).map(short)).toEqual(steps);
  });

  it('with a server that is no store fails nothing', () => {
    const other = (): TlsScene => new TlsScene(undefined, undefined, 443);
    expect(of(other().connect().clientHello().alert(false, 40).disconnect('server')).map(short)).toEqual([
      '(tls.alert: tls-refused)',
    ]);
    expect(of(other().connect().clientHello(), 40_000).map(short)).toEqual(['(tls.handshake)']);
    expect(of(other().agrees().disconnect()).map(short)).toEqual(['(tls.closed)']);
    const [, closed] = of(other().opens().sends(true, BULK).disconnect());
    expect(closed).toMatchObject({
      step: 'tls.closed',
      verdict: 'recorded',
      why: expect.stringMatching(BY_VOLUMES) as string,
    });
  });
});

describe('a connection to a store', () => {
  it.each<[what: string, sent: number, received: number, direction: string]>([
    ['much to the store', BULK, 1000, 'upload'],
    ['much from the store', 1000, BULK, 'download'],
    ['little', 5000, 100, 'neither'],
    ['as much each way', BULK, BULK, 'neither'],
  ])('%s: %i bytes, and %i back', (_, sent, received, direction) => {
    const [, transfer] = of(scene().opens().sends(true, sent).sends(false, received).disconnect());
    expect(transfer).toMatchObject({ step: 'tls.transfer', verdict: 'passed', detail: { direction } });
  });

  it('that the store ends in the middle was cut, unless the client connects again', () => {
    const cut = (): TlsScene => scene().opens().sends(true, BULK).reset();
    expect(of(cut(), 200_000).map(short)).toEqual(['tls.handshake', 'tls.transfer upload: tls-cut']);
    const told = cut();
    beside(told).opens().sends(true, BULK).disconnect();
    expect(of(told).map(short)).toEqual([
      'tls.handshake',
      '(tls.cut: tls-cut)',
      'tls.handshake',
      'tls.transfer upload',
    ]);
  });

  it('that the client ends inside a record was cut, too', () => {
    const cut = (): TlsScene => scene().opens().sends(true, BULK).bytes(true, RECORD.slice(0, 1000));
    const told = cut().disconnect();
    expect(of(told, 200_000).map(short)).toEqual(['tls.handshake', 'tls.transfer upload: tls-client-gone']);
    expect(of(told, 200_000).at(-1)?.actual).toBe(
      'the connection was closed by the client inside a record, and no connection after it',
    );
    beside(told).opens().sends(true, BULK).disconnect();
    expect(of(told).map(short)).toEqual([
      'tls.handshake',
      '(tls.cut: tls-client-gone)',
      'tls.handshake',
      'tls.transfer upload',
    ]);
    const reset = cut();
    reset.tcp(reset.client, reset.server, 'R', 0, 0);
    expect(of(reset, 200_000).map(short)).toEqual(['tls.handshake', 'tls.transfer upload: tls-client-gone']);
    // Before a reset a capture that nobody can vouch for may lack the rest of the record.
    const client = judged(reset.frames, reset.client.mac, 200_000, true);
    expect(client?.steps.findLast(({ step }) => step === 'tls.transfer')).toMatchObject({ verdict: 'passed' });
  });

  it('that the client ends while a record of the store is under way was not: it need not read all', () => {
    const told = scene().opens().sends(false, BULK).bytes(false, RECORD.slice(0, 1000)).disconnect();
    expect(of(told, 200_000).map(short)).toEqual(['tls.handshake', 'tls.transfer download']);
  });

  it('that ends inside a record with the capture, or where the capture lacks the rest, was not', () => {
    expect(of(scene().opens().sends(true, BULK).bytes(true, RECORD.slice(0, 1000)), 200_000).map(short)).toEqual([
      'tls.handshake',
      '(tls.transfer upload)',
    ]);
    const lacking = scene().opens().sends(true, BULK).bytes(true, RECORD).sealed(true, 3000).disconnect();
    lacking.frames.splice(-8, 4);
    expect(of(lacking, 200_000).map(short)).toEqual(['tls.handshake', '(tls.transfer upload)']);
  });

  it('is not accepted in vain while the client tries again', () => {
    const told = scene().opens().sends(true, BULK).reset();
    const steps = judged(beside(told).refused().frames, told.client.mac, 200_000)?.steps ?? [];
    expect(steps.filter(({ verdict }) => verdict === 'failed').map(short)).toEqual(['tls.transfer upload: tls-cut']);
  });

  it('that the store ends with an alert was not cut', () => {
    const told = scene().opens().sends(false, BULK).sealedAlert(false).disconnect('server');
    expect(of(told, 200_000).map(short)).toEqual(['tls.handshake', 'tls.transfer download']);
  });

  it('that is open when the capture ends has moved what came', () => {
    const [, transfer] = of(scene().opens().sends(false, BULK));
    expect(transfer).toMatchObject({
      step: 'tls.transfer',
      verdict: 'recorded',
      why: expect.stringMatching(/still open/) as string,
    });
  });
});
