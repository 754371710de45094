import { describe, expect, it, test } from 'vitest';
import type { ClientResult, Step } from '../../../../reports/result.ts';
import type { Frame } from '../../../packet/frame.ts';
import { observe } from '../../../observe/testing/scene.ts';
import { createJudge } from '../../../verdict/judge.ts';
import { expecting, judge as judgedStory, planOf } from '../../../verdict/testing/judge-story.ts';
import { type CaptureName, CAPTURES, framesOf } from '../testing/captures.ts';
import { idOf, ResticScene } from '../testing/scene.ts';

/** What becomes of the one client of some frames; `idleMs` pass after the last of them. */
function judged(frames: readonly Frame[], mac: string, idleMs = 0): ClientResult | undefined {
  const judge = createJudge({
    linkType: 1,
    clients: [{ name: 'pc', mac, firmware: 'bios', nic: 'e1000' }],
    startUs: frames[0]?.atUs ?? 0,
  });
  judge.frames(frames);
  if (idleMs > 0) judge.advance((frames.at(-1)?.atUs ?? 0) + idleMs * 1000);
  return judge.finish()[0];
}

const of = (scene: ResticScene, idleMs = 0): readonly Step[] =>
  judged(scene.frames, scene.client.mac, idleMs)?.steps ?? [];
const named = (steps: readonly Step[], name: string): Step[] => steps.filter(({ step }) => step === name);
const failed = (steps: readonly Step[]): (string | undefined)[][] =>
  steps.flatMap(({ step, verdict, cause }) => (verdict === 'failed' ? [[step, cause]] : []));
/** A step in short: `restic.lock`, or `restic.lock: store-locked` when it failed; recorded ones in brackets. */
const short = ({ step, verdict, cause }: Step): string =>
  verdict === 'passed' ? step : verdict === 'failed' ? `${step}: ${cause ?? ''}` : `(${step}: ${cause ?? ''})`;
const scene = (): ResticScene => new ResticScene();
const working = (): ResticScene => scene().opens().locks();
/** Another connection of the same run. */
const beside = (one: ResticScene): ResticScene => new ResticScene(one.tape, one.client.port + 1);

const OPENED = ['restic.open', 'restic.lock'];
const PACK = idOf('d');
const PART = { first: 0, last: 99 };
const FULL = '507 Insufficient Storage';

type Exchange = (told: ResticScene) => ResticScene;
/** The store is opened with its one key, exchange by exchange. */
const OPENS: readonly Exchange[] = [
  (told) => told.stats('config'),
  (told) => told.lists('keys', idOf('1')),
  (told) => told.loads('keys', idOf('1')),
  (told) => told.loads('config', undefined, { first: 0 }, '200 OK'),
];

describe('restic 0.18.0 with rest-server 0.13.0', () => {
  const told: Readonly<Record<CaptureName, readonly string[]>> = {
    init: ['restic.init'],
    backup: [...OPENED, 'restic.backup'],
    increment: [...OPENED, 'restic.backup'],
    snapshots: [...OPENED, 'restic.list'],
    restore: [...OPENED, 'restic.restore'],
    'restore-folder': [...OPENED, 'restic.restore'],
    'dump-folder': [...OPENED, 'restic.restore'],
    'dump-file': [...OPENED, 'restic.restore'],
    'list-files': [...OPENED, 'restic.restore'],
    check: [...OPENED, 'restic.check'],
    prune: [...OPENED, 'restic.forget', 'restic.prune'],
    'forget-refused': [...OPENED, '(restic.error: store-append-only)', 'restic.forget: store-append-only'],
    'wrong-password': ['restic.open: store-wrong-password'],
    'no-repository': ['restic.open: store-no-repository'],
    // The other process, which began before the capture, comes to its end; then nobody has tried again.
    locked: ['restic.open', 'restic.backup', 'restic.lock: store-locked'],
    beside: [...OPENED, 'restic.backup', 'restic.backup'],
    'lock-refused': ['restic.open', 'restic.lock: store-locked'],
    unlock: ['restic.open', 'restic.unlock'],
    damaged: [...OPENED, 'restic.restore: pack-damaged'],
    truncated: [...OPENED, '(restic.error: pack-truncated)', 'restic.restore: pack-truncated'],
    missing: [...OPENED, ...Array<string>(5).fill('(restic.error: pack-missing)'), 'restic.restore: pack-missing'],
    full: [...OPENED, '(restic.error: store-full)', '(restic.error: store-full)', 'restic.backup: store-full'],
    restarted: [...OPENED, '(restic.error: store-unreachable)', 'restic.backup'],
    // The packs that were under way, then the one that the store has.
    'there-already': [
      ...OPENED,
      '(restic.error: store-unreachable)',
      '(restic.error: store-unreachable)',
      '(restic.error: pack-there-already)',
      '(restic.backup: pack-there-already)',
      ...OPENED,
      'restic.backup',
    ],
    killed: [...OPENED, 'restic.backup: store-client-gone'],
    unreachable: ['tcp.connect: store-unreachable', 'tcp.connect: store-unreachable'],
    user: ['restic.init'],
    'wrong-user': ['restic.open: store-access-denied'],
    // A connection for each request.
    'busy-init': ['restic.init'],
    'busy-backup': [...OPENED, 'restic.backup'],
    'busy-snapshots': [...OPENED, 'restic.list'],
    'busy-restore': [...OPENED, 'restic.restore'],
    'busy-check': [...OPENED, 'restic.check'],
    'busy-prune': [...OPENED, 'restic.forget', 'restic.prune'],
    'busy-unlock': ['restic.open', 'restic.unlock'],
    'busy-wrong-password': ['restic.open: store-wrong-password'],
  };

  test.each(CAPTURES)('%s', async (capture) => {
    const { steps = [] } = judged(await framesOf(capture), '02:00:00:00:00:11') ?? {};
    const shown = steps.filter(({ step, verdict }) => step.startsWith('restic.') || verdict === 'failed');
    expect(shown.map(short)).toEqual(told[capture]);
  });

  it('a backup’s step has what it stored, and a transfer of the same bytes', async () => {
    const {
      steps = [],
      transfers = [],
      phaseSpans = [],
    } = judged(await framesOf('restarted'), '02:00:00:00:00:11') ?? {};
    const [backup] = named(steps, 'restic.backup');
    expect(backup?.detail).toMatchObject({ server: '10.9.0.1', packs: 6, bytes: 24_003_662 });
    expect(transfers).toMatchObject([
      {
        protocol: 'restic',
        path: `/snapshots/${String(backup?.detail?.['snapshot'])}`,
        operation: 'write',
        direction: 'upload',
        bytes: 24_003_662,
      },
    ]);
    expect(phaseSpans.map(({ phase }) => phase)).toEqual(['backup']);
  });

  it('a restore’s step has what it read', async () => {
    const {
      steps = [],
      transfers = [],
      phaseSpans = [],
    } = judged(await framesOf('restore'), '02:00:00:00:00:11') ?? {};
    expect(named(steps, 'restic.restore')).toMatchObject([{ detail: { ranges: 2, bytes: 3_000_326 } }]);
    expect(transfers).toMatchObject([{ protocol: 'restic', operation: 'get', bytes: 3_000_326 }]);
    expect(phaseSpans.map(({ phase }) => phase)).toEqual(['restore']);
  });
});

