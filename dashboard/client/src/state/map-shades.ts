import type { TrainingMap } from '../../../protocol/events.ts';

/** Which shade each training spectrum of an element has, by one of its labels. */
export type MapShades = {
  /** Of each spectrum of the map 0 to 1; NaN where the label is not known, or the element is another. */
  readonly shades: Float64Array; // [spectra]
  /** Values from the lowest to the highest, each with its shade: some of them where there are many. */
  readonly legend: readonly { readonly value: number; readonly shade: number }[];
};

const MOST_VALUES = 9;

/** By rank among the values that there are, since classes such as 1 to 48 lie far apart at one end. */
export function mapShades(map: TrainingMap, element: string, descriptor: string): MapShades {
  const own = map.elements.indexOf(element);
  const labels = map.labels[descriptor] ?? [];
  const known = (i: number) => (map.element[i] === own ? (labels[i] ?? null) : null);
  const values = [...new Set(map.element.flatMap((_, i) => known(i) ?? []))].sort((a, b) => a - b);
  const shadeOf = new Map(
    values.map((value, rank) => [value, values.length === 1 ? 0.5 : rank / (values.length - 1)]),
  );
  const shades = Float64Array.from(map.element, (_, i) => shadeOf.get(known(i) ?? Number.NaN) ?? Number.NaN);
  const shown =
    values.length <= MOST_VALUES
      ? values
      : Array.from({ length: 5 }, (_, i) => values[Math.round((i / 4) * (values.length - 1))]!);
  return { shades, legend: shown.map((value) => ({ value, shade: shadeOf.get(value)! })) };
}

/** Descriptors that spectra of the element have labels of. */
export function mapLabels(map: TrainingMap, element: string): string[] {
  const own = map.elements.indexOf(element);
  return Object.entries(map.labels).flatMap(([name, labels]) =>
    labels.some((label, i) => label !== null && map.element[i] === own) ? [name] : [],
  );
}
