import { endsOf, type MeteredTransfer } from '../../base/observe/metered-transfer.ts';
import type { HttpEvent } from './events.ts';

/** The transfer that an event ends. A result lists a GET that brought a file: status 2xx (RFC 9110 section 15.3). */
export function httpTransfer(event: HttpEvent): MeteredTransfer | undefined {
  if (event.type !== 'http.complete' && event.type !== 'http.unfinished') return undefined;
  const { method, path, connection, figures } = event;
  const beganUs = event.atUs - figures.durationUs;
  const counted = { what: `http ${method} of ${path}`, ...endsOf(connection), beganUs, figures };
  const brought = event.type === 'http.complete' && method === 'GET' && event.status < 300;
  return brought ? { ...counted, listed: { protocol: 'http', path, operation: 'get' } } : counted;
}
