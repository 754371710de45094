import { expect, it } from 'vitest';
import { whyCold, type ColdFacts } from './why-cold.ts';

const FACTS: ColdFacts = {
  client: { bootOrder: [{ device: 'network', bootindex: 1 }] },
  spec: { accelerator: 'tcg' },
  asked: false,
};

it('lets a client start warm that boots from the network first, under emulation', () =>
  expect(whyCold(FACTS)).toBeUndefined());

it.each<[string, Partial<ColdFacts>]>([
  ['--cold', { asked: true }],
  ['a state is saved under emulation only; KVM starts fast enough', { spec: { accelerator: 'kvm' } }],
  ['a TPM is a program of its own, whose state is not in that of the VM', { spec: { accelerator: 'tcg', tpm: true } }],
  ['its clock is not that of the host', { spec: { accelerator: 'tcg', clock: '2026-01-01T00:00:00' } }],
  ['its disk is not empty, and its firmware may have read it', { client: { ...FACTS.client, diskOf: 'pc' } }],
  [
    'it does not boot from the network first',
    {
      client: {
        bootOrder: [
          { device: 'network', bootindex: 2 },
          { device: 'disk', bootindex: 1 },
        ],
      },
    },
  ],
])('starts a client cold: %s', (why, change) => {
  expect(whyCold({ ...FACTS, ...change })).toBe(why);
});
