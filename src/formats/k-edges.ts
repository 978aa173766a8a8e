/** K edges of the absorbers that this field measures hard, eV (Bearden and Burr, Rev. Mod. Phys. 39, 125 (1967)). */
export const K_EDGES_EV: Readonly<Record<string, number>> = {
  ...{ O: 532, Ti: 4966, V: 5465, Cr: 5989, Mn: 6539, Fe: 7112, Co: 7709, Ni: 8333, Cu: 8979, Zn: 9659 },
  ...{ Ga: 10367, Ge: 11103, As: 11867, Se: 12658, Zr: 17998, Nb: 18986, Mo: 20000 },
};

/** An E0 that a file states is that of an element whose edge lies so near. */
const NEAR_EDGE_EV = 25;

/** The element of the table whose K edge is near an energy; null where there is none. */
export function edgeNear(e0Ev: number): string | null {
  return Object.entries(K_EDGES_EV).find(([, edgeEv]) => Math.abs(edgeEv - e0Ev) < NEAR_EDGE_EV)?.[0] ?? null;
}
