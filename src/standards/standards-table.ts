import type { Scan } from '../messages/scan.ts';
import { STANDARD_BOUNDS, type Standard } from '../messages/standard.ts';

/** The standards that one scan is read with. */
export type Applying = {
  /** The newest foil; null: none. */
  readonly foil: Standard | null;
  /** Of known oxidation state, oldest first. */
  readonly samples: readonly Standard[];
};

export type StandardsTable = {
  /** Takes it in place of one with the same id; false: the table is full. */
  put(standard: Standard): boolean;
  remove(standardId: string): void;
  clear(): void;
  /** All of them, by beamline, element, edge and age. */
  all(): readonly Standard[];
  applying(scan: Pick<Scan, 'beamline' | 'element' | 'edge' | 'endedAtMs'>): Applying;
};

/**
 * Standards by what they are of. Which of them apply to a scan is decided by the scan alone, so that it gets the same
 * ones when it is processed again: those of its beamline, element and edge whose time holds the scan's end
 * (validFrom <= endedAt < validUntil). Of foils the newest, as it says how the monochromator stands now; of samples all
 * (the newest 64), as each adds to what the model's reading is corrected by. A scan without a beamline gets none. Two
 * of one validFrom are in the order of their ids.
 */
export function standardsTable(most: number = STANDARD_BOUNDS.standards): StandardsTable {
  const byId = new Map<string, Standard>();
  let byPlace: ReadonlyMap<string, readonly Standard[]> | null = null; // made anew when it is asked for after a change

  const placed = (): ReadonlyMap<string, readonly Standard[]> => {
    if (byPlace !== null) return byPlace;
    const places = new Map<string, Standard[]>();
    for (const standard of [...byId.values()].sort(byAge)) {
      const place = placeOf(standard);
      const there = places.get(place);
      if (there === undefined) places.set(place, [standard]);
      else there.push(standard);
    }
    byPlace = places;
    return places;
  };

  return {
    put(standard) {
      if (!byId.has(standard.standardId) && byId.size >= most) return false;
      byId.set(standard.standardId, standard);
      byPlace = null;
      return true;
    },
    remove(standardId) {
      byId.delete(standardId);
      byPlace = null;
    },
    clear() {
      byId.clear();
      byPlace = null;
    },
    all: () => [...placed()].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, standards]) => standards),
    applying(scan) {
      if (byId.size === 0 || scan.beamline === '') return NONE;
      const valid = (placed().get(placeOf(scan)) ?? []).filter((standard) =>
        isValid(standard, scan.endedAtMs),
      );
      if (valid.length === 0) return NONE;
      return {
        foil: valid.findLast(({ known }) => known.kind === 'foil') ?? null,
        samples: valid.filter(({ known }) => known.kind !== 'foil').slice(-STANDARD_BOUNDS.samplesOfScan),
      };
    },
  };
}

const NONE: Applying = { foil: null, samples: [] };

const placeOf = ({ beamline, element, edge }: Pick<Scan, 'beamline' | 'element' | 'edge'>): string =>
  JSON.stringify([beamline, element, edge]);

const isValid = ({ validFromMs, validUntilMs }: Standard, atMs: number): boolean =>
  validFromMs <= atMs && (validUntilMs === null || atMs < validUntilMs);

const byAge = (a: Standard, b: Standard): number =>
  a.validFromMs - b.validFromMs || (a.standardId < b.standardId ? -1 : 1);
