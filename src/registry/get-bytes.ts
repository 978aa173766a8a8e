import { FatalError } from '../common/errors.ts';

/** A registry that says nothing must not hold up a start, or a swap, for ever. */
const WITHIN_MS = 300_000;

/** `fetch`, or one that signs what it asks. */
export type Fetch = (url: URL, options: { readonly signal: AbortSignal }) => Promise<Response>;

/**
 * What lies at an address, read no further than is allowed.
 * @throws FatalError that names the address: no answer, another status than 200, or more bytes than `mostBytes`
 */
export async function getBytes(url: URL, mostBytes: number, ask: Fetch = fetch): Promise<Buffer> {
  try {
    const response = await ask(url, { signal: AbortSignal.timeout(WITHIN_MS) });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`status ${response.status}`);
    }
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of response.body ?? []) {
      bytes += part.length;
      if (bytes > mostBytes) throw new Error(`more than ${mostBytes} bytes`); // ends the connection, too
      parts.push(part);
    }
    return Buffer.concat(parts);
  } catch (error) {
    // Of a refused connection fetch says why in the cause alone, and of several in its code.
    const { message, cause } = error as Error & { readonly cause?: { message?: string; code?: string } };
    throw new FatalError(`Expected ${url} to be read, got: ${cause?.message || cause?.code || message}`);
  }
}
