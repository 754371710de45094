import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { EXIT } from '../../../servers/service/exit-codes.ts';
import { insistOnLab } from '../../lab/insist-on-lab.ts';
import { LAB_MESSAGE_FD, parseLabJob } from '../lab-protocol.ts';
import { messageChannel } from './message-channel.ts';

// First process of a lab: reads one LabJob line, boots or serves, answers in LabMessage lines. When standard input
// closes it unwinds; when it ends, the kernel takes everything in the lab with it.

await insistOnLab(import.meta.filename);

const abort = new AbortController();
const lines = createInterface({ input: process.stdin });
const first = Promise.withResolvers<string>();
lines.once('line', (line) => first.resolve(line));
lines.once('close', () => {
  first.reject(new Error('standard input closed before a job came'));
  abort.abort();
});
// The host half decides how a lab ends; a stray signal to the process group must not end it half-way.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort());

// Messages have a channel of their own (file descriptor 3): standard output belongs to what a person serves.
const stream = createWriteStream('', { fd: LAB_MESSAGE_FD });
// When the host half is gone, a signal ends this process as well; until it comes, no process reads the messages.
stream.on('error', () => undefined);
const { emit, close } = messageChannel(stream);
const job = parseLabJob(await first.promise);
let exitCode = 0;
if (job.mode.kind === 'serve') {
  const { serveScenario } = await import('./serve-scenario.ts');
  exitCode = await serveScenario(job, job.mode, emit, abort.signal).catch((error: unknown) => {
    process.stderr.write(`pxewright: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.labError;
  });
} else {
  const { bootScenario } = await import('./boot-scenario.ts');
  emit({ type: 'result', result: await bootScenario(job, emit, abort.signal) });
}
await close();
// Not by itself: a set-up that was given up may still hold processes, which end with this one.
process.exit(exitCode);
