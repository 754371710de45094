import { reasonOfClients } from '../../../reports/client-reasons.ts';
import type { ClientResult, ScenarioResult } from '../../../reports/result.ts';
import { plural, verdictCounts } from '../../../reports/text.ts';
import { worstVerdict } from '../../../reports/worst-verdict.ts';

/**
 * The verdict of a capture by those of its clients. `named`: a scenario, or whoever asked for one client, has said who
 * boots; otherwise hosts that show no sign of it decide nothing. `limits`: why not all of the capture could be judged.
 */
export function captureVerdict(
  clients: readonly ClientResult[],
  { named, limits }: { readonly named: boolean; readonly limits: string | undefined },
): Pick<ScenarioResult, 'verdict' | 'why'> {
  const deciding = named ? clients : clients.filter(({ booting }) => booting !== false);
  if (deciding.length === 0 && !named)
    return { verdict: 'inconclusive', why: withLimits(limits, nobodyBoots(clients)) };
  const judged = worstVerdict(deciding.map(({ verdict }) => verdict));
  return {
    // What could be judged may be in order; nobody knows of the rest.
    verdict: limits !== undefined && judged === 'passed' ? 'inconclusive' : judged,
    why: withLimits(limits, reasonOfClients(deciding)),
  };
}

/** Why a capture of hosts of which none boots has no verdict, and what each of them would have by itself. */
function nobodyBoots(hosts: readonly ClientResult[]): string {
  const counts = verdictCounts(hosts.map(({ verdict }) => verdict));
  return `no host in this capture boots over the network (${plural(hosts.length, 'host')}; none has a PXEClient or HTTPClient class, asks port 4011, or reads a boot file or an image): see whether it was captured where the client is, or judge one of them with --client; judged by ${hosts.length === 1 ? 'itself' : 'themselves'}: ${counts}`;
}

/** The limits of a verdict before its own reason, as far as there are any. */
function withLimits(limits: string | undefined, own: string | undefined): string | undefined {
  return limits === undefined ? own : own === undefined ? limits : `${limits}; ${own}`;
}
