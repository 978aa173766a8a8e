"""
Relaxes a crystal and its cell with CHGNet: relax.py REQUEST.json

The request: name, host, symbols, lattice and positions (angstrom), folder. A cell of 10 to 40 atoms takes 5 to 20 s.
"""

import warnings

warnings.filterwarnings("ignore")

from chgnet.model import StructOptimizer  # noqa: E402
from pymatgen.core import Lattice, Structure  # noqa: E402

from chgnet_cell import make_cell  # noqa: E402

FORCE, STEPS = 0.05, 250  # eV/angstrom


def relax(request, model):
    start = Structure(Lattice(request["lattice"]), request["symbols"], request["positions"], coords_are_cartesian=True)
    found = StructOptimizer(model=model, use_device="cpu").relax(start, fmax=FORCE, steps=STEPS, verbose=False)
    relaxed = found["final_structure"]
    return Structure(relaxed.lattice, request["symbols"], relaxed.frac_coords), {
        "name": request["name"],
        "host": request["host"],
        "startVolume": round(start.volume, 3),
        "relaxSteps": len(found["trajectory"].energies),
    }


make_cell(relax)
