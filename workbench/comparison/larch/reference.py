"""Writes larch's E0 and edge step for XDI files, for comparison with src/spectra.

    python3 -m venv .cache/larch
    .cache/larch/bin/pip install --no-deps xraylarch==2026.3
    .cache/larch/bin/pip install numpy scipy lmfit asteval pyshortcuts packaging uncertainties h5py xraydb \
        sqlalchemy matplotlib toml urllib3 pyyaml termcolor tomli tomli_w
    npm run workbench -- write-larch-scans
    cd workbench/comparison/larch; PYTHON=../../../.cache/larch/bin/python
    $PYTHON reference.py xdi ../../../.cache/larch/scans > ../../../test/spectra/larch-shipped.json
    $PYTHON reference.py xdi ../../../data/measured > measured.json
    $PYTHON reference.py synthetic > ../../../test/spectra/larch-synthetic.json

(Without --no-deps pip would build wxPython.) Numbers only: no spectrum is written. The first is of our own computed
spectra with baselines and noise, which the tests compare with; the second of measured files (docs/workbench/data.md),
for docs/tables/larch.md; the last of spectra that test/spectra/synthetic-edge.ts makes by the same formula.
"""

import json
import math
import os
import sys
import time

import numpy as np
from larch import Group
from larch.xafs.pre_edge import find_e0, pre_edge


def columns(path):
    names, rows = {}, []
    with open(path, encoding="latin-1") as lines:
        for line in lines:
            text = line.strip()
            if text.startswith("#"):
                key, _, value = text.lstrip("# ").partition(":")
                if key.lower().startswith("column."):
                    names[value.split()[0].lower()] = int(key.split(".")[1]) - 1
            elif text:
                rows.append([float(word) for word in text.split()])
    return names, np.array(rows)


def measured(path):
    names, rows = columns(path)
    energy = rows[:, names["energy"]]
    if "itrans" in names:
        return energy, np.log(rows[:, names["i0"]] / rows[:, names["itrans"]])
    return energy, rows[:, names["mutrans"]]


def synthetic(case):
    """The formula of test/spectra/synthetic-edge.ts."""
    energy = []
    at = case["fromEv"]
    while at <= case["toEv"]:
        energy.append(case["e0Ev"] + at)
        at += 5.0 if at < -20 else 0.25 if at < 40 else 1.0 if at < 150 else 2.0
    energy = np.array(energy)
    x = energy - case["e0Ev"]
    mu = (
        case["offset"]
        + case["slope"] * x
        + case["step"] * (0.5 + np.arctan(x / case["width"]) / math.pi)
        + case["whiteLine"] * np.exp(-(((x - 4) / 3) ** 2))
        + 0.1 * case["step"] * np.sin(x / 9) * np.exp(-x / 80) * (x > 0)
    )
    return energy, mu


CASES = [
    {"name": "long", "e0Ev": 7709, "fromEv": -200, "toEv": 900, "offset": 1.5, "slope": -4e-4, "step": 1.1, "width": 1.2, "whiteLine": 0.5},
    {"name": "xanes", "e0Ev": 8979, "fromEv": -100, "toEv": 250, "offset": -2, "slope": 2e-4, "step": 0.4, "width": 1.6, "whiteLine": 0.1},
    {"name": "short", "e0Ev": 6539, "fromEv": -60, "toEv": 60, "offset": 0.1, "slope": 0, "step": 2.5, "width": 0.9, "whiteLine": 0.9},
]


def answer(energy, mu):
    group = Group(energy=energy, mu=mu)
    started = time.perf_counter()
    find_e0(energy, mu, group=group)
    pre_edge(energy, mu, group=group, e0=group.e0)
    seconds = time.perf_counter() - started
    return {"e0Ev": round(float(group.e0), 4), "edgeStep": round(float(group.edge_step), 6)}, seconds


result, total = {}, 0.0
if sys.argv[1] == "xdi":
    folder = sys.argv[2]
    for entry in json.load(open(os.path.join(folder, "manifest.json"))):
        result[entry["file"]], seconds = answer(*measured(os.path.join(folder, entry["file"])))
        total += seconds
else:
    for case in CASES:
        larch = answer(*synthetic(case))[0]
        result[case["name"]] = {**case, "larchE0Ev": larch["e0Ev"], "larchEdgeStep": larch["edgeStep"]}
json.dump(result, sys.stdout, indent=1)
print(f"{len(result)} spectra, {1e6 * total / len(result):.0f} us each in larch", file=sys.stderr)
