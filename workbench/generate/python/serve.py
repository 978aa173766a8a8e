"""Answers requests about crystals: one JSON object a line on standard input, one on standard output, in order."""

import json
import sys
import warnings

warnings.filterwarnings("ignore")

from crystals import (  # noqa: E402
    cluster,
    distinct_sites,
    elements_by_appearance,
    largest_cluster,
    prototype_site,
    read_structure,
)
from labels import label_site, oxidation_states  # noqa: E402


def answer(request):
    if request["ask"] == "sites":
        structure = read_structure(request["file"])
        return {"sites": [{"index": i, "element": e} for i, e in distinct_sites(structure, request["elements"])]}
    if request["ask"] == "prototype":
        structure, charges, index, strain, rattle = prototype_site(
            request["prototype"], request["row"], request["variant"], request["id"]
        )
        method = None if charges is None else "formal"
    else:
        structure, index, strain, rattle = read_structure(request["file"]), request["index"], [0.0] * 6, 0.0
        charges, method = oxidation_states(structure)
    labels, neighbours, mean = label_site(structure, charges, index)
    return {
        "formula": structure.composition.reduced_formula,
        "labels": labels,
        "osMethod": method,
        "neighbours": neighbours,
        "meanBondLength": mean,
        "strain": strain,
        "rattleSigma": rattle,
        "atoms": cluster(structure, index, request["radius"]),
        "cell": elements_by_appearance(structure),
        "scfAtoms": largest_cluster(structure, request["scfRadius"]),
    }


for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as error:  # one bad crystal must not end the others
        reply = {"error": f"{type(error).__name__}: {error}"[:300]}
    print(json.dumps(reply), flush=True)
