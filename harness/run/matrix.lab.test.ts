import { afterAll, beforeAll, expect, it } from 'vitest';
import { FIRMWARE_NAMES, PXE_NIC_MODELS } from '#qemu-wrapper';
import { TRANSPORT_NAMES, TRANSPORTS, type Firmware, type Transport } from '#qemu-wrapper/nic-models';
import { agentLoader, AGENT_LOADER_NAMES, type AgentLoaderName } from '../../vm-images/bundle-contents.ts';
import { ARCHITECTURES } from '../protocols/dhcp/wire/architectures.ts';
import { BundledRun } from './testing/bundled-run.ts';

// The bundled matrices, packed and warm as a user has them: as many boots at once as this host has room for.

const { 'uefi-x64': UEFI_X64, 'uefi-x64-http': UEFI_X64_HTTP } = ARCHITECTURES;

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

it('asks and loads in each cell as the transport of the cell says', () => {
  const cells = run.scenarios.filter(({ id }) => id.startsWith('matrix/transports['));
  expect(new Set(cells.map(({ matrix }) => matrix?.['transport']))).toEqual(new Set(TRANSPORT_NAMES));
  for (const { id, matrix, clients } of cells) {
    const [client] = clients;
    const { ip, http } = TRANSPORTS[matrix?.['transport'] as Transport];
    const passed = (client?.steps ?? []).filter(({ verdict }) => verdict === 'passed');
    const asked = passed.find(
      ({ step, detail }) => /\.(discover|solicit)$/.test(step) && detail?.['arch'] !== undefined,
    );
    expect([asked?.step, asked?.detail?.['arch']], id).toEqual([
      ip === 6 ? 'dhcpv6.solicit' : 'dhcp.discover',
      http ? UEFI_X64_HTTP : UEFI_X64,
    ]);
    expect(passed.map(({ step }) => step).filter((step) => /^(tftp\.transfer|http\.get)$/.test(step))[0], id).toBe(
      http ? 'http.get' : 'tftp.transfer',
    );
  }
});

it('starts every boot program, each by the file of its word, from either card, after an empty disk, and with a TPM', () => {
  const cells = run.scenarios.filter(({ id }) => id.startsWith('matrix/boot-programs['));
  expect(new Set(cells.map(({ matrix }) => matrix?.['boot-program']))).toEqual(new Set(AGENT_LOADER_NAMES));
  for (const { id, matrix, clients } of cells) {
    const { files } = agentLoader(matrix?.['boot-program'] as AgentLoaderName);
    const file = files[matrix?.['firmware'] as Firmware] ?? '';
    const loaded = (clients[0]?.steps ?? []).filter(({ step }) => step === 'tftp.transfer');
    expect(
      loaded.map(({ detail }) => String(detail?.['path']).replaceAll('\\', '/')),
      id,
    ).toContain(file);
    expect(String(clients[0]?.argv?.includes('emulator,id=tpm0,chardev=tpm')), id).toBe(matrix?.['tpm']);
    expect(clients[0]?.steps.find(({ step }) => step === 'boot.device')?.detail, id).toMatchObject({
      device: 'network',
    });
  }
  expect(new Set(cells.map(({ matrix }) => matrix?.['boot-order']))).toEqual(new Set(['network,disk', 'disk,network']));
});

it('says of each boot how it was powered on, and what it took of the host', () => {
  for (const { id, clients, usage } of run.scenarios) {
    expect(clients[0]?.powerOn, id).toBeDefined();
    expect(usage?.vmCpuMs, id).toBeGreaterThan(0);
  }
});