it('a restore is one transfer, however its connections come and go', () => {
  const first = working().loads('data', PACK, PART);
  const second = beside(first).connect().loads('data', PACK, { first: 100, last: 399 }).disconnect();
  first.loads('data', PACK, { first: 400, last: 499 }).unlocks().disconnect();
  expect(judged(second.frames, first.client.mac)?.transfers).toMatchObject([{ operation: 'get', bytes: 500 }]);
});

it('a restore without a lock ends with its last connection', () => {
  const first = scene().opens().loads('data', PACK, PART);
  const second = beside(first).connect().loads('data', PACK, { first: 100, last: 399 }).disconnect();
  first.disconnect();
  expect(judged(second.frames, first.client.mac)?.transfers).toMatchObject([{ operation: 'get', bytes: 400 }]);
});

describe('a store that does not answer', () => {
  it.each<[what: string, told: ResticScene, failure: readonly [string, string]]>([
    ['the question for its configuration', scene().connect().asks('stat', 'config'), ['restic.open', 'store-silent']],
    [
      'the request for the configuration',
      scene().connect().stats('config').lists('keys', idOf('1')).loads('keys', idOf('1')).asks('load', 'config'),
      ['restic.open', 'store-silent'],
    ],
    ['a pack', working().sends('data', PACK), ['restic.backup', 'store-silent']],
    ['a request for a pack', working().asks('load', 'data', PACK, PART), ['restic.restore', 'store-silent']],
  ])('%s', (_, told, failure) => {
    expect(failed(of(told, 400_000))).toEqual([failure]);
  });
});

describe('a pack on a slow link', () => {
  const BYTES = 400_000;
  const slowly = (told: ResticScene, fromClient: boolean, bytes: number): ResticScene => {
    for (let sent = 0; sent < bytes; sent += 1000) told.wait(300_000).bytes(fromClient, new Uint8Array(1000));
    return told;
  };
  const loading = (bytes = BYTES): ResticScene => {
    const told = working().asks('load', 'data', PACK, { first: 0, last: BYTES - 1 });
    return slowly(told.respond('206 Partial Content', [`Content-Length: ${BYTES}`]), false, bytes);
  };

  it('is loaded as long as bytes of it come', () => {
    const steps = of(loading().unlocks().disconnect());
    expect(failed(steps)).toEqual([]);
    expect(named(steps, 'restic.restore')).toMatchObject([{ verdict: 'passed', detail: { bytes: BYTES } }]);
  });

  it('is saved as long as bytes of it go', () => {
    const told = working().ask('POST', `/data/${PACK}`, `Content-Length: ${BYTES}`);
    slowly(told, true, BYTES).answers().saves('snapshots', idOf('5')).unlocks();
    expect(failed(of(told.disconnect()))).toEqual([]);
  });

  it('is waited for no longer when nothing comes any more', () => {
    expect(failed(of(loading(BYTES / 2), 200_000))).toEqual([['restic.restore', 'store-silent']]);
  });

  it('is waited for no longer when the same bytes go again and again', () => {
    const told = working().ask('POST', `/data/${PACK}`, `Content-Length: ${BYTES}`);
    slowly(told, true, 50_000);
    for (let tries = 0; tries < 20; tries++) told.wait(15_000_000).again();
    expect(failed(of(told))).toEqual([['restic.backup', 'store-silent']]);
  });
});

