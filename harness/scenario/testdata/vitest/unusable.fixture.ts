import { describeScenarios } from '../../vitest.ts';

await describeScenarios(`${import.meta.dirname}/unusable`, { runScenario: () => Promise.reject(new Error('nothing may run')) });
