import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import type { ServiceEvent } from '../service/event-lines.ts';

// The sender as a program, and udp-receiver in namespaces of its own on one bridge.

/** $STORY goes on with `receiver NUMBER OPTION…` and `says EVENT [TIMES]`, which waits for the service's word. */
const SCRIPT = `
  mount -t tmpfs tmpfs /run
  ip link set lo up
  ip link add br0 type bridge mcast_snooping 0
  ip addr add 10.9.0.1/24 brd + dev br0
  ip link set br0 up
  for i in 1 2 3; do
    ip netns add r$i
    ip link add v$i type veth peer name eth0 netns r$i
    ip link set v$i master br0 up
    printf 'addr add 10.9.0.1%s/24 brd + dev eth0\\nlink set eth0 up\\nlink set lo up\\n' $i | ip -n r$i -batch -
  done
  touch events
  "$NODE" "$SERVER" --config config.json > events & server=$!
  says() {
    tries=600
    until [ "$(grep -c "^{\\"event\\":\\"$1\\"" events)" -ge "\${2:-1}" ]; do
      tries=$((tries - 1)); [ $tries -gt 0 ] || { echo "no event $1" >&2; exit 1; }
      sleep 0.05
    done
  }
  receiver() {
    number=$1; shift
    { status=0
      timeout 40 ip netns exec r$number udp-receiver --interface eth0 --nokbd --nosync --file image.$number "$@" > log.$number 2>&1 || status=$?
      echo $status > status.$number; } &
  }
  settled() { for n; do until [ -s status.$n ]; do sleep 0.05; done; done; }
  says ready
  eval "$STORY"
  kill $server; wait $server
`;

interface Played {
  readonly events: readonly ServiceEvent[];
  /** What receivers wrote, by their number: `whole`, `other` or `none`; and how they ended. */
  readonly received: Readonly<Record<number, { readonly is: string; readonly status: number }>>;
}

async function play(story: string, config: object, receivers: readonly number[]): Promise<Played> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pxewright-multicast-'));
  try {
    await mkdir(path.join(folder, 'store'));
    const image = randomBytes(6_000_000);
    await writeFile(path.join(folder, 'store', 'a.wim'), image);
    await writeFile(
      path.join(folder, 'config.json'),
      JSON.stringify({ address: '10.9.0.1', root: './store', image: 'a.wim', helloMs: 200, ...config }),
    );
    await execa(
      'unshare',
      [
        '--map-root-user',
        '--net',
        '--mount',
        '--pid',
        '--fork',
        '--kill-child',
        '--mount-proc',
        'bash',
        '-euc',
        SCRIPT,
      ],
      {
        cwd: folder,
        timeout: 60_000,
        env: {
          NODE: process.execPath,
          SERVER: fileURLToPath(new URL('multicast.ts', import.meta.url)),
          STORY: story,
        },
      },
    );
    const text = await readFile(path.join(folder, 'events'), 'utf8');
    const received: Record<number, { is: string; status: number }> = {};
    const wanted = hash(image);
    for (const number of receivers) {
      const written = await readFile(path.join(folder, `image.${number}`)).catch(() => undefined);
      const is = written === undefined ? 'none' : hash(written) === wanted ? 'whole' : 'other';
      received[number] = { is, status: Number(await readFile(path.join(folder, `status.${number}`), 'utf8')) };
    }
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ServiceEvent);
    return { events, received };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const WHOLE = { is: 'whole', status: 0 };
const named = ({ events }: Played, ...names: string[]) => events.filter(({ event }) => names.includes(event));

