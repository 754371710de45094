import { expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright } from './testing/pxewright.ts';

// EDK2 is a PXE client that this project did not write, and another one than the iPXE of the bundled scenarios.
it('judges UEFI clients on a driver of the firmware and of a ROM: size probe, windowed transfer, boot program asked for on port 4011', {
  timeout: 240_000,
}, async () => {
  await using out = await temporaryFolder();
  const { exitCode } = await pxewright(['run', 'harness/run/testing/edk2/uefi.yaml', '--cold', '--out', out.path]);
  const { result } = await onlyRun(out.path);
  const [client] = result.scenarios[0]?.clients ?? [];
  expect({ exitCode, why: result.scenarios[0]?.why }).toEqual({ exitCode: 0, why: undefined });
  // Beside its boot EDK2 looks, at a moment of its own, whether somebody has the IPv6 address that it gives itself.
  const passed =
    client?.steps
      .filter(({ verdict, step }) => verdict === 'passed' && !step.startsWith('ndp.'))
      .map(({ step }) => step) ?? [];
  // The two servers answer one DISCOVER in either order.
  expect(passed.slice(0, 5).toSorted()).toEqual([
    'dhcp.ack',
    'dhcp.discover',
    'dhcp.offer',
    'dhcp.request',
    'proxydhcp.offer',
  ]);
  expect([passed[0], passed[3], passed[4]]).toEqual(['dhcp.discover', 'dhcp.request', 'dhcp.ack']);
  expect(client?.steps.find((step) => step.step === 'tftp.size-probe')?.detail).toMatchObject({ code: 8 });
  // Later runs pack their boots by it: two VMs of 512 MiB, of which firmware touches a part.
  const { cpuMs = 0, vmCpuMs = 0, peakMemoryMiB = 0 } = result.scenarios[0]?.usage ?? {};
  expect(vmCpuMs).toBeGreaterThan(1000);
  expect(cpuMs).toBeGreaterThan(vmCpuMs);
  expect(peakMemoryMiB).toBeGreaterThan(100);
  const clients = result.scenarios[0]?.clients ?? [];
  // Read from the flash chips before and after: the card came first because the scenario says so.
  expect(
    clients.map(({ firmwareVariables, mac }) => [
      firmwareVariables?.bootOrder[0]?.includes(`PXEv4 (MAC:${mac.replaceAll(':', '').toUpperCase()})`),
      firmwareVariables?.secureBoot,
      firmwareVariables?.changes.some(({ name, before }) => name === 'BootOrder' && before === undefined),
    ]),
  ).toEqual([
    [true, false, true],
    [true, false, true],
  ]);
  for (const { powerOn } of clients) expect(powerOn).toEqual({ from: 'cold', why: '--cold' });
  // EDK2's own PXE stack on each card, whoever brought the driver.
  expect(clients.map(({ nic }) => nic)).toEqual(['virtio-net-pci', 'e1000']);
  for (const { transfers } of clients)
    expect(transfers[0]).toMatchObject({ path: 'ipxe.efi', windowsize: 4, blksize: 1468 });
});
