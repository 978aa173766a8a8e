/**
 * K edges, eV: Elam, Ravel and Sieber, Radiat. Phys. Chem. 63, 121 (2002), as XrayDB has them, rounded. Oxygen, which
 * is soft, to barium, whose K edge is the hardest that is measured with a monochromator of silicon.
 */
const K_EDGES_EV: Readonly<Record<string, number>> = {
  ...{ O: 543, F: 697, Ne: 870, Na: 1071, Mg: 1303, Al: 1559, Si: 1839, P: 2146, S: 2472 },
  ...{ Cl: 2822, Ar: 3206, K: 3608, Ca: 4038, Sc: 4492, Ti: 4966, V: 5465, Cr: 5989, Mn: 6539 },
  ...{ Fe: 7112, Co: 7709, Ni: 8333, Cu: 8979, Zn: 9659, Ga: 10367, Ge: 11103, As: 11867 },
  ...{ Se: 12658, Br: 13474, Kr: 14326, Rb: 15200, Sr: 16105, Y: 17038, Zr: 17998, Nb: 18986 },
  ...{ Mo: 20000, Tc: 21044, Ru: 22117, Rh: 23220, Pd: 24350, Ag: 25514, Cd: 26711, In: 27940 },
  ...{ Sn: 29200, Sb: 30491, Te: 31814, I: 33169, Xe: 34561, Cs: 35985, Ba: 37441 },
};

/** L1, L2 and L3 edges of rubidium to uranium, eV, from the same tables. */
const L_EDGES_EV: Readonly<Record<string, readonly [number, number, number]>> = {
  ...{ Rb: [2065, 1864, 1804], Sr: [2216, 2007, 1940], Y: [2373, 2156, 2080] },
  ...{ Zr: [2532, 2307, 2223], Nb: [2698, 2465, 2371], Mo: [2866, 2625, 2520] },
  ...{ Tc: [3043, 2793, 2677], Ru: [3224, 2967, 2838], Rh: [3412, 3146, 3004] },
  ...{ Pd: [3604, 3330, 3173], Ag: [3806, 3524, 3351], Cd: [4018, 3727, 3538] },
  ...{ In: [4238, 3938, 3730], Sn: [4465, 4156, 3929], Sb: [4698, 4380, 4132] },
  ...{ Te: [4939, 4612, 4341], I: [5188, 4852, 4557], Xe: [5453, 5107, 4786] },
  ...{ Cs: [5714, 5359, 5012], Ba: [5989, 5624, 5247], La: [6266, 5891, 5483] },
  ...{ Ce: [6548, 6164, 5723], Pr: [6835, 6440, 5964], Nd: [7126, 6722, 6208] },
  ...{ Pm: [7428, 7013, 6459], Sm: [7737, 7312, 6716], Eu: [8052, 7617, 6977] },
  ...{ Gd: [8376, 7930, 7243], Tb: [8708, 8252, 7514], Dy: [9046, 8581, 7790] },
  ...{ Ho: [9394, 8918, 8071], Er: [9751, 9264, 8358], Tm: [10116, 9617, 8648] },
  ...{ Yb: [10486, 9978, 8944], Lu: [10870, 10349, 9244], Hf: [11271, 10739, 9561] },
  ...{ Ta: [11682, 11136, 9881], W: [12100, 11544, 10207], Re: [12527, 11959, 10535] },
  ...{ Os: [12968, 12385, 10871], Ir: [13419, 12824, 11215], Pt: [13880, 13273, 11564] },
  ...{ Au: [14353, 13734, 11919], Hg: [14839, 14209, 12284], Tl: [15347, 14698, 12658] },
  ...{ Pb: [15861, 15200, 13035], Bi: [16388, 15711, 13419], Po: [16939, 16244, 13814] },
  ...{ At: [17493, 16785, 14214], Rn: [18049, 17337, 14619], Fr: [18639, 17907, 15031] },
  ...{ Ra: [19237, 18484, 15444], Ac: [19840, 19083, 15871], Th: [20472, 19693, 16300] },
  ...{ Pa: [21105, 20314, 16733], U: [21757, 20948, 17166] },
};

export type Edge = { readonly element: string; readonly edge: string; readonly energyEv: number };

/** All edges of the tables, K edges first: where two are near each other, K is likelier, and L3 likelier than L1. */
export const EDGES: readonly Edge[] = [
  ...Object.entries(K_EDGES_EV).map(([element, energyEv]) => ({ element, edge: 'K', energyEv })),
  ...(['L3', 'L2', 'L1'] as const).flatMap((edge) =>
    Object.entries(L_EDGES_EV).map(([element, [l1, l2, l3]]) => {
      return { element, edge, energyEv: edge === 'L1' ? l1 : edge === 'L2' ? l2 : l3 };
    }),
  ),
];

/** The edge of an element, eV; undefined where the tables do not have it. `L` is L3. */
export function edgeEv(element: string, edge: string): number | undefined {
  const known = edge === 'L' ? 'L3' : edge;
  return EDGES.find((each) => each.element === element && each.edge === known)?.energyEv;
}

/** An E0 that a file states is that of the edge of the tables that lies so near. */
const NEAR_EDGE_EV = 25;

/** The likeliest edge near an energy; null where there is none. */
export function edgeNear(e0Ev: number): Edge | null {
  return EDGES.find(({ energyEv }) => Math.abs(energyEv - e0Ev) < NEAR_EDGE_EV) ?? null;
}
