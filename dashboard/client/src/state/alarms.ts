import type { AnnotationRow, ChangePointRow } from '../../../protocol/events.ts';

/** A change of a sample, and who has seen to it; null: nobody has. */
export type Alarm = { readonly change: ChangePointRow; readonly acknowledged: AnnotationRow | null };

/** Changes, newest first, with their acknowledgements. What is replayed changes nothing that a person must see to. */
export function alarmsOf(
  changes: readonly ChangePointRow[],
  annotations: readonly AnnotationRow[],
): readonly Alarm[] {
  const seenTo = new Map<string, AnnotationRow>();
  for (const annotation of annotations)
    if (annotation.changeId !== null && !seenTo.has(annotation.changeId))
      seenTo.set(annotation.changeId, annotation);
  return changes
    .map((change) => ({ change, acknowledged: seenTo.get(change.changeId) ?? null }))
    .sort((a, b) => b.change.foundAt - a.change.foundAt);
}
