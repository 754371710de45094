import { realpath } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Emit } from '../service/event-lines.ts';
import { faultsOf } from '../service/faults.ts';
import { openConfined } from '../service/confined-file.ts';
import { isProgram } from '../service/program-file.ts';
import { REFERENCE_LAB } from '../service/reference-lab.ts';
import { runService, type Running, type Service } from '../service/service.ts';
import { multicastConfigSchema, type MulticastConfig } from './multicast/config.ts';
import { type Counters, startSession, type Session } from './multicast/session.ts';

/** One image to many clients at once, as a program: udp-sender, session after session. */
export const multicastService: Service<typeof multicastConfigSchema> = {
  name: 'multicast',
  summary: 'Sends one image file to all receivers that have come, by udpcast, and then to those that come later.',
  schema: multicastConfigSchema,
  example: {
    address: REFERENCE_LAB.server,
    root: '/srv/RemInst',
    image: 'Images/Linux/sample.wim',
    receivers: 2,
    maxWaitMs: 30_000,
  },
  notes: [
    'Needs Debian’s package udpcast. Receivers run `udp-receiver --portbase N`.',
    'A session begins when `receivers` of them have come, or `maxWaitMs` after the first one. Who comes later waits for the next session, which opens as soon as this one is over.',
    'A receiver that answers no questions is dropped (`retries`), and the others go on.',
    'An image that is not there yet is waited for.',
  ],
  start: startMulticast,
};

/** An image that is not there is looked for again so often. */
const LOOK_MS = 500;

/** Opens the first session and waits until receivers may come. */
export async function startMulticast(config: MulticastConfig, emit: Emit): Promise<Running> {
  const counters: Counters = { sessions: 0, receivers: 0, dropped: 0, bytesSent: 0, blocksResent: 0 };
  const faults = faultsOf(config.misbehave, emit);
  const network = interfaceOf(config.address);
  const stopping = new AbortController();
  const { signal } = stopping;
  const isStopping = (): boolean => signal.aborted;
  const root = await realpath(config.root);
  let session: Session | undefined;
  const ready = Promise.withResolvers<undefined>();
  const broken = Promise.withResolvers<string>();
  const serve = async (): Promise<void> => {
    if (config.misbehave.silent === true) {
      faults.came('silent');
      ready.resolve(undefined);
      return;
    }
    let lacked = '';
    for (let number = 1; !isStopping(); ) {
      const image = await openConfined(root, path.join(root, config.image), config.image);
      if ('refused' in image) {
        if (lacked !== image.reason) emit({ event: 'no-image', image: config.image, reason: image.reason });
        lacked = image.reason;
        ready.resolve(undefined);
        await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
        continue;
      }
      await using handle = image.handle;
      session = startSession(config, network, handle, number++, counters, faults.came, emit);
      void session.opened.then(() => ready.resolve(undefined));
      const { opened, died, message } = await session.ended;
      if (died) return;
      if (opened || isStopping()) continue;
      emit({ event: 'error', message });
      ready.reject(new Error(message));
      broken.resolve(message);
      return;
    }
  };
  const served = serve();
  const stop = async (): Promise<void> => {
    stopping.abort();
    session?.stop();
    await served;
  };
  const late = setTimeout(
    () => ready.reject(new Error(`udp-sender did not open a session in ${config.startTimeoutMs} ms`)),
    config.startTimeoutMs,
  );
  try {
    await ready.promise;
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(late);
  }
  const listening = [`${config.address}:${config.portBase + 1}/udp`];
  return {
    listening,
    counters: () => ({ ...counters }),
    misbehaves: faults.told,
    broken: broken.promise,
    stop,
  };
}

/** Name of the interface that has this address: udp-sender wants it by its name. */
function interfaceOf(address: string): string {
  const all = networkInterfaces();
  const found = Object.keys(all).find((name) => all[name]?.some((one) => one.address === address));
  if (found !== undefined) return found;
  const known = Object.values(all).flatMap((some = []) => some.map((one) => one.address));
  throw new Error(`no interface has the address ${address} (this host has ${known.join(', ') || 'none'})`);
}

if (isProgram(import.meta.filename)) await runService(multicastService);
