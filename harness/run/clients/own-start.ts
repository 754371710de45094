import { within } from '../../lab/deadline.ts';
import type { VmPlan } from '../../plan/plan.ts';
import { isEvent, type PowerContext } from './booting-client.ts';
import { vmSpec } from './client-vm.ts';
import type { DiskFile } from './disks.ts';
import { startClient, type PoweredClient, type PowerTurn } from './powered-client.ts';

/** What came of a start from a disk. */
export interface OwnStart extends Pick<PoweredClient, 'agent' | 'screenshots'> {
  /** The system on the disk said that it is up. */
  readonly isUp: boolean;
  /** It switched itself off afterwards, or nobody waited for that. */
  readonly hasEnded: boolean;
}

/** Powers a client on from a disk alone, and waits until the system on it says that it is up; `untilEnd`: until it has switched itself off. */
export async function startFromDisk(
  { client, index, disk }: { readonly client: VmPlan; readonly index: number; readonly disk: DiskFile },
  turn: PowerTurn,
  context: PowerContext,
  untilEnd = false,
): Promise<OwnStart> {
  const { accel, plan } = context.job;
  const vm = await startClient(
    client,
    vmSpec(client, index, accel, [{ device: 'disk', bootindex: 1 }], disk),
    turn,
    context,
  );
  try {
    await vm.begin();
    const up = Promise.race([
      vm.seen('installed.up').then(() => true),
      vm.ended.then(() => vm.agent.some((record) => isEvent(record, 'installed.up'))),
    ]);
    const isUp = await within(
      `${client.name}: the installed system's own start`,
      plan.timeoutMs,
      up,
      () => vm.agent.at(-1)?.event,
    ).catch(() => false);
    const hasEnded =
      !(isUp && untilEnd) ||
      (await within(`${client.name}: the installed system's own end`, plan.timeoutMs, vm.ended).then(
        () => true,
        () => false,
      ));
    await vm.settle();
    return { agent: vm.agent, screenshots: vm.screenshots, isUp, hasEnded };
  } finally {
    if (!vm.screenshots.length) await vm.screenshot('start from the disk alone');
    await vm.powerOff();
    await vm.keepLogs();
  }
}
