import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SMB_PORT } from '../../harness/protocols/smb/wire/ports.ts';
import { smbReady } from '../samba/smb-ready.ts';
import { DIRECTORY_PORTS } from './directory-ports.ts';

const ASK_AGAIN_MS = 10;

/**
 * Waits until a domain controller answers on every port, and winbindd on its socket: smbd refuses every session without
 * it.
 */
export async function directoryReady(
  address: string,
  winbindd: string,
  timeoutMs: number,
  gone: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const leftMs = (): number => Math.max(0, timeoutMs - (performance.now() - startedAt));
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) {
      gone.throwIfAborted();
      if (leftMs() === 0)
        throw new Error(`the domain controller on ${address} is not ready within ${timeoutMs} ms: ${what}`);
      await delay(ASK_AGAIN_MS);
    }
  };
  for (const port of DIRECTORY_PORTS) await until(`nothing listens on TCP ${port}`, () => listens(address, port));
  await until(`winbindd has no socket ${winbindd}`, () =>
    stat(winbindd).then(
      (found) => found.isSocket(),
      () => false,
    ),
  );
  await smbReady(address, SMB_PORT, leftMs(), gone);
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
