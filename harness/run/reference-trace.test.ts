import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { resultSchema, type Step } from '../../reports/result.ts';
import { planScenarios } from '../plan/scenarios.ts';
import { loadScenarios } from '../scenario/load-scenarios.ts';
import { replayCapture } from './replay/replay.ts';
import { accounted } from './replay/testing/accounted.ts';

// The rows of the reference trace as captures (harness/observe/testdata/reference-trace), judged as a user would judge
// them.
const EXCERPTS = [
  ['step-1-pxe', 28],
  ['step-2-authentication', 29],
  ['step-3-image', 29],
] as const;
const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../observe/testdata/reference-trace/${name}`, import.meta.url));

async function judged(name: string) {
  const [scenario] = await loadScenarios([pathOf(`${name}.yaml`)], { judgesCapture: true });
  const [plan] = scenario ? planScenarios(scenario) : [];
  const result = await accounted(pathOf(`${name}.pcapng`), plan);
  return { result, scenario: result.scenarios[0], client: result.scenarios[0]?.clients[0] };
}

/** What each step ends in, by its own rows. */
const OPEN: Readonly<Record<string, string>> = {
  'step-1-pxe': 'the capture ends before “boot\\x86\\wdsnbp.com” was loaded to its end',
  'step-2-authentication': 'after frame 28, while the client was waiting for an answer to a call',
  'step-3-image': 'the capture ends while “Images\\windows 7 Pro\\Res.rwm” was open and had not been read',
};

describe.each(EXCERPTS)('%s', (name, rows) => {
  it('passes its scenario, and each of its %d frames is taken by a step or a meter', async () => {
    const { result, scenario, client } = await judged(name);
    expect(() => resultSchema.parse(result)).not.toThrow();
    expect(client?.steps.filter(({ verdict }) => verdict === 'failed' || verdict === 'skipped')).toEqual([]);
    expect(scenario).toMatchObject({ verdict: 'passed', capture: { frames: rows } });
    expect(scenario?.frames?.length).toBe(rows);
    expect(scenario?.frames?.filter(({ by }) => by === 'nothing')).toEqual([]);
  });

  it('has the same steps without a scenario, but for what only the password opens', async () => {
    const known = await judged(name);
    const unknown = await replayCapture(pathOf(`${name}.pcapng`));
    const names = (steps: readonly Step[] | undefined): string[] | undefined =>
      steps?.map(({ step }) => step).filter((step) => step !== 'boot.complete');
    expect(names(unknown.scenarios[0]?.clients[0]?.steps)).toEqual(names(known.client?.steps));
    // No step is a whole boot: each names what its rows end in.
    expect(unknown.scenarios[0]?.clients[0]).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining(OPEN[name] ?? '') as string,
    });
    expect(unknown.scenarios[0]?.frames).toBeUndefined();
  });
});

it('the authentication of step 2 is one phase, from the connection to the file server to its session', async () => {
  const { client } = await judged('step-2-authentication');
  expect(client?.phases['authentication']).toBeCloseTo(13.888, 3);
});
