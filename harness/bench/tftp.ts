import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { plural } from '../../reports/text.ts';
import type { TftpLoad, TftpLoadResult } from '../played-clients/tftp-client.ts';
import { comparedRow, toldRow, type BenchResult, type BenchRow } from './bench-result.ts';

// Our TFTP server against dnsmasq's, the one in most labs: loopback of a network namespace of its own, one server busy
// at a time, both measured in turn within each pair so that a noisy host hurts both.

const PAIRS = Number(process.env['PXEWRIGHT_BENCH_PAIRS'] ?? 9);
const SLICE_MS = Number(process.env['PXEWRIGHT_BENCH_SLICE_MS'] ?? 1000);
// A kernel's size. Larger than one block number cycle at no blksize used here, small enough to stay in the page cache.
const FILE_BYTES = 32 * 1024 * 1024;
// What iPXE asks for (harness/docs/protocols.md 2.2), the client of most boots here.
const BLKSIZE = 1432;

const INSIDE = '--inside';
if (process.argv.includes(INSIDE)) await bench(process.argv[process.argv.indexOf(INSIDE) + 1] ?? '');
else await enterNamespace();

/** Runs this file again in a network namespace, where port 69 is free and no frame can leave. */
async function enterNamespace(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pxewright-tftp-'));
  const asUser = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  try {
    await execa(
      'unshare',
      [
        ...asUser,
        '--net',
        '--pid',
        '--fork',
        '--kill-child',
        process.execPath,
        fileURLToPath(import.meta.url),
        INSIDE,
        folder,
      ],
      { stdio: 'inherit' },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bench(folder: string): Promise<void> {
  await execa('ip', ['link', 'set', 'lo', 'up']);
  await writeFile(join(folder, 'kernel'), randomBytes(FILE_BYTES));
  const theirs = execa(
    'dnsmasq',
    [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--port=0',
      '--enable-tftp',
      `--tftp-root=${folder}`,
      '--tftp-max=512',
      '--quiet-tftp',
      '--listen-address=127.0.0.1',
      '--bind-interfaces',
      '--user=root',
      '--pid-file=',
      '--log-facility=-',
    ],
    { reject: false },
  );
  const ours = execa(
    process.execPath,
    [fileURLToPath(new URL('../../servers/boot/tftp.ts', import.meta.url)), '--config', '-'],
    {
      input: JSON.stringify({ address: '127.0.0.2', port: 69, root: folder }),
      reject: false,
    },
  );
  const clients = fork(fileURLToPath(new URL('tftp-clients.ts', import.meta.url)));
  const measure = async (host: string, count: number, windowsize = 1, durationMs = SLICE_MS): Promise<number> => {
    clients.send({
      host,
      port: 69,
      filename: 'kernel',
      clients: count,
      blksize: BLKSIZE,
      windowsize,
      durationMs,
    } satisfies TftpLoad);
    const [result] = (await once(clients, 'message')) as [TftpLoadResult];
    if (result.bytes === 0)
      throw new Error(
        `${host}: ${count} clients got nothing within ${durationMs} ms, ${result.errors} errors, first: ${result.firstError ?? 'none'}`,
      );
    return result.bytes / 1e6 / (result.durationMs / 1000);
  };
  const [our, their] = ['127.0.0.2', '127.0.0.1'];
  try {
    await Promise.race([
      once(ours.stdout, 'data'),
      ours.then(({ stderr }) => Promise.reject(new Error(`our server ended: ${stderr}`))),
    ]);
    // Both warm: the page cache for theirs, compiled code for ours and for the clients.
    for (const host of [our, their]) await measure(host, 8, 1, 2 * SLICE_MS);
    const rows: BenchRow[] = [];
    for (const count of [1, 8, 64]) {
      const pairs: { ours: number; theirs: number }[] = [];
      for (let pair = 0; pair < PAIRS; pair++) {
        const [first, second] = pair % 2 === 0 ? ([our, their] as const) : ([their, our] as const);
        const values = { [first]: await measure(first, count), [second]: await measure(second, count) };
        pairs.push({ ours: values[our] ?? 0, theirs: values[their] ?? 0 });
        process.stderr.write(`tftp: ${count} clients, pair ${pair + 1} of ${PAIRS}: ${JSON.stringify(pairs.at(-1))}\n`);
      }
      rows.push(
        comparedRow(`${plural(count, 'lockstep client')}, blksize ${BLKSIZE}`, 'MB/s', pairs, {
          atLeast: 1,
        }),
      );
    }
    rows.push(
      toldRow(`1 client, windowsize 16 (dnsmasq has none), blksize ${BLKSIZE}`, 'MB/s', [
        await measure(our, 1, 16),
        await measure(our, 1, 16),
        await measure(our, 1, 16),
      ]),
    );
    process.stdout.write(`${JSON.stringify({ name: 'tftp', rows } satisfies BenchResult)}\n`);
  } finally {
    clients.kill();
    ours.kill();
    theirs.kill();
    await Promise.all([ours, theirs]);
  }
}
