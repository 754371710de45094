import { copyFile, link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { agentLog } from '../../reports/file-names.ts';
import { resultSchema } from '../../reports/result.ts';
import { cpioNewc } from '../../vm-images/cpio.ts';
import { ensureBundles } from '../../vm-images/index.ts';
import { REFERENCE_LAB } from '../../servers/service/reference-lab.ts';
import { PACKAGE_FOLDER } from '../setup/installation.ts';
import { comparedRow, toldRow, type BenchResult, type BenchRow } from './bench-result.ts';

// An image read by Linux' cifs in a VM: through the lab, with capture and judging, against the same VM and a
// bare smbd without either. Each pair boots each side once; a boot reads several times and its fastest read counts: on a
// busy host, a single read measures other load. The VM's own clock measures, from the open to the last byte.

const PAIRS = Number(process.env['PXEWRIGHT_BENCH_PAIRS'] ?? 3);
const ROUNDS = Number(process.env['PXEWRIGHT_BENCH_ROUNDS'] ?? 9);
const NIC = process.env['PXEWRIGHT_BENCH_NIC'] ?? 'e1000';
const CLIENT = '172.22.52.50';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'pxewright-smb-'));
try {
  const reader = await prepare();
  const pairs: { ours: number; theirs: number }[] = [];
  const cost: Record<string, number[]> = {};
  for (let pair = 0; pair < PAIRS; pair += 1) {
    // Each goes first every other time: a host that gets busier hurts both.
    const theirs = (): Promise<number> => bare(reader, pair);
    const ours = (): Promise<number> => inLab(pair, cost);
    const [first, second] = pair % 2 === 0 ? [await theirs(), await ours()] : [await ours(), await theirs()];
    pairs.push(pair % 2 === 0 ? { theirs: first, ours: second } : { ours: first, theirs: second });
    process.stderr.write(`smb: pair ${pair + 1} of ${PAIRS}: ${JSON.stringify(pairs.at(-1))}\n`);
  }
  const rows: BenchRow[] = [
    comparedRow(`image read by cifs in a VM (${NIC})`, 'MB/s', pairs, { atLeast: 0.9 }),
    ...Object.entries(cost).map(([what, values]) => toldRow(what, 'MB/s', values)),
  ];
  process.stdout.write(`${JSON.stringify({ name: 'smb', rows } satisfies BenchResult)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

interface Reader {
  readonly kernel: string;
  readonly initrd: string;
  readonly commandLine: string;
}

/** The reader's boot image and the share, the same files for both sides; the scenario that boots it in a lab. */
async function prepare(): Promise<Reader> {
  const bundles = await ensureBundles(['boot-files/wds', 'images/linux-sample']);
  const file = (bundle: string, path: string): string => join(bundles.get(bundle)?.folder ?? '', path);
  const kernel = file('boot-files/wds', 'boot/x86/vmlinuz');
  const initrd = join(folder, 'reader.img');
  // Of several archives, one after the other, the kernel unpacks all (early-userspace/buffer-format.rst).
  const init = cpioNewc([
    { path: 'bench-init', type: 'file', mode: 0o755, data: await readFile(here('smb-guest.sh')) },
  ]);
  const agent = await readFile(file('boot-files/wds', 'boot/x86/agent.img'));
  // Each archive begins at a multiple of four.
  await writeFile(initrd, Buffer.concat([agent, Buffer.alloc((4 - (agent.length % 4)) % 4), init]));
  const images = join(folder, 'state/reminst/Images/Linux');
  await mkdir(images, { recursive: true });
  const image = file('images/linux-sample', 'Images/Linux/sample.wim');
  await link(image, join(images, 'sample.wim')).catch(() => copyFile(image, join(images, 'sample.wim')));
  await writeFile(join(images, 'bench-end'), 'end\n');
  const commandLine = `console=ttyS0 quiet loglevel=4 mitigations=off no_timer_check cryptomgr.notests nokaslr ipv6.disable=1 rdinit=/bench-init bench.ip=${CLIENT} bench.server=${REFERENCE_LAB.server} bench.rounds=${ROUNDS}`;
  await writeFile(join(folder, 'read.yaml'), scenario(commandLine));
  return { kernel, initrd, commandLine };
}

function scenario(commandLine: string): string {
  const config = [
    'DEFAULT reader',
    'PROMPT 0',
    'LABEL reader',
    '  KERNEL vmlinuz',
    '  INITRD reader.img',
    `  APPEND ${commandLine}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
  return `name: An image read by cifs
services:
  dhcp: { at: ${REFERENCE_LAB.dhcp}, reservations: { pc: ${CLIENT} } }
  pxe: { at: ${REFERENCE_LAB.server}, bootfile: 'boot\\x86\\wdsnbp.com' }
  tftp:
    files:
      'boot\\x86\\reader.img': { file: ./reader.img }
      'boot\\x86\\pxelinux.cfg\\default': { text: ${JSON.stringify(config)} }
  images: {}
  state: ./state
clients: [{ name: pc, nic: ${NIC}, mac: 52:54:00:12:34:56 }]
steps:
  - image.transfer: { path: 'Images\\Linux\\sample.wim' }
  - smb.open: { path: 'Images\\Linux\\bench-end' }
`;
}

/** Throughput of the fastest read, MB/s. */
async function throughput(file: string): Promise<number> {
  const events = (await readFile(file, 'utf8'))
    .split('\n')
    .flatMap((line) =>
      line.includes('"bench.read"') ? [JSON.parse(line) as { bytes: number; fromCs: number; toCs: number }] : [],
    );
  if (events.length !== ROUNDS || events.some(({ bytes }) => bytes === 0))
    throw new Error(`${file}: expected ${ROUNDS} reads, got ${events.length}: ${await readFile(file, 'utf8')}`);
  return Math.max(...events.map(({ bytes, fromCs, toCs }) => bytes / 1e6 / ((toCs - fromCs) / 100)));
}

async function bare({ kernel, initrd, commandLine }: Reader, pair: number): Promise<number> {
  const out = join(folder, `bare-${pair}`);
  await execa('bash', [here('bare-smbd.sh'), kernel, initrd, join(folder, 'state/reminst'), out, NIC, commandLine]);
  return throughput(join(out, 'agent.jsonl'));
}

async function inLab(pair: number, cost: Record<string, number[]>): Promise<number> {
  const out = join(folder, `ours-${pair}`);
  const { stdout, stderr, exitCode } = await execa(
    process.execPath,
    [
      join(PACKAGE_FOLDER, 'harness/cli/bootstrap.mjs'),
      'run',
      join(folder, 'read.yaml'),
      '--accel',
      'tcg',
      '--out',
      out,
      '--reporter',
      'json',
    ],
    { cwd: PACKAGE_FOLDER, reject: false },
  );
  if (exitCode !== 0)
    throw new Error(
      `pxewright run ended with ${exitCode ?? 'a signal'}: ${stderr.trim().split('\n').at(-1) ?? ''} ${/"why": "(.*)"/.exec(stdout)?.[1] ?? ''}`,
    );
  const result = resultSchema.parse(JSON.parse(stdout));
  const [only] = result.scenarios;
  const seen =
    only?.clients[0]?.transfers.filter(({ protocol, path }) => protocol === 'smb' && path.endsWith('sample.wim')) ?? [];
  // What the wire shows of the same reads.
  (cost['ours, as the judge saw it'] ??= []).push(Math.max(...seen.map(({ mbPerSecond }) => mbPerSecond)));
  const { stdout: evidence } = await execa('find', [out, '-name', agentLog('pc')]);
  return throughput(evidence.trim());
}
