import { backupModeOf } from '../backups.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

/** Clients whose backup is made a virtual machine, against what the store has of them by then. */
export function checkVirtualMachines(
  after: NonNullable<ScenarioContent['after']>,
  path: ScenarioPath,
  clients: ScenarioContent['clients'],
): Problem[] {
  if (after['virtual-machines'] === undefined) return [];
  return clients.flatMap((client): Problem[] => {
    const mode = backupModeOf(client);
    return mode === 'backup' || mode === 'work'
      ? []
      : [
          {
            path: [...path, 'virtual-machines'],
            expected: 'clients whose disk is saved (agent.mode: backup, or work)',
            got: `client ${client.name} with mode ${client.agent?.mode ?? 'install'}`,
          },
        ];
  });
}
