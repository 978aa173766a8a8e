"""
What CHGNet's moments tell of oxidation states: its moment of each metal in the built-in crystals, by formal charge. The
constants MOMENT of amorphous.py come from a look at this. Run by hand with the Python of quench.py.
"""

import json
import os
import warnings
from collections import defaultdict

warnings.filterwarnings("ignore")

from amorphous import MOMENT  # noqa: E402
from chgnet.model import CHGNet  # noqa: E402
from crystals import bare, build  # noqa: E402

MOST_ATOMS = 60

model = CHGNet.load(use_device="cpu", verbose=False)
moments = defaultdict(set)
with open(os.path.join(os.path.dirname(__file__), "..", "prototypes.json")) as file:
    prototypes = json.load(file)
for prototype in prototypes:
    crystal = build(prototype)
    if len(crystal) > MOST_ATOMS:
        continue
    found = model.predict_structure(bare(crystal), task="em")["m"]
    for site, charge, moment in zip(crystal, crystal.site_properties["charge"], found):
        if site.specie.symbol in MOMENT:
            moments[site.specie.symbol, charge].add((round(float(moment), 2), prototype["name"]))
for (element, charge), own in sorted(moments.items()):
    print(f"{element} +{charge}: " + ", ".join(f"{moment} {name}" for moment, name in sorted(own)))
