import type { Result } from '../result.ts';
import { sampleClient, sampleResult, sampleScenario, sampleStep, sampleTransfer } from './sample-results.ts';

/** Text that would run or change a page, were any place of it not escaped. */
export const HOSTILE = `</script><script>globalThis.pwned=1</script><img src=x onerror="globalThis.pwned=1">'"\`\${globalThis.pwned=1}<!--\u2028\u2029\u0000\u001b[2J\u202e&lt;`;

/** A Result with hostile text in every place where wire, files or scenarios put text. */
export function hostileResult(): Result {
  const step = sampleStep({
    verdict: 'failed',
    frames: [1],
    detail: { [HOSTILE]: HOSTILE, path: HOSTILE },
    expected: HOSTILE,
    actual: HOSTILE,
    why: HOSTILE,
    cause: HOSTILE,
    machine: HOSTILE,
  });
  const client = sampleClient({
    name: HOSTILE,
    mac: HOSTILE,
    ip: HOSTILE,
    firmware: HOSTILE,
    nic: HOSTILE,
    verdict: 'failed',
    why: HOSTILE,
    steps: [step],
    phases: { [HOSTILE]: 1000, __proto__: 5, constructor: 10 },
    phaseSpans: [{ phase: HOSTILE, startMs: 0, durationMs: 1000 }],
    transfers: [sampleTransfer({ path: HOSTILE })],
    guest: {
      agent: [{ atMs: 1, event: HOSTILE, detail: { [HOSTILE]: HOSTILE } }],
      disk: {
        filesCompared: 1,
        differences: [{ path: HOSTILE, expected: HOSTILE, actual: HOSTILE }],
        ignored: [HOSTILE],
        notCompared: [HOSTILE],
      },
    },
    serialLog: HOSTILE,
    screenshots: [{ file: HOSTILE, atMs: 1, title: HOSTILE }],
    argv: ['qemu', HOSTILE],
  });
  const scenario = sampleScenario({
    id: HOSTILE,
    file: HOSTILE,
    name: HOSTILE,
    tags: [HOSTILE],
    verdict: 'failed',
    why: HOSTILE,
    rerun: [HOSTILE],
    labTimings: [{ title: HOSTILE, startMs: 0, durationMs: 1 }],
    capture: { file: 'hostile/capture.pcap', frames: 1, dropped: 0 },
    clients: [client],
  });
  const result = sampleResult([scenario]);
  return { ...result, host: { ...result.host, accelReason: HOSTILE, versions: { [HOSTILE]: HOSTILE } } };
}
