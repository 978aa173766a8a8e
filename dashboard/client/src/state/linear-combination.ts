import { type Curve, onEnergies } from '../charts/on-energies.ts';

export type LinearCombination = {
  /** Shares of the components [components], 0 to 1, together 1. */
  readonly shares: readonly number[];
  /** Standard uncertainties of the shares, of the scan's noise alone. */
  readonly uncertainties: readonly number[];
  /** Energies that were fitted [points], eV, and what the fit leaves over there. */
  readonly energyEv: Float64Array;
  readonly residual: Float64Array;
  /** Sum of squares of the residual by that of the scan: the R-factor of Athena and Larch. */
  readonly rFactor: number;
};

/** Part of the spectrum that is fitted, eV from the edge. */
const FIT_FROM_EV = -20;
const FIT_TO_EV = 50;

/**
 * The scan as a mixture of components: shares that are not negative and sum to one, by least squares over the energies
 * from 20 eV below the edge to 50 above that all have. Of every set of components the best mixture is worked out, and
 * the best of those with no negative share is the answer: exact for the few that are compared. Null where fewer than 10
 * points are common to all, or two components are alike.
 * @param sigma standard deviation of a point of the scan
 */
export function linearCombination(
  scan: Curve & { readonly e0Ev: number },
  components: readonly Curve[],
  sigma: number,
): LinearCombination | null {
  const all = [...scan.energyEv].map((energy, i) => ({ energy, mu: scan.mu[i]! }));
  const near = all.filter(
    ({ energy }) => energy >= scan.e0Ev + FIT_FROM_EV && energy <= scan.e0Ev + FIT_TO_EV,
  );
  const curves = components.map((component) =>
    onEnergies(
      component,
      near.map(({ energy }) => energy),
    ),
  );
  const common = near.map((_, i) => i).filter((i) => curves.every((curve) => !Number.isNaN(curve[i]!)));
  if (components.length === 0 || common.length < 10) return null;
  const y = common.map((i) => near[i]!.mu);
  const a = curves.map((curve) => common.map((i) => curve[i]!));
  const gram = a.map((one) => a.map((other) => dot(one, other)));
  const right = a.map((one) => dot(one, y));

  let best: Omit<LinearCombination, 'energyEv' | 'rFactor'> & { squares: number } = NONE;
  for (let set = 1; set < 2 ** a.length; set++) {
    const chosen = a.map((_, i) => i).filter((i) => set & (1 << i));
    const solved = solveConstrained(gram, right, chosen);
    if (!solved || solved.shares.some((share) => share < -1e-9)) continue;
    const shares = a.map((_, i) => Math.max(0, solved.shares[chosen.indexOf(i)] ?? 0));
    const residual = Float64Array.from(y, (value, point) =>
      a.reduce((left, curve, i) => left - shares[i]! * curve[point]!, value),
    );
    const squares = dot(residual, residual);
    if (squares >= best.squares) continue;
    const uncertainties = a.map((_, i) => sigma * Math.sqrt(solved.variances[chosen.indexOf(i)] ?? 0));
    best = { shares, residual, squares, uncertainties };
  }
  if (best === NONE) return null;
  const { squares, ...found } = best;
  const energyEv = Float64Array.from(common, (i) => near[i]!.energy);
  return { ...found, energyEv, rFactor: squares / dot(y, y) };
}

const NONE = {
  shares: [],
  residual: new Float64Array(),
  squares: Number.POSITIVE_INFINITY,
  uncertainties: [],
};

/** Least squares with shares that sum to one (Lagrange); variances in units of the noise's. */
function solveConstrained(
  gram: readonly (readonly number[])[],
  right: readonly number[],
  chosen: readonly number[],
): { shares: number[]; variances: number[] } | null {
  const size = chosen.length + 1;
  const matrix = [...chosen.map((i) => [...chosen.map((j) => gram[i]![j]!), 1]), [...chosen.map(() => 1), 0]];
  const columns = [
    [...chosen.map((i) => right[i]!), 1],
    ...chosen.map((_, i) => Array.from({ length: size }, (_, j) => (i === j ? 1 : 0))),
  ];
  const solved = solve(matrix, columns);
  if (!solved) return null;
  const [shares, ...inverse] = solved;
  return {
    shares: shares!.slice(0, -1),
    variances: inverse.map((column, i) => Math.max(0, column[i]!)),
  };
}

/** Solves matrix x = column for each column, by elimination with pivots; null where the matrix is singular. */
function solve(
  matrix: readonly (readonly number[])[],
  columns: readonly (readonly number[])[],
): number[][] | null {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...columns.map((column) => column[i]!)]);
  for (let i = 0; i < size; i++) {
    let pivot = i;
    for (let j = i + 1; j < size; j++) if (Math.abs(rows[j]![i]!) > Math.abs(rows[pivot]![i]!)) pivot = j;
    if (Math.abs(rows[pivot]![i]!) < 1e-10) return null;
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    for (let j = 0; j < size; j++) {
      if (j === i) continue;
      const factor = rows[j]![i]! / rows[i]![i]!;
      for (let k = i; k < rows[j]!.length; k++) rows[j]![k]! -= factor * rows[i]![k]!;
    }
  }
  return columns.map((_, c) => rows.map((row, i) => row[size + c]! / row[i]!));
}

function dot(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!;
  return sum;
}
