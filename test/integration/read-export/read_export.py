"""Prints as JSON what h5py and pyarrow read of the files that are named."""

import json
import sys

import h5py
import numpy as np
import pyarrow.parquet as pq


def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, np.ndarray):
        return [plain(each) for each in value.tolist()]
    if isinstance(value, float) and np.isnan(value):
        return None
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def nexus(path):
    """Of each entry every dataset by its path, and the attributes that have a meaning in NeXus."""
    entries = {}
    with h5py.File(path, "r") as file:
        for name, entry in file.items():
            found = {}

            def visit(at, each):
                for key in ("NX_class", "units", "signal", "axes", "scale"):
                    if key in each.attrs:
                        found[f"{at}@{key}"] = plain(each.attrs[key])
                if isinstance(each, h5py.Dataset):
                    found[at] = plain(each[()])

            entry.visititems(visit)
            found["@NX_class"] = plain(entry.attrs["NX_class"])
            found["plot/energy"] = plain(entry["plot/energy"][()])  # a link, which visititems passes over
            entries[name] = found
    return entries


answers = {}
for path in sys.argv[1:]:
    answers[path] = pq.read_table(path).to_pylist() if path.endswith(".parquet") else nexus(path)
print(json.dumps(answers, default=str))
