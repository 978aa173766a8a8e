import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import { descriptorsOf } from '../../src/messages/descriptor-names.ts';
import { type Site, toInput } from '../../src/model/dataset.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { sha256 } from '../../src/model/manifest.ts';
import { MEMORY_FILES, type MemoryFile, place } from '../../src/model/memory.ts';

/** An element with fewer materials has no near relatives to speak of: of a family that is new, the nearest are strangers. */
const MIN_MATERIALS = 100;
const AXES = 12;
const NEIGHBOURS = 12;
/** Half and half where a relative is as near as usual; chosen out of fold on copper, where all between 0.3 and 0.6 did as well. */
const SHARE = 0.64;
/** In units of the median distance between a spectrum and the nearest of another material. */
const REACH = 0.3;
const RANGE = 2;

/**
 * Writes the memory of a trained model beside its weights.
 * @param sites what it was trained on; labels that were decoded are not remembered
 * @returns how many spectra of which elements it holds
 */
export async function makeMemory(directory: string, sites: readonly Site[]): Promise<Map<string, number>> {
  const model = await loadModel({ directory, engine: 'auto', memory: false });
  const { grid, references, embedding, hash } = model.manifest;
  const materials = new Map<string, Set<string>>();
  for (const { element, group, decoded } of sites)
    if (!decoded) materials.set(element, (materials.get(element) ?? new Set()).add(group));
  const elements = references
    .map(({ element }) => element)
    .filter((element) => (materials.get(element)?.size ?? 0) >= MIN_MATERIALS);
  const known = sites.flatMap((site) => {
    const reference = references.find(({ element }) => element === site.element);
    const input =
      reference && elements.includes(site.element) && !site.decoded ? toInput(site, reference, grid) : null;
    return input ? [{ site, input }] : [];
  });
  const predictions = await model.predict(known.map(({ input }) => input));
  await model.close();

  const center = Float32Array.from(embedding.mean);
  const scale = embedding.scale.map((each) => Math.max(each, 1e-6));
  const rows = predictions.map(({ embedding: e }) =>
    Array.from(e, (value, f) => (value - center[f]!) / scale[f]!),
  );
  const axes = principalAxes(rows).map((axis) => axis.map((value, f) => value / scale[f]!));
  const plane = { center, axes: Float32Array.from(axes.flat()) };
  const points = predictions.map((each) => place(plane, each.embedding));
  const usual = medianDistance(
    points,
    known.map(({ site }) => `${site.element} ${site.group}`),
    known.map(({ site }) => site.element),
  );
  const parts = elements.map((element) => {
    const own = known.flatMap(({ site }, i) =>
      site.element === element ? [{ site, point: points[i]! }] : [],
    );
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
    center: [...center],
    axes,
    neighbours: NEIGHBOURS,
    reach: REACH * usual,
    share: SHARE,
    range: RANGE * usual,
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

/** Axes along which the standardised representations differ most. */
function principalAxes(rows: readonly (readonly number[])[]): number[][] {
  const matrix = new Matrix(rows.map((row) => [...row])).center('column');
  const covariance = matrix.transpose().mmul(matrix);
  const { eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  // Eigenvalues come in ascending order.
  return Array.from({ length: AXES }, (_, i) =>
    eigenvectorMatrix.getColumn(eigenvectorMatrix.columns - 1 - i),
  );
}

/** Median over the spectra of the distance to the nearest of the same element in another material. */
function medianDistance(
  points: readonly Float32Array[],
  groups: readonly string[],
  elements: readonly string[],
): number {
  const distances = points.map((point, i) => {
    let least = Number.POSITIVE_INFINITY;
    points.forEach((other, j) => {
      if (groups[i] === groups[j] || elements[i] !== elements[j]) return;
      let square = 0;
      for (let axis = 0; axis < point.length && square < least; axis++)
        square += (point[axis]! - other[axis]!) ** 2;
      if (square < least) least = square;
    });
    return Math.sqrt(least);
  });
  return distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)]!;
}
