import type { Scenario } from '../scenario/scenario.ts';
import { defined } from '../../servers/service/defined.ts';
import { accountDomain } from './services/images.ts';
import type { ClientPlan, StatePlan } from './plan.ts';
import { imagesRoot, stateFolder } from './state-folder.ts';

type Known = NonNullable<NonNullable<Scenario['services']['devices']>['known']>[number];

/** Where the deployment server keeps what changes, and the devices that it begins with. */
export function planState(scenario: Scenario, clients: readonly ClientPlan[]): StatePlan {
  const known = scenario.services.devices?.known ?? [];
  const asked = known.filter(({ status }) => status !== undefined && status !== 'prestaged');
  const images = scenario.services.images === undefined ? {} : { images: imagesRoot(scenario) };
  return {
    folder: stateFolder(scenario),
    ...images,
    devices: known.map((device) => planDevice(device, scenario, clients, asked)),
  };
}

/** `asked`: the devices that asked an administrator once; their request ids are numbers from 1. */
function planDevice(
  known: Known,
  scenario: Scenario,
  clients: readonly ClientPlan[],
  asked: readonly Known[],
): StatePlan['devices'][number] {
  const client = clients.find(({ name }) => name.toLowerCase() === known.client?.toLowerCase());
  const { mac, uuid } = client ?? known;
  const requestId = asked.indexOf(known) + 1;
  return {
    key: uuid ?? mac ?? '',
    status: known.status ?? 'prestaged',
    ...(requestId === 0 ? {} : { requestId }),
    ...defined({
      uuid,
      mac,
      name: known.name,
      answerFile: known['answer-file'],
      bootProgram: known['boot-program'],
      message: known.message,
    }),
    ...(known.join === undefined ? {} : { join: planJoin(known.join, scenario) }),
  };
}

function planJoin(
  join: NonNullable<Known['join']>,
  scenario: Scenario,
): NonNullable<StatePlan['devices'][number]['join']> {
  if (join === true) return { domain: accountDomain(scenario) };
  return { domain: join.domain, ...defined({ organizationalUnit: join['organizational-unit'] }) };
}
