import { decodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import type { ScanDetail, ScanRow, SpectraAnswer } from '../protocol/events.ts';

/** One scan whole, of its row and the record of the descriptors topic. */
export function scanDetail(row: ScanRow, bytes: Buffer): ScanDetail {
  const event = decodeDescriptors(bytes);
  const { preparation, times } = event;
  return {
    row,
    energyEv: floatBytes(event.spectrum.energyEv),
    mu: floatBytes(event.spectrum.mu),
    descriptors: event.descriptors.map(
      ({ name, unit, level, classes, probabilities, trust, trustThreshold }) => ({
        ...{ name, unit, level, trust, trustThreshold },
        classes: [...classes],
        probabilities: [...probabilities],
      }),
    ),
    meansLevel: event.means[0]?.level ?? event.change?.level ?? null,
    energySigmaEv: event.energySigmaEv,
    standards: event.standards,
    adviceReason: event.adviceReason,
    notes: event.notes,
    engine: event.model.engine,
    metadata: event.metadata,
    source: event.source,
    preparation: {
      ...preparation,
      e0Ev: preparation.e0Ev + preparation.energyShiftEv,
      preEdgeRangeEv: preparation.preEdgeRangeEv && [...preparation.preEdgeRangeEv],
      postEdgeRangeEv: preparation.postEdgeRangeEv && [...preparation.postEdgeRangeEv],
    },
    times: {
      receivedAt: times.receivedAt / 1000,
      decodedAt: times.decodedAt / 1000,
      preparedAt: times.preparedAt / 1000,
      predictedAt: times.predictedAt / 1000,
      gatedAt: times.gatedAt / 1000,
      publishedAt: times.publishedAt / 1000,
    },
  };
}

/** The spectra alone of several; of one that is gone null. */
export function spectraOf(found: readonly (readonly [row: ScanRow, bytes: Buffer] | null)[]): SpectraAnswer {
  const numbers: Float32Array[] = [];
  const spectra = found.map((each) => {
    if (each === null) return null;
    const [{ scanId, sampleId, element, sequence, endedAt, publishedAt }, bytes] = each;
    const { preparation, spectrum } = decodeDescriptors(bytes);
    numbers.push(spectrum.energyEv, spectrum.mu);
    return {
      ...{ scanId, sampleId, element, sequence },
      atMs: endedAt ?? publishedAt,
      noiseSigma: preparation.noiseSigma,
      e0Ev: preparation.e0Ev + preparation.energyShiftEv,
      points: spectrum.mu.length,
    };
  });
  const all = new Float32Array(numbers.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const some of numbers) {
    all.set(some, at);
    at += some.length;
  }
  return { spectra, numbers: all.buffer };
}

const floatBytes = (values: Float32Array) => Float32Array.from(values).buffer;
export const arrayBuffer = (bytes: Buffer) => Uint8Array.from(bytes).buffer;
