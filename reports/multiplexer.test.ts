import { expect, test } from 'vitest';
import { InvalidResultError } from './json.ts';
import { multiplex } from './multiplexer.ts';
import { sampleResult, sampleScenario, sampleStep } from './testing/sample-results.ts';

const step = { scenario: 's', client: 'pc', step: sampleStep() };

test('a reporter that throws is named once and the others hear everything', () => {
  const heard: string[] = [];
  const complaints: string[] = [];
  const all = multiplex(
    [
      {
        name: 'broken',
        reporter: {
          version: 1,
          onStep: () => {
            throw new Error('no \u001b[31mspace');
          },
        },
      },
      {
        name: 'well',
        reporter: {
          version: 1,
          onStep: ({ client }) => {
            heard.push(client);
          },
        },
      },
    ],
    (line) => complaints.push(line),
  );
  all.onStep(step);
  all.onStep(step);
  expect(heard).toEqual(['pc', 'pc']);
  expect(complaints).toEqual([
    'reporter broken failed in onStep: no ␛[31mspace (verdicts are not affected; its further failures are not reported)',
  ]);
});

test('a rejected onRunEnd is a complaint, an invalid Result passes through after everybody had a turn', async () => {
  const complaints: string[] = [];
  let last = false;
  const all = multiplex(
    [
      {
        name: 'result',
        reporter: {
          version: 1,
          onRunEnd: () => Promise.reject(new InvalidResultError('verdict: bad', 'result.json')),
        },
      },
      { name: 'html', reporter: { version: 1, onRunEnd: () => Promise.reject(new Error('disk full')) } },
      {
        name: 'terminal',
        reporter: {
          version: 1,
          onRunEnd: () => {
            last = true;
          },
        },
      },
    ],
    (line) => complaints.push(line),
  );
  await expect(all.onRunEnd(sampleResult([sampleScenario()]), '/nowhere')).rejects.toThrow(
    'invalid Result in result.json: verdict: bad',
  );
  expect(last).toBe(true);
  expect(complaints).toHaveLength(1);
  expect(complaints[0]).toContain('reporter html failed in onRunEnd: disk full');
});
