import { appendFile, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { openCaptureFile } from '#tcpdump-wrapper';
import { resultSchema } from '../../reports/result.ts';
import { createObserver } from '../observe/observer.ts';
import { replayCapture } from '../run/replay/replay.ts';
import { PACKAGE_FOLDER } from '../setup/installation.ts';
import { judgeFrames } from '../verdict/judge-frames.ts';
import { INSTALL } from './bare-run.ts';
import { comparedRow, toldRow, type BenchResult } from './bench-result.ts';

// How fast a whole boot's capture, untrimmed, is judged, against tshark printing the fields that our state machines use: by
// the frames (what each spends beyond a capture of one frame, ours in a process that has replayed before, as a CI job
// over many captures has), and as whole commands, where starting Node and compiling what a replay needs weigh as much
// as the frames do.

/** What the state machines read, in tshark's names. */
const FIELDS = [
  'frame.number',
  'frame.time_epoch',
  'eth.src',
  'ip.src',
  'ip.dst',
  'arp.opcode',
  'arp.src.proto_ipv4',
  'udp.srcport',
  'udp.dstport',
  'tcp.srcport',
  'tcp.dstport',
  'dhcp.option.dhcp',
  'dhcp.id',
  'dhcp.ip.your',
  'dhcp.file',
  'dhcp.option.type',
  'tftp.opcode',
  'tftp.block',
  'tftp.source_file',
  'tftp.option.name',
  'tftp.option.value',
  'tftp.error.code',
  'smb2.cmd',
  'smb2.msg_id',
  'smb2.nt_status',
  'smb2.filename',
  'smb2.tree',
  'smb2.read_length',
  'smb2.file_offset',
  'ntlmssp.messagetype',
  'ntlmssp.auth.username',
  'ntlmssp.auth.domain',
];

/** Passes over the frames of one reading. */
const PASSES = 3;
/** Boots of the capture whose memory is compared with that of one. */
const MEMORY_REPEATS = 10;
/** Has a program tell its peak memory (ru_maxrss, kilobytes) when it ends. */
const PEAK_TELLER =
  "data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS))";

const rounds = Number(process.env['PXEWRIGHT_BENCH_PAIRS'] ?? 3);
const folder = await mkdtemp(join(tmpdir(), 'pxewright-bench-'));
try {
  const capture = process.env['PXEWRIGHT_BENCH_CAPTURE'] ?? (await captureOfABoot());
  const megabytes = (await stat(capture)).size / 1e6;
  const oneFrame = join(folder, 'one-frame.pcap');
  await execa('editcap', ['-r', capture, oneFrame, '1']);
  const commands: { ours: number; theirs: number }[] = [];
  const byFrames: { ours: number; theirs: number }[] = [];
  const decode: number[] = [];
  const observe: number[] = [];
  const judge: number[] = [];
  const memory: number[] = [];
  let frames = 0;
  // The first round warms this process up: its own figure for the frames is left out.
  for (let round = 0; round <= rounds; round += 1) {
    const tsharkStart = await seconds(() => tshark(oneFrame));
    const theirs = await seconds(() => tshark(capture));
    const ours = await seconds(() =>
      execa('node', [join(PACKAGE_FOLDER, 'harness/cli/bootstrap.mjs'), 'replay', capture, '--json'], {
        stdout: 'ignore',
        reject: false,
      }),
    );
    const again = await seconds(() => replayCapture(capture));
    // Speeds are compared, so that a ratio above one is in our favour.
    commands.push({ ours: 1 / ours, theirs: 1 / theirs });
    if (round > 0) byFrames.push({ ours: 1 / again, theirs: 1 / (theirs - tsharkStart) });
    const batches = await readAll(capture);
    frames = batches.batches.reduce((sum, batch) => sum + batch.length, 0);
    // More than once: the first pass also collects what reading has left.
    for (let pass = 0; pass < PASSES; pass += 1)
      observe.push(
        await seconds(() => {
          const observer = createObserver({ linkType: batches.linkType, onEvent: () => undefined });
          for (const batch of batches.batches) for (const frame of batch) observer.frame(frame);
        }),
      );
    judge.push(await seconds(() => judgeFrames(batches.batches, { linkType: batches.linkType, clients: [] })));
    decode.push(batches.seconds);
  }
  // Last: writing the longer capture to the disk goes on for a while, and would slow down what is measured.
  const longer = await repeated(capture, MEMORY_REPEATS);
  for (let round = 0; round < rounds; round += 1)
    memory.push(
      ((await peakMegabytes(longer)) - (await peakMegabytes(capture))) / ((frames * (MEMORY_REPEATS - 1)) / 1e6),
    );
  const rows = [
    comparedRow(`replay of ${frames} frames, ${megabytes.toFixed(0)} MB, starts left out`, 'captures/s', byFrames, {
      atLeast: 10,
    }),
    { ...comparedRow('the same as whole commands', 'captures/s', commands, { atLeast: 1 }), want: null },
    toldRow(
      'read and parse the capture file',
      'MB/s',
      decode.map((s) => megabytes / s),
    ),
    toldRow(
      'decode, meters and events',
      'frames/s',
      observe.map((s) => frames / s),
    ),
    toldRow(
      'decode, meters and events',
      'MB/s',
      observe.map((s) => megabytes / s),
    ),
    toldRow(
      'the same with state machines and verdict',
      'frames/s',
      judge.map((s) => frames / s),
    ),
    toldRow(`peak memory that ${MEMORY_REPEATS - 1} more of the same boot add`, 'MB per million frames', memory),
  ];
  process.stdout.write(`${JSON.stringify({ name: 'replay', rows } satisfies BenchResult)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The whole capture of one installation. */
async function captureOfABoot(): Promise<string> {
  const { stdout } = await execa(
    'node',
    [
      join(PACKAGE_FOLDER, 'harness/cli/bootstrap.mjs'),
      'run',
      INSTALL,
      '--full-capture',
      '--accel',
      'tcg',
      '--out',
      join(folder, 'runs'),
      '--reporter',
      'json',
    ],
    { cwd: PACKAGE_FOLDER, reject: false },
  );
  const file = resultSchema.parse(JSON.parse(stdout)).scenarios[0]?.capture?.file;
  const [run] = await readdir(join(folder, 'runs'));
  if (file === undefined || run === undefined)
    throw new Error('the installation left no capture: see pxewright run for why');
  return join(folder, 'runs', run, file);
}

/** A capture that holds the boots of another one several times: pcap, whose records follow each other after 24 bytes. */
async function repeated(capture: string, times: number): Promise<string> {
  const plain = join(folder, 'plain.pcap');
  await execa('editcap', ['-F', 'pcap', capture, plain]);
  const bytes = await readFile(plain);
  const file = join(folder, 'longer.pcap');
  await appendFile(file, bytes);
  for (let i = 1; i < times; i += 1) await appendFile(file, bytes.subarray(24));
  return file;
}

/** Peak memory of a replay as a command, in megabytes. */
async function peakMegabytes(file: string): Promise<number> {
  const { stderr } = await execa(
    'node',
    ['--import', PEAK_TELLER, join(PACKAGE_FOLDER, 'harness/cli/pxewright.ts'), 'replay', file, '--json'],
    { stdout: 'ignore', reject: false },
  );
  return Number(/peak (\d+)/.exec(stderr)?.[1]) / 1000;
}

async function tshark(file: string): Promise<void> {
  await execa('tshark', ['-n', '-r', file, '-T', 'fields', ...FIELDS.flatMap((field) => ['-e', field])], {
    stdout: 'ignore',
  });
}

async function readAll(capture: string) {
  const startedMs = performance.now();
  const source = await openCaptureFile(capture);
  const batches = [];
  for await (const batch of source.batches()) batches.push(batch);
  return { batches, linkType: source.linkType, seconds: (performance.now() - startedMs) / 1000 };
}

async function seconds(work: () => unknown): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}
