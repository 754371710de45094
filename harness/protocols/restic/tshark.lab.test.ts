import { execa } from 'execa';
import { expect, test } from 'vitest';
import { observe } from '../../observe/testing/scene.ts';
import { CAPTURES, framesOf, TESTDATA } from './testing/captures.ts';
import { encodeResticRange } from './testing/encode.ts';
import type { ResticAction } from './wire/codec.ts';
import { encodeResticTarget } from './wire/codec.ts';

const METHODS: Readonly<Record<ResticAction, string>> = {
  create: 'POST',
  list: 'GET',
  stat: 'HEAD',
  load: 'GET',
  save: 'POST',
  remove: 'DELETE',
};

/**
 * What tshark reads of HTTP: a line a request or a response, in tab-separated fields. `isWhole`: it puts bodies together,
 * which it cannot do where the capture holds parts of a pack; without that it takes a request after a body in two segments
 * for more of the body (TShark 4.4.19).
 */
async function tshark(file: string, isWhole: boolean, filter: string, ...fields: readonly string[]): Promise<string[]> {
  const { stdout } = await execa('tshark', [
    ...['-r', file, '-d', 'tcp.port==8000,http', '-o', `http.desegment_body:${isWhole ? 'TRUE' : 'FALSE'}`],
    ...['-Y', filter, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])],
  ]);
  return stdout.split('\n').filter((line) => line !== '');
}

// tshark does not know restic; what we make of its requests is read back into those of HTTP.
test.each(CAPTURES)('tshark reads the requests and answers of %s as we do', async (capture) => {
  const { events } = observe(await framesOf(capture));
  const requests = events.flatMap((event) => {
    if (event.type !== 'restic.request') return [];
    const { action, first, last } = event;
    const range = first === undefined ? '' : encodeResticRange({ first, ...(last === undefined ? {} : { last }) });
    return [[METHODS[action], encodeResticTarget(event), range].join('\t')];
  });
  const file = `${TESTDATA}/${capture}.pcap`;
  const fields = ['http.request.method', 'http.request.uri', 'http.range'];
  const theirs = await Promise.all([true, false].map((isWhole) => tshark(file, isWhole, 'http.request', ...fields)));
  expect(new Set(requests)).toEqual(new Set(theirs.flat()));
  const statuses = events.flatMap((event) => (event.type === 'restic.answer' ? [String(event.status)] : []));
  expect(statuses.toSorted()).toEqual((await tshark(file, false, 'http.response', 'http.response.code')).toSorted());
});
