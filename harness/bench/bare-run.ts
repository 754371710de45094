import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { ensureBundles } from '../../vm-images/index.ts';
import { layOutTree } from '../lab/tree.ts';
import { planScenarios } from '../plan/scenarios.ts';
import { loadScenarios } from '../scenario/load-scenarios.ts';

const SCRIPT = fileURLToPath(new URL('bare-boot.sh', import.meta.url));

/** The scenario that the bare script plays without us. */
export const INSTALL = fileURLToPath(new URL('../../scenarios/wds/install-bios.yaml', import.meta.url));

export interface BareLab {
  /** Boots once by the bare script into `out`; resolves with its wall time. */
  boot(out: string): Promise<{ readonly seconds: number; readonly capture: string }>;
}

/** Lays out the very files that the scenario's services serve, once, for the bare script. */
export async function bareLab(folder: string): Promise<BareLab> {
  const [plan] = (await loadScenarios([INSTALL])).flatMap((scenario) => planScenarios(scenario));
  if (!plan) throw new Error(`${INSTALL} has no plan`);
  const bundles = new Map([...(await ensureBundles([...plan.bundles]))].map(([name, bundle]) => [name, bundle.folder]));
  const roots = new Map<string, string>();
  for (const tree of plan.trees) {
    const root = join(folder, tree.root.replace('${run}/', ''));
    await layOutTree(root, tree, bundles);
    roots.set(tree.root, root);
  }
  const tftp = plan.services.find((service) => service.kind === 'tftp')?.config.root ?? '';
  const smb = plan.services.find((service) => service.kind === 'smb')?.config.root ?? '';
  return {
    async boot(out) {
      await mkdir(out, { recursive: true });
      const startedMs = performance.now();
      await execa('bash', [SCRIPT, roots.get(tftp) ?? '', roots.get(smb) ?? '', out, plan.clients[0]?.nic ?? 'e1000'], {
        env: { DISK_BOOT: '1', PHASES: '0' },
      });
      return { seconds: (performance.now() - startedMs) / 1000, capture: join(out, 'install.pcap') };
    },
  };
}
