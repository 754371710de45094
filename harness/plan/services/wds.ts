import type { Scenario } from '../../scenario/scenario.ts';
import type { Option250Form } from '../../protocols/base/judge/boot-facts.ts';
import { USUAL_FORM } from '../../protocols/dhcp/wire/wds.ts';
import { defined } from '../../../servers/service/defined.ts';
import type { ClientPlan } from '../plan.ts';
import { stateFolder } from '../state-folder.ts';
import type { ServiceConfigs } from './service-plan.ts';

type Pxe = NonNullable<Scenario['services']['pxe']>;
type Devices = NonNullable<Scenario['services']['devices']>;
type Wds = NonNullable<ServiceConfigs['proxydhcp']['wds']>;

const KEYS = [
  'prompt',
  'approval',
  'bcd',
  'boot-programs',
  'referral',
  'option-250',
] as const satisfies readonly (keyof Pxe)[];

/** How option 250 is written, for who writes and reads it: servers, played clients, the judge. */
export function option250({ services: { pxe } }: Scenario): Option250Form {
  return {
    byteOrder: pxe?.['option-250']?.['byte-order'] ?? USUAL_FORM.byteOrder,
    intervalUnitMs: pxe?.['option-250']?.['interval-unit'] ?? USUAL_FORM.intervalUnitMs,
  };
}

/** The boot server's part in the conversation with wdsnbp; undefined for one that only names a boot file. */
export function wdsConfig(scenario: Scenario, pxe: Pxe, clients: readonly ClientPlan[]): Wds | undefined {
  const { devices } = scenario.services;
  if (devices === undefined && KEYS.every((key) => pxe[key] === undefined)) return undefined;
  const { byteOrder, intervalUnitMs } = option250(scenario);
  return defined({
    prompt: pxe.prompt,
    bcd: pxe.bcd,
    referral: pxe.referral,
    byteOrder,
    pollIntervalUnitMs: intervalUnitMs,
    ...(pxe['boot-programs'] === undefined ? {} : { programs: defined(pxe['boot-programs']) }),
    ...(pxe.approval === undefined
      ? {}
      : {
          approval: defined({
            pollIntervalMs: pxe.approval['poll-interval'],
            retries: pxe.approval.retries,
            message: pxe.approval.message,
          }),
        }),
    ...(devices === undefined
      ? {}
      : {
          state: stateFolder(scenario),
          unknown: devices.unknown ?? 'answer',
          administrator: (devices.administrator ?? []).map((decision) => planDecision(decision, clients)),
        }),
  });
}

function planDecision(
  decision: NonNullable<Devices['administrator']>[number],
  clients: readonly ClientPlan[],
): NonNullable<Wds['administrator']>[number] {
  const name = decision.approve ?? decision.reject ?? '';
  const client = clients.find((other) => other.name.toLowerCase() === name.toLowerCase());
  if (client === undefined) throw new TypeError(`expected a client of the scenario, got "${name}"`);
  return {
    afterPolls: decision['after-polls'],
    status: decision.approve === undefined ? 'rejected' : 'approved',
    mac: client.mac,
    ...defined({ name: decision.name, message: decision.message }),
  };
}
