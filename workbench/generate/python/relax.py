"""
Relaxes a crystal and its cell with CHGNet (0.3.0, whose weights the wheel holds): relax.py REQUEST.json

The request: name, host, symbols, lattice and positions (angstrom), folder. Writes NAME.cif and, when all is done,
NAME.json into the folder. A cell of 30 atoms takes half a minute.
"""

import json
import os
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import torch  # noqa: E402
from chgnet.model import CHGNet, StructOptimizer  # noqa: E402
from pymatgen.core import Lattice, Structure  # noqa: E402

FORCE, STEPS = 0.05, 250  # eV/angstrom


def main():
    with open(sys.argv[1]) as file:
        request = json.load(file)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    began = time.process_time()
    start = Structure(Lattice(request["lattice"]), request["symbols"], request["positions"], coords_are_cartesian=True)
    model = CHGNet.load(use_device="cpu", verbose=False)
    found = StructOptimizer(model=model, use_device="cpu").relax(start, fmax=FORCE, steps=STEPS, verbose=False)
    relaxed = found["final_structure"]
    relaxed.remove_oxidation_states()
    bare = Structure(relaxed.lattice, request["symbols"], relaxed.frac_coords)
    cif = os.path.join(request["folder"], f"{request['name']}.cif")
    bare.to(filename=cif, fmt="cif")
    structure = Structure.from_file(cif)  # what is on disk is what counts
    answer = model.predict_structure(structure, task="efsm")
    about = {
        **{key: request[key] for key in ("name", "host", "symbols")},
        "potential": "CHGNet 0.3.0",
        "startVolume": round(start.volume, 3),
        "relaxSteps": len(found["trajectory"].energies),
        "maxForce": round(float(np.linalg.norm(answer["f"], axis=1).max()), 3),
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
