import type { AnnotationRow, ChangePointRow } from './events.ts';

/** A change of a sample. */
export type Alarm = {
  readonly change: ChangePointRow;
  /** Who has seen to it; null: nobody has. */
  readonly acknowledged: AnnotationRow | null;
  /** Somebody has to see to it: of a measurement, and nobody has. What is replayed asks for nothing. */
  readonly isOpen: boolean;
};

/** Changes, newest first, with their acknowledgements. */
export function alarmsOf(
  changes: readonly ChangePointRow[],
  annotations: readonly AnnotationRow[],
): readonly Alarm[] {
  const seenTo = new Map<string, AnnotationRow>();
  for (const annotation of annotations)
    if (annotation.changeId !== null && !seenTo.has(annotation.changeId))
      seenTo.set(annotation.changeId, annotation);
  return changes
    .map((change) => {
      const acknowledged = seenTo.get(change.changeId) ?? null;
      return { change, acknowledged, isOpen: acknowledged === null && change.origin === 'LIVE' };
    })
    .sort((a, b) => b.change.foundAt - a.change.foundAt);
}
