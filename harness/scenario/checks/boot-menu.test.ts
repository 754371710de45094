import { expect, it } from 'vitest';
import { bootMenuOf } from '../boot-menu.ts';
import { messageOf, scenario } from '../testing/bad-scenario.ts';
import { parseScenario } from '../testing/parse-scenario.ts';

const MENU =
  "boot-menu: { entries: [{ name: deploy, title: Install }, { name: rescue, title: 'Save it', mode: capture, key: c }] }";
const withMenu = (menu = MENU): string => `tftp: {}\n  ${menu}`;

it.each<[what: string, text: string, message: string]>([
  [
    'has an entry twice',
    scenario({ services: withMenu('boot-menu: { entries: [{ name: a, title: A }, { name: a, title: B }] }') }),
    'boot.yaml:4:57: services.boot-menu.entries[1].name: expected a name that no entry before it has, got "a", as entry 1',
  ],
  [
    'has a key twice',
    scenario({
      services: withMenu('boot-menu: { entries: [{ name: a, title: A, key: x }, { name: b, title: B, key: x }] }'),
    }),
    'boot.yaml:4:83: services.boot-menu.entries[1].key: expected a key that no entry before it has, got "x", as entry 1',
  ],
  [
    'starts an entry that is not there',
    scenario({ services: withMenu('boot-menu: { default: b, entries: [{ name: a, title: A }] }') }),
    'boot.yaml:4:25: services.boot-menu.default: expected the name of an entry (a), got b',
  ],
  [
    'has text that a boot program would interpret',
    scenario({ services: withMenu("boot-menu: { entries: [{ name: a, title: '$5' }] }") }),
    'boot.yaml:4:44: services.boot-menu.entries[0].title: expected printable ASCII of 1 to 60 characters without ^ \' " ` $ \\ { }, got "$5"',
  ],
  [
    'shows it with boot programs that nobody knows',
    scenario({ services: `tftp: { root: ./mine }\n  ${MENU}` }),
    'boot.yaml:4:14: services.boot-menu: expected a boot file service with a bundle as root, whose boot programs show the menu, got ./mine',
  ],
  [
    'presses keys for a menu that is not there',
    scenario({ services: 'tftp: {}', client: 'name: pc, agent: { keys: [{ when: boot-menu, keys: [b] }] }' }),
    'boot.yaml:5:41: clients[0].agent.keys[0].when: expected a menu of the boot program (services.boot-menu), got none',
  ],
])('a scenario is refused that %s', (_, text, message) => {
  expect(messageOf(text)).toContain(message);
});

it('starts by default what the client is for, unless keys choose', () => {
  const chosen = (agent: string, menu = MENU): string | undefined =>
    bootMenuOf(
      parseScenario(
        `name: x\nservices:\n  tftp: {}\n  images: { writable: true }\n  ${menu}\nclients:\n  - { name: one, disk: 1GiB }\n  - { name: pc, disk-of: one, agent: ${agent} }\n`,
        'boot.yaml',
        '/scenarios',
      ).scenario,
      1,
    )?.chosen;
  const capture = "mode: capture, image: 'Images\\Linux\\new.wim'";
  expect(chosen('{}')).toBe('deploy');
  expect(chosen('{}', MENU.replace('{ entries', '{ default: rescue, entries'))).toBe('rescue');
  expect(chosen(`{ ${capture} }`)).toBe('rescue');
  expect(chosen(`{ ${capture}, keys: [{ when: boot-menu, keys: [c] }] }`)).toBe('deploy');
});
