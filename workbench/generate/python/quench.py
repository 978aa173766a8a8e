"""
Melts, quenches and relaxes a packed cell with CHGNet: quench.py REQUEST.json

The request: name, composition, number, seed, symbols, side (angstrom), positions (angstrom), folder, meltPs, quenchPs.
A cell of 45 atoms takes some 850 steps, 2 to 4 minutes.
"""

import warnings

warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
from ase import Atoms, units  # noqa: E402
from ase.calculators.calculator import Calculator, all_changes  # noqa: E402
from ase.md.langevin import Langevin  # noqa: E402
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution  # noqa: E402
from ase.optimize import FIRE  # noqa: E402
from pymatgen.core import Lattice, Structure  # noqa: E402

from chgnet_cell import make_cell  # noqa: E402

MELT_K, END_K = 5000.0, 300.0
STEP_FS, FRICTION = 2.0, 0.02  # fs, 1/fs
CONTACTS = {"fmax": 5.0, "steps": 15}  # takes the hard contacts out of a packed cell
RELAXATION = {"fmax": 0.1, "steps": 200}  # eV/angstrom


class EnergyAndForces(Calculator):
    """Without stress and moments, which CHGNet's own calculator adds: half the time."""

    implemented_properties = ["energy", "forces"]

    def __init__(self, model):
        super().__init__()
        self.model = model

    def calculate(self, atoms=None, properties=None, system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        answer = self.model.predict_structure(structure_of(atoms), task="ef")
        self.results = {"energy": float(answer["e"]) * len(atoms), "forces": np.asarray(answer["f"], float)}


def structure_of(atoms):
    return Structure(Lattice(atoms.cell.array), atoms.get_chemical_symbols(), atoms.get_scaled_positions())


def quench(request, model):
    """-> the relaxed cell, and what is told of the run"""
    rng = np.random.RandomState(request["seed"] + 1)
    side = request["side"]
    atoms = Atoms(
        request["symbols"],
        positions=request["positions"],
        cell=[side] * 3,
        pbc=True,
        calculator=EnergyAndForces(model),
    )
    FIRE(atoms, logfile=None, maxstep=0.15).run(**CONTACTS)
    MaxwellBoltzmannDistribution(atoms, temperature_K=MELT_K, rng=rng)
    dynamics = Langevin(
        atoms, STEP_FS * units.fs, temperature_K=MELT_K, friction=FRICTION / units.fs, rng=rng
    )
    melting, quenching = (round(1000 * request[key] / STEP_FS) for key in ("meltPs", "quenchPs"))
    began = atoms.get_positions()
    dynamics.run(melting)
    moved = atoms.get_positions() - began
    for step in range(quenching):
        dynamics.set_temperature(temperature_K=MELT_K * (END_K / MELT_K) ** ((step + 1) / quenching))
        dynamics.run(1)
    relaxation = FIRE(atoms, logfile=None, maxstep=0.1)
    relaxation.run(**RELAXATION)
    symbols = np.array(request["symbols"])
    return structure_of(atoms), {
        **{key: request[key] for key in ("composition", "number", "seed", "meltPs", "quenchPs")},
        "side": round(side, 4),
        "rmsDisplacementInMelt": {
            element: round(float(np.sqrt((moved[symbols == element] ** 2).sum(1).mean())), 2)
            for element in dict.fromkeys(request["symbols"])
        },
        "relaxSteps": relaxation.get_number_of_steps(),
    }


make_cell(quench)
