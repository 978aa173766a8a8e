"""
A lab agent: asks to end the charging of a battery when the mean oxidation state of its cobalt has reached a goal, and
for more scans where noise is in the way. Copy it and put your own decisions in the place of `decide`.
"""

import argparse
import json
import os
import signal
import sys
from types import FrameType

from xanes_stream import Client, ClientError, about
from xanes_stream.messages import Descriptors


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brokers", default=os.environ.get("KAFKA_BROKERS", "localhost:9092"))
    parser.add_argument("--name", default="lab-agent", help="of this agent; agents of one name share the samples")
    parser.add_argument("--stop-at", type=float, default=3.6, help="mean oxidation state that ends the charging")
    parser.add_argument("--more", type=int, default=4, help="scans to ask for where noise is in the way")
    parser.add_argument("--max-age-s", type=float, default=60.0, help="leave results alone that are older")
    parser.add_argument("--replay", action="store_true", help="act on replayed scans too, such as the demo's")
    parser.add_argument("--from-beginning", action="store_true", help="read what is there already, the first time")
    parser.add_argument("--topics", type=json.loads, default={}, help="others than the usual ones, as JSON")
    return parser.parse_args()


def decide(event: Descriptors, stop_at: float, more: int) -> tuple[dict[str, object], str] | None:
    """What to ask for, and why. Acts on accepted values alone: a flagged or rejected one may be anything."""
    # Of `means`, not `descriptors`: a battery in mid-charge is a mixture of Co3+ and Co4+, for which no class is right.
    oxidation = next((mean for mean in event["means"] if mean["name"] == "OS"), None)
    if oxidation is not None and oxidation["verdict"] == "ACCEPT" and oxidation["low"] >= stop_at:
        reached = f"{oxidation['value']:.2f} ({oxidation['low']:.2f} to {oxidation['high']:.2f})"
        return {"kind": "stop"}, f"Mean oxidation state {reached}; wanted {stop_at}"
    if event["advice"] == "ACCUMULATE":
        return {"kind": "more-scans", "scans": more}, event["adviceReason"]
    return None


def main() -> None:
    given = options()
    asked: set[tuple[object, str, str]] = set()
    with Client(given.brokers, name=given.name, topics=given.topics) as xanes:
        events = xanes.descriptors(
            from_="beginning" if given.from_beginning else "now", replay=given.replay, max_age_s=given.max_age_s
        )
        print(f"{given.name} reads descriptors at {given.brokers}", file=sys.stderr, flush=True)
        for event in events:
            decision = decide(event, given.stop_at, given.more)
            if decision is None:
                continue
            wanted, why = decision
            what = (wanted["kind"], event["runId"], event["sampleId"])
            if what in asked:
                continue
            asked.add(what)
            # An event that is read again after a crash makes the same request, which is carried out once.
            request_id = f"{given.name}/{wanted['kind']}/{event['scanId']}"
            request = xanes.ask(**wanted, why=why, request_id=request_id, **about(event))  # type: ignore[arg-type]
            print(json.dumps(request.request), flush=True)
            print(json.dumps(request.answer() or {"requestId": request_id, "status": "UNANSWERED"}), flush=True)


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
