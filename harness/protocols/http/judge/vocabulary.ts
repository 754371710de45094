import { LOADING_CAUSES, TRANSFER_WAIT } from '../../base/judge/loading-words.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const ANSWER = { path: 'string', server: 'string', status: 'number', bytes: 'number' } as const;

/** The words of this room. */
export const HTTP = {
  steps: {
    'http.get': { about: 'a file was fetched whole, as long as Content-Length', details: ANSWER },
    'http.head': { about: 'the client asked only for the size of a file', details: ANSWER },
    'http.request': {
      about: 'another request than GET or HEAD was answered; recorded when no state expected it',
      details: ANSWER,
    },
    'http.error': {
      about: 'the HTTP server refused; recorded for a file that nobody counts on',
      details: ANSWER,
      only: 'failed',
      expectable: true,
    },
    'http.unfinished': {
      about: 'a transfer ended before its file did',
      details: { path: 'string', status: 'number', bytes: 'number' },
      only: 'recorded',
    },
  },
  causes: {
    ...LOADING_CAUSES,
    'http-silent': { why: 'the web server took the request and did not answer: look at its log' },
    'http-access-denied': {
      why: 'the web server wants credentials or forbids the file: boot clients have none to give',
    },
    'http-refused': { why: 'the web server refused the request: its log says why' },
  },
  waits: {
    http: { ms: 30_000, about: 'An answer to an HTTP request.' },
    ...TRANSFER_WAIT,
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
