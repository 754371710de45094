import type { ScenarioResult } from '../../../reports/result.ts';
import { describeScenarios } from '../describe-scenarios.ts';

const passed = (id: string): ScenarioResult => ({
  id,
  file: 'x',
  name: 'x',
  verdict: 'passed',
  attempt: 1,
  startedAt: '2026-01-01T00:00:00Z',
  durationMs: 1,
  clients: [],
});

await describeScenarios(`${import.meta.dirname}/scenarios`, {
  runScenario: ({ id, matrix }) => {
    if (id.endsWith('skipped'))
      return Promise.resolve({
        result: { ...passed(id), verdict: 'skipped', why: 'qemu-system-x86_64 is not installed' },
      });
    if (id.endsWith('broken'))
      return Promise.resolve({ result: { ...passed(id), verdict: 'error', why: 'no bridge' } });
    if (matrix['nic'] !== 'pcnet') return Promise.resolve({ result: passed(id) });
    const step = {
      machine: 'tftp',
      step: 'tftp.error',
      verdict: 'failed',
      atMs: 7400,
      durationMs: 3,
      frames: [12, 14],
      expected: '“boot\\x86\\wdsnbp.com” to be transferred',
      actual: 'error 1 by the server: File not found',
      why: 'nobody put the file on the server',
      cause: 'boot-file-missing',
    } as const;
    const client = {
      name: 'pc',
      mac: '52:54:00:00:00:01',
      firmware: 'bios',
      nic: 'pcnet',
      verdict: 'failed',
      steps: [step],
      phases: {},
      transfers: [],
    } as const;
    return Promise.resolve({
      result: {
        ...passed(id),
        verdict: 'failed',
        why: 'the boot file is missing',
        rerun: ['npm run -s pxewright -- run cards.yaml'],
        clients: [{ ...client, steps: [{ ...step, frames: [12, 14] }], transfers: [] }],
      },
      report: '/somewhere/report.html',
    });
  },
});
