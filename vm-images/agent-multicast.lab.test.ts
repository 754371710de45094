import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBundles } from './index.ts';

// The agent's receive.sh with the programs of the boot image, in a namespace without a VM: BusyBox' shell, and udp-receiver as
// the bundle has it.

let root: string;
let image: Buffer;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-agent-multicast-'));
  const bundle = (await ensureBundles(['agent-multicast'])).get('agent-multicast');
  const unpack = `mkdir bin && busybox --install -s bin && zstd -dcq ${path.join(bundle?.folder ?? '', 'multicast.img')} | cpio -idm --quiet`;
  await execa('sh', ['-ec', unpack], { cwd: root });
  await mkdir(path.join(root, 'target', 'lost+found'), { recursive: true });
  image = randomBytes(3_000_000);
  await writeFile(path.join(root, 'image'), image);
}, 300_000);
afterAll(() => rm(root, { recursive: true }));

/** $SENDER runs beside; then the agent receives $BYTES. What it says, line by line. */
const SCRIPT = `
  mount -t tmpfs tmpfs /run
  ip link set lo up
  ip netns add agent
  ip link add served type veth peer name eth0 netns agent
  ip addr add 10.9.0.1/24 brd + dev served
  ip link set served up
  printf 'addr add 10.9.0.11/24 brd + dev eth0\\nlink set eth0 up\\n' | ip -n agent -batch -
  eval "$SENDER" > sender.log 2>&1 &
  ip netns exec agent env PATH="$PWD/bin:$PWD/usr/bin" busybox sh -euc '
    set +e
    TARGET=$PWD/target network_interface=eth0 option_multicast=9100
    event() { echo "$*"; }
    screen_progress() { :; }
    . "$AGENT/receive.sh"
    eval "$WAITS"
    receive_image "$BYTES" && echo received || echo "failed: $receive_error"'
`;
const SENDER =
  'udp-sender --interface served --portbase 9100 --nokbd --nopointopoint --min-receivers 1 --rexmit-hello-interval 200 --file image';

async function receive(words: { readonly sender?: string; readonly bytes?: number; readonly waits?: string }) {
  const { sender = SENDER, bytes = image.length, waits = '' } = words;
  const namespaces = ['--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const { stdout } = await execa('unshare', [...namespaces, 'sh', '-ec', SCRIPT], {
    cwd: root,
    timeout: 60_000,
    env: { AGENT: path.join(import.meta.dirname, 'agent', 'lib'), SENDER: sender, BYTES: String(bytes), WAITS: waits },
  });
  return stdout.split('\n');
}

it('receives an image into the disk’s own folder, and says how far it is', { timeout: 90_000 }, async () => {
  const said = await receive({});
  expect(said[0]).toBe('agent.receive client:=0');
  expect(said.slice(-2)).toEqual(['agent.receive percent:=100', 'received']);
  const written = await readFile(path.join(root, 'target', 'lost+found', 'image.wim'));
  expect(createHash('sha256').update(written).digest('hex')).toBe(createHash('sha256').update(image).digest('hex'));
});

it.each<[string, Parameters<typeof receive>[0], RegExp]>([
  [
    'another size than the share has',
    { bytes: 4_000_000 },
    /^failed: 3000000 bytes came, the file on the share has 4000000$/,
  ],
  ['no sender', { sender: 'true', waits: 'RECEIVE_ANSWER_SECONDS=2' }, /^failed: udp-receiver ended with 255: /],
  [
    'a sender that never begins',
    { sender: SENDER.replace('receivers 1', 'receivers 9'), waits: 'RECEIVE_START_SECONDS=3; rm -f "$RECEIVED"' },
    /^failed: udp-receiver ended with 143: /,
  ],
  [
    'no program for it',
    { sender: 'true', waits: 'PATH=$PWD/bin' },
    /^failed: this boot image has no udp-receiver; load multicast\.img after it$/,
  ],
])('says why there is no image: %s', { timeout: 90_000 }, async (_, words, message) => {
  expect((await receive(words)).at(-1)).toMatch(message);
});
