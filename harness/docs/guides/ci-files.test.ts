import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { parseGuide } from './testing/parse-guide.ts';

// No test can run the CI hosts themselves. What their files in the guides tell them to run, the guides run, too.

const guide = (page: string) => parseGuide(readFileSync(join(import.meta.dirname, page), 'utf8'));
const files = (page: string) => guide(page).flatMap((step) => (step.kind === 'file' ? [step] : []));

describe.each(globSync('[0-9]*.md', { cwd: import.meta.dirname }).sort())('%s', (page) => {
  it('has YAML files that are YAML', () => {
    for (const { path, text } of files(page).filter((file) => /\.ya?ml$/.test(file.path)))
      expect(parseDocument(text).errors, path).toEqual([]);
  });
});

describe('the CI files of 4-boot-regression-in-ci.md', () => {
  const page = '4-boot-regression-in-ci.md';
  const file = (path: string): string => files(page).find((one) => one.path === path)?.text ?? '';
  const typed = guide(page).flatMap((step) => (step.kind === 'commands' ? step.text.split('\n') : []));
  const ran = (script: string): boolean => typed.some((line) => line.includes(`sh ${script}`));

  const github = parse(file('.github/workflows/boot-tests.yml')) as {
    readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
  };
  const gitlab = parse(file('.gitlab-ci.yml')) as Readonly<Record<string, { readonly script?: readonly string[] }>>;
  const commands = {
    GitHub: Object.values(github.jobs).flatMap(({ steps }) =>
      steps.flatMap(({ run }) => run?.trim().split('\n') ?? []),
    ),
    GitLab: Object.values(gitlab).flatMap(({ script }) => script ?? []),
    Jenkins: [...file('Jenkinsfile').matchAll(/\bsh '([^']*)'/g)].flatMap(([, command]) => command ?? []),
  };

  it.each(Object.entries(commands))(
    'let %s run the scripts that the guide has run, and prepare the host',
    (_, lines) => {
      const scripts = lines.flatMap((line) => /^sh (ci\/\S+\.sh)/.exec(line)?.[1] ?? []);
      expect(scripts).toEqual(['ci/install.sh', 'ci/shard.sh', 'ci/merge.sh']);
      expect(scripts.filter((script) => file(script) === '' || !ran(script))).toEqual([]);
      const others = lines.filter((line) => !line.startsWith('sh ci/'));
      expect(others.filter((line) => !/^sudo (chmod|sysctl) |^npm ci$|^rm -rf shards reports$/.test(line))).toEqual([]);
    },
  );
});
