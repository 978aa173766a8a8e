import type { DescriptorName } from '../../src/messages/descriptor-names.ts';

/** What is known after an epoch. */
export type Epoch = {
  readonly epoch: number;
  readonly loss: number;
  /** Of val; null without any. */
  readonly score: number | null;
  readonly scores: Readonly<Partial<Record<DescriptorName, number>>>;
};
