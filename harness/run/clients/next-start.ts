import type { ClientResult } from '../../../reports/result.ts';
import { within } from '../../lab/deadline.ts';
import type { AfterPlan } from '../../plan/plan.ts';
import type { InstalledDisk } from './after.ts';
import { isEvent, type PowerContext } from './booting-client.ts';
import { vmSpec } from './client-vm.ts';
import { layerOn, type DiskFile } from './disks.ts';
import type { EndedClient } from './after.ts';
import { startClient } from './powered-client.ts';

type NextStart = NonNullable<NonNullable<ClientResult['guest']>['nextStart']>;

/** What a client's start after its story came to. */
export interface SeenStart extends Pick<InstalledDisk, 'agent' | 'screenshots' | 'findings'> {
  readonly nextStart: NextStart;
  /** The disk as this start left it. */
  readonly left: DiskFile;
}

/** What the wire shows of a start. */
export interface StartOnWire {
  /** Resolves when from now on the client's firmware asks for an address and then loads something from a server. */
  readonly startsFromNetwork: () => Promise<void>;
  /** Resolves when no further frame can change the verdict: steps that are still wanted have happened, or cannot. */
  readonly settled: Promise<void>;
}

/**
 * Powers a client on once more with its own boot order, and sees what it starts from: its disk, whose system says that
 * it is up, or the network. A start from the network goes on while the scenario still wants steps of it.
 */
export async function seeNextStart(
  { client, index, disk }: Omit<EndedClient, 'otherDisk'>,
  wanted: NonNullable<AfterPlan['nextStart']>,
  wire: StartOnWire,
  context: PowerContext,
): Promise<SeenStart> {
  const order = client.nextBootOrder ?? client.bootOrder;
  const devices = order.map(({ device }) => device);
  const { timeoutMs } = context.job.plan;
  const left = await layerOn(disk, `${client.name}-next-start`);
  context.emit({
    type: 'progress',
    client: client.name,
    text: `the next start, with boot order ${devices.join(', ') || "of its firmware's variables"}`,
  });
  const vm = await startClient(client, vmSpec(client, index, context.job.accel, order, left), '-next-start', context);
  try {
    const network = wire.startsFromNetwork().then(() => 'network' as const);
    await vm.begin();
    const up = vm.seen('installed.up').then(() => 'disk' as const);
    const end = vm.ended.then(() => (vm.agent.some((one) => isEvent(one, 'installed.up')) ? 'disk' : 'none'));
    const what = `${client.name}: its next start`;
    const device = await within(what, timeoutMs, Promise.race([network, up, end])).catch(() => 'none' as const);
    if (device === 'network' && wanted === 'network')
      await within(`${what}: the steps`, timeoutMs, Promise.race([wire.settled, vm.ended])).catch(() => undefined);
    // What it wrote is on its disk when it has switched itself off.
    if (device === 'disk') await within(`${what}: its end`, timeoutMs, vm.ended).catch(() => undefined);
    await vm.screenshot('next start');
    await vm.settle();
    const nextStart: NextStart = { bootOrder: devices, device };
    return {
      nextStart,
      left,
      agent: vm.agent,
      screenshots: vm.screenshots,
      findings: nextStartFindings(nextStart, wanted),
    };
  } finally {
    await vm.powerOff();
    await vm.keepLogs();
  }
}

/** What is wrong with a start, in a sentence; none where it is as it should be. */
export function nextStartFindings({ device, bootOrder }: NextStart, wanted: 'disk' | 'network'): readonly string[] {
  if (device === wanted) return [];
  const order = bootOrder.length === 0 ? '' : ` (boot order ${bootOrder.join(', ')})`;
  if (device === 'none')
    return [
      `the next start${order} came from no device: expected ${wanted === 'disk' ? 'the installed system to report that it is up' : 'a boot program to be loaded from the network'} (see the serial log and the screenshot of the next start)`,
    ];
  return device === 'network'
    ? [
        `reinstall loop: the next start${order} booted from the network instead of the disk, and would install again; put the disk first, or take the network for one start only (next-boot-order: [disk])`,
      ]
    : [
        `wrong boot order: the next start${order} came from the disk instead of the network; put the network first (boot-order, next-boot-order)`,
      ];
}
