import { expect, it } from 'vitest';
import { parseAgentLine } from './booting-client.ts';

it.each([
  ['alone on it', '{"event":"agent.screen","name":"store"}'],
  // As OVMF's console draws on every serial port.
  [
    'after what UEFI left without a line end',
    '\u001b[2J\u001b[01;01H>>Start PXE over IPv4.{"event":"agent.screen","name":"store"}',
  ],
])('takes what the agent says %s', (_, line) =>
  expect(parseAgentLine(line, 5)).toEqual({ atMs: 5, event: 'agent.screen', detail: { name: 'store' } }),
);

it.each([
  '',
  '>>Start PXE over IPv4.',
  '{"name":"store"}',
  '{"event":"agent.sc',
  '{"event":"agent.screen"} {',
  '{"event":1}',
])('takes nothing of %j', (line) => expect(parseAgentLine(line, 5)).toBeUndefined());
