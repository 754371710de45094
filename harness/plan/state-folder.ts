import { join, resolve } from 'node:path';
import type { Scenario } from '../scenario/scenario.ts';

/** The folder that services share as `state`. */
export function stateFolder({ services, source }: Scenario): string {
  return services.state === undefined ? '${run}/state' : resolve(source.folder, services.state);
}

/** Folder of a stored state that holds the image store's tree. */
export const STORED_IMAGES = 'reminst';

/** Root of the image store's tree: inside the run's private folder, or kept in the scenario's own state folder. */
export function imagesRoot(scenario: Scenario): string {
  return scenario.services.state === undefined
    ? `\${run}/${STORED_IMAGES}`
    : join(stateFolder(scenario), STORED_IMAGES);
}
