import { STEP_NAMES } from '../../protocols/words.ts';
import { ScenarioError } from '../scenario-error.ts';
import { parseScenario } from './parse-scenario.ts';

/** Step names of one family and the number of all others, as a message gives them. */
export function family(protocol: string): string {
  const names = STEP_NAMES.filter((name) => name.startsWith(`${protocol}.`));
  return `${names.join(', ')}, and ${STEP_NAMES.length - names.length} of other families`;
}

/** Lines 1 to 4: name, `services:`, the services, then `clients:` and one client in line 5; `more` begins in line 6. */
export function scenario({
  services = 'dhcp: {}',
  client = 'name: pc',
  more = '',
}: {
  services?: string;
  client?: string;
  more?: string;
} = {}): string {
  return `name: x\nservices:\n  ${services}\nclients:\n  - { ${client} }\n${more}`;
}

/** What reading it is refused with, or `no error`. */
export function messageOf(text: string): string {
  try {
    parseScenario(text, 'boot.yaml', '/scenarios');
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  return 'no error';
}
