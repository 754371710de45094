import type { Causes, DetailWords, Steps, Waits } from '../../base/judge/vocabulary.ts';

const SERVER = { server: 'string', port: 'number' } as const;
const BY = ['string', '`client` or `server`', ['client', 'server']] as const satisfies DetailWords;
const VOLUMES = {
  sent: ['number', 'bytes in the client’s records of application data, encrypted as they are'],
  received: ['number', 'the same of the server'],
  unread: [
    'number',
    'of these, bytes whose records cannot be told, because the capture lacks some; absent where it lacks none',
  ],
  end: ['string', 'what ended it: `the connection was closed`, `the connection was reset`, …'],
  by: BY,
} as const satisfies Readonly<Record<string, DetailWords>>;

/** The words of this room. */
export const TLS = {
  steps: {
    'tls.handshake': {
      about: 'client and server agreed on keys: from here on nothing can be read',
      details: {
        ...SERVER,
        version: ['string', '`TLS 1.3`'],
        cipher: ['string', '`TLS_AES_128_GCM_SHA256`'],
        name: ['string', 'the server’s name as the client asks for it; absent where it was told an address'],
        protocols: ['string', 'protocols over TLS that the client offers: `h2, http/1.1`'],
      },
    },
    'tls.transfer': {
      about:
        'a connection to a store of disk backups ended in good order. What it was for cannot be read: it is judged by its volumes, and its `why` says so',
      details: {
        ...SERVER,
        ...VOLUMES,
        direction: [
          'string',
          '`upload` or `download`, whichever was at least 64 KiB and twice the other; else `neither`',
          ['upload', 'download', 'neither'],
        ],
      },
    },
    'tls.alert': {
      about:
        'one side refused the other’s part of the handshake; recorded of a server that is no store, and of a warning',
      details: {
        ...SERVER,
        by: BY,
        alert: [
          'string',
          'its name, `unknown_ca`; absent where TLS 1.3 encrypts it, so that only its size and place tell',
        ],
        version: ['string', 'as the server has chosen it'],
        name: ['string', 'the server’s name as the client asks for it'],
      },
      only: 'failed',
      expectable: true,
    },
    'tls.cut': {
      about:
        'the store ended a connection without a word, the connection was reset by it, or one side ended it inside a record, and the client connected again',
      details: { ...SERVER, ...VOLUMES },
      only: 'recorded',
      expectable: true,
    },
    'tls.closed': {
      about: 'a connection to a server that is no store of disk backups ended',
      details: { ...SERVER, ...VOLUMES },
      only: 'recorded',
    },
  },
  causes: {
    'tls-silent': { why: 'the server took the client’s hello and did not go on with the handshake: look at its log' },
    'tls-unfinished': {
      why: 'the connection ended in the middle of the handshake: the log of the side that ended it says why',
      lacks: 'earlier-message',
    },
    'tls-not-spoken': {
      why: 'the server does not speak TLS on this port: give it a certificate, or have the client speak without TLS',
    },
    'tls-cut': {
      why: 'the connection to the backup store ended in the middle, and the client did not connect again: see whether the store runs',
      lacks: 'earlier-message',
    },
    'tls-client-gone': {
      why: 'the client ended the connection to the backup store inside a record, and did not connect again: it was killed, or its machine was switched off; what it saved is not whole',
      lacks: 'earlier-message',
    },
    'certificate-authority-unknown': {
      why: 'the client does not know who signed the server’s certificate: give it the certificate of that authority',
    },
    'certificate-expired': {
      why: 'the server’s certificate is not valid at this time: renew it, and compare the clocks of both sides',
    },
    'certificate-refused': {
      why: 'the client refused the server’s certificate: compare its authority, its dates and its names with what the client knows; the client’s own words say which',
    },
    'tls-version-refused': {
      why: 'client and server have no version of TLS in common: allow a newer one on the side that is older',
    },
    'tls-refused': {
      why: 'client and server could not agree on keys: compare the cipher suites that both allow, and what the alert says',
    },
  },
  waits: {
    tls: {
      ms: 30_000,
      about: 'An answer in a TLS handshake: restic gives up after 10 s (Go’s http.Transport), OpenSSL never.',
    },
    'tls-retry': {
      ms: 180_000,
      about:
        'Until a client connects again to a store that ended its connection in the middle. restic tries for 15 minutes, further and further apart.',
    },
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };

/** A cause that this room knows. */
export type TlsCause = keyof typeof TLS.causes;
