import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

// Documentation names files, pages and sections; this holds that they are there.

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDERS = '{harness,servers,vm-images,reports,scenarios}';
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const found = (pattern: string): string[] =>
  globSync(pattern, { cwd: ROOT, exclude: ['**/node_modules/**', 'reports/runs/**'] });

const PAGES = found(`{*.md,${FOLDERS}/**/*.md}`);
const SOURCES = found(`${FOLDERS}/**/*.{ts,c,h,sh,py,yaml,awk,md}`);
const DECISIONS = found('harness/docs/decisions/[0-9]*.md');

/** The anchor that a heading gets, as GitHub makes it. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
const headings = (page: string): string[] => [...read(page).matchAll(/^#+ (.*)$/gm)].map((match) => match[1] ?? '');

it('links lead to files and headings that are there', () => {
  const broken = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? '')
      .filter((link) => {
        if (/^https?:/.test(link)) return false;
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : normalize(join(dirname(page), path));
        if (!existsSync(join(ROOT, target))) return true;
        return anchor !== undefined && !headings(target).map(slug).includes(anchor);
      })
      .map((link) => `${page}: ${link}`),
  );
  expect(PAGES.length).toBeGreaterThan(30);
  expect(broken).toEqual([]);
});

it('paths that pages name are there', () => {
  const missing = PAGES.flatMap((page) =>
    [...read(page).matchAll(/(?<![\w./\\-])(?:harness|servers|vm-images|reports|scenarios)\/[\w./{},*-]*[\w}*/]/g)]
      .map(([path]) => path)
      // Runs land in reports/runs; a name in capitals stands for any; the reader of a guide makes its scenarios.
      .filter(
        (path) =>
          !path.startsWith('reports/runs') &&
          !(page.startsWith('harness/docs/guides/') && path.startsWith('scenarios/')) &&
          found(path.replace(/\b(?!README|CONTRIBUTING)[A-Z]+\b/g, '*')).length === 0,
      )
      .map((path) => `${page}: ${path}`),
  );
  expect(missing).toEqual([]);
});

it('citations of pages and their sections, in code and documentation, lead somewhere', () => {
  const lost = SOURCES.flatMap((file) =>
    [...read(file).matchAll(/\b(harness\/docs\/[\w/-]+\.md)(?:[\s*/]+(\d+(?:\.\d+)?))?/g)]
      .filter(([, page = '', section]) => {
        if (!existsSync(join(ROOT, page))) return true;
        return (
          section !== undefined &&
          !headings(page).some((heading) => heading.startsWith(`${section}.`) || heading.startsWith(`${section} `))
        );
      })
      .map(([citation]) => `${file}: ${citation}`),
  );
  expect(lost).toEqual([]);
});

describe('decisions', () => {
  it('are all in the index, under their titles', () => {
    const index = read('harness/docs/decisions/README.md');
    const missing = DECISIONS.filter((file) => {
      const number = basename(file).slice(0, 3);
      const title = headings(file)[0]?.replace(`${number}: `, '');
      return !index.includes(`| [${number}](${basename(file)}) | ${title} | `);
    });
    expect(missing).toEqual([]);
    expect(DECISIONS.length).toBeGreaterThan(20);
  });

  it('that are named by number exist', () => {
    const numbers = new Set(DECISIONS.map((file) => basename(file).slice(0, 3)));
    const unknown = SOURCES.flatMap((file) =>
      [...read(file).matchAll(/\bdecision (\d{3})\b/g)]
        .filter((match) => !numbers.has(match[1] ?? ''))
        .map((match) => `${file}: ${match[0]}`),
    );
    expect(unknown).toEqual([]);
  });
});