describe('a run that does not go on', () => {
  it.each<[what: string, told: ResticScene, failure: readonly [string, string]]>([
    [
      'without a repository',
      scene().connect().stats('config', '404 Not Found'),
      ['restic.open', 'store-no-repository'],
    ],
    [
      'before it has made one',
      scene().connect().stats('config', '404 Not Found').asks('create', 'repository').answers(),
      ['restic.init', 'store-client-gone'],
    ],
    [
      'after it has read the keys',
      scene().connect().stats('config').lists('keys', idOf('1')).loads('keys', idOf('1')),
      ['restic.open', 'store-wrong-password'],
    ],
    ['when the store is open', scene().opens(), ['restic.lock', 'store-client-gone']],
    ['with another’s lock before it', scene().opens().lists('locks', idOf('b')), ['restic.lock', 'store-locked']],
    ['with a lock', working().saves('data', PACK), ['restic.backup', 'store-client-gone']],
    ['without any connection', working().saves('data', PACK).disconnect(), ['restic.backup', 'store-client-gone']],
  ])('%s', (_, told, failure) => {
    expect(failed(of(told, 400_000))).toEqual([failure]);
  });

  it('although the repository that it wants to make is there', () => {
    expect(failed(of(scene().connect().stats('config').disconnect()))).toEqual([['restic.init', 'store-exists']]);
  });
});

it('a lock that the store does not take back is an error of a run that has done its work', () => {
  const told = working().saves('data', PACK).saves('snapshots', idOf('5'));
  const steps = of(told.removes('locks', idOf('a'), '500 Internal Server Error').disconnect());
  expect(steps.filter(({ step }) => step.startsWith('restic.')).map(short)).toEqual([
    ...OPENED,
    'restic.backup',
    '(restic.error: store-refused)',
  ]);
  expect(failed(steps)).toEqual([]);
});

describe('a store that is gone for a while', () => {
  it('is waited for, whoever ended the connection', () => {
    const told = working().sends('data', PACK);
    told.disconnect('server');
    const steps = of(beside(told).connect().saves('data', PACK).saves('snapshots', idOf('5')).unlocks().disconnect());
    expect(failed(steps)).toEqual([]);
    expect(named(steps, 'restic.error')).toMatchObject([
      { cause: 'store-unreachable', detail: { action: 'save', id: PACK } },
    ]);
  });

  describe('and has a pack of which it had said nothing', () => {
    const told = () => {
      const before = working().sends('data', PACK);
      before.disconnect('server');
      return beside(before).connect().saves('data', PACK, '403 Forbidden').unlocks().disconnect();
    };

    it.each(['when the capture ends', 'for three minutes'])(
      'fails the run, if nobody starts restic again: %s',
      (when) => {
        const steps = of(told(), when === 'for three minutes' ? 200_000 : 0);
        expect(steps.filter(({ verdict }) => verdict === 'failed')).toMatchObject([
          { step: 'restic.backup', cause: 'pack-there-already' },
        ]);
      },
    );

    it('is no failure, if somebody does', () => {
      const again = beside(told()).opens().locks().saves('data', idOf('e')).saves('snapshots', idOf('5')).unlocks();
      const steps = of(again.disconnect());
      expect(failed(steps)).toEqual([]);
      expect(named(steps, 'restic.backup').map(short)).toEqual([
        '(restic.backup: pack-there-already)',
        'restic.backup',
      ]);
    });

    it('is another refusal, if it is another pack that is refused', () => {
      const before = working().sends('data', PACK);
      before.disconnect('server');
      const again = beside(before).connect().saves('data', idOf('e'), '403 Forbidden').unlocks().disconnect();
      expect(named(of(again), 'restic.error').map(short)).toEqual([
        '(restic.error: store-unreachable)',
        '(restic.error: store-access-denied)',
      ]);
    });
  });

  it('and is not sent again what it had not answered for may not be followed by a snapshot', () => {
    const told = working().sends('data', PACK).disconnect('server');
    const again = beside(told).connect().saves('data', idOf('e')).saves('snapshots', idOf('5')).unlocks();
    expect(failed(of(again.disconnect()))).toEqual([['restic.backup', 'backup-incomplete']]);
  });

  it('and hangs was silent, when restic itself ends the connection and tries again', () => {
    const told = working().sends('data', PACK).wait(60_000_000).disconnect();
    const again = beside(told).connect().sends('data', PACK).wait(60_000_000);
    expect(failed(of(again.disconnect(), 200_000))).toEqual([['restic.backup', 'store-silent']]);
  });

  it('is no failure of a connection that it does not accept meanwhile, but of the work', () => {
    const told = working().saves('data', PACK).disconnect('server');
    const again = beside(told).refused();
    expect(failed(of(again))).toEqual([['restic.backup', 'store-unreachable']]);
    expect(named(of(again), 'tcp.connect').map(({ verdict }) => verdict)).toEqual(['passed', 'recorded']);
  });
});

