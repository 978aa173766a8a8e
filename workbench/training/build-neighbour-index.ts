import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EigenvalueDecomposition, Matrix, solve } from 'ml-matrix';
import { openBundle } from '../../src/bundle/bundle.ts';
import {
  DESCRIPTOR_NAMES,
  DESCRIPTORS,
  type DescriptorName,
  descriptorsOf,
} from '../../src/messages/descriptor-names.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { type Nearness, pointOf, shapeOf } from '../../src/model/neighbour-index.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import { type NeighbourIndexFile, toSubspace } from '../../src/model/parse-neighbour-index.ts';
import { madeFor } from '../../src/registry/bundle-json.ts';
import { writeBundle } from '../bundle/write-bundle.ts';
import { elementsWithGroups, type Site } from '../data/dataset.ts';
import { inputsOf } from '../data/inputs-of.ts';
import { mean, median } from '../report/statistics.ts';

/** An element with fewer materials has no near neighbours to speak of: those of a new family are far. */
const MIN_MATERIALS = 100;
/** Of the representation, and of the spectrum; both subspaces weigh the same. */
const AXES = { representation: 24, spectrum: 4 };
/** The spectrum is compared from the first required bin up to here, which most scans cover. */
const SPECTRUM_TO_EV = 60;
/** So that about half is the neighbours' where one is as near as usual. This and what follows: docs/adr/0010. */
const SHARE = 0.64;
const NEIGHBOURS = 12;
/** Of the regression of labels on spectra: so much of the mean variance of a bin is added to each. */
const PENALTY = 3;
/** A class that fewer of the spectra have is not looked for. */
const MIN_SPECTRA = 10;
/** In units of the median distance between a spectrum and the nearest of another material. */
const REACH = 0.3;
const RANGE = 2;

/**
 * Writes the neighbour index of a trained model beside its weights.
 * @param sites what it was trained on; decoded labels are not indexed
 * @param elements whose spectra it is to hold
 * @returns how many spectra of which elements it holds
 */
export async function buildNeighbourIndex(
  directory: string,
  sites: readonly Site[],
  elements: readonly string[],
): Promise<Map<string, number>> {
  const bundle = openBundle(directory, { gate: 'optional' });
  const model = await loadModel({ ...bundle, neighbourIndex: null }, { engine: 'auto' });
  const { network, embedding } = bundle.manifest;
  const window = windowOf(network, elements);
  const labelled = sites.filter(({ element, decoded }) => elements.includes(element) && !decoded);
  const known = inputsOf(labelled, bundle.manifest).flatMap((each) => {
    const shape = shapeOf(window, each.input);
    return shape === null ? [] : [{ ...each, shape }];
  });
  const predictions = await model.predict(known.map(({ input }) => input));
  await model.close();

  const representations = predictions.map((each) => each.embedding);
  const scale = embedding.scale.map((each) => Math.max(each, 1e-6));
  const representation = principalSubspace(representations, scale);
  const spectrum = discriminantSubspace(
    known.map(({ shape }) => shape),
    known.map(({ site }) => site.labels),
  );
  const subspaces = {
    representation: toSubspace(representation),
    spectrum: { ...window, ...toSubspace(spectrum) },
  };
  const points = known.map(({ shape }, i) => pointOf(subspaces, representations[i]!, shape));
  const indexed = known.map(({ site }) => site);
  const parts = elements.map((element) => {
    const own = known
      .flatMap(({ site }, i) => (site.element === element ? [{ site, point: points[i]! }] : []))
      .sort((a, b) => a.point[AXES.spectrum]! - b.point[AXES.spectrum]!);
    const descriptors = descriptorsOf(element).filter((name) => own.some(({ site }) => name in site.labels));
    return { element, own, descriptors };
  });
  const values = parts.flatMap(({ own, descriptors }) => [
    ...own.flatMap(({ point }) => [...point]),
    ...descriptors.flatMap((name: DescriptorName) => own.map(({ site }) => site.labels[name] ?? Number.NaN)),
  ]);
  const bytes = Buffer.from(Float32Array.from(values).buffer);
  const file: NeighbourIndexFile = {
    madeFor: madeFor('neighbours.json', bundle.files),
    places: ['spectrum', 'representation'],
    representation,
    spectrum: { ...window, ...spectrum },
    neighbours: NEIGHBOURS,
    share: SHARE,
    together: nearness(points, indexed),
    alone: nearness(
      points.map((point) => point.subarray(AXES.spectrum)),
      indexed,
    ),
    elements: parts.map(({ element, own, descriptors }) => ({
      element,
      spectra: own.length,
      descriptors: [...descriptors],
    })),
  };
  writeFileSync(join(directory, 'neighbours.bin'), bytes);
  writeFileSync(join(directory, 'neighbours.json'), `${JSON.stringify(file)}\n`);
  writeBundle(directory);
  return new Map(parts.map(({ element, own }) => [element, own.length]));
}

