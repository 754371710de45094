import { expect, it } from 'vitest';
import { parseScenario } from '../testing/parse-scenario.ts';

function problemOf(times: string): string | undefined {
  try {
    parseScenario(`name: x\nservices: { dhcp: {} }\nclients: [name: pc]\n${times}\n`, 'boot.yaml', '/scenarios');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

it.each<[string, string | undefined]>([
  ['idle-timeout: 30s', undefined],
  ['timeout: 1m\nidle-timeout: 59s', undefined],
  ['idle-timeout: 4s', 'boot.yaml:4:15: idle-timeout: expected at least 5s, got 4s'],
  ['timeout: 1m\nidle-timeout: 1m', 'boot.yaml:5:15: idle-timeout: expected less than the timeout of 60s, got 60s'],
  ['idle-timeout: 5m', 'boot.yaml:4:15: idle-timeout: expected less than the timeout of 300s, got 300s'],
])('%j', (times, problem) => {
  expect(problemOf(times)).toBe(problem);
});
