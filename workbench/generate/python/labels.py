"""The descriptors of one site of a crystal, as docs/workbench/data-engine.md defines them."""

import numpy as np
from pymatgen.analysis.bond_valence import BVAnalyzer
from pymatgen.analysis.local_env import CrystalNN, EconNN
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

SYMPREC = 0.01  # angstrom
POINT_GROUP_ORDER = {
    "1": 1, "-1": 2, "2": 2, "m": 2, "2/m": 4, "222": 4, "mm2": 4, "mmm": 8, "4": 4, "-4": 4, "4/m": 8, "422": 8,
    "4mm": 8, "-42m": 8, "4/mmm": 16, "3": 3, "-3": 6, "32": 6, "3m": 6, "-3m": 12, "6": 6, "-6": 6, "6/m": 12,
    "622": 12, "6mm": 12, "-6m2": 12, "6/mmm": 24, "23": 12, "m-3": 24, "432": 24, "-43m": 24, "m-3m": 48,
}  # fmt: skip


def label_site(structure, charges, index):
    """
    structure: without oxidation states, since CrystalNN finds other neighbours where it is told them.
    charges: one for each site, or None where nothing is known (then OS and NNOSM are null).
    -> labels, the symbols of the first neighbours, their mean distance in angstrom
    """
    neighbours_of = neighbour_finder(structure)
    first = neighbours_of(index)
    if not first:
        raise ValueError(f"CrystalNN finds no neighbour of site {index}")
    symbols = [structure[j].specie.symbol for j, _ in first]
    origin = structure[index].coords
    positions = [
        structure.lattice.get_cartesian_coords(structure[j].frac_coords + np.array(image)) for j, image in first
    ]
    distances = np.linalg.norm(np.array(positions) - origin, axis=1)

    labels = {
        "OS": None if charges is None else whole(charges[index]),
        "CN": len(first),
        "CN2": second_coordination(index, first, neighbours_of),
        "NNRS": round(float(distances.std()), 6),
    }
    if structure[index].specie.symbol == "O":
        known = charges is not None and all(charges[j] is not None for j, _ in first)
        labels["NNOSM"] = round(float(np.mean([charges[j] for j, _ in first])), 5) if known else None
    else:
        oxygens = [position for position, symbol in zip(positions, symbols) if symbol == "O"]
        labels["OCN"] = len(oxygens)
        labels["MOOD"] = minimum_distance(oxygens)
    labels["PSGO"] = point_group_order(structure)
    return labels, sorted(symbols), round(float(distances.mean()), 5)


def soft_coordination(structure, index):
    """
    What takes the place of CN where a bond more or less is a matter of weights, as in a glass. All are CN of an even
    shell that stands alone; crystalNN and bondValence lie a little above where there are oxygens further out.
    -> crystalNN: mean of the probabilities that CrystalNN gives each number, by solid angles; econ: Hoppe's effective
    coordination number, by bond lengths; bondValence: the number of equal bonds that would share a bond valence sum so
    evenly, (sum s)^2 / sum s^2 over the oxygens within 3.2 angstrom, s = exp(-d / 0.37); null without any
    """
    chances = CrystalNN().get_nn_data(structure, index).cn_weights
    strengths = bond_strengths(structure, index)
    shared = sum(strengths) ** 2 / sum(s * s for s in strengths) if strengths else None
    return {
        "crystalNN": round(float(sum(number * chance for number, chance in chances.items())), 4),
        "econ": round(float(EconNN().get_cn(structure, index, use_weights=True)), 4),
        "bondValence": None if shared is None else round(shared, 4),
    }


def bond_strengths(structure, index):
    """exp(-d / 0.37) of each oxygen within 3.2 angstrom: its bond valence but for the radius"""
    return [
        float(np.exp(-neighbour.nn_distance / 0.37))
        for neighbour in structure.get_neighbors(structure[index], 3.2)
        if neighbour.specie.symbol == "O"
    ]


def neighbour_finder(structure):
    finder, known = CrystalNN(), {}

    def neighbours_of(index):
        """-> {(site, periodic image)}"""
        if index not in known:
            info = finder.get_nn_info(structure, index)
            known[index] = sorted({(n["site_index"], tuple(round(v) for v in n["image"])) for n in info})
        return known[index]

    return neighbours_of


def second_coordination(index, first, neighbours_of):
    """Distinct neighbours of the first neighbours, without the absorber and the first neighbours."""
    near = {(index, (0, 0, 0)), *first}
    second = set()
    for j, image in first:
        second |= {(k, tuple(a + b for a, b in zip(image, further))) for k, further in neighbours_of(j)}
    return len(second - near)


def minimum_distance(points):
    if len(points) < 2:
        return None
    return round(min(float(np.linalg.norm(a - b)) for i, a in enumerate(points) for b in points[:i]), 5)


def point_group_order(structure):
    for symprec in (SYMPREC, SYMPREC * 3, SYMPREC / 3):
        try:
            symbol = SpacegroupAnalyzer(structure, symprec=symprec).get_point_group_symbol().strip()
            return POINT_GROUP_ORDER[symbol]
        except Exception:  # spglib gives up on some nearly symmetric cells at one tolerance and not at another
            continue
    return None


def oxidation_states(structure):
    """
    Bond valences; where they make oxygen other than -2 (22% of the copper oxides of the Materials Project), the
    composition's most likely states with oxygen at -2.
    -> one for each site or None, and the method
    """
    symbols = [site.specie.symbol for site in structure]
    try:
        valences = [float(v) for v in BVAnalyzer().get_valences(structure)]
        if all(v == -2 for v, symbol in zip(valences, symbols) if symbol == "O"):
            return valences, "bond valence"
    except ValueError:  # "Valences cannot be assigned!"
        pass
    override = {"O": [-2]} if "O" in symbols else None
    guesses = structure.composition.reduced_composition.oxi_state_guesses(oxi_states_override=override)
    if guesses:
        return [guesses[0][symbol] for symbol in symbols], "composition"
    return None, None


def whole(charge):
    """A mean over a composition that is not whole belongs to no single site."""
    return round(charge) if charge is not None and abs(charge - round(charge)) < 1e-3 else None
