import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareWithinRuns } from '../../src/knowledge/compare-within-runs.ts';
import type { Outcome } from '../../src/messages/outcome.ts';
import type { KeptReference, RunReference } from '../../src/messages/standard.ts';
import { runReferences } from '../../src/standards/run-references.ts';
import { exampleOutcome } from '../producers/example-outcomes.ts';

/** A scan of a run: it becomes the reference where there is none, or whenever it insists. */
type Step = { readonly run: string; readonly takes: 'never' | 'if-none' | 'always' };

const example = exampleOutcome(0);
const reading = { meanOxidationState: 3, sigma: 0.2, halfEdgeEv: 7720 };

function worked(steps: readonly Step[]) {
  const references = runReferences();
  let computed = 0;
  const outcomeOf = (i: number): Outcome => {
    computed += 1;
    const { run, takes } = steps[i]!;
    const known = references.of(run, BigInt(i))?.scanId ?? null;
    const taken = takes === 'always' || (takes === 'if-none' && known === null);
    const names = { runId: run, sampleId: '', element: 'Co', edge: 'K', scanId: `scan ${i}` };
    return {
      ...example,
      record: { ...example.record, offset: BigInt(i) },
      run: { key: run, comparedWith: known, becomes: taken ? { ...names, ...reading } : null },
    };
  };
  const onReference = (reference: RunReference, offset: bigint): void =>
    references.set(reference.runId, { reference, modelHash: '', scansTopic: '', offset });
  return { outcomeOf, onReference, references, computed: () => computed };
}

const comparedWith = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => (outcome.kind === 'descriptors' ? outcome.run.comparedWith : null));

const stepsOf = fc.array(
  fc.record({
    run: fc.constantFrom('a', 'b', 'c'),
    takes: fc.constantFrom('never' as const, 'if-none' as const, 'always' as const),
  }),
  { maxLength: 30 },
);

test('outcomes that were computed side by side become those of one after the other', async () => {
  await fc.assert(
    fc.asyncProperty(stepsOf, async (steps) => {
      const inTurn = worked(steps);
      const expected = steps.map((_, i) => {
        const outcome = inTurn.outcomeOf(i);
        if (outcome.kind === 'descriptors' && outcome.run.becomes)
          inTurn.onReference(outcome.run.becomes, BigInt(i));
        return outcome;
      });
      const { outcomeOf, onReference, references } = worked(steps);
      const atOnce = steps.map((_, i) => outcomeOf(i));
      const again = async (numbers: readonly number[]) => numbers.map(outcomeOf);
      const outcomes = await compareWithinRuns(atOnce, { references, onReference, again });
      expect(comparedWith(outcomes)).toEqual(comparedWith(expected));
      const byOffset = (kept: readonly KeptReference[]) =>
        kept.toSorted((a, b) => Number(a.offset - b.offset));
      expect(byOffset(references.all())).toEqual(byOffset(inTurn.references.all()));
    }),
  );
});

test('nothing is computed again once a run has its reference', async () => {
  const steps = Array.from({ length: 5 }, (): Step => ({ run: 'a', takes: 'if-none' }));
  const { outcomeOf, onReference, references, computed } = worked(steps);
  const again = async (numbers: readonly number[]) => numbers.map(outcomeOf);
  await compareWithinRuns([0, 1, 2].map(outcomeOf), { references, onReference, again });
  expect(computed()).toBe(3 + 2);
  await compareWithinRuns([3, 4].map(outcomeOf), {
    ...{ references, onReference },
    again: async (numbers) => numbers.map((i) => outcomeOf(3 + i)),
  });
  expect(computed()).toBe(3 + 2 + 2);
});
