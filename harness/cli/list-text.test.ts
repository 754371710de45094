import { describe, expect, it } from 'vitest';
import { matrixSummary } from '../plan/matrix-summary.ts';
import { planScenarios } from '../plan/scenarios.ts';
import { parseScenario } from '../scenario/testing/parse-scenario.ts';
import { listText } from './list-text.ts';

const YAML = 'name: All cards\ntags: [nics]\nservices: { dhcp: {}, tftp: {} }\nclients: [{ name: pc }]\n';

function listed(matrix: string): string {
  const { scenario } = parseScenario(`${YAML}${matrix}`, 'scenarios/pxe/x.yaml', '/a/scenarios/pxe');
  return listText({ plans: planScenarios(scenario), matrices: [matrixSummary(scenario)].flatMap((one) => one ?? []) });
}

describe('a list of scenarios', () => {
  it('says which combinations are left out, and why', () => {
    expect(listed('matrix: { firmware: [bios, uefi], nic: [e1000, i82559c] }')).toBe(
      `pxe/x[firmware=bios,nic=e1000]    All cards  [nics]
pxe/x[firmware=bios,nic=i82559c]  All cards  [nics]
pxe/x[firmware=uefi,nic=e1000]    All cards  [nics]
pxe/x: 1 combination left out:
  firmware=uefi, nic=i82559c  network card "i82559c" does not boot under firmware "uefi" (1)
`,
    );
  });

  it('says how many are chosen by pairs', () => {
    const text = listed('matrix: { choose: pairwise, nic: [e1000, pcnet], cpus: [1, 2], memory: [512MiB, 1GiB] }');
    expect(text.match(/^pxe\/x\[/gm)).toHaveLength(4);
    expect(text).toContain('pxe/x: 4 of 8 combinations, in which every pair of values occurs\n');
  });

  it('is one line for a scenario without a matrix', () => {
    expect(listed('')).toBe('pxe/x  All cards  [nics]\n');
  });
});
