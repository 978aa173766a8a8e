import { expect, test } from '@jest/globals';
import { absorbedBeforeEdge } from '../../../src/gating/before-edge.ts';
import { logOdds } from '../../../src/gating/logistic-model.ts';
import { fitMetalDetector, type MetalCase } from '../../../workbench/calibration/fit-metal-detector.ts';
import { seededRandom } from '../../../workbench/data/random.ts';
import { GRID } from '../../spectra/synthetic-edge.ts';

const { offsetsEv } = GRID;
const random = seededRandom(4);
const step = (x: number, width: number) => 0.5 + Math.atan(x / width) / Math.PI;

/** An oxide whose edge begins somewhere, with a weak line before it, and a share of a metal. */
function caseOf(is: MetalCase['is'], share: number): MetalCase {
  const [atEv, line] = [random.normal(), 0.1 * random.uniform()];
  const mu = Float32Array.from(offsetsEv, (x) => {
    const oxide = step(x - atEv, 1) + line * Math.exp(-(((x + 9) / 1.2) ** 2));
    const metal = 0.4 * step(x + 12, 1) + 0.6 * step(x + 3, 2);
    return (1 - share) * oxide + share * metal;
  });
  return { is, input: { mu, mask: new Float32Array(mu.length).fill(1) } };
}
const drawn = (count: number, share: () => number) =>
  Array.from({ length: count }, () => {
    const metal = share();
    return caseOf(metal === 0 ? 'one site' : 'half a metal', metal);
  });
const half = () => 0.3 + 0.4 * random.uniform();

test('tells half a metal by what is absorbed before the edge, a line of an oxide it does not take for one', () => {
  const { range, model } = fitMetalDetector([...drawn(400, () => 0), ...drawn(60, half)], offsetsEv)!;
  const odds = ({ input }: MetalCase) => logOdds(absorbedBeforeEdge(input, offsetsEv, model.mean), model);
  const oxides = drawn(200, () => 0).map(odds);
  const metals = drawn(200, half).map(odds);
  expect(oxides.filter((each) => each > range.limit).length).toBeLessThan(35); // a tenth, by chance more
  expect(metals.filter((each) => each > range.limit).length).toBeGreaterThan(190);
  expect(oxides.filter((each) => each < range.middle).length).toBeGreaterThan(70);
  expect(oxides.filter((each) => each < range.middle).length).toBeLessThan(130);
});

test('without half metals, and of energies that were not measured, nothing is learned', () => {
  const oxides = drawn(30, () => 0);
  expect(fitMetalDetector(oxides, offsetsEv)).toBeNull();
  const known = [...oxides, ...drawn(30, half)];
  const late = drawn(20, half).map((each) => ({
    ...each,
    input: { ...each.input, mask: Float32Array.from(offsetsEv, (x) => (x < -6 ? 0 : 1)) },
  }));
  expect(fitMetalDetector([...known, ...late], offsetsEv)).toEqual(fitMetalDetector(known, offsetsEv));
});
