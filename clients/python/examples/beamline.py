"""
A beamline's side: takes what it is asked for, as far as it allows that, and carries it out. Copy it and put your own
control system in the place of `measure`, which computes a cobalt edge here. A real one carries requests out beside the
reading, so that it hears a stop while it measures.
"""

import argparse
import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from xanes_stream import Client, ClientError, Received
from xanes_stream.messages import Request, RequestKind

MOST_SCANS = 100


class Simulated:
    """Measures, at the pace of a computer."""

    def __init__(self, xanes: Client, beamline: str) -> None:
        self._xanes = xanes
        self._beamline = beamline
        self._run = f"{beamline}-{int(time.time() * 1000)}"
        self._measured = 0

    def start(self) -> None:
        self._xanes.start_run(self._run, beamline=self._beamline, origin="REPLAY")

    def end(self) -> None:
        self._xanes.end_run(self._run, beamline=self._beamline, scans=self._measured, origin="REPLAY")

    def more_scans(self, request: Request) -> list[str]:
        return [self._measure(request["sampleId"] or "in the beam") for _ in range(request["scans"] or 0)]

    def rescan(self, request: Request) -> list[str]:
        return [self._measure(request["sampleId"] or "in the beam")]

    def _measure(self, sample: str) -> str:
        energies = [7659 + i / 2 for i in range(401)]
        mu = [0.3 + math.atan((e - 7719) / 1.2) / math.pi + 0.25 * math.exp(-(((e - 7726) / 3) ** 2)) for e in energies]
        now = int(time.time() * 1000)
        scan: dict[str, Any] = {
            "scanId": f"{self._run}/{self._measured}",
            "runId": self._run,
            "sampleId": sample,
            "beamline": self._beamline,
            "element": "Co",
            "mode": "TRANSMISSION",
            "energyEv": energies,
            "i0": [1000.0 for _ in energies],
            "it": [1000 * math.exp(-each) for each in mu],
            "startedAt": now - 1000,
            "endedAt": now,
            "sequence": self._measured,
            "origin": "REPLAY",  # a simulation
        }
        self._xanes.publish_scan(scan)
        self._measured += 1
        return str(scan["scanId"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brokers", default=os.environ.get("KAFKA_BROKERS", "localhost:9092"))
    parser.add_argument("--beamline", default="simulated", help="requests of others are left alone")
    parser.add_argument("--name", default="beamline", help="of this program, in its acknowledgements")
    parser.add_argument("--replay", action="store_true", help="take requests that were made of replayed scans too")
    parser.add_argument("--topics", type=json.loads, default={}, help="others than the usual ones, as JSON")
    given = parser.parse_args()
    with Client(given.brokers, name=given.name, topics=given.topics) as xanes:
        simulated = Simulated(xanes, given.beamline)
        # What can be asked for: a request is looked up here, and never names what is run.
        carried_out: dict[RequestKind, Callable[[Request], list[str]]] = {
            "more-scans": simulated.more_scans,
            "rescan": simulated.rescan,
        }
        simulated.start()
        try:
            print(f"{given.name} takes {', '.join(carried_out)} for {given.beamline}", flush=True)
            for received in xanes.requests(given.beamline, carried_out.keys(), replay=given.replay):
                answer(received, carried_out)
        except KeyboardInterrupt:
            simulated.end()


def answer(received: Received, carried_out: dict[RequestKind, Callable[[Request], list[str]]]) -> None:
    request = received.request
    print(f"{request['askedBy']} asks for {request['kind']}: {request['why']}", flush=True)
    if (request["scans"] or 0) > MOST_SCANS:
        received.refuse("not-possible", f"Expected at most {MOST_SCANS} scans, got {request['scans']}")
        return
    received.accept()
    carry_out = next(run for kind, run in carried_out.items() if kind == request["kind"])
    received.done(carry_out(request))


def interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)
    try:
        main()
    except KeyboardInterrupt:
        pass
    except ClientError as error:
        sys.exit(str(error))  # in one line, and exit code 1
