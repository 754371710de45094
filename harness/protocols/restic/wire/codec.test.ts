import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import { decodeText, encodeText } from '../../../packet/text.ts';
import { encodeResticList, encodeResticRange, resticMediaType } from '../testing/encode.ts';
import {
  decodeResticList,
  decodeResticRange,
  decodeResticTarget,
  encodeResticTarget,
  RESTIC_TYPES,
  resticAction,
  resticVersion,
  type ResticTarget,
} from './codec.ts';
import { dissectRestic } from './dissect.ts';

const ID = '0d6d8a1abb10f4fdce4e0f2aa6ddf3e853339ab4885b8103b371247d686584b0';
const hexId = fc.stringMatching(/^[0-9a-f]{64}$/);
const repository = fc.constantFrom('', 'pc1', 'labs/room-3', 'data', 'config');
const targets: fc.Arbitrary<ResticTarget> = fc.oneof(
  fc.record({ repository, kind: fc.constantFrom(...RESTIC_TYPES), id: hexId }),
  fc.record({ repository, kind: fc.constantFrom(...RESTIC_TYPES) }),
  fc.record({ repository, kind: fc.constant('config' as const) }),
  fc.record({ repository, kind: fc.constant('repository' as const), create: fc.constant(true as const) }),
);

describe('the path of a request', () => {
  it.each<[target: string, names: ResticTarget | undefined]>([
    ['/config', { repository: '', kind: 'config' }],
    ['/keys/', { repository: '', kind: 'keys' }],
    [`/data/${ID}`, { repository: '', kind: 'data', id: ID }],
    ['/?create=true', { repository: '', kind: 'repository', create: true }],
    ['/pc1/?create=true', { repository: 'pc1', kind: 'repository', create: true }],
    [`/pc1/locks/${ID}`, { repository: 'pc1', kind: 'locks', id: ID }],
    ['/boot/config', { repository: 'boot', kind: 'config' }],
    ['/boot/vmlinuz', undefined],
    ['/data', undefined],
    ['/data/ab', undefined],
    [`/data/${ID.toUpperCase()}`, undefined],
    ['/', undefined],
    ['http://store/config', undefined],
    ['/config?create=true', undefined],
  ])('%s', (target, names) => {
    expect(decodeResticTarget(target)).toEqual(names);
  });

  it('is what it was encoded from', () => {
    fc.assert(
      fc.property(targets, (target) => {
        expect(decodeResticTarget(encodeResticTarget(target))).toEqual(target);
      }),
    );
  });

  it('with its method is what the client does', () => {
    const done = (method: string, target: string): string | undefined => {
      const names = decodeResticTarget(target);
      return names && resticAction(method, names);
    };
    expect(['HEAD', 'GET', 'POST', 'DELETE', 'PUT'].map((method) => done(method, `/data/${ID}`))).toEqual([
      'stat',
      'load',
      'save',
      'remove',
      undefined,
    ]);
    expect([done('GET', '/data/'), done('DELETE', '/data/'), done('POST', '/?create=true')]).toEqual([
      'list',
      undefined,
      'create',
    ]);
    expect([done('HEAD', '/config'), done('GET', '/?create=true')]).toEqual(['stat', undefined]);
  });
});

it('the media type says the version', () => {
  expect(resticVersion(resticMediaType(1))).toBe(1);
  expect(resticVersion(`text/html, ${resticMediaType(2)}; q=1`)).toBe(2);
  expect([undefined, '', 'application/json', 'application/vnd.x.restic.rest.v3'].map(resticVersion)).toEqual(
    Array<undefined>(4).fill(undefined),
  );
});

it('a range has a first byte and may have a last one', () => {
  expect(
    ['bytes=0-', 'bytes=333098-553913', 'bytes=-5', 'bytes=5-4', 'bytes=0-1,3-4', 'items=0-'].map(decodeResticRange),
  ).toEqual([{ first: 0 }, { first: 333_098, last: 553_913 }, ...Array<undefined>(4).fill(undefined)]);
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (first, more) => {
      const range = { first, last: first + more };
      expect(decodeResticRange(encodeResticRange(range))).toEqual(range);
    }),
  );
});

describe('a list', () => {
  // What rest-server 0.13.0 wrote.
  const LIST = `[{"name":"${ID}","size":439}]`;

  it('has names and sizes in version 2, names in version 1', () => {
    expect(decodeResticList(encodeText(LIST), 2)).toEqual([{ name: ID, bytes: 439 }]);
    expect(decodeResticList(encodeText(`["${ID}"]`), 1)).toEqual([{ name: ID }]);
    expect(decodeResticList(encodeText('[]'), 2)).toEqual([]);
    expect(decodeResticList(encodeText('null'), 2)).toEqual([]);
  });

  it.each([
    ['no JSON', '[{"name":', 'expected a list of objects as JSON'],
    ['no list', '{"name":"a","size":1}', 'expected a list of objects as JSON'],
    ['a name alone', `["${ID}"]`, 'entry 0 of the list is no object of version 2'],
    ['no size', `[{"name":"${ID}"}]`, 'entry 0 of the list is no object of version 2'],
    [
      'a size below 0',
      `[{"name":"a","size":1},{"name":"b","size":-1}]`,
      'entry 1 of the list is no object of version 2',
    ],
    ['a path', `[{"name":"../config","size":1}]`, 'entry 0 of the list is no object of version 2'],
  ])('is malformed: %s', (_, text, reason) => {
    expect(decodeResticList(encodeText(text), 2)).toMatchObject({ kind: 'malformed', protocol: 'restic', reason });
  });

  it('is what it was encoded from', () => {
    const entries = fc.array(fc.record({ name: hexId, bytes: fc.nat() }));
    fc.assert(
      fc.property(entries, (list) => {
        expect(decodeResticList(encodeResticList(list, 2), 2)).toEqual(list);
        expect(decodeResticList(encodeResticList(list, 1), 1)).toEqual(list.map(({ name }) => ({ name })));
      }),
    );
  });

  it('is total', () => {
    expectTotal((bytes) => decodeResticList(bytes, 2), [encodeText(LIST)]);
    expectTotal((bytes) => decodeResticList(bytes, 1), [encodeText(`["${ID}"]`)]);
  });
});

describe('dissection', () => {
  const head = `GET /pc1/data/${ID} HTTP/1.1\r\nHost: a\r\nAccept: ${resticMediaType(2)}\r\nRange: bytes=0-335\r\n\r\n`;

  it('says what a request does to which object', () => {
    const { summary, layers } = dissectRestic(encodeText(head)) ?? { summary: '', layers: [] };
    expect(summary).toBe('restic load of data 0d6d8a1a in pc1, bytes 0 to 335');
    expect(layers.map(({ name }) => name)).toEqual(['http', 'restic']);
    const [, own] = layers;
    expect(own?.fields.map(({ name, value }) => [name, value])).toEqual([
      ['action', 'load'],
      ['repository', 'pc1'],
      ['kind', 'data'],
      ['id', ID],
      ['range', 'bytes=0-335'],
    ]);
    expect(decodeText(own?.bytes ?? new Uint8Array())).toBe(`/pc1/data/${ID}`);
  });

  it('shows nothing of other requests, and of none that is not whole', () => {
    expect(dissectRestic(encodeText('GET /boot/vmlinuz HTTP/1.1\r\nHost: a\r\n\r\n'))).toBeUndefined();
    expect(dissectRestic(encodeText(head.slice(0, 40)))).toBeUndefined();
  });

  it('is total', () => {
    expectTotal(dissectRestic, [encodeText(head)]);
  });
});
