"""
Crystals that differ from their host: other metals, some of its lithium gone. Where their atoms begin before CHGNet
relaxes them, whether a relaxed cell may be believed, the states of its metals, and which of its sites are computed.
"""

import zlib

import numpy as np
from pymatgen.analysis.ewald import EwaldSummation
from pymatgen.core import Composition, Element
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from amorphous import (
    MOMENT,
    PEROXO,
    SEPARATE,
    SHORTEST,
    VALENCE_RADIUS,
    force_faults,
    states_of,
    valence_sums,
)
from crystals import build
from labels import bond_strengths

ARRANGEMENTS = 24  # of the elements on their sites, of which the one with the least Ewald energy is taken
VOLUME_CHANGE = 0.25  # by relaxation, of the volume
VALENCE_MISS = 0.3  # of the formal charge
SYMPREC = 0.05  # angstrom; within it sites of a relaxed cell are the same
DIFFERENT = 0.02  # of the bond valence sum; sites that differ by less are computed once

# Oxidation states of what does not change its own in these oxides.
CHARGE = {
    "Li": 1, "Na": 1, "K": 1, "Ag": 1, "Mg": 2, "Ca": 2, "Sr": 2, "Ba": 2, "Zn": 2, "Cd": 2, "Al": 3, "Ga": 3, "Y": 3,
    "La": 3, "Nd": 3, "Cr": 3, "Si": 4, "Ge": 4, "Sn": 4, "Zr": 4, "P": 5, "As": 5, "Sb": 5, "Nb": 5, "Ta": 5, "Mo": 6,
    "W": 6, "Te": 6, "O": -2,
}  # fmt: skip
# And of these, where another metal of the crystal can take what is left.
USUAL = {"Ti": 4, "V": 5}
METHOD = "formal"
METHOD_MIXED = "bond valence and charge balance agree, and no moment is against it"


def arrange(cell, host):
    """
    cell: name (formula-host), supercell [3], fill: by the symbol that stands for a slot of the host, the share of each
    element, "" for a vacancy. A pure function of these.
    -> symbols, lattice [3, 3] and positions [atoms, 3] in angstrom
    """
    structure = build(host)
    structure.make_supercell(cell["supercell"])
    rng = np.random.RandomState(zlib.crc32(cell["name"].encode()))
    slots = [site.specie.symbol for site in structure]
    best = None
    for _ in range(ARRANGEMENTS):
        filled = fill(slots, cell["fill"], rng)
        kept = [i for i, symbol in enumerate(filled) if symbol]
        candidate = structure.copy()
        for i in kept:
            candidate.replace(i, filled[i])
        candidate.remove_sites([i for i in range(len(filled)) if not filled[i]])
        candidate.add_oxidation_state_by_site(mean_charges([s.specie.symbol for s in candidate]))
        energy = EwaldSummation(candidate).total_energy
        if best is None or energy < best[0] - 1e-6:
            best = energy, candidate
    candidate = best[1].get_sorted_structure()  # a CIF file groups the elements, too
    candidate.remove_oxidation_states()
    formula = Composition(cell["name"].split("-")[0])
    if not formula.fractional_composition.almost_equals(candidate.composition.fractional_composition):
        raise ValueError(f"{cell['name']} is called so, and is {candidate.composition.reduced_formula}")
    return [s.specie.symbol for s in candidate], candidate.lattice.matrix, candidate.cart_coords


def fill(slots, shares_of, rng):
    """-> an element for each site, "" where it is vacant"""
    filled = list(slots)
    for slot, shares in shares_of.items():
        places = [i for i, symbol in enumerate(slots) if symbol == slot]
        counts = [share * len(places) for share in shares.values()]
        if not places or sum(map(round, counts)) != len(places) or any(abs(n - round(n)) > 0.01 for n in counts):
            raise ValueError(f"Expected shares that divide the {len(places)} sites of {slot}, got {shares}")
        elements = [element for element, n in zip(shares, counts) for _ in range(round(n))]
        for place, which in zip(places, rng.permutation(len(places))):
            filled[place] = elements[which]
    return filled


def mean_charges(symbols):
    """For Ewald's sum: what is left for the metals that change their state is shared alike."""
    changing = changing_metals(symbols)
    fixed = {symbol: fixed_charge(symbol) for symbol in set(symbols) - set(changing)}
    left = -sum(fixed[symbol] for symbol in symbols if symbol in fixed)
    number = sum(symbol in changing for symbol in symbols)
    if number == 0 and left != 0:
        raise ValueError(f"Expected a neutral cell, {left} is left")
    return [fixed[symbol] if symbol in fixed else left / number for symbol in symbols]