describe('a run in the middle of an answer', () => {
  const told = (): ResticScene =>
    working()
      .asks('load', 'data', PACK, PART)
      .respond('206 Partial Content', ['Content-Length: 100'], new Uint8Array(40));

  it('is gone, not the store, when its client is switched off', () => {
    const plan = planOf({ expectations: expecting(['restic.restore']) });
    const { failed: steps } = judgedStory(told(), plan, { ended: 'its power was cut' });
    expect(steps).toMatchObject([{ step: 'restic.restore', cause: 'store-client-gone' }]);
  });

  it.each([
    ['of a pack', told()],
    ['of a list', working().asks('list', 'snapshots')],
    ['to a save', working().sends('data', PACK)],
    ['to its first question', scene().connect().asks('stat', 'config')],
  ])('%s has failed in nothing when the capture just ends', (_, open) => {
    const plan = planOf({ expectations: expecting(['restic.restore']) });
    const { client, failed: steps } = judgedStory(open, plan, { isOpen: true });
    expect(steps).toEqual([]);
    expect(client.verdict).toBe('inconclusive');
    expect(client.steps.map(short)).toContain('(restic.unfinished: )');
  });
});

it('a client that is switched off while it reads has not come to its end', () => {
  const told = working().loads('data', PACK, PART);
  const { failed: steps } = judgedStory(told, planOf({ expectations: expecting(['restic.restore']) }), {
    ended: 'its power was cut',
  });
  expect(steps).toMatchObject([{ step: 'restic.restore', cause: 'store-client-gone' }]);
});

describe('a client that loses its network', () => {
  const CLIENT_HOST = scene().client;
  const HOST = scene().server;
  /** The server asks who has the client's address, as it does when nothing is acknowledged. */
  const looked = (told: ResticScene): ResticScene => told.wait(40_000_000).arp(1, HOST, { ip: CLIENT_HOST.ip });

  it.each<[what: string, told: ResticScene, failure: readonly [string, string]]>([
    ['while it sends a pack', looked(working().sends('data', PACK)), ['restic.backup', 'client-unreachable']],
    ['while it calculates', looked(working().saves('data', PACK)), ['restic.backup', 'client-unreachable']],
    [
      'and its connection with it',
      looked(working().loads('data', PACK, PART).disconnect('server')),
      ['restic.restore', 'client-unreachable'],
    ],
    [
      'and has it again, which the silence then does not come from',
      looked(working().sends('data', PACK)).arp(2, CLIENT_HOST, HOST),
      ['restic.backup', 'store-silent'],
    ],
  ])('%s', (_, told, failure) => {
    expect(failed(of(told, 900_000))).toEqual([failure]);
  });
});

describe('a store that ends the connection after each answer', () => {
  /** Each exchange on a connection of its own. */
  const closing = (...exchanges: readonly Exchange[]): ResticScene =>
    exchanges.reduce((last, exchange) => {
      const told = beside(last);
      told.answerHeaders = ['Connection: close'];
      return exchange(told.connect()).disconnect('server');
    }, scene());
  const locks: readonly Exchange[] = [
    (told) => told.lists('locks'),
    (told) => told.saves('locks', idOf('a')),
    (told) => told.lists('locks', idOf('a')),
  ];
  const ownSteps = (told: ResticScene, idleMs = 0): string[] =>
    of(told, idleMs)
      .filter(({ step }) => step.startsWith('restic.'))
      .map(short);

  it('is one that a run goes on with', () => {
    const work = closing(
      ...OPENS,
      ...locks,
      (told) => told.saves('data', PACK),
      (told) => told.saves('snapshots', idOf('5')),
      (told) => told.unlocks(),
    );
    expect(ownSteps(work, 900_000)).toEqual([...OPENED, 'restic.backup']);
  });

  it('is asked again when it is out of order', () => {
    const told = closing(
      (one) => one.stats('config', '503 Service Unavailable'),
      ...OPENS,
      ...locks,
      (one) => one.lists('snapshots'),
    );
    const again = beside(told).connect().unlocks().disconnect();
    expect(ownSteps(again)).toEqual(['(restic.error: store-refused)', ...OPENED, 'restic.list']);
  });

  it.each<[what: string, told: ResticScene, steps: readonly string[]]>([
    [
      'makes a repository',
      closing(
        (told) => told.stats('config', '404 Not Found'),
        (told) => told.asks('create', 'repository').answers(),
        (told) => told.saves('keys', idOf('1')),
        (told) => told.saves('config'),
      ),
      ['restic.init'],
    ],
    ['finds none', closing((told) => told.stats('config', '404 Not Found')), ['restic.open: store-no-repository']],
    ['would make one that is there', closing((told) => told.stats('config')), ['restic.init: store-exists']],
    ['has the wrong password', closing(...OPENS.slice(0, 3)), ['restic.open: store-wrong-password']],
    [
      'removes a lock',
      closing(
        ...OPENS,
        (told) => told.lists('locks', idOf('b')),
        (told) => told.unlocks(idOf('b')),
      ),
      ['restic.open', 'restic.unlock'],
    ],
    ['finds no lock to remove', closing(...OPENS, (told) => told.lists('locks')), ['restic.open', '(restic.unlock: )']],
    [
      'is gone with its lock',
      closing(...OPENS, ...locks, (told) => told.saves('data', PACK)),
      [...OPENED, 'restic.backup: store-client-gone'],
    ],
  ])('shows by its silence that a run %s', (_, told, steps) => {
    expect(ownSteps(told, 900_000)).toEqual(steps);
  });
});

