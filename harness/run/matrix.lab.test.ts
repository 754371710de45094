import { afterAll, beforeAll, expect, it } from 'vitest';
import { FIRMWARE_NAMES, PXE_NIC_MODELS } from '#qemu-wrapper';
import { BundledRun } from './testing/bundled-run.ts';

// The bundled matrices, packed and warm as a user has them: as many boots at once as this host has room for.

/** What the matrices may take on two cores. */
const MAX_MS = 8 * 60_000;

let run: BundledRun;
beforeAll(async () => {
  run = await BundledRun.start('^matrix/');
}, MAX_MS);
afterAll(() => run[Symbol.asyncDispose]());

it('boots every firmware, and every network card under each firmware that it boots from', () => {
  expect(run.notPassed()).toEqual([]);
  expect(run.exitCode).toBe(0);
  const clients = run.scenarios.flatMap((scenario) => scenario.clients);
  expect(new Set(clients.map(({ firmware }) => firmware))).toEqual(new Set(FIRMWARE_NAMES));
  expect(new Set(clients.map(({ nic }) => nic))).toEqual(new Set(PXE_NIC_MODELS));
});

it('says of each boot how it was powered on, and what it took of the host', () => {
  for (const { id, clients, usage } of run.scenarios) {
    expect(clients[0]?.powerOn, id).toBeDefined();
    expect(usage?.vmCpuMs, id).toBeGreaterThan(0);
  }
});
