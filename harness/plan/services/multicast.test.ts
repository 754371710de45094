import { expect, it } from 'vitest';
import { config, plans } from '../testing/plan-of.ts';
import { takenConfig } from '../testing/taken-config.ts';

const CLIENTS =
  '[{ name: pc, disk: 1GiB, agent: { by: multicast } }, { name: other, disk: 1GiB, agent: { by: multicast } }, { name: late, disk: 1GiB, starts-after: pc, agent: { by: multicast } }, { name: plain, disk: 1GiB }]';
const planned = (services: string, clients = CLIENTS) => {
  const [one] = plans(`name: x\nservices: ${services}\nclients: ${clients}`);
  if (one === undefined) throw new TypeError('expected a plan');
  return one;
};

it('sends the first image of the store when all who start at once have come', () => {
  const { services } = planned('{ tftp: {}, images: { at: 172.22.52.9 }, multicast: {} }');
  expect(services.filter(({ kind }) => kind === 'multicast').map(takenConfig)).toMatchObject([
    {
      address: '172.22.52.9',
      root: '/run/lab/reminst',
      image: 'Images/Linux/sample.wim',
      receivers: 2,
      maxWaitMs: 60_000,
      portBase: 9000,
    },
  ]);
});

it('takes every key that a scenario has', () => {
  const one = planned(
    `{ tftp: {}, images: {}, multicast: { at: 172.22.52.9, image: 'Images\\Linux\\sample.wim', receivers: 3, max-wait: 5s, min-wait: 2s, port-base: 9100, max-bitrate: 1.5Mbit, retries: 12, misbehave: { dies-after: 1000 } } }`,
  );
  expect(config(one, 'multicast')).toEqual({
    address: '172.22.52.9',
    root: '${run}/reminst',
    image: 'Images/Linux/sample.wim',
    receivers: 3,
    maxWaitMs: 5000,
    minWaitMs: 2000,
    portBase: 9100,
    bitsPerSecond: 1_500_000,
    retries: 12,
    misbehave: { 'dies-after': 1000 },
  });
});

it('is told to the agents that receive from it, which have the program in their boot image, and to nobody else', () => {
  const one = planned('{ tftp: {}, images: {}, multicast: { port-base: 9100 } }');
  expect(one.bundles).toContain('agent-multicast');
  const texts = (one.trees[0]?.entries ?? []).flatMap((entry) => ('text' in entry ? [entry.text] : []));
  expect(texts.find((text) => text.includes('pxw.multicast=9100'))).toMatch(/INITRD agent\.img,multicast\.img$/m);
  const [plain] = texts.filter((text) => !text.includes('pxw.multicast'));
  expect(plain).toMatch(/INITRD agent\.img$/m);
});

it('is for installations alone where a menu offers more', () => {
  const one = planned(
    '{ tftp: {}, images: { writable: true }, multicast: {}, boot-menu: { entries: [{ name: deploy, title: D }, { name: take, title: C, mode: capture }] } }',
    '[{ name: pc, disk: 1GiB, agent: { by: multicast, image: "Images\\\\Linux\\\\sample.wim" } }]',
  );
  const [text = ''] = one.trees[0]?.entries.flatMap((entry) => ('text' in entry ? [entry.text] : [])) ?? [];
  expect(text.match(/INITRD .*/g)).toEqual(['INITRD agent.img,multicast.img', 'INITRD agent.img']);
  expect(text.match(/pxw\.multicast/g)).toHaveLength(1);
});
