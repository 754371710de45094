import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';

const LIB = path.join(import.meta.dirname, 'agent', 'lib');
const LIST = [
  ['Images\\Linux\\sample.wim', '-', '1', '100', '9', 'sample'],
  ['Images\\Own\\own.wim', '-', '1', '200', '9', 'Folders'],
  ['Images\\Own\\own.wim', '-', '2', '300', '9', 'Workstation'],
  ['Images\\Own\\own.wim', '-', '3', '400', '-', 'Work station “3”'],
];

/** What the agent takes from a share with these images, told by options; or why it does not. */
function chosen(file: string, options: { readonly index?: string; readonly name?: string } = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'pxewright-images-'));
  try {
    writeFileSync(path.join(folder, 'list'), LIST.map((line) => `${line.join('\t')}\n`).join(''));
    const script = `
      . ${LIB}/options.sh; . ${LIB}/share.sh; . ${LIB}/images.sh
      IMAGE_LIST=$1/list SHARE=$1 option_imageindex=$3 option_imagename=$4
      image_by_path "$2" && echo "$image_index $image_name" || echo "none;$(images_of "$2")"`;
    const { stdout, stderr } = spawnSync(
      'busybox',
      ['sh', '-c', script, 'sh', folder, file, options.index ?? '', options.name ?? ''],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    return stdout.trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('takes the first image of a file, in any case, or the one with that index or name', () => {
  expect(chosen('images\\own\\OWN.wim')).toBe('1 Folders');
  expect(chosen('Images\\Own\\own.wim', { index: '3' })).toBe('3 Work station “3”');
  expect(chosen('Images\\Own\\own.wim', { name: 'Workstation' })).toBe('2 Workstation');
  expect(chosen('Images\\Own\\own.wim', { name: 'Work station “3”' })).toBe('3 Work station “3”');
});

it('takes none where there is none, and names those of the file', () => {
  const all = 'none; 1 “Folders” 2 “Workstation” 3 “Work station “3””';
  expect(chosen('Images\\Own\\own.wim', { index: '4' })).toBe(all);
  expect(chosen('Images\\Own\\own.wim', { name: 'workstation' })).toBe(all);
  expect(chosen('Images\\Own\\own.wim', { index: '1', name: 'Workstation' })).toBe(all);
  expect(chosen('Images\\Linux\\none.wim')).toBe('none;');
});