describe.concurrent('the multicast sender', () => {
  it('sends once to two receivers, and then to one that came while it did', { timeout: 90_000 }, async () => {
    const story = 'receiver 1; receiver 2; says started; receiver 3; settled 1 2 3; says sent 2';
    const told = await play(story, { receivers: 2, maxWaitMs: 1000, bitsPerSecond: 60_000_000 }, [1, 2, 3]);
    expect(told.received).toEqual({ 1: WHOLE, 2: WHOLE, 3: WHOLE });
    expect(named(told, 'started', 'sent')).toMatchObject([
      { event: 'started', session: 1, receivers: 2 },
      { event: 'sent', session: 1, receivers: 2, bytes: 6_000_000 },
      { event: 'started', session: 2, receivers: 1 },
      { event: 'sent', session: 2, receivers: 1, bytes: 6_000_000 },
    ]);
    expect(named(told, 'receiver').find(({ session }) => session === 2)).toMatchObject({ client: '10.9.0.13' });
    expect(told.events.at(-1)).toMatchObject({
      event: 'stopped',
      counters: { sessions: 3, receivers: 3, dropped: 0, bytesSent: 12_000_000 },
    });
  });

  it('goes on without a receiver that says nothing more, at another port', { timeout: 90_000 }, async () => {
    const story = `receiver 1 --portbase 9100; receiver 2 --portbase 9100 --rcvbuf 8192; says receiver 2
      kill -STOP $(pgrep -f 'image[.]2'); says dropped; settled 1; says sent; kill -KILL $(pgrep -f 'image[.]2'); settled 2`;
    const told = await play(story, { receivers: 2, portBase: 9100, retries: 11 }, [1, 2]);
    expect(told.received[1]).toEqual(WHOLE);
    expect(named(told, 'ready')).toMatchObject([{ listening: ['10.9.0.1:9101/udp'] }]);
    expect(named(told, 'dropped')).toMatchObject([{ session: 1, client: '10.9.0.12' }]);
  });

  it('begins with fewer when it has waited long enough, and waits for an image that is not there yet', {
    timeout: 90_000,
  }, async () => {
    const story = 'says no-image; cp store/a.wim store/b.wim; says session; receiver 1; settled 1; says sent';
    const told = await play(story, { image: 'b.wim', receivers: 2, maxWaitMs: 1000 }, [1]);
    expect(told.received).toEqual({ 1: WHOLE });
    expect(named(told, 'no-image')).toMatchObject([{ reason: 'b.wim does not exist' }]);
  });

  it('does not send what lies outside of its folder', { timeout: 90_000 }, async () => {
    const told = await play('says no-image', { image: '../config.json' }, []);
    expect(named(told, 'no-image')).toMatchObject([
      { reason: '../config.json leads out of the root folder by a link' },
    ]);
  });
});

describe.concurrent('misbehaves when told to', () => {
  const GIVES_UP = 'receiver 1 --start-timeout 3 --receive-timeout 4; settled 1';
  // Once it is let in, udp-receiver waits for ever for the first block.
  const WAITS = 'receiver 1; says receiver; sleep 2; kill $(pgrep -f image[.]1); settled 1';

  it.each<[string, object, string, object]>([
    ['silent', { silent: true }, GIVES_UP, { status: 255 }],
    ['never-starts', { 'never-starts': true }, WAITS, { is: 'other' }],
    ['dies-after', { 'dies-after': 3_000_000 }, GIVES_UP, { is: 'other', status: 1 }],
  ])('%s', { timeout: 90_000 }, async (_, misbehave, story, received) => {
    const told = await play(story, { misbehave }, [1]);
    expect(told.received[1]).toMatchObject(received);
    const events = named(told, 'receiver', 'started', 'misbehaved', 'sent').map(({ event, how }) => how ?? event);
    const wanted = {
      silent: ['silent'],
      'never-starts': ['receiver', 'never-starts'],
      'dies-after': ['receiver', 'started', 'dies-after'],
    };
    expect(events).toEqual(wanted[Object.keys(misbehave)[0] as keyof typeof wanted]);
  });

  it('flip-byte-at: every receiver gets the same wrong byte', { timeout: 90_000 }, async () => {
    const story =
      'receiver 1; receiver 2; settled 1 2; cmp image.1 image.2; [ "$(cmp -l store/a.wim image.1 | wc -l)" = 1 ]';
    const told = await play(story, { receivers: 2, misbehave: { 'flip-byte-at': 5_000_000 } }, [1, 2]);
    expect(told.received).toEqual({ 1: { is: 'other', status: 0 }, 2: { is: 'other', status: 0 } });
    expect(named(told, 'misbehaved')).toMatchObject([{ how: 'flip-byte-at', session: 1 }]);
  });
});