/** Elements of which there are materials enough. */
export function elementsWithNeighbours(sites: readonly Site[]): string[] {
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

type SubspaceFile = NeighbourIndexFile['representation'];

/** Axes along which rows differ most, in units in which their mean squared distance from the middle is 1. */
function principalSubspace(rows: readonly ArrayLike<number>[], scale: readonly number[]): SubspaceFile {
  const standard = new Matrix(rows.map((row) => scale.map((each, i) => row[i]! / each)));
  const center = standard.mean('column').map((mean, i) => rounded(mean * scale[i]!));
  const axes = leadingAxes(standard.center('column'), AXES.representation);
  return { center, axes: axes.map((axis) => axis.map((value, i) => rounded(value / scale[i]!))) };
}

/** Axes along which that differs most which a ridge regression reads of the labels, in units as above. */
function discriminantSubspace(
  shapes: readonly Float32Array[],
  labels: readonly Site['labels'][],
): SubspaceFile {
  const spectra = new Matrix(shapes.map((shape) => [...shape]));
  const center = spectra.mean('column').map(rounded);
  spectra.center('column');
  const transposed = spectra.transpose();
  const covariance = transposed.mmul(spectra);
  const ridge = Matrix.eye(center.length).mul((PENALTY * covariance.trace()) / center.length);
  const weights = solve(Matrix.add(covariance, ridge), transposed.mmul(targetsOf(labels))); // [bins, targets]
  const axes = leadingAxes(spectra.mmul(weights), AXES.spectrum);
  return {
    center,
    axes: axes.map((axis) => weights.mmul(Matrix.columnVector(axis)).to1DArray().map(rounded)),
  };
}

/**
 * What labels are to a regression, about their mean: 0 or 1 for each class, a real in its own spread; 0 where it is not
 * known.
 */
function targetsOf(labels: readonly Site['labels'][]): Matrix {
  const columns = DESCRIPTOR_NAMES.flatMap((name) => {
    const values = labels.map((each) => each[name]);
    const known = values.filter((value) => value !== undefined);
    const centred = (of: (value: number) => number) => {
      const middle = mean(known.map(of));
      return values.map((value) => (value === undefined ? 0 : of(value) - middle));
    };
    if (DESCRIPTORS[name].kind === 'class') {
      const classes = [...new Set(known)].filter(
        (label) => known.filter((value) => value === label).length >= MIN_SPECTRA,
      );
      return classes.map((label) => centred((value) => (value === label ? 1 : 0)));
    }
    const column = centred((value) => value);
    const spread = Math.sqrt(column.reduce((sum, value) => sum + value ** 2, 0) / known.length);
    return spread > 0 ? [column.map((value) => value / spread)] : [];
  });
  return new Matrix(columns).transpose();
}

/** Of rows about their mean: principal axes, so long that the mean squared distance from the middle along them is 1. */
function leadingAxes(centred: Matrix, count: number): number[][] {
  const covariance = centred.transpose().mmul(centred).div(centred.rows);
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  // Eigenvalues come in ascending order.
  const chosen = Array.from({ length: count }, (_, i) => realEigenvalues.length - 1 - i);
  const spread = Math.sqrt(chosen.reduce((sum, i) => sum + realEigenvalues[i]!, 0));
  return chosen.map((i) => eigenvectorMatrix.getColumn(i).map((value) => value / spread));
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
  const usual = median(distances);
  return { reach: REACH * usual, range: RANGE * usual };
}
