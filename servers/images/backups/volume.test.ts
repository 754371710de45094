import { describe, expect, it } from 'vitest';
import { entriesAt } from './volume.ts';

const volume = (kind: 'Ext' | 'NTFS', ...paths: readonly string[]) => ({
  kind,
  entries: paths.map((path) => ({ path, type: 'file', bytes: 0, listedAs: path.slice(1) }) as const),
});

describe('entriesAt names what is nearest to a path that is not there', () => {
  const paths = ['/etc', '/etc/fstab', '/etc/hosts', '/home', '/home/fstap', '/Users', '/Users/Public'];
  it.each([
    ['/etc/fstap', '/etc/fstab, /etc/hosts'],
    ['/ect/fstab', '/etc, /home, /Users'],
    ['/etc/fstab/x', '/etc/fstab, /etc/hosts'],
    ['/nowhere/at/all', '/home, /Users, /etc'],
  ])('%s', (wanted, near) =>
    expect(() => entriesAt(volume('Ext', ...paths), wanted)).toThrow(
      `expected a path in the file system, got "${wanted}"; nearest: ${near}`,
    ),
  );

  it('of NTFS in any case', () =>
    expect(() => entriesAt(volume('NTFS', ...paths), String.raw`\users\publik`)).toThrow('nearest: /Users/Public'));

  it('at once, also among many', () => {
    const many = Array.from(
      { length: 42_000 },
      (_, index) => `/usr/share/a-folder-with-a-name/file-number-${index}.txt`,
    );
    const began = performance.now();
    expect(() => entriesAt(volume('Ext', '/usr', ...many), `${many[0] ?? ''}.gz`)).toThrow('nearest: /usr/share/');
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('and says that there is nothing', () => expect(() => entriesAt(volume('Ext'), '/a')).toThrow('and it is empty'));
});
