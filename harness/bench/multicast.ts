import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { plural } from '../../reports/text.ts';
import { comparedRow, type BenchResult, type BenchRow } from './bench-result.ts';

// One image to several clients at once: by our multicast sender, against our HTTP server, which sends it to each. The
// clients are udp-receiver and curl, in network namespaces of their own on one bridge. The server's cable has a limit, the
// same for both: without it a host's memory would be the network.

const PAIRS = Number(process.env['PXEWRIGHT_BENCH_PAIRS'] ?? 3);
/** About the size of the sample image. */
const IMAGE_BYTES = Number(process.env['PXEWRIGHT_BENCH_BYTES'] ?? 50_000_000);
const LINK = '200mbit';
const SERVER = '10.9.0.1';
/** Clients at once; and, of what unicast needs, the most that multicast may need: bytes on the wire, and time. */
const COUNTS = [
  { clients: 1, bytes: 1.1, seconds: 2 },
  { clients: 4, bytes: 0.3, seconds: 0.6 },
  { clients: 8, bytes: 0.16, seconds: 0.35 },
] as const;
const MOST = Math.max(...COUNTS.map(({ clients }) => clients));

const INSIDE = '--inside';
const host = (name: string, ip: string): string => `
  ip netns add ${name}
  ip link add ${name} type veth peer name eth0 netns ${name}
  ip link set ${name} master br0 up
  ip -n ${name} addr add ${ip}/24 brd + dev eth0
  ip -n ${name} link set eth0 up
  ip -n ${name} link set lo up
`;

/** Without segmentation offload frames are what a wire would carry. */
const NETWORK = `
  mount -t tmpfs tmpfs /run
  ip link add br0 type bridge mcast_snooping 0
  ip link set br0 up
  ${host('server', SERVER)}
  ip netns exec server ethtool -K eth0 tso off gso off > /dev/null
  ip netns exec server tc qdisc add dev eth0 root tbf rate ${LINK} burst 64kb limit 4mb
  ${Array.from({ length: MOST }, (_, index) => host(`c${index}`, `10.9.0.${index + 11}`)).join('')}
`;

if (process.argv.includes(INSIDE)) await bench(process.argv[process.argv.indexOf(INSIDE) + 1] ?? '');
else await enterNamespace();

/** Runs this file again in namespaces of its own. */
async function enterNamespace(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pxewright-multicast-'));
  const asUser = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  try {
    await execa(
      'unshare',
      [...asUser, ...namespaces, process.execPath, fileURLToPath(import.meta.url), INSIDE, folder],
      { stdio: 'inherit' },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The program of a service. */
function service(program: string): string {
  return fileURLToPath(new URL(`../../servers/${program}.ts`, import.meta.url));
}

async function bench(folder: string): Promise<void> {
  await execa('sh', ['-e'], { input: NETWORK });
  await mkdir(join(folder, 'store'));
  const image = randomBytes(IMAGE_BYTES);
  await writeFile(join(folder, 'store', 'image.wim'), image);
  const wanted = createHash('sha256').update(image).digest('hex');
  const rows: BenchRow[] = [];
  for (const { clients, bytes, seconds } of COUNTS) {
    const pairs: { ours: Measured; theirs: Measured }[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const ours = (): Promise<Measured> => measure(folder, wanted, clients, multicast(folder, clients));
      const theirs = (): Promise<Measured> => measure(folder, wanted, clients, unicast(folder));
      const one = pair % 2 === 0 ? { ours: await ours(), theirs: await theirs() } : await swapped(ours, theirs);
      pairs.push(one);
      process.stderr.write(
        `multicast: ${plural(clients, 'client')}, pair ${pair + 1} of ${PAIRS}: ${JSON.stringify(one)}\n`,
      );
    }
    const of = (what: keyof Measured) => pairs.map(({ ours, theirs }) => ({ ours: ours[what], theirs: theirs[what] }));
    const who = `${plural(clients, 'client')}, link of ${LINK}`;
    rows.push(
      comparedRow(`${who}: bytes on the wire`, 'MB', of('megabytes'), { atMost: bytes }),
      comparedRow(`${who}: time until the last one has the image`, 's', of('seconds'), { atMost: seconds }),
    );
  }
  process.stdout.write(`${JSON.stringify({ name: 'multicast', rows } satisfies BenchResult)}\n`);
}

async function swapped(
  ours: () => Promise<Measured>,
  theirs: () => Promise<Measured>,
): Promise<{ ours: Measured; theirs: Measured }> {
  const first = await theirs();
  return { theirs: first, ours: await ours() };
}

interface Measured {
  /** Both directions, at the server's cable. */
  readonly megabytes: number;
  readonly seconds: number;
}

/** A server, and how a client gets the image from it into a file. */
interface Way {
  readonly program: string;
  readonly config: object;
  readonly client: (file: string) => readonly string[];
}

function multicast(folder: string, receivers: number): Way {
  return {
    program: 'images/multicast',
    config: { address: SERVER, root: join(folder, 'store'), image: 'image.wim', receivers },
    client: (file) => ['udp-receiver', '--interface', 'eth0', '--nokbd', '--nosync', '--file', file],
  };
}

function unicast(folder: string): Way {
  return {
    program: 'boot/http',
    config: { address: SERVER, port: 80, root: join(folder, 'store') },
    client: (file) => ['curl', '--silent', '--fail', '--output', file, `http://${SERVER}/image.wim`],
  };
}

async function measure(
  folder: string,
  wanted: string,
  count: number,
  { program, config, client }: Way,
): Promise<Measured> {
  const server = execa('ip', ['netns', 'exec', 'server', process.execPath, service(program), '--config', '-'], {
    input: JSON.stringify(config),
    reject: false,
  });
  try {
    await Promise.race([
      once(server.stdout, 'data'),
      server.then(({ stderr }) => Promise.reject(new Error(`${program} ended: ${stderr}`))),
    ]);
    const before = await bytesOfServer();
    const startedMs = performance.now();
    const files = Array.from({ length: count }, (_, index) => join(folder, `received-${index}`));
    await Promise.all(
      files.map((file, index) => execa('ip', ['netns', 'exec', `c${index}`, ...client(file)], { timeout: 300_000 })),
    );
    const seconds = (performance.now() - startedMs) / 1000;
    const megabytes = ((await bytesOfServer()) - before) / 1e6;
    for (const file of files) {
      const got = await sha256(file);
      if (got !== wanted)
        throw new Error(`${program}: a client has another image (SHA-256 ${got}, expected ${wanted})`);
      await rm(file);
    }
    return { megabytes, seconds };
  } finally {
    server.kill();
    await server;
  }
}

/** What went over the server's cable, in both directions. */
async function bytesOfServer(): Promise<number> {
  const { stdout } = await execa('ip', ['-json', '-stats', 'link', 'show', 'dev', 'server']);
  const [link] = JSON.parse(stdout) as { stats64: Record<'rx' | 'tx', { bytes: number }> }[];
  if (link === undefined) throw new Error(`expected the counters of the server's cable, got ${stdout}`);
  return link.stats64.rx.bytes + link.stats64.tx.bytes;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