def changing_metals(symbols):
    """Metals whose state the composition has to tell: Ti and V only where there is no other."""
    metals = sorted(set(symbols) & set(MOMENT))
    others = [metal for metal in metals if metal not in USUAL]
    return others or metals


def fixed_charge(symbol):
    charge = CHARGE.get(symbol, USUAL.get(symbol))
    if charge is None:
        raise ValueError(f"Expected elements of {', '.join([*CHARGE, *USUAL])} beside the metals, got {symbol}")
    return charge


def states_of_relaxed(structure, moments):
    """
    Formal where one metal alone changes its state and balances the cell with the same whole number on each site; else
    the cheapest assignment by moments and bond valences that makes the cell neutral, where a site's bond valence
    agrees. None where a moment in the cell says otherwise.
    -> states, what each way says by site, the method
    """
    symbols = [site.specie.symbol for site in structure]
    changing = changing_metals(symbols)
    charges = mean_charges(symbols)
    metals = [i for i, symbol in enumerate(symbols) if symbol in changing]
    state = charges[metals[0]] if metals else None
    if len(changing) == 1 and abs(state - round(state)) < 1e-6 and round(state) in VALENCE_RADIUS[changing[0]]:
        evidence, method = {}, METHOD
        expected = dict.fromkeys(metals, round(state))
        agreed = metals
    else:
        _, evidence = states_of(structure, moments, changing, fixed_charge)
        method = METHOD_MIXED
        expected = {i: evidence[i]["balanced"] for i in metals}
        agreed = [i for i in metals if evidence[i]["byBondValence"] == expected[i]]
    states = [None if symbol in changing else fixed_charge(symbol) for symbol in symbols]
    if all(decides(symbols[i], moments[i]) in (None, expected[i]) for i in metals):
        for i in agreed:
            states[i] = expected[i]
    return states, evidence, method


def decides(symbol, moment):
    """The state that a moment lies nearest to, where it is SEPARATE further from every other one; else None."""
    nearest, next_one = sorted(
        (min(abs(moment - m) for m in moments), state) for state, moments in MOMENT[symbol].items()
    )[:2]
    return nearest[1] if next_one[0] - nearest[0] >= SEPARATE else None


def check_relaxed(structure, about):
    """-> faults in words, for which the cell must not be used"""
    faults = []
    symbols = [site.specie.symbol for site in structure]
    for i, j, _, distance in zip(*structure.get_neighbor_list(3.0)):
        pair = (symbols[int(i)], symbols[int(j)])
        if i >= j or not all(symbol == "O" or Element(symbol).is_metal for symbol in pair):
            continue
        oxygens = pair.count("O")
        least = PEROXO if oxygens == 2 else SHORTEST["M-O" if oxygens == 1 else "M-M"]
        if distance < least:
            faults.append(f"a distance {pair[0]}-{pair[1]} of {distance:.2f} angstrom, expected at least {least}")
    faults += force_faults(about)
    change = structure.volume / about["startVolume"] - 1
    if abs(change) > VOLUME_CHANGE:
        faults.append(f"a volume that relaxation changed by {change:.0%}, expected at most {VOLUME_CHANGE:.0%}")
    states, _, method = states_of_relaxed(structure, about["moments"])
    if method == METHOD:
        metals = [i for i, symbol in enumerate(symbols) if symbol in changing_metals(symbols)]
        for i, sums in valence_sums(structure, metals).items():
            if states[i] is not None and abs(sums[states[i]] / states[i] - 1) > VALENCE_MISS:
                faults.append(f"a bond valence sum of {sums[states[i]]:.1f} where {symbols[i]} is +{states[i]}")
    return faults[:3]


def sites_to_compute(structure, elements):
    """Of each element the site with the least and the one with the greatest bond valence. -> [(index, symbol)]"""
    distinct = set(SpacegroupAnalyzer(structure, symprec=SYMPREC).get_symmetry_dataset().equivalent_atoms)
    chosen = []
    for element in elements:
        strength = {
            int(i): sum(bond_strengths(structure, int(i)))
            for i in sorted(distinct)
            if structure[int(i)].specie.symbol == element
        }
        if strength:
            least, most = min(strength, key=strength.get), max(strength, key=strength.get)
            chosen.append((least, element))
            if strength[most] > strength[least] * (1 + DIFFERENT):
                chosen.append((most, element))
    return chosen