describe('a run that ends its only connection between two requests, and opens another one', () => {
  const locks: readonly Exchange[] = [
    ...OPENS,
    (told) => told.lists('locks', idOf('b')),
    (told) => told.loads('locks', idOf('b')),
    (told) => told.saves('locks', idOf('a')),
    (told) => told.lists('locks', idOf('a'), idOf('b')),
  ];
  const lists: readonly Exchange[] = [
    (told) => told.lists('snapshots', idOf('5')),
    (told) => told.loads('snapshots', idOf('5')),
  ];
  const indexes: readonly Exchange[] = [
    (told) => told.lists('index', idOf('7')),
    (told) => told.loads('index', idOf('7')),
  ];
  const unlocks: Exchange = (told) => told.unlocks();

  const runs: Readonly<Record<string, readonly Exchange[]>> = {
    'that makes a repository': [
      (told) => told.stats('config', '404 Not Found'),
      (told) => told.asks('create', 'repository').answers(),
      (told) => told.saves('keys', idOf('1')),
      (told) => told.saves('config'),
    ],
    'that lists': [...locks, ...lists, unlocks],
    'that saves': [
      ...locks,
      ...lists,
      ...indexes,
      (told) => told.saves('data', PACK),
      (told) => told.saves('index', idOf('8')),
      (told) => told.saves('snapshots', idOf('6')),
      unlocks,
    ],
    'that restores': [...locks, ...lists, ...indexes, (told) => told.loads('data', PACK, PART), unlocks],
    'that checks': [...locks, ...indexes, (told) => told.lists('data', PACK), unlocks],
    'that prunes': [
      ...locks,
      (told) => told.removes('snapshots', idOf('5')),
      (told) => told.lists('data', PACK),
      (told) => told.removes('data', PACK),
      unlocks,
    ],
    'that removes a lock': [...OPENS, (told) => told.lists('locks', idOf('b')), (told) => told.unlocks(idOf('b'))],
    'that finds no lock to remove': [...OPENS, (told) => told.lists('locks')],
    'with a wrong password': [
      ...OPENS.slice(0, 1),
      (told) => told.lists('keys', idOf('1'), idOf('2')),
      (told) => told.loads('keys', idOf('1')),
      (told) => told.loads('keys', idOf('2')),
    ],
    'that finds no repository': [(told) => told.stats('config', '404 Not Found')],
  };

  /** A run whose connection ends before the exchanges of these numbers. */
  const ended = (exchanges: readonly Exchange[], before: readonly number[]): ResticScene => {
    let told = scene().connect();
    for (const [number, exchange] of exchanges.entries()) {
      if (before.includes(number)) told = beside(told.disconnect().wait(500_000)).connect();
      exchange(told);
    }
    return told.disconnect();
  };
  const shown = (told: ResticScene, idleMs = 0): string[] =>
    of(told, idleMs)
      .filter(({ step }) => step.startsWith('restic.'))
      .map(short);

  it.each(Object.entries(runs))('%s is judged like one that keeps it, wherever that is', (_, exchanges) => {
    const whole = shown(ended(exchanges, []));
    expect(whole.length).toBeGreaterThan(0);
    const places = exchanges.map((__, number) => number).slice(1);
    const placed = places.map((number) => [number, shown(ended(exchanges, [number]))]);
    expect(placed).toEqual(places.map((number) => [number, whole]));
    expect(shown(ended(exchanges, places))).toEqual(whole);
    // What the end of a story shows, an end of the wait shows as well.
    expect(shown(ended(exchanges, places), 900_000)).toEqual(whole);
  });

  it('is told part by part when it has no lock', () => {
    const exchanges = [...OPENS, ...lists, ...indexes, (told: ResticScene) => told.loads('data', PACK, PART)];
    for (const place of [...exchanges.keys()].slice(1)) {
      const told = ended([...exchanges, (one) => one.loads('data', PACK, { first: 100, last: 199 })], [place]);
      const steps = of(told);
      expect(failed(steps)).toEqual([]);
      expect(named(steps, 'restic.request')).toEqual([]);
      const bytes = named(steps, 'restic.restore').map(({ detail }) => Number(detail?.['bytes']));
      expect(bytes.reduce((sum, one) => sum + one, 0)).toBe(200);
    }
  });

  it('has come to its end, if it has no lock, when it ends its connection: what follows is another run’s', () => {
    const first = ended([...OPENS, ...lists], []);
    const steps = of(beside(first).opens().locks().saves('data', PACK).saves('snapshots', idOf('6')).unlocks());
    const shownSteps = steps.filter(({ step }) => step.startsWith('restic.')).map(short);
    expect(shownSteps).toEqual(['restic.open', 'restic.list', ...OPENED, 'restic.backup']);
  });

  it('has not tried its password when it left before it had read the keys', () => {
    const told = scene().connect().stats('config').lists('keys', idOf('1')).disconnect();
    expect(failed(of(told))).toEqual([['restic.open', 'store-client-gone']]);
  });
});

describe('an answer that the capture lost', () => {
  const told = working().lists('snapshots', idOf('5')).saves('data', PACK).saves('snapshots', idOf('6')).unlocks();
  const { frames } = told.disconnect();
  const answers = observe(frames).events.filter(({ type }) => type === 'restic.answer');

  it.each([...['whether there is one', 'the keys', 'the key', 'the configuration'].entries()])(
    '%i, %s, had come: the next request shows it',
    (lost) => {
      const steps =
        judged(
          frames.filter(({ number }) => number !== answers[lost]?.frame),
          told.client.mac,
        )?.steps ?? [];
      expect(failed(steps)).toEqual([]);
      expect(named(steps, 'restic.error')).toEqual([]);
      expect(named(steps, 'restic.open').map(short)).toEqual(['restic.open']);
      expect(named(steps, 'restic.backup').map(short)).toEqual(['restic.backup']);
    },
  );
});

