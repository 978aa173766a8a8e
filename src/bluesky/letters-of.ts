import { createHash } from 'node:crypto';

/** How many letters stand for a uid. */
export const LETTERS = 8;

/** A uid in few letters: 48 bits of its hash, in base64. */
export const lettersOf = (uid: string): string =>
  createHash('sha256').update(uid).digest('base64url').slice(0, LETTERS);
