import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import { descriptorsOf } from '../../src/messages/descriptor-names.ts';
import { elementsWithGroups, type Site, toInput } from '../../src/model/dataset.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { sha256 } from '../../src/model/manifest.ts';
import { type Nearness, pointOf, shapeOf } from '../../src/model/memory.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import { MEMORY_FILES, type MemoryFile, toPlane } from '../../src/model/read-memory.ts';

/** An element with fewer materials has no near relatives to speak of: of a family that is new, the nearest are strangers. */
const MIN_MATERIALS = 100;
/** So many of the representation, and as many of the spectrum: both weigh the same. */
const AXES = 16;
/** The spectrum is compared from the first required bin up to here, which most scans cover. */
const SPECTRUM_TO_EV = 60;
/** So that about half is the memory's where a relative is as near as usual. This and what follows: docs/adr/0010. */
const SHARE = 0.64;
const NEIGHBOURS = 12;
/** In units of the median distance between a spectrum and the nearest of another material. */
const REACH = 0.3;
const RANGE = 2;

/**
 * Writes the memory of a trained model beside its weights.
 * @param sites what it was trained on; labels that were decoded are not remembered
 * @param elements whose spectra it is to hold
 * @returns how many spectra of which elements it holds
 */
export async function makeMemory(
  directory: string,
  sites: readonly Site[],
  elements: readonly string[],
): Promise<Map<string, number>> {
  const model = await loadModel({ directory, engine: 'auto', memory: false });
  const { grid, references, network, embedding, hash } = model.manifest;
  const window = windowOf(network, elements);
  const known = sites.flatMap((site) => {
    const reference = references.find(({ element }) => element === site.element);
    const input =
      reference && elements.includes(site.element) && !site.decoded ? toInput(site, reference, grid) : null;
    const shape = input && shapeOf(window, input);
    return shape ? [{ site, input, shape }] : [];
  });
  const predictions = await model.predict(known.map(({ input }) => input));
  await model.close();

  const representations = predictions.map((each) => each.embedding);
  const scale = embedding.scale.map((each) => Math.max(each, 1e-6));
  const representation = principalPlane(representations, scale);
  const spectrum = principalPlane(known.map(({ shape }) => shape));
  const planes = { representation: toPlane(representation), spectrum: { ...window, ...toPlane(spectrum) } };
  const points = known.map(({ shape }, i) => pointOf(planes, representations[i]!, shape));
  const remembered = known.map(({ site }) => site);
  const parts = elements.map((element) => {
    const own = known
      .flatMap(({ site }, i) => (site.element === element ? [{ site, point: points[i]! }] : []))
      .sort((a, b) => a.point[0]! - b.point[0]!);
    const descriptors = descriptorsOf(element).filter((name) => own.some(({ site }) => name in site.labels));
    return { element, own, descriptors };
  });
  const values = parts.flatMap(({ own, descriptors }) => [
    ...own.flatMap(({ point }) => [...point]),
    ...descriptors.flatMap((name: DescriptorName) => own.map(({ site }) => site.labels[name] ?? Number.NaN)),
  ]);
  const bytes = Buffer.from(Float32Array.from(values).buffer);
  const file: MemoryFile = {
    modelHash: hash,
    hash: sha256(bytes),
    representation,
    spectrum: { ...window, ...spectrum },
    neighbours: NEIGHBOURS,
    share: SHARE,
    together: nearness(points, remembered),
    alone: nearness(
      points.map((point) => point.filter((_, axis) => axis % 2 === 0)),
      remembered,
    ),
    elements: parts.map(({ element, own, descriptors }) => ({
      element,
      spectra: own.length,
      descriptors: [...descriptors],
    })),
  };
  writeFileSync(join(directory, MEMORY_FILES.spectra), bytes);
  writeFileSync(join(directory, MEMORY_FILES.memory), `${JSON.stringify(file)}\n`);
  return new Map(parts.map(({ element, own }) => [element, own.length]));
}

/** Elements of which there are materials enough. */
export function elementsWithRelatives(sites: readonly Site[]): string[] {
  return elementsWithGroups(
    sites.filter(({ decoded }) => !decoded),
    MIN_MATERIALS,
  );
}

/** From the first required bin to the last that the elements' training spectra have, so far as it is compared. */
function windowOf(
  { requiredBins, gainBins, offsetsEv, coverage, elements }: NetworkConfig,
  chosen: readonly string[],
): { bins: [number, number]; gainBins: [number, number] } {
  const last = offsetsEv.findLastIndex(
    (offset, bin) =>
      offset <= SPECTRUM_TO_EV && chosen.every((element) => coverage[elements.indexOf(element)]![bin] === 1),
  );
  return { bins: [requiredBins[0], last], gainBins: [...gainBins] };
}

type PlaneFile = MemoryFile['representation'];

/** Axes along which rows differ most, in units in which their mean squared distance from the middle is 1. */
function principalPlane(
  rows: readonly ArrayLike<number>[],
  scale: readonly number[] = Array.from(rows[0] ?? [], () => 1),
): PlaneFile {
  const standard = new Matrix(rows.map((row) => scale.map((each, i) => row[i]! / each)));
  const center = standard.mean('column').map((mean, i) => rounded(mean * scale[i]!));
  standard.center('column');
  const covariance = standard.transpose().mmul(standard).div(rows.length);
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  // Eigenvalues come in ascending order.
  const chosen = Array.from({ length: AXES }, (_, i) => realEigenvalues.length - 1 - i);
  const spread = Math.sqrt(chosen.reduce((sum, i) => sum + realEigenvalues[i]!, 0));
  const axes = chosen.map((i) =>
    eigenvectorMatrix.getColumn(i).map((value, f) => rounded(value / (scale[f]! * spread))),
  );
  return { center, axes };
}

const rounded = (value: number): number => Number(value.toPrecision(7));

/** By the median over the spectra of the distance to the nearest of the same element in another material. */
function nearness(points: readonly ArrayLike<number>[], sites: readonly Site[]): Nearness {
  const distances = points.map((point, i) => {
    let least = Number.POSITIVE_INFINITY;
    points.forEach((other, j) => {
      if (sites[i]!.group === sites[j]!.group || sites[i]!.element !== sites[j]!.element) return;
      let square = 0;
      for (let axis = 0; axis < point.length && square < least; axis++)
        square += (point[axis]! - other[axis]!) ** 2;
      if (square < least) least = square;
    });
    return Math.sqrt(least);
  });
  const usual = distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)]!;
  return { reach: REACH * usual, range: RANGE * usual };
}
