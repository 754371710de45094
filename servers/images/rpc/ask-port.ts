import { connect } from 'node:net';
import { decodeRpcPdu, RPC_SYNTAXES, type RpcSyntax } from '../../../harness/protocols/rpc/wire/codec.ts';
import { encodeRpcPdu } from '../../../harness/protocols/rpc/wire/encode.ts';
import { isMalformed } from '../../../harness/packet/malformed.ts';
import { PduFramer } from './pdu-framer.ts';

const MAX_FRAGMENT = 5840;
/** Accepted, by a presentation context's result (C706 section 12.6.3.1). */
const ACCEPTANCE = 0;

/** The first of these ports whose program accepts a bind to the interface; undefined when no program does. */
export async function portOfInterface(
  address: string,
  ports: readonly number[],
  syntax: RpcSyntax,
  timeoutMs: number,
): Promise<number | undefined> {
  for (const port of ports) if (await accepts(address, port, syntax, timeoutMs)) return port;
  return undefined;
}

function accepts(host: string, port: number, syntax: RpcSyntax, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const framer = new PduFramer(MAX_FRAGMENT);
    const finish = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => socket.write(bindTo(syntax)));
    socket.on('data', (bytes) => {
      for (const fragment of framer.push(bytes)) {
        const pdu = isMalformed(fragment) ? fragment : decodeRpcPdu(fragment);
        finish(
          !isMalformed(pdu) &&
            !isMalformed(pdu.body) &&
            pdu.body.type === 'bind-ack' &&
            pdu.body.results[0]?.result === ACCEPTANCE,
        );
        return;
      }
    });
    socket.once('timeout', () => {
      finish(false);
    });
    socket.once('error', () => {
      finish(false);
    });
    socket.once('close', () => {
      finish(false);
    });
  });
}

function bindTo(syntax: RpcSyntax): Uint8Array {
  const contexts = [{ contextId: 0, abstract: syntax, transfers: [RPC_SYNTAXES.ndr] }];
  return encodeRpcPdu({
    name: 'bind',
    callId: 1,
    body: { type: 'bind', maxTransmit: MAX_FRAGMENT, maxReceive: MAX_FRAGMENT, associationGroup: 0, contexts },
  });
}
