"""
Requests to a beamline, carried out by its bluesky-queueserver. Copy it and put your own plans into `ALLOWED`. Needs
`pip install xanes-stream[queueserver]`.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

from bluesky_queueserver_api.zmq import REManagerAPI

from xanes_stream import Client, ClientError
from xanes_stream.messages import Request, RequestKind
from xanes_stream.queueserver import STOP, Action, Queueserver, plan

MOST_SCANS = 20


def more_scans(request: Request) -> Mapping[str, Any]:
    scans = request["scans"] or 0
    if scans > MOST_SCANS:
        raise ValueError(f"Expected at most {MOST_SCANS} scans, got {scans}")
    return plan("measure", scans=scans, sample=request["sampleId"] or "in the beam")


# All that can be asked for: a request is looked up here, and never names what is run.
ALLOWED: Mapping[RequestKind, Action] = {"more-scans": more_scans, "stop": STOP}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brokers", default=os.environ.get("KAFKA_BROKERS", "localhost:9092"))
    parser.add_argument("--beamline", required=True, help="requests of others are left alone")
    parser.add_argument("--name", default="queueserver", help="of this program, in its acknowledgements")
    parser.add_argument("--manager", default="tcp://localhost:60615", help="control address of the RE Manager")
    parser.add_argument("--replay", action="store_true", help="take requests that were made of replayed scans too")
    parser.add_argument("--topics", type=json.loads, default={}, help="others than the usual ones, as JSON")
    given = parser.parse_args()
    manager = REManagerAPI(zmq_control_addr=given.manager, timeout_recv=10)
    with Client(given.brokers, name=given.name, topics=given.topics) as xanes:
        print(f"{given.name} takes {', '.join(ALLOWED)} for {given.beamline}", flush=True)
        Queueserver(xanes, manager, beamline=given.beamline, allowed=ALLOWED, replay=given.replay).serve()


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
