import { defined } from '../../servers/service/defined.ts';
import { hostAddresses, DEFAULT_TIMEOUT_MS, subnetOf, joinOf } from '../scenario/defaults.ts';
import { prefixOf } from '../scenario/ipv6-defaults.ts';
import { formatIpv4 } from '../scenario/schema/ipv4.ts';
import { formatPrefix } from '../scenario/schema/ipv6.ts';
import { withProgramOf } from '../scenario/boot-programs.ts';
import { expandMatrix } from '../scenario/matrix/expand-matrix.ts';
import type { MatrixPoint } from '../scenario/matrix/points.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { hostMac, hostName, ipv6Of } from './derive-identity.ts';
import { deepFreeze } from './freeze.ts';
import { planClients } from './clients.ts';
import { planDirectory } from './services/directory.ts';
import { planPrograms, planServices } from './services/services.ts';
import { matrixTexts, planId, scenarioId } from './ids.ts';
import { planState } from './state.ts';
import { planCertificates } from './services/certificates.ts';
import { planTrees } from './trees.ts';
import { planAfter, planStory } from './story.ts';
import type { HostPlan, Plan } from './plan.ts';

/**
 * One Plan for every matrix point of a scenario, frozen and with every default filled. Pure: the scenario is all that
 * it depends on.
 */
export function planScenarios(scenario: Scenario): readonly Plan[] {
  return expandMatrix(scenario).points.map((point) => deepFreeze(planPoint(withProgramOf(scenario, point), point)));
}

function planPoint(scenario: Scenario, point: MatrixPoint): Plan {
  const id = scenarioId(scenario.source.file, scenario.source.folder);
  const values = matrixTexts(point);
  const subnet = subnetOf(scenario);
  const hosts = planHosts(scenario);
  const clients = planClients(scenario, id, point);
  const trees = planTrees(scenario, clients);
  const directory = planDirectory(scenario);
  return {
    id: planId(id, values),
    name: scenario.name,
    file: scenario.source.file,
    ...defined({ allowRoots: scenario.source.allowRoots }),
    tags: scenario.tags ?? [],
    matrix: values,
    ...(directory ? { directory } : {}),
    network: {
      subnet: formatIpv4(subnet.network),
      prefixLength: subnet.prefixLength,
      ...defined({ ipv6: ipv6PrefixOf(scenario) }),
    },
    hosts,
    services: planServices(scenario, hosts, clients),
    ...defined({ programs: planPrograms(scenario, hosts) }),
    ...defined({ certificates: planCertificates(scenario) }),
    trees,
    state: planState(scenario, clients),
    bundles: [
      ...new Set([
        ...trees.flatMap((tree) => tree.entries.flatMap((entry) => ('bundle' in entry ? [entry.bundle] : []))),
        ...clients.flatMap((client) =>
          client.plays === undefined && client.diskImage && 'bundle' in client.diskImage
            ? [client.diskImage.bundle]
            : [],
        ),
      ]),
    ],
    clients,
    ...planStory(scenario, scenario.source.steps, scenario.source.file),
    strict: scenario.strict ?? false,
    budgets: Object.fromEntries(
      Object.entries(scenario.budgets ?? {}).flatMap(([phase, ms]) => (ms === undefined ? [] : [[phase, ms]])),
    ),
    timeoutMs: scenario.timeout ?? DEFAULT_TIMEOUT_MS,
    ...defined({ idleTimeoutMs: scenario['idle-timeout'] }),
    ...(scenario.after === undefined
      ? {}
      : {
          after: planAfter(scenario.after, {
            installed: undefined,
            joins: scenario.clients.some(({ name }) => joinOf(scenario, name) !== undefined),
          }),
        }),
  };
}

/** `fd77::/64`; undefined for a lab without IPv6. */
function ipv6PrefixOf(scenario: Scenario): string | undefined {
  const prefix = prefixOf(scenario);
  return prefix && formatPrefix(prefix);
}

/** One host for each address; services that share an address share the host. */
function planHosts(scenario: Scenario): readonly HostPlan[] {
  const { prefixLength } = subnetOf(scenario);
  const ipv6 = ipv6PrefixOf(scenario);
  return hostAddresses(scenario).map((ip) => ({
    name: hostName(ip, prefixLength),
    ip,
    ...(ipv6 === undefined ? {} : { ipv6: ipv6Of(ip, ipv6) }),
    mac: hostMac(ip),
  }));
}
