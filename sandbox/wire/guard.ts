import { header, type WireRequest, type WireResponse } from './http.ts';

const LOCAL = new Set(['127.0.0.1', 'localhost']);

const refusal = (message: string): WireResponse => ({
  status: 403,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `${message}\n`,
});

const hostOf = (authority: string): string => authority.replace(/:\d+$/, '').toLowerCase();

/**
 * Refuses what a web page in the user's browser could send: a request under another host name (DNS rebinding), and one
 * that a foreign page started (CSRF). A page's <img> and <script> send no Origin, but every browser says in
 * Sec-Fetch-Site where its request comes from. Undefined where the request may pass.
 * https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function guard(request: Pick<WireRequest, 'headers'>): WireResponse | undefined {
  const host = hostOf(header(request, 'host') ?? '');
  if (/\.(localhost|127\.0\.0\.1)$/.test(host))
    return refusal(
      `The sandbox takes buckets in the path, not in the host name (${host}): use http://127.0.0.1 as the endpoint, or forcePathStyle.`,
    );
  if (!LOCAL.has(host)) return refusal(`The sandbox answers under 127.0.0.1 and localhost only, not under "${host}".`);
  const site = header(request, 'sec-fetch-site') ?? 'none';
  if (site !== 'none' && site !== 'same-origin')
    return refusal(`The sandbox takes no requests from web pages; this one is ${site} (Sec-Fetch-Site).`);
  const origin = header(request, 'origin');
  if (origin === undefined || origin === `http://${header(request, 'host')}`) return undefined;
  return refusal(`The sandbox takes no requests from web pages; this one came from "${origin}".`);
}
