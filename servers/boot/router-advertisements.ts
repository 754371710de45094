import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import type { Emit } from '../service/event-lines.ts';
import { isProgram } from '../service/program-file.ts';
import { runService, type Running, type Service } from '../service/service.ts';
import { routerAdvertisementsConfigSchema, type RouterAdvertisementsConfig } from './router-advertisements/config.ts';
import { radvdConf } from './router-advertisements/radvd-conf.ts';

/** Router advertisements as a program: radvd, since they need the raw ICMPv6 sockets that Node does not have. */
export const routerAdvertisementsService: Service<typeof routerAdvertisementsConfigSchema> = {
  name: 'router-advertisements',
  summary:
    'Router advertisements (RFC 4861) for one link by radvd: flags M and O, which send hosts to DHCPv6, flag A of the prefix, and the lifetime of the router.',
  schema: routerAdvertisementsConfigSchema,
  example: { interface: 'eth0', state: '/tmp/lab/radvd', prefix: 'fd77::/64', managed: true, other: true },
  notes: [
    'Needs Debian’s package radvd, and root in its network namespace (a user namespace is enough). Forwarding may be off.',
    'The interface needs its link-local address before radvd starts.',
    'At its end the router takes itself back: it advertises a lifetime of 0.',
  ],
  start: startRouterAdvertisements,
};

/** What radvd writes once its first advertisement is out (main_loop of radvd.c, debug level 1). */
const SENT = /polling for /;
/** Of what radvd writes, what an error message can use. */
const LAST_WORDS = 4;

/** Starts radvd and waits until it has advertised. */
export async function startRouterAdvertisements(config: RouterAdvertisementsConfig, emit: Emit): Promise<Running> {
  const file = (name: string): string => path.join(config.state, name);
  await mkdir(config.state, { recursive: true });
  // radvd takes the file of one that was killed for one that runs.
  await rm(file('radvd.pid'), { force: true });
  await writeFile(file('radvd.conf'), radvdConf(config));
  const radvd = execa(
    'radvd',
    [
      '--nodaemon',
      '--logmethod=stderr',
      '--debug=1',
      `--config=${file('radvd.conf')}`,
      `--pidfile=${file('radvd.pid')}`,
    ],
    {
      // Debian has it where administrators' programs are.
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
      reject: false,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'pipe',
      buffer: false,
    },
  );
  const words: string[] = [];
  const advertised = Promise.withResolvers<undefined>();
  createInterface({ input: radvd.stderr }).on('line', (line) => {
    words.push(line.replace(/^\[.*?\] radvd \(\d+\): /, '').trim());
    if (words.length > LAST_WORDS) words.shift();
    if (SENT.test(line)) advertised.resolve(undefined);
  });
  let stopping = false;
  const ended = radvd.then(({ exitCode, signal, originalMessage }) => {
    const message = `radvd ended with ${String(exitCode ?? signal ?? originalMessage)}: ${words.join(' | ')}`;
    if (!stopping) emit({ event: 'error', message });
    advertised.reject(new Error(message));
    return message;
  });
  const stop = async (): Promise<void> => {
    stopping = true;
    radvd.kill('SIGTERM');
    await ended;
  };
  const late = setTimeout(
    () => advertised.reject(new Error(`radvd did not advertise in ${config.startTimeoutMs} ms: ${words.join(' | ')}`)),
    config.startTimeoutMs,
  );
  try {
    await advertised.promise;
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(late);
  }
  return { listening: [`${config.interface}/icmpv6`], counters: () => ({}), broken: ended, stop };
}

if (isProgram(import.meta.filename)) await runService(routerAdvertisementsService);
