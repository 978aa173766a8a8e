"""Crystals to compute: prototypes with formal charges, distorted at random; structure files; the cluster that FEFF sees."""

import zlib

import numpy as np
from pymatgen.core import Lattice, Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

# Chance of each thermal rattle of a variant, angstrom.
RATTLE = {0.0: 0.25, 0.02: 0.2, 0.04: 0.18, 0.06: 0.17, 0.08: 0.1, 0.1: 0.1}
SHORTEST_BOND = 0.8  # angstrom; 1.1 in crystals without hydrogen
RATTLED_SITES = 160  # a rattled supercell holds no more


def prototype_site(prototype, row, variant, name):
    """
    Variant 0 is the crystal of the literature; any other is strained and rattled, a pure function of its name.
    -> structure, charges or None, index of the absorber (a site of the prototype's row), strain, rattle
    """
    structure = build(prototype)
    rng = np.random.RandomState(zlib.crc32(name.encode()))
    strain, rattle = [0.0] * 6, 0.0
    if variant > 0:
        rattle = float(rng.choice(list(RATTLE), p=list(RATTLE.values())))
        strain = random_strain(rng, always=rattle == 0)
        structure = strained(structure, strain)
        if rattle > 0:
            structure = rattled(structure, rattle, rng)
    rows, charges = structure.site_properties["row"], structure.site_properties["charge"]
    choices = [i for i, r in enumerate(rows) if r == row]
    index = int(choices[rng.randint(len(choices))])
    known = None if None in charges else [float(c) for c in charges]
    return bare(structure), known, index, strain, rattle


def build(prototype):
    rows = prototype["sites"]
    structure = Structure.from_spacegroup(
        prototype["spaceGroup"],
        Lattice.from_parameters(*prototype["cell"]),
        [row[0] for row in rows],
        [row[2:] for row in rows],
        site_properties={"charge": [row[1] for row in rows], "row": list(range(len(rows)))},
    )
    charges = structure.site_properties["charge"]
    if None not in charges and sum(charges) != 0:
        raise ValueError(f"{prototype['name']} is not neutral: {structure.composition.formula}")
    return structure.get_primitive_structure(use_site_props=True)


def random_strain(rng, always):
    """Half isotropic, a quarter with shear, a quarter (where the atoms are rattled instead) none. -> xx yy zz xy xz yz"""
    kind = rng.rand() * (0.75 if always else 1)
    if kind < 0.5:
        z = float(np.clip(rng.normal(0, 0.012), -0.03, 0.03))
        strain = [z, z, z, 0, 0, 0]
    elif kind < 0.75:
        strain = [*np.clip(rng.normal(0, 0.012, 3), -0.03, 0.03), *np.clip(rng.normal(0, 0.006, 3), -0.015, 0.015)]
    else:
        strain = [0, 0, 0, 0, 0, 0]
    return [round(float(x), 5) for x in strain]


def strained(structure, strain):
    xx, yy, zz, xy, xz, yz = strain
    deformation = np.eye(3) + np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    lattice = Lattice(structure.lattice.matrix @ deformation)
    return Structure(lattice, structure.species, structure.frac_coords, site_properties=structure.site_properties)


def rattled(structure, sigma, rng):
    """In a supercell, so that the periodic images of an atom do not move with it. Light atoms move half as far."""
    size = [max(1, int(np.ceil(5.5 / x))) for x in structure.lattice.abc]
    while np.prod(size) * len(structure) > RATTLED_SITES and max(size) > 1:
        size[int(np.argmax(size))] -= 1
    structure = structure.copy()
    structure.make_supercell(size)
    share = np.array([0.5 if s.symbol in ("H", "B", "C", "P", "Si", "S") else 1.0 for s in structure.species])
    shortest = SHORTEST_BOND if "H" in structure.symbol_set else 1.1
    for _ in range(20):
        moved = structure.cart_coords + rng.normal(0, sigma, (len(structure), 3)) * share[:, None]
        candidate = Structure(
            structure.lattice,
            structure.species,
            moved,
            coords_are_cartesian=True,
            site_properties=structure.site_properties,
        )
        distances = candidate.distance_matrix + 9 * np.eye(len(candidate))
        if distances.min() > shortest:
            return candidate
    raise ValueError(f"20 rattles of {sigma} angstrom all brought two atoms closer than {shortest} angstrom")


def read_structure(file):
    """A CIF or POSCAR file with every site wholly occupied by one element."""
    structure = Structure.from_file(file)
    if not structure.is_ordered:
        raise ValueError("some sites are partly occupied: FEFF needs one element on every site")
    return bare(structure)


def distinct_sites(structure, elements):
    """One site of each symmetry class of the elements. -> [(index, symbol)]"""
    representatives = sorted(set(SpacegroupAnalyzer(structure, symprec=0.01).get_symmetry_dataset().equivalent_atoms))
    sites = [(int(i), structure[int(i)].specie.symbol) for i in representatives]
    return [(i, symbol) for i, symbol in sites if symbol in elements]


def bare(structure):
    structure = Structure(structure.lattice, [s.specie for s in structure], structure.frac_coords)
    structure.remove_oxidation_states()
    return structure


def cluster(structure, index, radius):
    """-> atoms [symbol, x, y, z] (angstrom, the absorber at the origin first, the others by distance)"""
    centre = structure[index]
    neighbours = sorted(structure.get_neighbors(centre, radius), key=lambda n: n.nn_distance)
    atoms = [[centre.specie.symbol, 0.0, 0.0, 0.0]]
    return atoms + [[n.specie.symbol, *(float(x) for x in n.coords - centre.coords)] for n in neighbours]


def elements_by_appearance(structure):
    """The order in which the potentials of a deck are numbered. -> [(symbol, atomic number, atoms in the cell)]"""
    count = {}
    for site in structure:
        count[site.specie] = count.get(site.specie, 0) + 1
    return [(element.symbol, element.Z, n) for element, n in count.items()]


def largest_cluster(structure, radius):
    """An upper bound of the atoms that any site has within the radius, itself included."""
    return 2 + max(len(found) for found in structure.get_all_neighbors(radius + 0.2))
