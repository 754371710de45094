import { joinBytes } from '../../../packet/bytes.ts';
import { encodeText } from '../../../packet/text.ts';
import { TcpScene } from '../../tcp/testing/scene.ts';

/** An HTTP conversation on port 80, in TCP segments. */
export class HttpScene extends TcpScene {
  get(path: string, ...headers: string[]): this {
    return this.ask('GET', path, ...headers);
  }

  ask(method: string, path: string, ...headers: string[]): this {
    return this.bytes(
      true,
      encodeText([`${method} ${path} HTTP/1.1`, 'Host: 172.22.52.207', ...headers, '', ''].join('\r\n')),
    );
  }

  /** A response head and its body, one after the other. */
  respond(status: string, headers: readonly string[], body: Uint8Array | string = ''): this {
    const head = encodeText([`HTTP/1.1 ${status}`, ...headers, '', ''].join('\r\n'));
    return this.bytes(false, joinBytes([head, typeof body === 'string' ? encodeText(body) : body]));
  }
}
