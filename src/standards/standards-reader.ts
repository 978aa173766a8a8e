import type { Prediction } from '../messages/prediction.ts';
import type { ModelInput, Prepared } from '../messages/prepared.ts';
import { isReject, type Reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import type { ReadStandard, Standard } from '../messages/standard.ts';
import type { Applying } from './standards-table.ts';

type Foil = { readonly offsetEv: number };
type ReadFoil = Foil & { readonly standard: Standard };

/** What a scan's standards say. */
export type ScanStandards = {
  /** Of the foil that applies: what is added to the beamline's energies. */
  readonly foil: ReadFoil | null;
  readonly samples: readonly ReadStandard[];
};

export type StandardsReaderParts = {
  readonly prepare: (scan: Scan, foil: Foil | null) => Prepared | Reject;
  readonly prepareFoil: (scan: Scan) => Foil | Reject;
  readonly predict: (input: ModelInput) => Promise<Prediction | Reject>;
  /** Those that apply to a scan. */
  readonly applying: (scan: Scan) => Applying;
  /** Is told once of each standard that this model cannot read; scans are then judged as without it. */
  readonly onUnreadable: (standard: Standard, detail: string) => void;
};

export type StandardsReader = (scan: Scan) => Promise<ScanStandards>;

/**
 * Reads standards as later scans are read: preparation and network, once each. A sample of known oxidation state is
 * itself read with the foil that applies to it, by its own time, and again when that becomes another.
 */
export function standardsReader(parts: StandardsReaderParts): StandardsReader {
  const { prepare, prepareFoil, predict, applying, onUnreadable } = parts;
  const foils = new WeakMap<Standard, Promise<ReadFoil | null>>();
  const samples = new WeakMap<Standard, { foil: Standard | null; read: Promise<ReadStandard | null> }>();

  function foilOf(standard: Standard | null): Promise<ReadFoil | null> {
    if (standard === null) return Promise.resolve(null);
    let read = foils.get(standard);
    if (read === undefined) {
      read = orNull(standard, () => {
        const foil = prepareFoil(standard.scan);
        return Promise.resolve(isReject(foil) ? foil : { standard, offsetEv: foil.offsetEv });
      });
      foils.set(standard, read);
    }
    return read;
  }

  function sampleOf(standard: Standard): Promise<ReadStandard | null> {
    const { foil } = applying(asMeasured(standard));
    const known = samples.get(standard);
    if (known?.foil === foil) return known.read;
    const read = orNull(standard, async () => {
      const prepared = prepare(standard.scan, await foilOf(foil));
      return isReject(prepared) ? prepared : predicted(standard, prepared);
    });
    samples.set(standard, { foil, read });
    return read;
  }

  async function predicted(standard: Standard, prepared: Prepared): Promise<ReadStandard | Reject> {
    const prediction = await predict(prepared.input);
    return isReject(prediction) ? prediction : { standard, prepared, prediction };
  }

  async function orNull<Read>(standard: Standard, read: () => Promise<Read | Reject>): Promise<Read | null> {
    try {
      const result = await read();
      if (!isReject(result)) return result;
      onUnreadable(standard, result.detail);
    } catch (error) {
      onUnreadable(standard, error instanceof Error ? error.message : String(error));
    }
    return null;
  }

  return async (scan) => {
    const { foil, samples } = applying(scan);
    if (foil === null && samples.length === 0) return NO_STANDARDS;
    const read = await Promise.all(samples.map(sampleOf));
    return { foil: await foilOf(foil), samples: read.filter((each) => each !== null) };
  };
}

export const NO_STANDARDS: ScanStandards = { foil: null, samples: [] };

/** The scan of a standard at its place and time; a file may not have known the time. */
const asMeasured = ({ beamline, scan, validFromMs }: Standard): Scan => ({
  ...scan,
  beamline,
  endedAtMs: scan.endedAtMs > 0 ? scan.endedAtMs : validFromMs,
});

/**
 * The standards that had a part in what is said of a scan: the samples that applied, and the foil where the scan had no
 * reference channel of its own.
 */
export function standardsOf({ foil, samples }: ScanStandards, prepared: Prepared): readonly Standard[] {
  const moved = prepared.preparation.energyShiftSource === 'standard-foil';
  const read = samples.map(({ standard }) => standard);
  return foil !== null && moved ? [foil.standard, ...read] : read;
}