describe('a full store', () => {
  it('is survived when there is room again', () => {
    const told = working()
      .saves('data', PACK, FULL)
      .removes('data', PACK, '404 Not Found')
      .saves('data', PACK)
      .saves('index', idOf('7'))
      .saves('snapshots', idOf('5'))
      .unlocks()
      .disconnect();
    expect(
      of(told)
        .filter(({ step }) => step.startsWith('restic.'))
        .map(short),
    ).toEqual([...OPENED, '(restic.error: store-full)', '(restic.error: pack-missing)', 'restic.backup']);
  });

  it('is no reason to wait for 15 minutes', () => {
    const told = working();
    for (let tries = 0; tries < 4; tries++) told.saves('data', PACK, FULL).wait(50_000_000);
    expect(failed(of(told))).toEqual([['restic.backup', 'store-full']]);
  });

  it('takes not even a lock', () => {
    const told = scene().opens().lists('locks').saves('locks', idOf('a'), FULL).disconnect();
    expect(failed(of(told))).toEqual([['restic.lock', 'store-full']]);
  });

  it('may not be followed by a snapshot', () => {
    const told = working().saves('data', PACK, FULL).saves('snapshots', idOf('5')).unlocks();
    expect(failed(of(told))).toEqual([['restic.backup', 'backup-incomplete']]);
  });

  it('may not come to light after the snapshot', () => {
    const one = working().sends('data', PACK);
    const other = beside(one).connect().saves('snapshots', idOf('5'));
    one.answers(FULL).unlocks().disconnect();
    expect(failed(of(other.disconnect()))).toEqual([['restic.backup', 'backup-incomplete']]);
  });
});

it('a prune that finds no room for what it packs anew says so', () => {
  const told = working().lists('index', idOf('7')).lists('data', idOf('c')).loads('data', idOf('c'), PART);
  told.saves('data', PACK, FULL).removes('data', PACK, '404 Not Found');
  expect(failed(of(told.unlocks().disconnect()))).toEqual([['restic.prune', 'store-full']]);
});

describe('a lock', () => {
  it('is written anew while a run lasts, and the old one removed', () => {
    const told = working().lists('snapshots').saves('locks', idOf('b')).removes('locks', idOf('a')).saves('data', PACK);
    const steps = of(told.saves('snapshots', idOf('5')).unlocks(idOf('b')).disconnect());
    expect(failed(steps)).toEqual([]);
    expect(named(steps, 'restic.unlock')).toEqual([]);
    expect(named(steps, 'restic.backup')).toMatchObject([{ verdict: 'passed', detail: { packs: 1, bytes: 200 } }]);
  });

  it('is given back when another one came at the same time', () => {
    const told = scene().opens().lists('locks').saves('locks', idOf('a')).lists('locks', idOf('a'), idOf('b'));
    expect(failed(of(told.loads('locks', idOf('b')).unlocks().disconnect()))).toEqual([
      ['restic.lock', 'store-locked'],
    ]);
  });

  it('that keeps a run out may be removed by the next one', () => {
    const first = scene().opens().lists('locks', idOf('b')).loads('locks', idOf('b')).disconnect();
    const second = beside(first).opens().lists('locks', idOf('b')).loads('locks', idOf('b')).unlocks(idOf('b'));
    const third = beside(second.disconnect()).opens().locks().lists('snapshots').unlocks().disconnect();
    const steps = of(third).filter(({ step }) => step.startsWith('restic.'));
    expect(steps.map(short)).toEqual([
      'restic.open',
      '(restic.lock: store-locked)',
      'restic.open',
      'restic.unlock',
      ...OPENED,
      'restic.list',
    ]);
  });

  it('is tried for again by a run that is told so', () => {
    const told = scene().opens();
    for (let tries = 0; tries < 3; tries++) told.lists('locks', idOf('b')).loads('locks', idOf('b')).wait(5_000_000);
    const steps = of(told.locks().lists('snapshots').unlocks().disconnect());
    expect(steps.filter(({ step }) => step.startsWith('restic.')).map(short)).toEqual([...OPENED, 'restic.list']);
  });

  it('need not be placed', () => {
    const told = scene().opens().lists('snapshots', idOf('5')).loads('snapshots', idOf('5'));
    const steps = of(told.loads('data', PACK, PART).disconnect());
    expect(failed(steps)).toEqual([]);
    expect(named(steps, 'restic.restore')).toMatchObject([{ detail: { bytes: 100, ranges: 1, snapshot: idOf('5') } }]);
  });

  it('that is not there cannot be removed', () => {
    const steps = of(scene().opens().lists('locks').disconnect());
    expect(named(steps, 'restic.unlock')).toMatchObject([{ verdict: 'recorded', why: 'there was no lock' }]);
  });
});

