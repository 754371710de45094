import type { ScenarioPath } from './scenario-error.ts';
import type { ScenarioContent } from './schema/scenario.ts';
import { hasOwnSteps } from './client-order.ts';

type Client = ScenarioContent['clients'][number];

/** What must happen to some clients: the scenario's own story, or one of a client's. */
export interface Story {
  /** Where its `steps` and `expect-failure` stand. */
  readonly path: ScenarioPath;
  readonly steps: NonNullable<ScenarioContent['steps']>;
  readonly failure: ScenarioContent['expect-failure'];
  /** Whom it is about. */
  readonly clients: readonly Client[];
}

/** Every story of a scenario that tells anything. */
export function storiesOf(content: ScenarioContent): Story[] {
  const { steps = [], 'expect-failure': failure, clients } = content;
  const own = clients.flatMap((client, index): Story[] =>
    hasOwnSteps(client)
      ? [
          {
            path: ['clients', index],
            steps: client.steps ?? [],
            failure: client['expect-failure'],
            clients: [client],
          },
        ]
      : [],
  );
  return [{ path: [], steps, failure, clients: clients.filter((client) => !hasOwnSteps(client)) }, ...own];
}
