import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadScenario } from '../scenario/load-scenario.ts';
import { findScenarios } from '../scenario/load-scenarios.ts';
import { planScenarios } from './scenarios.ts';
import { firmwareCasePage } from './testing/firmware-case-page.ts';
import { FIRMWARE_CASES, shownCases } from './testing/firmware-cases.ts';

// A firmware that is declared is shown: that it boots, and what is found when it does not. What these boots come to is
// looked at by run/bundled-scenarios.lab.test.ts.

const files = await findScenarios(join(import.meta.dirname, '..', '..', 'scenarios'));
const plans = (await Promise.all(files.map((file) => loadScenario(file)))).flatMap(planScenarios);
const shown = shownCases(plans);

it.each(FIRMWARE_CASES)('firmware %s has a bundled scenario of %s', (firmware, what) => {
  expect(shown.filter((one) => one.firmware === firmware && one.what === what)).not.toEqual([]);
});

it('the page of the documentation lists them', async () => {
  await expect(firmwareCasePage(shown)).toMatchFileSnapshot('../docs/firmware-cases.md');
});
