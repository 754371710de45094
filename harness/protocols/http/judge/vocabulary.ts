import { LOADING_CAUSES, TRANSFER_WAIT } from '../../base/judge/loading-words.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const ANSWER = { path: 'string', server: 'string', status: 'number', bytes: 'number' } as const;

/** The words of this room. */
export const HTTP = {
  steps: {
    'http.get': { about: 'a file was fetched whole, as long as Content-Length', details: ANSWER },
    'http.head': { about: 'the client asked only for the size of a file', details: ANSWER },
    'http.request': {
      about: 'the server answered a request other than GET or HEAD; recorded when no state expected it',
      details: ANSWER,
    },
    'http.error': {
      about: 'the HTTP server refused; recorded for a file that the boot does not need',
      details: ANSWER,
      only: 'failed',
      expectable: true,
    },
    'http.unfinished': {
      about: 'a transfer ended before the end of the file',
      details: { path: 'string', status: 'number', bytes: 'number' },
      only: 'recorded',
    },
  },
  causes: {
    ...LOADING_CAUSES,
    'http-silent': { why: 'the web server took the request and did not answer: look at its log' },
    'http-access-denied': {
      why: 'the web server requires credentials or forbids the file: boot clients have no credentials',
    },
    'http-refused': { why: 'the web server refused the request: its log says why' },
  },
  waits: {
    http: { ms: 30_000, about: 'An answer to an HTTP request.' },
    ...TRANSFER_WAIT,
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
