import { describeScenarios } from '../describe-scenarios.ts';

await describeScenarios(`${import.meta.dirname}/unusable`, {
  runScenario: () => Promise.reject(new Error('nothing may run')),
});
