import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { AGENT_EVENTS } from './agent-events.ts';

const text = (file: string): Promise<string> => readFile(path.join(import.meta.dirname, file), 'utf8');
const names = (source: string, pattern: RegExp): string[] =>
  [...source.matchAll(pattern)].map(([, one, other]) => one ?? other ?? '');

it('names the events that the programs in the guest report', async () => {
  const folders = ['agent', 'agent/lib', 'installed'].map((name) => path.join(import.meta.dirname, name));
  const entries = await Promise.all(folders.map((folder) => readdir(folder, { withFileTypes: true })));
  const files = entries.flat().filter((entry) => entry.isFile());
  const programs = await Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name), 'latin1')));
  const reported = /(?:^|[\s;{])event (agent\.[a-z-]+)|\\?"event\\?":\\?"((?:agent|installed)\.[a-z-]+)/g;
  const found = programs.flatMap((program) => names(program, reported));
  expect([...new Set(found)].toSorted()).toEqual(AGENT_EVENTS);
});

it('names the events that the documentation lists', async () => {
  const rows = names(await text('README.md'), /^\| `((?:agent|installed)\.[a-z-]+)` \|/gm);
  expect(rows.toSorted()).toEqual(AGENT_EVENTS);
});
