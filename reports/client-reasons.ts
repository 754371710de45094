import type { ClientResult, Verdict } from './result.ts';

/**
 * Why clients failed, in one sentence, each by its name where there are several; else why boots are inconclusive, in the
 * same way; else why one was broken off or skipped.
 */
export function reasonOfClients(clients: readonly ClientResult[]): string | undefined {
  const failed = clients.filter(failedAndSaysWhy);
  const told = failed.length > 0 ? failed : clients.filter((client) => saysWhy(client, 'inconclusive'));
  if (told.length === 0) return clients.find(({ why }) => why !== undefined)?.why;
  return told.map(({ name, why }) => (clients.length > 1 ? `${name}: ${why}` : why)).join('; ');
}

/** Whether a client failed and says why. */
export function failedAndSaysWhy(client: ClientResult): client is ClientResult & { why: string } {
  return saysWhy(client, 'failed');
}

function saysWhy(client: ClientResult, verdict: Verdict): client is ClientResult & { why: string } {
  return client.verdict === verdict && client.why !== undefined;
}
