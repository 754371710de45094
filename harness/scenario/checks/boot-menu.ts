import type { AgentMode } from '../schema/agent-modes.ts';
import { bootsAgent, isFolder, servedBundle } from '../bundles.ts';
import { AT_BOOT_MENU } from '../boot-menu.ts';
import { rootsOf } from '../defaults.ts';
import type { Problem } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

/** The menu of the boot program: its names and keys are each there once, and clients choose from what it has. */
export function checkBootMenu(content: ScenarioContent): Problem[] {
  const menu = content.services['boot-menu'];
  const keyed = content.clients.flatMap(({ agent }, index) =>
    (agent?.keys ?? []).flatMap(({ when }, key) =>
      when === AT_BOOT_MENU ? [['clients', index, 'agent', 'keys', key, 'when']] : [],
    ),
  );
  if (menu === undefined)
    return keyed.map((path) => ({ path, expected: 'a menu of the boot program (services.boot-menu)', got: 'none' }));
  const at = ['services', 'boot-menu'] as const;
  const names = menu.entries.map(({ name }) => name);
  const repeated = (['name', 'key'] as const).flatMap((field) =>
    menu.entries.flatMap((entry, index): Problem[] => {
      const value = entry[field];
      const first = menu.entries.findIndex((other) => other[field] === value);
      return value === undefined || first === index
        ? []
        : [
            {
              path: [...at, 'entries', index, field],
              expected: `a ${field} that no entry before it has`,
              got: `${JSON.stringify(value)}, as entry ${first + 1}`,
            },
          ];
    }),
  );
  const unknown: Problem[] =
    menu.default === undefined || names.includes(menu.default)
      ? []
      : [{ path: [...at, 'default'], expected: `the name of an entry (${names.join(', ')})`, got: menu.default }];
  const roots = rootsOf(content);
  // An unknown bundle is a problem of its own.
  const shown = roots.some((root) => bootsAgent(root) || (!isFolder(root) && servedBundle(root) === undefined));
  const unread: Problem[] = shown
    ? []
    : [
        {
          path: at,
          expected: 'a boot file service with a bundle as root, whose boot programs show the menu',
          got: roots.length === 0 ? 'none' : roots.join(', '),
        },
      ];
  const roles: readonly AgentMode[] = menu.entries.map(({ mode = 'install' }) => mode);
  const missing = content.clients.flatMap(({ agent }, index): Problem[] =>
    agent?.mode === undefined || roles.includes(agent.mode)
      ? []
      : [
          {
            path: ['clients', index, 'agent', 'mode'],
            expected: `a role that services.boot-menu has an entry for (${roles.join(', ')})`,
            got: agent.mode,
          },
        ],
  );
  return [...repeated, ...unknown, ...unread, ...missing];
}
