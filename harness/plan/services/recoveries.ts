import { defined } from '../../../servers/service/defined.ts';
import type { ImageOptions, RecoverOptions } from '../../../vm-images/agent-options.ts';
import { recoversFiles, restoredFrom } from '../../scenario/backups.ts';
import { byName, failureOf } from '../../scenario/client-order.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { VmPlan } from '../plan.ts';
import { backupsRoot, passwordOf } from './backups.ts';

type Client = Scenario['clients'][number];

/** What the agent of a client must know to recover files, beside the logon that it has for images. */
export function recoverOptions(scenario: Scenario, client: Client, logon: ImageOptions): RecoverOptions {
  const { server, share, domain, user, password, authentication, realm, controller } = logon;
  const { of, id, paths } = chosen(scenario, client);
  return {
    mode: 'recover',
    server,
    share,
    domain,
    user,
    password,
    ...defined({ authentication, realm, controller }),
    backupOf: of,
    backup: id,
    paths: paths.join('\n'),
  };
}

/** What is recovered for a client while it waits; undefined for any other client. */
export function planRecovery(scenario: Scenario, client: Client): VmPlan['recovery'] {
  const { backups } = scenario.services;
  if (!recoversFiles(client) || backups === undefined) return undefined;
  return {
    ...chosen(scenario, client),
    storeFolder: backupsRoot(scenario, backups),
    storePassword: passwordOf(backups),
    ...(failureOf(client, scenario) === undefined ? {} : { mayFail: true }),
  };
}

function chosen({ clients }: Scenario, client: Client) {
  const of = restoredFrom(client);
  return {
    // A client's name has no case here, and has one in the catalogue.
    of: byName(of, clients)?.name ?? of,
    id: client.agent?.backup?.id ?? 'latest',
    paths: client.agent?.paths ?? [],
  };
}
