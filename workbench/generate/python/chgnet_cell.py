"""What programs that make a cell with CHGNet (0.3.0, whose weights the wheel holds) have in common."""

import json
import os
import sys
import time

import numpy as np
import torch
from chgnet.model import CHGNet
from pymatgen.core import Structure


def make_cell(make):
    """
    Reads the request that the command line names, with at least name, symbols and folder, and writes NAME.cif and, when
    all is done, NAME.json into the folder.
    make: of the request and the model -> the structure, its atoms in the order of the symbols, and what is told of it
    """
    with open(sys.argv[1]) as file:
        request = json.load(file)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    model = CHGNet.load(use_device="cpu", verbose=False)
    began = time.process_time()
    made, told = make(request, model)
    path = os.path.join(request["folder"], request["name"])
    made.to(filename=f"{path}.cif", fmt="cif")
    structure = Structure.from_file(f"{path}.cif")  # what is on disk is what counts
    answer = model.predict_structure(structure, task="efsm")
    about = {
        **told,
        "symbols": [site.specie.symbol for site in structure],  # pymatgen reads atoms sorted by electronegativity
        "potential": "CHGNet 0.3.0",
        "maxForce": round(float(np.linalg.norm(answer["f"], axis=1).max()), 3),
        "energyPerAtom": round(float(answer["e"]), 4),
        "pressureGPa": round(-float(np.trace(answer["s"])) / 3, 2),
        "moments": [round(float(moment), 3) for moment in answer["m"]],
        "cpuSeconds": round(time.process_time() - began),
    }
    with open(f"{path}.json.new", "w") as file:
        json.dump(about, file)
    os.replace(f"{path}.json.new", f"{path}.json")  # a cell with its .json is whole
