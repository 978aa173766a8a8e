import { createHash } from 'node:crypto';

/** Of bytes, or of a text as UTF-8; 64 hex digits. */
export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
