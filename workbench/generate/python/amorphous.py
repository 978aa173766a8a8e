"""Cells of amorphous oxides: where atoms begin, whether a quenched cell may be believed, the states of its metals."""

import hashlib
import json
import math

import numpy as np
from pymatgen.core import Composition, Element, Structure

# Volume of a crystal for each oxygen, angstrom^3: Li4Ti5O12, V2O3, LiMn2O4, Fe3O4, LiCoO2, LiNiO2, CuO.
VOLUME_PER_OXYGEN = {
    "Ti": 584.2 / 32, "V": 297.7 / 18, "Mn": 561.0 / 32, "Fe": 591.4 / 32,
    "Co": 96.4 / 6, "Ni": 101.8 / 6, "Cu": 81.1 / 4,
}  # fmt: skip
DENSITY = 0.9  # of the crystal's

# Least distances of a packed cell, angstrom; any element but O counts as a metal.
PACKED = {"O-O": 2.3, "M-O": 1.75, "M-M": 2.4}

# What a quenched and relaxed cell must keep to: angstrom, GPa, eV/angstrom. V=O of vanadyl is 1.58.
SHORTEST = {"M-O": 1.5, "M-M": 2.0}
PEROXO = 1.6
PRESSURE = 10.0
FORCE = 0.2

# Bond valence: exp((R - d) / 0.37), R by oxidation state (Brown; Co +4 and Ni +4 so that CoO2 and NiO2 come right).
VALENCE_RADIUS = {
    "Ti": {3: 1.791, 4: 1.815}, "V": {3: 1.743, 4: 1.784, 5: 1.803}, "Mn": {2: 1.790, 3: 1.760, 4: 1.753},
    "Fe": {2: 1.734, 3: 1.759}, "Co": {2: 1.692, 3: 1.637, 4: 1.72}, "Ni": {2: 1.654, 3: 1.686, 4: 1.73},
    "Cu": {1: 1.593, 2: 1.679},
}  # fmt: skip
BOND = 3.2  # angstrom; beyond it a bond valence is nothing

# Moments by CHGNet 0.3.0 of each state in crystals (moments.py), Bohr magnetons; two where low and high spin differ.
MOMENT = {
    "Ti": {3: [0.9], 4: [0.1]}, "V": {3: [1.7], 4: [0.85], 5: [0.05]}, "Mn": {2: [4.55], 3: [3.8], 4: [3.0]},
    "Fe": {2: [3.9], 3: [4.35]}, "Co": {2: [2.65], 3: [0.15, 3.05], 4: [1.15, 2.9]},
    "Ni": {2: [1.77], 3: [1.25], 4: [0.35]}, "Cu": {1: [0.05], 2: [0.6]},
}  # fmt: skip
SEPARATE = 0.3  # Bohr magnetons between the moments of two states; closer ones tell nothing
SIGMA_MOMENT, SIGMA_VALENCE = 0.2, 0.25
BALANCE = 0.1  # by how much a metal the states by moments may miss what the composition demands

METHOD = "moment, bond valence and charge balance agree"


def pack(formula, number, most):
    """
    Random positions in a cube, pushed apart until no pair is closer than PACKED: a pure function of formula and number.
    most: atoms; as many formula units as they hold.
    -> symbols, side in angstrom, positions in angstrom [atoms, 3], seed
    """
    counts = cell_counts(formula, most)
    metals = [e for e in counts if e in VOLUME_PER_OXYGEN]
    if not metals or "O" not in counts:
        raise ValueError(f"Expected an oxide of {', '.join(VOLUME_PER_OXYGEN)}, got {formula}")
    per_oxygen = sum(counts[e] * VOLUME_PER_OXYGEN[e] for e in metals) / sum(counts[e] for e in metals)
    side = (counts["O"] * per_oxygen / DENSITY) ** (1 / 3)
    symbols = [e for e, n in counts.items() for _ in range(n)]
    least = np.array([[PACKED[pair_of(p, q)] for q in symbols] for p in symbols])
    np.fill_diagonal(least, 0)
    seed = int(hashlib.sha256(f"{formula} {number}".encode()).hexdigest()[:8], 16) % 2**31
    rng = np.random.RandomState(seed)
    for _ in range(50):
        positions = rng.rand(len(symbols), 3) * side
        for _ in range(4000):
            apart = positions[:, None] - positions[None]
            apart -= side * np.round(apart / side)
            distance = np.linalg.norm(apart, axis=-1) + 1e-9
            over = np.clip(least - distance, 0, None)
            if over.max() < 0.05:
                return symbols, side, positions % side, seed
            positions = positions + 0.25 * (over[..., None] * apart / distance[..., None]).sum(1)
    raise ValueError(f"Found no packing of {formula} in a cube of {side:.2f} angstrom")


