import { expect, it } from 'vitest';
import { storeTurns } from './store-turns.ts';

/** Works that end when they are told to, and a log of their begins and ends. */
function works() {
  const log: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<undefined>>();
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    const gate = Promise.withResolvers<undefined>();
    gates.set(name, gate);
    await gate.promise;
    log.push(`${name} ends`);
    return name;
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const end = async (name: string, error?: Error) => {
    if (error) gates.get(name)?.reject(error);
    else gates.get(name)?.resolve(undefined);
    await settle();
  };
  return { log, work, end, settle };
}

it('lets many go on beside one another, and one alone', async () => {
  const { log, work, end, settle } = works();
  const { beside, alone } = storeTurns();
  const all = [beside(work('save 1')), beside(work('save 2')), alone(work('prune')), beside(work('save 3'))];
  await settle();
  expect(log).toEqual(['save 1 begins', 'save 2 begins']);
  await end('save 1');
  expect(log).not.toContain('prune begins');
  await end('save 2');
  expect(log.slice(-2)).toEqual(['save 2 ends', 'prune begins']);
  await end('prune');
  await end('save 3');
  expect(await Promise.all(all)).toEqual(['save 1', 'save 2', 'prune', 'save 3']);
  expect(log.slice(-3)).toEqual(['prune ends', 'save 3 begins', 'save 3 ends']);
});

it('goes on after one that failed', async () => {
  const { log, work, end, settle } = works();
  const { beside, alone } = storeTurns();
  const failed = expect(beside(work('save'))).rejects.toThrow('no room');
  const pruned = alone(work('prune'));
  await settle();
  await end('save', new Error('no room'));
  await failed;
  await end('prune');
  expect(await pruned).toBe('prune');
  expect(log).toEqual(['save begins', 'prune begins', 'prune ends']);
});