describe('a part of a pack that is asked for again', () => {
  it('at once is damaged', () => {
    const told = working().loads('data', PACK, PART).loads('data', PACK, PART).unlocks();
    expect(failed(of(told))).toEqual([['restic.restore', 'pack-damaged']]);
  });

  it.each([
    ['damaged', 'pack-damaged', '206 Partial Content'],
    ['missing', 'pack-missing', '404 Not Found'],
  ])('is %s also when restic, which gives up for it, breaks off what it had asked for besides', (_, cause, status) => {
    const told = working();
    const beside = new ResticScene(told.tape, told.client.port + 1).connect();
    beside.loads('data', idOf('e'), PART).asks('load', 'data', idOf('e'), { first: 100, last: 199 });
    told.loads('data', PACK, PART, status).loads('data', PACK, PART, status);
    beside.disconnect();
    expect(failed(of(told.unlocks().disconnect()))).toEqual([['restic.restore', cause]]);
  });

  it('later is used twice', () => {
    const told = working().loads('data', PACK, PART).loads('data', PACK, { first: 100, last: 199 });
    expect(failed(of(told.loads('data', PACK, PART).unlocks()))).toEqual([]);
  });

  it('by one connection while others go on, is damaged', () => {
    const big = { first: 0, last: 99_999 };
    const told = working().loads('data', PACK, big).loads('data', idOf('e'), PART).loads('data', PACK, big);
    expect(failed(of(told.loads('data', idOf('e'), { first: 100, last: 199 }).unlocks()))).toEqual([
      ['restic.restore', 'pack-damaged'],
    ]);
  });

  it('was good after all when the run goes on for long', () => {
    const told = working().loads('data', PACK, PART).loads('data', PACK, PART);
    for (let first = 100; first < 1000; first += 100) told.loads('data', PACK, { first, last: first + 99 });
    expect(failed(of(told.unlocks()))).toEqual([]);
  });

  it('is damaged for a check, which reads on', () => {
    const told = working().lists('data', PACK).loads('data', PACK, PART).loads('data', PACK, PART);
    for (let first = 100; first < 1000; first += 100) told.loads('data', PACK, { first, last: first + 99 });
    const steps = of(told.unlocks());
    expect(failed(steps)).toEqual([['restic.check', 'pack-damaged']]);
    expect(named(steps, 'restic.check')).toMatchObject([{ detail: { pack: PACK, packs: 1 } }]);
  });
});

describe('a part of a pack that the store refuses', () => {
  const refusedBy = (told: ResticScene, status: string): ResticScene => {
    for (let tries = 0; tries < 3; tries++) told.wait(2_000_000).loads('data', PACK, PART, status);
    return told;
  };

  it.each([
    ['403 Forbidden', 'store-access-denied'],
    ['404 Not Found', 'pack-missing'],
    ['500 Internal Server Error', 'store-refused'],
    ['503 Service Unavailable', 'store-refused'],
  ])('with %s, and that never comes, fails the run: %s', (status, cause) => {
    expect(failed(of(refusedBy(working(), status).unlocks().disconnect()))).toEqual([['restic.restore', cause]]);
    const checked = refusedBy(working().lists('data', PACK), status).unlocks().disconnect();
    expect(failed(of(checked))).toEqual([['restic.check', cause]]);
  });

  it.each(['404 Not Found', '500 Internal Server Error'])('with %s is no fault when it comes later', (status) => {
    const told = refusedBy(working(), status).loads('data', PACK, PART).unlocks().disconnect();
    expect(failed(of(told))).toEqual([]);
  });

  it('is no fault when it comes blob by blob', () => {
    const told = refusedBy(working(), '500 Internal Server Error');
    told.loads('data', PACK, { first: 40, last: 99 }).loads('data', PACK, { first: 0, last: 39 });
    expect(failed(of(told.unlocks().disconnect()))).toEqual([]);
  });

  it('is lacking as long as one of its blobs is', () => {
    const told = refusedBy(working(), '404 Not Found').loads('data', PACK, { first: 0, last: 39 });
    told.loads('data', PACK, { first: 60, last: 99 }).loads('data', idOf('e'), { first: 0, last: 999 });
    expect(failed(of(told.unlocks().disconnect()))).toEqual([['restic.restore', 'pack-missing']]);
  });

  it('is no reason to wait for 15 minutes', () => {
    const told = working();
    for (let tries = 0; tries < 4; tries++) told.loads('data', PACK, PART, '503 Service Unavailable').wait(50_000_000);
    expect(failed(of(told))).toEqual([['restic.restore', 'store-refused']]);
  });

  it('is lacking, too, when its connection ended, and restic stops', () => {
    const told = working().asks('load', 'data', PACK, PART);
    told.respond('206 Partial Content', ['Content-Length: 100'], new Uint8Array(40)).disconnect();
    const steps = of(beside(told).connect().lists('locks', idOf('a')).unlocks().disconnect());
    expect(failed(steps)).toEqual([['restic.restore', 'store-client-gone']]);
  });
});

it('a backup that finds a pack of its parent missing goes on', () => {
  const told = working().loads('data', idOf('c'), PART, '404 Not Found').saves('data', PACK);
  const steps = of(told.saves('snapshots', idOf('5')).unlocks());
  expect(failed(steps)).toEqual([]);
  expect(named(steps, 'restic.error')).toMatchObject([{ cause: 'pack-missing', detail: { id: idOf('c') } }]);
});

it('a store with snapshots and without an index can give nothing back', () => {
  const told = working().lists('snapshots', idOf('5')).loads('snapshots', idOf('5')).lists('index').unlocks();
  expect(failed(of(told.disconnect()))).toEqual([['restic.restore', 'index-missing']]);
});

