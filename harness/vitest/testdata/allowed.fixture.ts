import { join } from 'node:path';
import { describeScenarios } from '../describe-scenarios.ts';

await describeScenarios(join(import.meta.dirname, 'stranger'), {
  allowRoots: [join(import.meta.dirname, 'served')],
  runScenario: (plan) =>
    Promise.resolve({
      result: {
        id: plan.id,
        file: plan.file,
        name: plan.name,
        verdict: 'skipped',
        attempt: 1,
        startedAt: '',
        durationMs: 0,
        clients: [],
        why: plan.allowRoots?.length === 1 ? 'allowed' : 'not allowed',
      },
    }),
});
