import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { agentLog } from '../../../reports/file-names.ts';
import { PLAYED_CLIENT_READY, type WdsnbpJob } from '../../played-clients/wdsnbp/settings.ts';
import { lastLines } from '../../lab/last-lines.ts';
import { within } from '../../lab/deadline.ts';
import { onHost } from '../../lab/namespaces.ts';
import { playedHost } from '../../lab/network.ts';
import { UnwrittenFileError } from '../../../reports/unwritten-file.ts';
import type { PlayedPlan } from '../../plan/plan.ts';
import { programFile } from '../../../servers/service/program-file.ts';
import { agentRecords, parseAgentLine, type BootingClient, type PowerContext } from './booting-client.ts';

const PROGRAM = programFile(import.meta.filename, '../../played-clients/wdsnbp/client');
const READY_MS = 20_000;
const STDERR_KEPT_CHARACTERS = 4096;

/**
 * Starts the program that plays a client, in a network namespace of its own. It waits for a line on standard input, its
 * power button.
 */
export async function playClient(client: PlayedPlan, index: number, context: PowerContext): Promise<BootingClient> {
  const { job, emit, runMs, labFailed } = context;
  const [command, ...args] = [...onHost(playedHost(index)), process.execPath, PROGRAM];
  const child = execa(command, args, { reject: false, buffer: false, forceKillAfterDelay: 5000 });
  const { stdin, stdout, stderr } = child;
  const logFile = join(job.evidenceFolder, agentLog(client.name));
  const log = createWriteStream(logFile);
  log.on('error', (error) => labFailed(new UnwrittenFileError(logFile, error)));
  const agent = agentRecords();
  let trouble = '';
  let poweringOff = false;
  stderr.on('data', (chunk: Buffer) => (trouble = `${trouble}${chunk.toString()}`.slice(-STDERR_KEPT_CHARACTERS)));
  stdin.on('error', () => undefined);
  const lines = createInterface({ input: stdout });
  lines.on('line', (line) => {
    log.write(`${line}\n`);
    const record = parseAgentLine(line, Math.round(runMs()));
    if (!record) return;
    emit({ type: 'guest', client: client.name, event: record.event, detail: record.detail ?? {} });
    agent.add(record);
  });
  const told = new Promise<void>((resolve) => void lines.once('close', () => resolve()));
  const ended = child.then(async ({ exitCode, signal }) => {
    await told;
    log.end();
    if (!poweringOff && exitCode !== 0)
      labFailed(
        new Error(
          `${client.name}, which plays ${client.plays}, ended with ${signal ?? `exit code ${exitCode ?? '?'}`}: ${trouble.trim() || 'no message on standard error'}`,
        ),
      );
    return { reason: 'the client had nothing more to do' };
  });
  const hello: WdsnbpJob = {
    mac: client.mac,
    uuid: client.uuid,
    settings: client.settings,
    deployment: client.deployment,
  };
  stdin.write(`${JSON.stringify(hello)}\n`);
  await within(`${client.name}, which plays ${client.plays}`, READY_MS, agent.seen(PLAYED_CLIENT_READY), () =>
    trouble.trim().split('\n').at(-1),
  );
  return {
    client,
    ended,
    agent: agent.records,
    screenshots: [],
    argv: [command, ...args],
    begin() {
      stdin.end('begin\n');
      return Promise.resolve();
    },
    happened: () => undefined,
    seen: agent.seen,
    wordsWritten: () => Promise.resolve(agent.records.length),
    lastWords: () => Promise.resolve(lastLines(agent.records.map((record) => JSON.stringify(record)).join('\n'))),
    screenshot: () => Promise.resolve(),
    async powerOff() {
      poweringOff = true;
      child.kill('SIGTERM');
      await ended;
    },
    settle: () => Promise.resolve(),
    firmwareVariables: () => Promise.resolve(undefined),
    tpmUse: () => Promise.resolve(undefined),
    keepLogs: () => Promise.resolve(),
  };
}
