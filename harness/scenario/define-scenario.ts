import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getCallSites } from 'node:util';
import { checkContent } from './checks/content.ts';
import { ScenarioError, throwIfAny } from './scenario-error.ts';
import type { Scenario, ScenarioSource } from './scenario.ts';
import type { ScenarioInput } from './schema/scenario.ts';

/**
 * A scenario written in TypeScript: the same keys, the same validation, completion by the compiler.
 * Its errors name the file that calls, and the path of the value instead of a line.
 *
 * @example
 * export default defineScenario({
 *   name: 'DHCP-only boot',
 *   services: { dhcp: { bootfile: 'boot\\x86\\wdsnbp.com' }, tftp: {} },
 *   clients: [{ name: 'pc', nic: 'virtio-net-pci' }],
 *   steps: ['dhcp.ack', { 'tftp.transfer': { path: 'boot\\x86\\wdsnbp.com' } }],
 * });
 */
export function defineScenario(input: ScenarioInput): Scenario {
  const caller = getCallSites(2)[1]?.scriptName ?? '';
  const file = caller.startsWith('file:') ? fileURLToPath(caller) : caller;
  return scenarioFrom(input, file, dirname(file));
}

/**
 * A scenario from any value, for a file and its folder; a value that `defineScenario` already made keeps its content.
 */
export function scenarioFrom(value: unknown, file: string, folder: string): Scenario {
  if (isMade(value)) return { ...value, source: { file, folder, ...stepPlaces(value, file) } };
  const { content, problems } = checkContent(value);
  if (content === undefined) throw new ScenarioError(file, problems);
  throwIfAny(file, problems);
  const scenario = { ...content, source: { file, folder, ...stepPlaces(content, file) } };
  made.add(scenario);
  return scenario;
}

/** Scenarios that have been validated: their values are parsed already and would not pass as input again. */
const made = new WeakSet();

function isMade(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && made.has(value);
}

function stepPlaces(
  content: Pick<Scenario, 'steps' | 'clients'>,
  file: string,
): Pick<ScenarioSource, 'steps' | 'clientSteps'> {
  return {
    steps: (content.steps ?? []).map((_, index) => `${file}: steps[${index}]`),
    clientSteps: content.clients.map((client, position) =>
      (client.steps ?? []).map((_, index) => `${file}: clients[${position}].steps[${index}]`),
    ),
  };
}
