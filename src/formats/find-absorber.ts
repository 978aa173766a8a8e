import { capitalised } from '../common/capitalised.ts';
import { EDGES, type Edge, edgeEv, edgeNear } from '../messages/edge-energies.ts';
import type { NumberTable } from './number-table.ts';

export type Absorber = { readonly element: string; readonly edge: string };

/** `Fe K-edge`, `GeKedge`, whatever the case. */
const NAMED_EDGE = /\b([A-Z][a-z]?)[\s_-]*([KL][123]?)[\s_-]*edge/gi;
/** `Fe edge of a film`: which edge, the energies say. */
const NAMED_ELEMENT = /\b([A-Z][a-z]?)[\s_-]edge\b/g;
const ELEMENT = /(?<!diffraction\s)\belement\s*[:=]\s*([A-Za-z]{1,2})\b/i;
const EDGE = /\bedge\s*[:=]\s*([KL][123]?)\b/i;
const E0 = /(?:\bE[0o]|edge[_ ]?energy|\bedge)(?:\s*[:=]\s*|\s+)(\d[\d.]*)/i;
const IN_NAME = /(?:^|[_\s-])([A-Z][a-z]?)[_-]?(K|L[123])(?=[_\s.-]|$)/g;
/** Energies may end so many eV before an edge that a file names: a scan that was stopped. */
const MARGIN_EV = 100;
/** Below so many they are keV. */
const KEV_BELOW = 200;

/**
 * Absorber and edge that a file names: in fields of its header, in its comments, by the E0 that it states, in its name.
 * An edge far from the energies is not the one: some write the E0 of another scan, or of a calibration.
 * @param energyEv of the scan, [points]
 */
export function findAbsorber(
  { header, comments }: Pick<NumberTable, 'header' | 'comments'>,
  energyEv: ArrayLike<number>,
  fileName = '',
): (Absorber & { readonly by: string }) | null {
  const element = header.get('element.symbol') ?? header.get('scanparameters.element');
  if (element) {
    const edge = header.get('element.edge') ?? header.get('scanparameters.edge') ?? 'K';
    return { element, edge, by: 'the header names' };
  }
  const [low, high] = range(energyEv);
  const within = (symbol: string, edge: string): boolean => {
    const ev = edgeEv(capitalised(symbol), capitalised(edge));
    return ev !== undefined && ev >= low - MARGIN_EV && ev <= high + MARGIN_EV;
  };
  const otherEdge = EDGE.exec(comments.join('\n'))?.[1] ?? 'K';
  for (const comment of comments) {
    const own = inComment(comment, otherEdge, within);
    if (own !== null) return { ...own, by: 'the comments name' };
  }
  const name = fileName.split(/[\\/]/).at(-1)!;
  for (const [, symbol = '', edge = ''] of name.matchAll(IN_NAME))
    if (within(symbol, edge)) return { element: symbol, edge, by: "the file's name says" };
  return null;
}

/** @param otherEdge the edge that some comment names, for one that names the element alone */
function inComment(
  comment: string,
  otherEdge: string,
  within: (symbol: string, edge: string) => boolean,
): Absorber | null {
  for (const [, element = '', edge = ''] of comment.matchAll(NAMED_EDGE))
    if (within(element, edge)) return { element, edge };
  const symbol = ELEMENT.exec(comment)?.[1];
  if (symbol !== undefined) return { element: symbol, edge: otherEdge };
  for (const [, element = ''] of comment.matchAll(NAMED_ELEMENT)) {
    const edge = ['K', 'L3', 'L2', 'L1'].find((each) => within(element, each));
    if (edge !== undefined) return { element, edge };
  }
  const stated = Number(E0.exec(comment)?.[1]);
  const near = edgeNear(stated < KEV_BELOW ? 1000 * stated : stated);
  return near !== null && within(near.element, near.edge) ? near : null;
}

/** So many edges that the energies cover are named. */
const MOST_NAMED = 4;

/** What to do about a file that names no absorber, with the K edges that its energies cover. */
export function unnamedAbsorber(energyEv: ArrayLike<number>): string {
  const [low, high] = range(energyEv);
  const covered = EDGES.filter(({ edge, energyEv: ev }: Edge) => edge === 'K' && ev > low && ev < high);
  const names = covered.map(({ element, energyEv: ev }) => `${element} (${ev} eV)`);
  const hint =
    names.length > 0 && names.length <= MOST_NAMED
      ? `; its energies cover the K edge of ${names.join(', ')}`
      : '';
  return `Expected the file to name its absorber, got none: name it with --element${hint}`;
}

function range(energyEv: ArrayLike<number>): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < energyEv.length; i += 1) {
    const energy = energyEv[i]!;
    if (energy < low) low = energy;
    if (energy > high) high = energy;
  }
  return [low, high];
}
