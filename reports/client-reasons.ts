import type { ClientResult } from './result.ts';

/**
 * Why clients failed, in one sentence, each by its name where there are several; else why one was broken off or skipped.
 */
export function reasonOfClients(clients: readonly ClientResult[]): string | undefined {
  const failed = clients.filter(isFailedForReason);
  if (failed.length === 0) return clients.find(({ why }) => why !== undefined)?.why;
  return failed.map(({ name, why }) => (clients.length > 1 ? `${name}: ${why}` : why)).join('; ');
}

/** Whether a client failed and says why. */
export function isFailedForReason(client: ClientResult): client is ClientResult & { why: string } {
  return client.verdict === 'failed' && client.why !== undefined;
}
