"""
Startup script of a RE Manager: a cell of Li_xCoO2 that is charged while its spectra are measured, as the demo's.
Environment: SERIES (data/li-x-coo2/series.jsonl), BROKERS, DOCUMENTS (topic), EXPERIMENT (the run of the scans).
"""

import json
import os
import time

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import numpy as np
from bluesky import RunEngine
from bluesky_kafka import Publisher
from ophyd.sim import SynAxis
from ophyd.status import Status

PRE_EDGE_FROM_EV, PER_SCAN, NOISE = 7620.0, 0.02, 0.002

with open(os.environ["SERIES"]) as lines:
    sites = [json.loads(line) for line in lines if line.strip()]
first = max(site["energyEv"][0] for site in sites)
last = min(site["energyEv"][-1] for site in sites)
grid = np.arange(first, last, 0.25)
before = np.arange(PRE_EDGE_FROM_EV, first - 0.5, 2.0)


def spectrum(lithium: float) -> np.ndarray:
    """Co3+ and Co4+ in the shares of a lithium content, each between its spectra at the two nearest ones."""
    mu = np.zeros_like(grid)
    for state, share in ((3, lithium), (4, 1 - lithium)):
        of = sorted((site for site in sites if site["labels"]["OS"] == state), key=lambda site: site["lithium"])
        contents = sorted({site["lithium"] for site in of})
        rows = [
            np.mean([np.interp(grid, s["energyEv"], s["mu"]) for s in of if s["lithium"] == each], axis=0)
            for each in contents
        ]
        at = float(np.clip(np.interp(lithium, contents, range(len(contents))), 0, len(contents) - 1))
        low = int(at)
        high = min(low + 1, len(rows) - 1)
        mu += share * ((1 - at + low) * rows[low] + (at - low) * rows[high])
    return np.concatenate([mu[0] * (7727 - first) / (7727 - before), mu])


class Spectrometer:
    """Reads a whole spectrum a trigger."""

    name = "xas"
    parent = None

    def trigger(self):
        status = Status()
        status.set_finished()
        return status

    def read(self):
        mu = 0.5 + spectrum(float(lithium.readback.get()))
        mu = mu + NOISE * random.normal(size=mu.size)
        i0 = np.full(mu.size, 1e5)
        values = {"mono_energy": np.concatenate([before, grid]), "i0": i0, "it": i0 * np.exp(-mu)}
        return {name: {"value": value, "timestamp": time.time()} for name, value in values.items()}

    def describe(self):
        array = {"source": "SIM", "dtype": "array", "shape": [before.size + grid.size]}
        return {"mono_energy": {**array, "units": "eV"}, "i0": dict(array), "it": dict(array)}

    def read_configuration(self):
        return {}

    def describe_configuration(self):
        return {}


random = np.random.default_rng(1)
lithium = SynAxis(name="lithium")
lithium.set(1.0)
xas = Spectrometer()
RE = RunEngine({})
RE.subscribe(
    Publisher(
        topic=os.environ["DOCUMENTS"],
        bootstrap_servers=os.environ["BROKERS"],
        key="re-manager",
        producer_config={"acks": "all", "enable.idempotence": True},
        flush_on_stop_doc=True,
    )
)


def measure(scans: int = 1, sample: str = "cell"):
    """Scans of the cell as it is, each a run of its own."""
    for _ in range(scans):
        md = {"sample": sample, "element": "Co", "experiment": os.environ["EXPERIMENT"]}
        yield from bp.count([xas, lithium], md=md)


def charge(scans: int = 50, sample: str = "cell", seconds: float = 1.0):
    """Takes lithium out, a scan after each step."""
    for _ in range(scans):
        yield from bps.mvr(lithium, -PER_SCAN)
        yield from measure(1, sample)
        yield from bps.sleep(seconds)
