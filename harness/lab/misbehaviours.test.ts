import { expect, it } from 'vitest';
import { Misbehaviours } from './misbehaviours.ts';

function after(...events: readonly { readonly event: string; readonly [field: string]: unknown }[]): readonly string[] {
  const misbehaviours = new Misbehaviours();
  for (const event of events) misbehaviours.take(event);
  return misbehaviours.missing();
}

const READY = { event: 'ready', misbehaves: ['gone', 'remove-pack'] };

it('names what did not come, whether the rest came before the service was ready or after it', () => {
  expect(after(READY)).toEqual(['gone', 'remove-pack']);
  expect(after({ event: 'misbehaved', how: 'gone' }, READY)).toEqual(['remove-pack']);
  expect(after(READY, { event: 'misbehaved', how: 'remove-pack' }, { event: 'misbehaved', how: 'gone' })).toEqual([]);
});

it('expects nothing of a service that was told of none, or never was ready', () => {
  expect(after({ event: 'ready', listening: [] })).toEqual([]);
  expect(after({ event: 'misbehaved', how: 'gone' })).toEqual([]);
  expect(after({ event: 'ready', misbehaves: 'all' }, { event: 'misbehaved' })).toEqual([]);
});
