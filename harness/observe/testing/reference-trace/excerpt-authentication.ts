import { joinBytes } from '../../../packet/bytes.ts';
import { RPC_AUTH_LEVELS, RPC_AUTH_TYPES, RPC_SYNTAXES } from '../../../protocols/rpc/wire/codec.ts';
import { encodeRpcPdu } from '../../../protocols/rpc/wire/encode.ts';
import { encodeEptMapRequest, encodeEptMapResponse, EPT_MAP } from '../../../protocols/rpc/wire/endpoint-mapper.ts';
import { protectRpcPdu } from '../../../protocols/rpc/wire/protection.ts';
import { encodeWdsPacket, encodeWdsRequestStub } from '../../../protocols/wds/wire/encode.ts';
import { arpFrame, filler, le, TRACE_CLIENT, TRACE_SERVER, u8, udpFrame, zeros } from './link-frames.ts';
import { ntlmExchange } from './ntlm-exchange.ts';
import {
  dfsReferralRequest,
  DIALECT_2_1,
  errorResponse,
  negotiateRequest,
  negotiateResponse,
  sessionSetupRequest,
  sessionSetupResponse,
  smb1Negotiate,
  treeConnectRequest,
  treeConnectResponse,
  WILDCARD,
} from './smb2-messages.ts';
import { acceptedToken, authenticateToken, challengeToken, negotiateToken, serverHint } from './spnego-tokens.ts';
import { TraceConnection } from './trace-connection.ts';
import { FILE_TIME } from './trace-time.ts';

const STATUS_MORE_PROCESSING_REQUIRED = 0xc000_0016;
const STATUS_NOT_FOUND = 0xc000_0225;
const SESSION = 0x4000_0400_0041;
const ISAKMP = 500;
const AUTHIP_MAIN_MODE = 243;
const MAX_FRAGMENT = 5840;
const OS_DEPLOYMENT = 'd8deeb5a-effd-43b2-99fc-1a8a5921c227';
const IMG_ENUMERATE = 2;

/**
 * Step 2: the client logs on to the file server, mounts RemInst, asks where WDS control listens, logs on there and asks
 * for the images.
 */
export function authenticationExcerpt(): Uint8Array[] {
  const smb = new TraceConnection(49_164, 445);
  const logon = ntlmExchange(`cifs/${TRACE_SERVER.ip}`, 100, false);
  const session = { sessionId: SESSION };
  return [
    arpFrame(TRACE_CLIENT, TRACE_SERVER, 'request'),
    arpFrame(TRACE_SERVER, TRACE_CLIENT, 'reply'),
    smb.syn(),
    arpFrame(TRACE_SERVER, TRACE_CLIENT, 'request'),
    arpFrame(TRACE_CLIENT, TRACE_SERVER, 'reply'),
    smb.synAck(),
    smb.clientAck(),
    smb.client(smb1Negotiate()),
    smb.server(negotiateResponse({ messageId: 0 }, WILDCARD, serverHint(), FILE_TIME)),
    smb.client(negotiateRequest({ messageId: 1 })),
    smb.server(negotiateResponse({ messageId: 1 }, DIALECT_2_1, serverHint(), FILE_TIME)),
    smb.client(sessionSetupRequest({ messageId: 2 }, negotiateToken(logon))),
    smb.server(
      sessionSetupResponse(
        { messageId: 2, ...session, status: STATUS_MORE_PROCESSING_REQUIRED },
        challengeToken(logon),
      ),
    ),
    smb.client(sessionSetupRequest({ messageId: 3, ...session }, authenticateToken(logon))),
    smb.server(sessionSetupResponse({ messageId: 3, ...session }, acceptedToken(logon))),
    smb.client(treeConnectRequest({ messageId: 4, ...session }, `\\\\${TRACE_SERVER.ip}\\IPC$`)),
    smb.server(treeConnectResponse({ messageId: 4, ...session, treeId: 1 }, 2)),
    smb.client(dfsReferralRequest({ messageId: 5, ...session, treeId: 1 }, `\\${TRACE_SERVER.ip}\\RemInst`)),
    udpFrame(TRACE_CLIENT, ISAKMP, TRACE_SERVER, ISAKMP, authIp()),
    smb.server(errorResponse('ioctl', { messageId: 5, ...session, treeId: 1, status: STATUS_NOT_FOUND })),
    smb.client(treeConnectRequest({ messageId: 6, ...session }, `\\\\${TRACE_SERVER.ip}\\RemInst`)),
    smb.server(treeConnectResponse({ messageId: 6, ...session, treeId: 5 }, 1)),
    ...endpointMapping(),
    ...controlChannel(),
  ];
}