def cell_counts(formula, most):
    """-> atoms by element, in the order of the formula"""
    composition = Composition(formula)
    unit = {element.symbol: amount for element, amount in composition.items()}
    if any(amount != int(amount) for amount in unit.values()):
        raise ValueError(f"Expected whole numbers in a formula, such as Li3NiMnCoO6, got {formula}")
    times = int(most // sum(unit.values()))
    if times < 1:
        least = int(sum(unit.values()))
        raise ValueError(f"Expected at least {least} atoms for a formula unit of {formula}, got {most}")
    return {element: int(amount) * times for element, amount in unit.items()}


def pair_of(p, q):
    oxygens = (p == "O") + (q == "O")
    return ("M-M", "M-O", "O-O")[oxygens]


def read_cell(file):
    """A quenched cell: its structure, and what quench.py wrote beside it (moments, forces, pressure)."""
    structure = Structure.from_file(file)
    with open(file.removesuffix(".cif") + ".json") as about_file:
        about = json.load(about_file)
    if [site.specie.symbol for site in structure] != about["symbols"]:
        raise ValueError(f"{file} and the .json beside it are of different cells")
    return structure, about


def check_cell(structure, about):
    """-> faults in words, for which the cell must not be used; and what is told of it, angstrom"""
    shortest, pairs = {}, 0
    first, second, _, distances = structure.get_neighbor_list(4.0)
    for i, j, distance in zip(first, second, distances):
        if i >= j:
            continue
        pair = pair_of(structure[int(i)].specie.symbol, structure[int(j)].specie.symbol)
        shortest[pair] = min(shortest.get(pair, math.inf), float(distance))
        pairs += pair == "O-O" and distance < PEROXO
    faults = [
        f"a distance {pair} of {shortest[pair]:.2f} angstrom, expected at least {least}"
        for pair, least in SHORTEST.items()
        if shortest.get(pair, math.inf) < least
    ]
    if pairs:
        faults.append(f"{pairs} O-O below {PEROXO} angstrom: a peroxide, whose charges are not counted")
    if abs(about["pressureGPa"]) > PRESSURE:
        faults.append(f"a pressure of {about['pressureGPa']} GPa, expected at most {PRESSURE}: another density")
    faults += force_faults(about)
    told = {pair: round(distance, 3) for pair, distance in sorted(shortest.items())}
    return faults, {"shortest": told, "peroxoPairs": int(pairs), "density": round(float(structure.density), 3)}


def force_faults(about):
    if about["maxForce"] <= FORCE:
        return []
    return [f"a force of {about['maxForce']} eV/angstrom, expected at most {FORCE}: not relaxed"]


def states_of(structure, moments, changing=tuple(MOMENT), charge_of=None):
    """
    One oxidation state for each site, or None: of a metal only where its moment, its bond valence sum and the cheapest
    assignment by both that makes the cell neutral agree, where the moments of its element's states lie apart, and where
    the cell's states by moments alone come near neutrality.
    charge_of: an element beside `changing`, whose states are found; None: those that have one usual state
    -> states; for each site of such a metal, what each way says
    """
    symbols = [site.specie.symbol for site in structure]
    metals = [i for i, symbol in enumerate(symbols) if symbol in changing]
    fixed = {symbol: (charge_of or only_state)(symbol) for symbol in set(symbols) - set(changing)}
    need = -sum(fixed[symbol] for symbol in symbols if symbol in fixed)
    by_moment_costs = {
        i: {q: min(abs(moments[i] - m) for m in of) for q, of in MOMENT[symbols[i]].items()} for i in metals
    }
    by_moment = {i: min(costs, key=costs.get) for i, costs in by_moment_costs.items()}
    sums = valence_sums(structure, metals)
    scale = need / sum(sums[i][by_moment[i]] for i in metals)
    by_valence_costs = {i: {q: abs(scale * total - q) for q, total in sums[i].items()} for i in metals}
    by_valence = {i: min(costs, key=costs.get) for i, costs in by_valence_costs.items()}
    neutral = cheapest_neutral(
        metals,
        {
            i: {
                q: (by_moment_costs[i][q] / SIGMA_MOMENT) ** 2 + (by_valence_costs[i][q] / SIGMA_VALENCE) ** 2
                for q in by_moment_costs[i]
            }
            for i in metals
        },
        need,
    )
    sound = (
        neutral is not None
        and all(told_apart(symbols[i]) for i in metals)
        and abs(sum(by_moment.values()) - need) <= BALANCE * len(metals)
    )
    states = [fixed.get(symbol) for symbol in symbols]
    evidence = {}
    for i in metals:
        balanced = neutral and neutral[i]
        if sound and by_moment[i] == by_valence[i] == balanced:
            states[i] = by_moment[i]
        evidence[i] = {
            "moment": moments[i],
            "byMoment": by_moment[i],
            "bondValence": round(scale * sums[i][by_moment[i]], 2),
            "byBondValence": by_valence[i],
            "balanced": balanced,
        }
    return states, evidence


def only_state(symbol):
    if symbol == "O":
        return -2
    common = Element(symbol).common_oxidation_states
    if len(common) != 1:
        raise ValueError(f"Expected elements of one oxidation state beside {', '.join(MOMENT)}, got {symbol}")
    return common[0]


def told_apart(symbol):
    """Whether no moment of one state lies near one of another: cobalt's high-spin states do."""
    states = MOMENT[symbol]
    return all(abs(a - b) >= SEPARATE for p in states for q in states if p < q for a in states[p] for b in states[q])


def valence_sums(structure, metals):
    """-> for each metal, the bond valence sum to oxygen by the state whose radius is taken"""
    sums = {i: dict.fromkeys(VALENCE_RADIUS[structure[i].specie.symbol], 0.0) for i in metals}
    for i, j, _, distance in zip(*structure.get_neighbor_list(BOND)):
        if int(i) in sums and structure[int(j)].specie.symbol == "O":
            for state, radius in VALENCE_RADIUS[structure[int(i)].specie.symbol].items():
                sums[int(i)][state] += math.exp((radius - distance) / 0.37)
    return sums


def cheapest_neutral(metals, costs, need):
    """The assignment of states of least cost whose sum is `need`; None where there is none."""
    best = {0: (0.0, ())}
    for i in metals:
        longer = {}
        for total, (cost, chosen) in best.items():
            for state, own in costs[i].items():
                if total + state not in longer or cost + own < longer[total + state][0]:
                    longer[total + state] = (cost + own, (*chosen, state))
        best = longer
    return dict(zip(metals, best[need][1])) if need in best else None
