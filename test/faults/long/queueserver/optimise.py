"""
blop's optimiser (Ax, BoTorch) with the devices of startup.py and the answers of our processor: finds how much lithium
must be left for a wanted mean oxidation state. Environment: that of startup.py, BROKERS, GOAL, SCANS.
Prints a line of JSON: what was tried, what was answered, and which is best.
"""

import json
import os

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import bluesky.preprocessors as bpp
from blop.ax import Agent, Objective, RangeDOF
from startup import RE, lithium, xas

from xanes_stream import Client
from xanes_stream.evaluation import Evaluation, distance_from

goal, scans = float(os.environ["GOAL"]), int(os.environ["SCANS"])
tried = []


def acquire(suggestions, actuators, sensors=None, *, md=None, **_):
    """A scan for each suggestion, a run of its own; the uids of the runs by suggestion."""
    uids = {}
    for suggestion in suggestions:
        yield from bps.mv(lithium, suggestion["lithium"])
        about = {"sample": "cell", "element": "Co", "experiment": os.environ["EXPERIMENT"]}
        uids[suggestion["_id"]] = yield from bpp.set_run_key_wrapper(bp.count([xas, lithium], md=about), "scan")
    return uids


with Client(os.environ["BROKERS"], name="optimiser") as xanes:
    evaluation = Evaluation(xanes, {"distance": distance_from("OS", goal, wide=True)}, within_s=600, replay=True)

    def evaluate(uids, suggestions):
        outcomes = evaluation(uids, suggestions)
        for suggestion, outcome in zip(suggestions, outcomes, strict=True):
            tried.append({"lithium": suggestion["lithium"], "distance": outcome["distance"][0]})
        return outcomes

    agent = Agent(
        sensors=[xas],
        dofs=[RangeDOF(actuator=lithium, bounds=(0.0, 1.0), parameter_type="float")],
        objectives=[Objective(name="distance", minimize=True)],
        evaluation_function=evaluate,
        acquisition_plan=acquire,
    )
    RE(agent.optimize(iterations=scans))

best = min(tried, key=lambda each: each["distance"])
print(json.dumps({"tried": tried, "best": best}))
