import type { AgentMode } from './schema/agent-modes.ts';
import type { ScenarioContent } from './schema/scenario.ts';

/** `when` of keys that choose from the boot program's menu. */
export const AT_BOOT_MENU = 'boot-menu';

/** A boot program's menu, as one client gets it. */
export interface ClientMenu {
  readonly title: string;
  /** Name of the entry that starts when nobody presses a key. */
  readonly chosen: string;
  readonly timeoutMs: number;
  readonly entries: readonly {
    readonly name: string;
    readonly title: string;
    readonly mode: AgentMode;
    readonly key?: string | undefined;
  }[];
}

const DEFAULT_TITLE = 'Network boot';
const DEFAULT_TIMEOUT_MS = 5000;

/** The menu of the n-th client's boot program; undefined where the boot image starts at once. */
export function bootMenuOf({ services, clients }: ScenarioContent, index: number): ClientMenu | undefined {
  const menu = services['boot-menu'];
  if (menu === undefined) return undefined;
  const entries = menu.entries.map(({ mode = 'install', ...entry }) => ({ ...entry, mode }));
  const agent = clients[index]?.agent;
  const own =
    agent?.mode !== undefined && !choosesByKey(agent) ? entries.find(({ mode }) => mode === agent.mode) : undefined;
  return {
    title: menu.title ?? DEFAULT_TITLE,
    chosen: own?.name ?? menu.default ?? entries[0]?.name ?? '',
    timeoutMs: menu.timeout ?? DEFAULT_TIMEOUT_MS,
    entries,
  };
}

type Agent = NonNullable<ScenarioContent['clients'][number]['agent']>;

/** Whether keys are pressed when the boot program shows its menu. */
export const choosesByKey = ({ keys = [] }: Agent): boolean => keys.some(({ when }) => when === AT_BOOT_MENU);
