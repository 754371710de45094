import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';
import { WDS_OPERATION_NAMES } from '../wire/codec.ts';

const PACKET = {
  operation: ['string', 'empty when the request is sealed and the password is unknown', WDS_OPERATION_NAMES],
  service: 'string',
  user: 'string',
  level: ['number', 'authentication level: 1 none, 5 integrity, 6 privacy'],
  sealed: 'boolean',
  bytes: 'number',
  fragments: 'number',
  version: 'number',
  architecture: 'number',
  clientGuid: 'string',
  clientMac: 'string',
  messageType: 'number',
  transactionId: 'string',
  logLevel: 'number',
  flags: 'number',
  message: 'string',
} as const;

/** The words of this room. */
export const WDS = {
  steps: {
    'wds.request': {
      about:
        'the client asks the WDS control service, or reports to it; failed when it reports (LOG_MSG) an error or a domain that it could not join',
      details: { ...PACKET, opcode: 'number' },
    },
    'wds.reply': {
      about: 'the WDS control service answers with error code 0, or sealed and unread',
      details: { ...PACKET, errorCode: 'number' },
    },
    'wds.error': {
      about: 'the WDS control service refused the operation',
      details: { ...PACKET, errorCode: 'number' },
      only: 'failed',
    },
  },
  causes: {
    'wds-refused': { why: 'the WDS server refused the operation: its error code says why' },
    'client-reported-error': {
      why: 'the deployment client reported to the WDS server that its installation failed: its message says where',
    },
    'control-service-never-asked': {
      why: 'the client never contacted the WDS control service',
      ownWords: true,
    },
  },
  waits: {},
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
