import { expect, it } from 'vitest';
import { parseRequest } from './request-log.ts';

const ID = '5a5c3e783ae9573876a779fef3301d7e9b4547c2073f1cac35c8d40289a2392e';

it.each([
  // Lines of restic-rest-server 0.13.0.
  [
    `127.0.0.1 - - [28/Nov/2026:08:46:32 +0000] "POST /snapshots/${ID} HTTP/1.1" 200 0 "" "Go-http-client/1.1"`,
    { client: '127.0.0.1', method: 'POST', kind: 'snapshots', id: ID, status: 200, bytes: 0 },
  ],
  [
    '172.22.52.10 - - [28/Nov/2026:08:46:29 +0000] "POST /?create=true HTTP/1.1" 200 0 "" "Go-http-client/1.1"',
    { client: '172.22.52.10', method: 'POST', kind: undefined, id: undefined, status: 200, bytes: 0 },
  ],
  [
    '172.22.52.10 - - [28/Nov/2026:08:46:29 +0000] "GET /locks/ HTTP/1.1" 200 88 "" "Go-http-client/1.1"',
    { client: '172.22.52.10', method: 'GET', kind: 'locks', id: undefined, status: 200, bytes: 88 },
  ],
  [
    `172.22.52.10 - - [28/Nov/2026:09:05:00 +0000] "POST /data/${ID} HTTP/1.1" 507 21 "" "Go-http-client/1.1"`,
    { client: '172.22.52.10', method: 'POST', kind: 'data', id: ID, status: 507, bytes: 21 },
  ],
])('reads %s', (line, request) => {
  expect(parseRequest(line)).toEqual(request);
});

it('takes no other line for a request', () => {
  expect(parseRequest('Creating repository directories in /srv/store')).toBeUndefined();
});
