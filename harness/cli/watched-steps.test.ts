import { expect, it } from 'vitest';
import { createJudge } from '../verdict/judge.ts';
import { boot } from '../verdict/testing/boot-story.ts';
import { WatchedSteps } from './watched-steps.ts';

/** What is printed of a boot by whoever asks for this address, and all steps of the client that boots. */
function watched(wanted: string | undefined): { readonly printed: readonly string[]; readonly all: readonly string[] } {
  const printed: string[] = [];
  const steps = new WatchedSteps(wanted, (_, { step }) => void printed.push(step));
  const judge = createJudge({
    linkType: 1,
    clients: [],
    openEnd: true,
    door: {},
    onStep: (name, step) => steps.add({ name, addresses: () => judge.seen(name) }, step),
  });
  judge.frames(boot().booted().frames);
  const [client] = judge.finish();
  steps.finish();
  return { printed, all: client?.steps.map(({ step }) => step) ?? [] };
}

it.each([
  ['whoever asks for nobody', undefined],
  ['whoever asks for its MAC address', '00-11-11-80-D2-92'],
  // Its DISCOVER comes before any server has given it that address.
  ['whoever asks for its IP address', '172.22.52.222'],
])('a watched boot is printed whole for %s', (_, wanted) => {
  const { printed, all } = watched(wanted);
  expect(all).toContain('dhcp.discover');
  expect(printed).toEqual(all);
});

it.each(['00:11:11:80:d2:93', '172.22.52.1'])('nothing of it is printed for whoever asks for %s', (wanted) => {
  expect(watched(wanted).printed).toEqual([]);
});
