"""Answers requests about crystals: one JSON object a line on standard input, one on standard output, in order."""

import json
import sys
import warnings

warnings.filterwarnings("ignore")

from amorphous import METHOD, check_cell, pack, read_cell, states_of  # noqa: E402
from crystals import (  # noqa: E402
    cluster,
    distinct_sites,
    elements_by_appearance,
    largest_cluster,
    prototype_site,
    read_structure,
)
from labels import label_site, oxidation_states, soft_coordination  # noqa: E402
from relaxed import arrange, check_relaxed, sites_to_compute, states_of_relaxed  # noqa: E402


def answer(request):
    if request["ask"] == "sites":
        structure = read_structure(request["file"])
        return {"sites": [{"index": i, "element": e} for i, e in distinct_sites(structure, request["elements"])]}
    if request["ask"] == "pack":
        symbols, side, positions, seed = pack(request["formula"], request["number"], request["atoms"])
        return {"symbols": symbols, "side": side, "positions": positions.tolist(), "seed": seed}
    if request["ask"] == "arrange":
        symbols, lattice, positions = arrange(request["cell"], request["host"])
        return {"symbols": symbols, "lattice": lattice.tolist(), "positions": positions.tolist()}
    if request["ask"] == "check-cell":
        structure, about = read_cell(request["file"])
        if "host" in about:
            return {"faults": check_relaxed(structure, about)}
        faults, told = check_cell(structure, about)
        return {"faults": faults, **told}
    if request["ask"] == "sites-of-cell":
        structure, _ = read_cell(request["file"])
        return {"sites": [{"index": i, "element": e} for i, e in sites_to_compute(structure, request["elements"])]}
    return described(request)


def described(request):
    """A site with everything that FEFF and a labelled record need."""
    beside, relaxed = {}, False
    if request["ask"] == "cell":
        structure, about = read_cell(request["file"])
        index, strain, rattle = request["index"], [0.0] * 6, 0.0
        relaxed = "host" in about
        if relaxed:
            charges, evidence, method = states_of_relaxed(structure, about["moments"])
        else:
            (charges, evidence), method = states_of(structure, about["moments"]), METHOD
        method = method if charges[index] is not None else None
        beside = {"osEvidence": evidence.get(index)}
    elif request["ask"] == "prototype":
        structure, charges, index, strain, rattle = prototype_site(
            request["prototype"], request["row"], request["variant"], request["id"]
        )
        method = None if charges is None else "formal"
    else:
        structure, index, strain, rattle = read_structure(request["file"]), request["index"], [0.0] * 6, 0.0
        charges, method = oxidation_states(structure)
    labels, neighbours, mean = label_site(structure, charges, index)
    if relaxed:
        labels["PSGO"] = None  # a relaxation that ends at some force leaves no crystal's symmetry whole
    return {
        "formula": structure.composition.reduced_formula,
        "labels": labels,
        "softCn": soft_coordination(structure, index),
        "osMethod": method,
        **beside,
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
