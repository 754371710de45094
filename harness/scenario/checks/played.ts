import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

type Client = ScenarioContent['clients'][number];

const OF_PLAYED = ['architecture', 'presses', 'polls-for', 'deploys-as'] as const satisfies readonly (keyof Client)[];
const OF_BOTH: readonly string[] = [
  'name',
  'mac',
  'uuid',
  'plays',
  'starts-after',
  'steps',
  'expect-failure',
  ...OF_PLAYED,
];

/** Keys of a VM on a played client, and the other way round. */
export function checkPlayed(client: Client, path: ScenarioPath): Problem[] {
  if (client.plays === undefined) {
    return OF_PLAYED.filter((key) => client[key] !== undefined).map((key) => ({
      path: [...path, key],
      expected: `${key} only beside plays: wdsnbp`,
      got: 'a VM',
    }));
  }
  const foreign = Object.entries(client).filter(([key, value]) => value !== undefined && !OF_BOTH.includes(key));
  return foreign.map(([key]) => ({
    path: [...path, key],
    expected: `a client that plays ${client.plays ?? ''} without ${key}: it has no VM`,
    got: key,
  }));
}