/** Rows 36 and 37, on a connection whose bind came before the excerpt: 72 bytes of BIND, 60 of BIND_ACK. */
function endpointMapping(): Uint8Array[] {
  const mapper = new TraceConnection(49_162, 135, 73, 61);
  const wanted = { interface: RPC_SYNTAXES.wdsControl, transfer: RPC_SYNTAXES.ndr };
  // The row's length has room for an object: Windows sends the nil UUID (C706 appendix O).
  const asked = joinBytes([le(1, 4), zeros(16), encodeEptMapRequest({ ...wanted, maxTowers: 4 }).subarray(4)]);
  const found = encodeEptMapResponse({ ...wanted, port: 5040, ip: TRACE_SERVER.ip }, 4);
  return [
    mapper.client(
      encodeRpcPdu({
        name: 'request',
        callId: 3,
        body: { type: 'request', allocationHint: asked.length, contextId: 0, opnum: EPT_MAP, stub: asked },
      }),
    ),
    mapper.server(
      encodeRpcPdu({
        name: 'response',
        callId: 3,
        body: { type: 'response', allocationHint: found.length, contextId: 0, stub: found },
      }),
    ),
  ];
}

/** Rows 38 to 42: the numbers of row 42 say that nothing of this connection was captured before. */
function controlChannel(): Uint8Array[] {
  const control = new TraceConnection(49_163, 5040, 1, 1);
  const logon = ntlmExchange(`RestrictedKrbHost/${TRACE_SERVER.ip}`, 200, true);
  const auth = { type: RPC_AUTH_TYPES.ntlm, level: RPC_AUTH_LEVELS.privacy, contextId: 0 };
  const sizes = { maxTransmit: MAX_FRAGMENT, maxReceive: MAX_FRAGMENT, associationGroup: 0x1_2a7e };
  const { wdsControl, ndr } = RPC_SYNTAXES;
  return [
    control.client(
      encodeRpcPdu({
        name: 'alter-context',
        callId: 4,
        body: { type: 'bind', ...sizes, contexts: [{ contextId: 0, abstract: wdsControl, transfers: [ndr] }] },
        auth: { ...auth, value: logon.negotiate },
      }),
    ),
    control.server(
      encodeRpcPdu({
        name: 'alter-context-response',
        callId: 4,
        body: { type: 'bind-ack', ...sizes, secondaryAddress: '', results: [{ result: 0, reason: 0, transfer: ndr }] },
        auth: { ...auth, value: logon.challenge },
      }),
    ),
    control.client(
      encodeRpcPdu({ name: 'auth3', callId: 4, body: { type: 'other' }, auth: { ...auth, value: logon.authenticate } }),
    ),
    control.client(
      protectRpcPdu(
        {
          name: 'request',
          callId: 4,
          body: { type: 'request', allocationHint: 284, contextId: 0, opnum: 0, stub: enumerateImages() },
        },
        { ...auth, sealer: logon.client() },
      ),
    ),
    control.serverAck(),
  ];
}

/**
 * IMG_ENUMERATE in format 2, and the verification trailer that Windows adds to a request it protects (MS-RPCE section
 * 2.2.2.13): HEADER2.
 */
function enumerateImages(): Uint8Array {
  const variables = ['VERSION', 'CC'].map((name) => ({ name, type: 4, values: [1] }));
  const packet = encodeWdsPacket({ endpoint: OS_DEPLOYMENT, packetType: 'request', code: IMG_ENUMERATE, variables });
  const header2 = joinBytes([le(0x4003, 2), le(16, 2), zeros(4), u8(0x10, 0, 0, 0), le(4, 4), le(0, 2), le(0, 2)]);
  return joinBytes([encodeWdsRequestStub(packet), u8(0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71), header2]);
}

/** Row 32: an ISAKMP message of exchange type 243, AuthIP's main mode, with one vendor id (13) as its only payload. */
function authIp(): Uint8Array {
  const length = 372;
  const vendor = filler(length - 28 - 4, 7);
  return joinBytes([
    filler(8, 6),
    zeros(8),
    u8(13, 0x10, AUTHIP_MAIN_MODE, 0),
    zeros(4),
    u8(0, 0, length >> 8, length & 0xff),
    u8(0, 0, (vendor.length + 4) >> 8, (vendor.length + 4) & 0xff),
    vendor,
  ]);
}
