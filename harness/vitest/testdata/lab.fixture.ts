import { describeScenarios } from '../describe-scenarios.ts';

// As a user's test file has it, with the runner that boots. Runs go where the tests run; the test that starts this one
// says where that is.
process.chdir(process.env['PXEWRIGHT_TEST_RUNS'] ?? '');
await describeScenarios(`${import.meta.dirname}/../../run/testing/scenarios`);
