import { describe, expect, it } from 'vitest';
import { incidentsOf, missedIncidents } from './incidents.ts';

function recorded(planned: Parameters<typeof incidentsOf>[0], { endsMeanwhile = false } = {}) {
  const done: string[] = [];
  const happens = incidentsOf(planned, {
    plug: (isIn) => Promise.resolve(void done.push(isIn ? 'in' : 'out')),
    pause: (isPaused) => Promise.resolve(void done.push(isPaused ? 'still' : 'on')),
    powerOff: () => Promise.resolve(void done.push('off')),
    wait: (ms) => Promise.resolve(done.push(`${ms} ms`) > 0 && !endsMeanwhile),
    untilPassed: (client, step) => Promise.resolve(done.push(`${client} ${step}`) > 0 && !endsMeanwhile),
    tell: (text) => void done.push(text),
  });
  return { done, happens };
}

it('takes the cable out at its moment, once, and plugs it in again', async () => {
  const { done, happens } = recorded([{ when: 'backup', delayMs: 500, what: 'unplug', forMs: 10_000 }]);
  await happens('restore');
  await happens('backup');
  await happens('backup');
  expect(done).toEqual([
    '500 ms',
    'cable unplugged for 10 s, as planned (backup)',
    'out',
    '10000 ms',
    'in',
    'cable plugged in again',
  ]);
});

it('plugs the cable in when another client is so far', async () => {
  const until = { client: 'first', step: 'multicast.start' };
  const { done, happens } = recorded([{ when: 'started', what: 'unplug', until }]);
  await happens('started');
  expect(done).toEqual([
    'cable unplugged until first has passed multicast.start, as planned (started)',
    'out',
    'first multicast.start',
    'in',
    'cable plugged in again',
  ]);
});

it('has a computer stand still, and go on', async () => {
  const { done, happens } = recorded([{ when: 'started', what: 'pause', forMs: 2000 }]);
  await happens('started');
  expect(done).toEqual(['stands still for 2 s, as planned (started)', 'still', '2000 ms', 'on', 'goes on']);
});

it('switches off without a delay where there is none', async () => {
  const { done, happens } = recorded([{ when: 'tftp.option-ack', what: 'power-off' }]);
  await happens('tftp.option-ack');
  expect(done).toEqual(['power off, as planned (tftp.option-ack)', 'off']);
});

it('does nothing more when the story ends meanwhile', async () => {
  const until = { client: 'first', step: 'dhcp.ack' };
  for (const [incident, expected] of [
    [{ delayMs: 500, what: 'power-off' }, ['500 ms']],
    [{ what: 'unplug', forMs: 500 }, ['cable unplugged for 0.5 s, as planned (menu)', 'out', '500 ms']],
    [
      { what: 'pause', until },
      ['stands still until first has passed dhcp.ack, as planned (menu)', 'still', 'first dhcp.ack'],
    ],
  ] as const) {
    const { done, happens } = recorded([{ when: 'menu', ...incident }], { endsMeanwhile: true });
    await happens('menu');
    expect(done).toEqual(expected);
  }
});

it('waits until the event says that the client is so far', async () => {
  const { done, happens } = recorded([{ when: 'backup', percent: 50, what: 'power-off' }]);
  await happens('backup');
  await happens('backup', 49);
  expect(done).toEqual([]);
  await happens('backup', 63);
  await happens('backup', 80);
  expect(done).toEqual(['power off, as planned (backup, 50 %)', 'off']);
});

it('leaves the cable out where nobody says for how long', async () => {
  const { done, happens } = recorded([{ when: 'menu', what: 'unplug' }]);
  await happens('menu');
  expect(done).toEqual(['cable unplugged, as planned (menu)', 'out']);
});

describe('missedIncidents', () => {
  const steps = [
    { step: 'tftp.option-ack', verdict: 'passed' },
    { step: 'restic.open', verdict: 'failed' },
  ] as const;
  const agent = [
    { atMs: 1, event: 'agent.screen', detail: { name: 'store' } },
    { atMs: 2, event: 'agent.backup', detail: { percent: 63 } },
    { atMs: 3, event: 'installed.up' },
  ];

  it.each([
    ['a step that passed', { when: 'tftp.option-ack' }],
    ['a screen', { when: 'store' }],
    ['an event, as far as it came', { when: 'backup', percent: 60 }],
    ['an event of the installed system', { when: 'installed.up' }],
  ])('none that was for %s', (_, planned) =>
    expect(missedIncidents([{ ...planned, what: 'unplug' }], steps, agent)).toEqual([]),
  );

  it.each([
    ['a step that failed', { when: 'restic.open' }, 'restic.open'],
    ['a step that did not come', { when: 'tftp.transfer' }, 'tftp.transfer'],
    ['a later part of an event', { when: 'backup', percent: 80 }, 'backup, 80 %'],
  ])('one that was for %s', (_, planned, moment) =>
    expect(missedIncidents([{ ...planned, what: 'power-off' }], steps, agent)).toEqual([
      `the incident power-off did not happen: its moment (${moment}) did not come, so that this boot shows nothing of it`,
    ]),
  );
});
