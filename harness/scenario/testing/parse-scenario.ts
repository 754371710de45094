import { readScenario, type ParsedScenario } from '../parsing/read-scenario.ts';
import { throwIfAny } from '../scenario-error.ts';

/** A scenario from YAML text, refused with everything that is wrong with it but for what lies outside of the text. */
export function parseScenario(text: string, file: string, folder: string): ParsedScenario {
  const parsed = readScenario(text, file, folder);
  throwIfAny(file, parsed.problems.map(parsed.place));
  return parsed;
}
