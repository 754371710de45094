import type { HttpConfig } from './config.ts';

/** What the server does about a request: a file by its name below the root, or an answer without one. */
export type HttpDecision =
  | { readonly file: string }
  | {
      readonly status: number;
      readonly message: string;
      readonly location?: string;
      readonly allow?: string;
      /** The fault that it comes of. */
      readonly misbehaved?: 'status' | 'redirect';
    };

/**
 * The decision of the HTTP server from a request line (RFC 9112 section 3). Pure; the file may still turn out missing.
 */
export function decideHttp(method: string, target: string, misbehave: HttpConfig['misbehave']): HttpDecision {
  if (misbehave.status !== undefined)
    return { status: misbehave.status, message: 'configured to fail', misbehaved: 'status' };
  const path = pathOf(target);
  if (misbehave.redirect !== undefined && path !== pathOf(misbehave.redirect))
    return { status: 302, message: 'configured to redirect', location: misbehave.redirect, misbehaved: 'redirect' };
  // RFC 9110 section 15.5.6: 405 names the methods that work.
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, message: `expected GET or HEAD, got ${method}`, allow: 'GET, HEAD' };
  try {
    return { file: decodeURIComponent(path) };
  } catch {
    return { status: 400, message: 'the path has a broken percent sequence' };
  }
}

/** Path of a request target in origin or absolute form, without query and fragment (RFC 9112 section 3.2). */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '') || '/';
}
