import type { CalibratedBundle } from '../../../src/bundle/bundle.ts';
import { predictScans, type ReadScan } from '../../../src/files/offline.ts';
import { noiseBinOf } from '../../../src/gating/gate-table.ts';
import { loadModel } from '../../../src/model/load-model.ts';
import { makePrepare } from '../../../src/spectra/prepare.ts';
import { withoutOxygen } from '../../calibration/fit-out-of-distribution.ts';
import { OUTLIER_KINDS, outlierSpectrum } from '../../calibration/outlier-spectra.ts';
import type { Site } from '../../data/dataset.ts';
import { perturb } from '../../data/perturb.ts';
import { type Random, seededRandom } from '../../data/random.ts';
import { scanOfSite } from '../../data/scan-of-site.ts';
import { kindOf, readStandard, type Standard } from '../../measured/manifest.ts';
import type { DetectorCase } from './detectors.ts';

/** Noise that is added to computed spectra. */
export const SIGMAS = [0, 0.01, 0.02, 0.05, 0.1];
const SEED = 11;

type Asked = ReadScan & Pick<DetectorCase, 'group' | 'kind' | 'sigma'>;

/**
 * What the network makes of every measured scan, and of computed ones with noise, as they are and distorted; what
 * cannot be prepared is left out.
 * @param measured scans, and the folder that their files are in
 * @param sites computed ones
 */
export async function detectorCases(
  bundle: CalibratedBundle,
  measured: { readonly folder: string; readonly standards: readonly Standard[] },
  sites: readonly Site[],
): Promise<DetectorCase[]> {
  const { manifest, gate } = bundle;
  const model = await loadModel(bundle, { engine: 'auto' });
  const stages = { prepare: makePrepare(manifest), predict: model.predict };
  const cases: DetectorCase[] = [];
  function* asked(): Generator<Asked> {
    yield* measuredScans(measured.folder, measured.standards);
    yield* computedScans(sites, manifest.references, seededRandom(SEED));
  }
  for await (const each of predictScans(stages, asked())) {
    if (each.reject !== null) continue;
    const { group, kind, sigma, prediction, prepared } = each;
    const { element, mu, mask } = prepared.input;
    const { bin } = noiseBinOf(gate.table, prepared.preparation.noise.sigma);
    cases.push({ element, mu, mask, bin, prediction, group, kind, sigma });
  }
  await model.close();
  return cases;
}

function* measuredScans(folder: string, standards: readonly Standard[]): Generator<Asked> {
  for (const standard of standards) {
    const group = `${standard.element} ${standard.compound}`;
    yield { scan: readStandard(folder, standard), group, kind: kindOf(standard), sigma: 0 };
  }
}

function* computedScans(
  sites: readonly Site[],
  references: CalibratedBundle['manifest']['references'],
  random: Random,
): Generator<Asked> {
  for (const sigma of SIGMAS) {
    const noisy = (site: Site) => scanOfSite(perturb(site, { noise: sigma }, 0, random));
    for (const [i, site] of sites.entries()) {
      const kind = withoutOxygen(site) ? 'no oxygen beside' : 'theory';
      yield { scan: noisy(site), group: site.id, kind, sigma };
      const reference = references.find(({ element }) => element === site.element)!;
      const distortion = OUTLIER_KINDS[i % OUTLIER_KINDS.length]!;
      const distorted = outlierSpectrum(distortion, site, reference, random);
      yield { scan: noisy(distorted), group: site.id, kind: 'distorted', sigma };
    }
  }
}
