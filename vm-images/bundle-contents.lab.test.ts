import { expect, it } from 'vitest';
import { BUNDLE_CONTENTS, filesOfBundle } from './bundle-contents.ts';
import { ensureBundles } from './index.ts';

it.each(Object.keys(BUNDLE_CONTENTS))('%s holds what it declares', { timeout: 600_000 }, async (name) => {
  const bundle = (await ensureBundles([name])).get(name);
  expect(bundle?.files.map(({ path }) => path)).toEqual(filesOfBundle(name)?.toSorted());
});
