import { writeSvg } from '../../report/plots/write-svg.ts';
import type { Detector, DetectorCase } from './detectors.ts';
import { measuredKinds, passing } from './passing.ts';

/** What passes beside the measured oxides as the limit moves, a curve a detector. */
export async function drawDetectors(
  cases: readonly DetectorCase[],
  detectors: ReadonlyMap<string, Detector>,
  id: string,
  file: string,
): Promise<void> {
  await writeSvg(file, {
    title: `What passes beside the measured oxides, as the limit moves (${id})`,
    data: { values: detectorCurves(cases, detectors) },
    facet: { field: 'what', type: 'nominal', title: null },
    spec: {
      width: 300,
      height: 300,
      mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 },
      encoding: {
        x: { field: 'oxides', type: 'quantitative', title: 'oxides accepted', axis: { format: '%' } },
        y: { field: 'outliers', type: 'quantitative', title: 'accepted wrongly', axis: { format: '%' } },
        color: { field: 'detector', type: 'nominal', title: null, sort: [...detectors.keys()] },
        order: { field: 'oxides', type: 'quantitative' },
      },
    },
  });
}

/** At every limit that makes a difference: the share of oxides that passes, and of metals and others. */
export function detectorCurves(
  cases: readonly DetectorCase[],
  detectors: ReadonlyMap<string, Detector>,
): { detector: string; what: string; oxides: number; outliers: number }[] {
  const { oxides, metals, others } = measuredKinds(cases);
  const outliers = [
    ['metals', metals],
    ['sulphides, nitrides, carbides', others],
  ] as const;
  return [...detectors].flatMap(([name, detector]) => {
    const scores = [...oxides, ...metals, ...others].map(detector);
    const limits = [...new Set(scores)].sort((a, b) => a - b);
    return limits.flatMap((limit) =>
      outliers.map(([what, of]) => ({
        detector: name,
        what,
        oxides: passing(oxides, detector, limit),
        outliers: passing(of, detector, limit),
      })),
    );
  });
}
