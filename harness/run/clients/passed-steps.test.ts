import { expect, it } from 'vitest';
import { passedSteps } from './passed-steps.ts';

it('wakes who waits for a step, and who asks later', async () => {
  const { note, untilPassed } = passedSteps();
  const woken: string[] = [];
  const wait = (client: string, step: string): Promise<unknown> =>
    untilPassed(client, step).then(() => woken.push(`${client} ${step}`));
  const early = wait('a', 'dhcp.ack');
  void wait('a', 'dhcp.offer');
  void wait('b', 'dhcp.ack');
  note('a', 'dhcp.ack');
  note('a', 'dhcp.ack');
  await early;
  await wait('a', 'dhcp.ack');
  expect(woken).toEqual(['a dhcp.ack', 'a dhcp.ack']);
});