describe('a run that cannot read what it begins with', () => {
  const SNAPSHOT = idOf('5');
  const INDEX = idOf('7');
  const failing = (told: ResticScene): ResticScene => told.lists('snapshots', SNAPSHOT);
  const read = (): ResticScene => failing(working()).loads('snapshots', SNAPSHOT);
  const refusedLists = (status: string): ResticScene =>
    working().asks('list', 'snapshots').answers(status).asks('list', 'snapshots').answers(status);

  it.each<[what: string, told: ResticScene, failure: readonly [string, string]]>([
    [
      'an index',
      read().lists('index', INDEX).loads('index', INDEX, { first: 0 }, '404 Not Found'),
      ['restic.restore', 'index-missing'],
    ],
    [
      'a snapshot',
      failing(working()).loads('snapshots', SNAPSHOT, { first: 0 }, '404 Not Found'),
      ['restic.list', 'snapshot-missing'],
    ],
    ['the list of snapshots', refusedLists('500 Internal Server Error'), ['restic.list', 'store-refused']],
    [
      'the list of snapshots, which is forbidden',
      refusedLists('403 Forbidden'),
      ['restic.list', 'store-access-denied'],
    ],
    [
      'the list of indexes',
      read().asks('list', 'index').answers('503 Service Unavailable'),
      ['restic.restore', 'store-refused'],
    ],
    [
      'an index, and checks the packs all the same',
      read().lists('index', INDEX).loads('index', INDEX, { first: 0 }, '404 Not Found').lists('data', PACK),
      ['restic.check', 'index-missing'],
    ],
  ])('fails: %s', (_, told, failure) => {
    expect(failed(of(told.unlocks().disconnect()))).toEqual([failure]);
  });

  it('is well when it comes at last', () => {
    const told = refusedLists('500 Internal Server Error').lists('snapshots', SNAPSHOT);
    told.loads('snapshots', SNAPSHOT, { first: 0 }, '404 Not Found').loads('snapshots', SNAPSHOT);
    expect(failed(of(told.unlocks().disconnect()))).toEqual([]);
  });

  it('goes on without the parent of a backup', () => {
    const told = failing(working()).loads('snapshots', SNAPSHOT, { first: 0 }, '404 Not Found');
    told.lists('index').saves('data', PACK).saves('snapshots', idOf('6'));
    expect(failed(of(told.unlocks().disconnect()))).toEqual([]);
  });
});

describe('a removal that the store refuses', () => {
  it.each(['500 Internal Server Error', '403 Forbidden'])('with %s fails the run', (status) => {
    const told = working().removes('snapshots', idOf('5'), status).unlocks().disconnect();
    expect(failed(of(told)).map(([step]) => step)).toEqual(['restic.forget']);
  });

  it('is well when it succeeds at last', () => {
    const told = working().removes('snapshots', idOf('5'), '500 Internal Server Error').removes('snapshots', idOf('5'));
    told.lists('index').lists('data', PACK).removes('data', PACK, '503 Service Unavailable').removes('data', PACK);
    expect(failed(of(told.unlocks().disconnect()))).toEqual([]);
  });
});

it('a run that is interrupted says that it wrote no snapshot', () => {
  expect(failed(of(working().saves('data', PACK).unlocks()))).toEqual([['restic.backup', 'backup-given-up']]);
});

it('runs of one client are judged each for itself', () => {
  const first = working().saves('data', PACK).saves('snapshots', idOf('5')).unlocks().disconnect();
  const second = beside(first).opens().locks(idOf('b')).lists('snapshots', idOf('5')).unlocks(idOf('b'));
  expect(
    of(second.disconnect())
      .filter(({ step }) => step.startsWith('restic.'))
      .map(short),
  ).toEqual([...OPENED, 'restic.backup', ...OPENED, 'restic.list']);
});

it('runs of one client at the same time are judged each for itself', () => {
  const backup = working().saves('data', PACK);
  const list = beside(backup).opens().locks(idOf('b')).lists('snapshots').unlocks(idOf('b')).disconnect();
  const more = beside(list).connect().saves('data', idOf('e'));
  backup.saves('data', idOf('f')).saves('snapshots', idOf('5')).unlocks().disconnect();
  const steps = of(more.disconnect(), 900_000).filter(({ step }) => step.startsWith('restic.'));
  expect(steps.map(short)).toEqual([...OPENED, ...OPENED, 'restic.list', 'restic.backup']);
});

it('a store is known by what is said to it, at any port and path', () => {
  const told = new ResticScene(undefined, undefined, 80);
  told.repository = 'labs/pc1';
  const steps = of(told.opens().locks().lists('snapshots').unlocks().disconnect());
  expect(steps.filter(({ step }) => !step.startsWith('tcp.')).map(short)).toEqual([...OPENED, 'restic.list']);
  expect(named(steps, 'restic.open')).toMatchObject([{ detail: { repository: 'labs/pc1', port: 80 } }]);
});

it('a web server at the port of stores stays one', () => {
  const steps = of(
    scene().connect().get('/boot/config').respond('200 OK', ['Content-Length: 5'], 'hello').disconnect(),
  );
  expect(steps.map(short)).toEqual(['tcp.connect', 'http.get', 'boot.complete']);
});
