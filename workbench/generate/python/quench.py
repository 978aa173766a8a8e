"""
Melts, quenches and relaxes a packed cell with CHGNet (0.3.0, whose weights the wheel holds): quench.py REQUEST.json

The request: name, composition, number, seed, symbols, side (angstrom), positions (angstrom), folder, meltPs, quenchPs.
Writes NAME.cif and, when all is done, NAME.json into the folder. A cell of 45 atoms takes some 850 steps, 2 to 4
minutes.
"""

import json
import os
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import torch  # noqa: E402
from ase import Atoms, units  # noqa: E402
from ase.calculators.calculator import Calculator, all_changes  # noqa: E402
from ase.md.langevin import Langevin  # noqa: E402
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution  # noqa: E402
from ase.optimize import FIRE  # noqa: E402
from chgnet.model import CHGNet  # noqa: E402
from pymatgen.core import Lattice, Structure  # noqa: E402

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
    """-> the relaxed atoms, and what is told of the run"""
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
    return atoms, {
        "rmsDisplacementInMelt": {
            element: round(float(np.sqrt((moved[symbols == element] ** 2).sum(1).mean())), 2)
            for element in dict.fromkeys(request["symbols"])
        },
        "relaxSteps": relaxation.get_number_of_steps(),
        "maxForce": round(float(np.linalg.norm(atoms.get_forces(), axis=1).max()), 3),
    }


def main():
    with open(sys.argv[1]) as file:
        request = json.load(file)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    model = CHGNet.load(use_device="cpu", verbose=False)
    began = time.process_time()
    atoms, told = quench(request, model)
    cif = os.path.join(request["folder"], f"{request['name']}.cif")
    structure_of(atoms).to(filename=cif, fmt="cif")
    structure = Structure.from_file(cif)  # what is on disk is what counts
    answer = model.predict_structure(structure, task="efsm")
    about = {
        **{key: request[key] for key in ("composition", "number", "seed", "symbols", "meltPs", "quenchPs")},
        "side": round(structure.lattice.a, 4),
        "potential": "CHGNet 0.3.0",
        **told,
        "energyPerAtom": round(float(answer["e"]), 4),
        "pressureGPa": round(-float(np.trace(answer["s"])) / 3, 2),
        "moments": [round(float(moment), 3) for moment in answer["m"]],
        "cpuSeconds": round(time.process_time() - began),
    }
    path = os.path.join(request["folder"], f"{request['name']}.json")
    with open(path + ".new", "w") as file:
        json.dump(about, file)
    os.replace(path + ".new", path)  # a cell with its .json is whole


main()
