"""A Bluesky RunEngine with simulated devices that publishes its documents to Kafka, as a beamline does.

Standard input: one JSON object a line, each a run (or two at once) to measure:
  how        points: a step scan by bp.list_scan, one event a point
             spectra: one event a spectrum, arrays in it (quick-XAS), by bp.count
             pages: a step scan whose events are packed into event_page documents
             interleaved: two step scans at once, in nested runs
             unrelated: a count of a detector that is no XAS
  energyEv, channels {i0, it, ...}: what the devices read; for spectra a list of channels
  md         metadata of the start document
  delay      seconds a point
  order      kept, shuffled: whether documents leave in the order in which they came about
  stopAt     ends this process without a stop document after so many points
Standard output: one JSON object a line for each that was measured, {"runs": [uid, ...], "at": epoch seconds}, after its
documents have arrived; in the numbers of spectra, null is NaN.
"""

import json
import os
import random
import sys
import time

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import bluesky.preprocessors as bpp
import msgpack
import msgpack_numpy
import numpy as np
from bluesky import RunEngine
from bluesky_kafka import Publisher
from event_model import pack_event_page
from ophyd.sim import SynAxis, SynSignal
from ophyd.status import Status

brokers, topic, key = sys.argv[1:4]


class Spectrometer:
    """Reads a whole spectrum a trigger."""

    name = "xas"
    parent = None

    def __init__(self, energy_ev, spectra):
        self.energy_ev, self.spectra, self.at = energy_ev, spectra, -1

    def trigger(self):
        self.at += 1
        status = Status()
        status.set_finished()
        return status

    def read(self):
        now = time.time()
        values = {"mono_energy": np.asarray(self.energy_ev)}
        values |= {name: np.asarray(each, dtype=float) for name, each in self.spectra[self.at].items()}
        return {name: {"value": value, "timestamp": now} for name, value in values.items()}

    def describe(self):
        number = len(self.energy_ev)
        described = {"source": "SIM", "dtype": "array", "shape": [number]}
        return {"mono_energy": {**described, "units": "eV"}} | {
            name: {**described, "units": "counts"} for name in self.spectra[0]
        }

    def read_configuration(self):
        return {}

    def describe_configuration(self):
        return {}


def devices(energy_ev, channels):
    """An axis, and detectors that read what the channels have at its position; some channels are lists a point."""
    energy = SynAxis(name="mono_energy")
    energy.readback.name = "mono_energy"
    at = {round(ev, 6): i for i, ev in enumerate(energy_ev)}

    def reader(values):
        def read():
            position = round(float(energy.readback.get()), 6)
            value = values[at[position]] if position in at else 0.0
            return np.asarray(value, dtype=float) if isinstance(value, list) else value

        return read

    return energy, [SynSignal(func=reader(values), name=name) for name, values in channels.items()]


def step_plan(job):
    energy, detectors = devices(job["energyEv"], job["channels"])
    delay, stop_at = job.get("delay", 0), job.get("stopAt")
    taken = 0

    def point(detectors, step, pos_cache):
        nonlocal taken
        yield from bps.move_per_step(step, pos_cache)
        if delay:
            yield from bps.sleep(delay)
        yield from bps.trigger_and_read(list(detectors) + [energy])
        taken += 1
        if stop_at is not None and taken >= stop_at:
            publisher.flush()
            os._exit(0)

    return bp.list_scan(detectors, energy, job["energyEv"], per_step=point, md=job.get("md", {}))


def interleaved_plan(job):
    """Two runs that are open at once, point by point in turns."""
    runs = job["runs"]
    made = [devices(run["energyEv"], run["channels"]) for run in runs]
    keys = [f"run-{i}" for i in range(len(runs))]
    for run, name in zip(runs, keys):
        yield from bpp.set_run_key_wrapper(bps.open_run(md=run.get("md", {})), name)
    for i in range(max(len(run["energyEv"]) for run in runs)):
        for run, (energy, detectors), name in zip(runs, made, keys):
            if i >= len(run["energyEv"]):
                continue
            yield from bps.mv(energy, run["energyEv"][i])
            yield from bpp.set_run_key_wrapper(bps.trigger_and_read(detectors + [energy]), name)
    for name in keys:
        yield from bpp.set_run_key_wrapper(bps.close_run(), name)


publisher = Publisher(
    topic=topic,
    bootstrap_servers=brokers,
    key=key if key else None,
    producer_config={"acks": "all", "enable.idempotence": True, "message.max.bytes": 4_000_000},
    flush_on_stop_doc=True,
)
held = []
how = order = None


def publish(name, document):
    if how == "pages" or order == "shuffled":
        held.append((name, document))
    else:
        publisher(name, document)


def release():
    """What was held back, as pages or in any order."""
    documents = held[:]
    held.clear()
    if how == "pages":
        events = [document for name, document in documents if name == "event"]
        size = 7
        pages = [("event_page", pack_event_page(*events[i : i + size])) for i in range(0, len(events), size)]
        others = [each for each in documents if each[0] != "event"]
        documents = others[:-1] + pages + others[-1:]
    if order == "shuffled":
        random.Random(1).shuffle(documents)
    for name, document in documents:
        if hasattr(document, "_asdict"):
            document = document._asdict()
        publisher.produce([name, document])
    publisher.flush()


engine = RunEngine({})
engine.subscribe(publish)
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    how, order = job["how"], job.get("order", "kept")
    if how == "raw":  # bytes as they are, in base64: what is no document
        import base64

        publisher._producer.produce(topic=topic, key=key or None, value=base64.b64decode(job["value"]))
        publisher.flush()
        print(json.dumps({"runs": []}), flush=True)
        continue
    if how == "interleaved":
        plan = interleaved_plan(job)
    elif how == "spectra":
        spectrometer = Spectrometer(job["energyEv"], job["spectra"])
        plan = bp.count([spectrometer], num=len(job["spectra"]), md=job.get("md", {}))
    elif how == "unrelated":
        plan = bp.count([SynSignal(func=lambda: 1.0, name="temperature")], num=3, md=job.get("md", {}))
    else:
        plan = step_plan(job)
    uids = engine(plan)
    measured_at = time.time()
    release()
    publisher.flush()
    print(json.dumps({"runs": list(uids), "at": measured_at}), flush=True)
