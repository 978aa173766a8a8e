import { DEFAULT_LIMITS, type SizeLimits } from '../../src/producers/size-limits.ts';

/** Where what is made of documents is published. */
export const TOPICS = { scansTopic: 'scans', deadLettersTopic: 'dead', runsTopic: 'runs' };

/** A broker whose topics take records of so many bytes. */
export const limitsOf = (bytes: number): SizeLimits => ({
  ...DEFAULT_LIMITS,
  recordBytes: new Map(Object.values(TOPICS).map((topic) => [topic, bytes])),
});
