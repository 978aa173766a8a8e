"""
An agent that acts on what the stream jobs tell of samples: asks for scans when one begins to change, for a stop when
that has ended (npm run changes), and for what its repeats need (npm run accumulate). Copy it, and put your own
decisions in the place of `on_change` and `on_repeats`.
"""

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any, Literal, NamedTuple, TypeVar

from xanes_stream import Asked, Client, ClientError
from xanes_stream.messages import Accumulation, Acknowledgement, ChangePoint

Told = TypeVar("Told", ChangePoint, Accumulation)
HEARD_WITHIN_S = 3600.0


class Decision(NamedTuple):
    """What to ask for, and why."""

    wanted: dict[str, Any]
    why: str
    because: str
    """Of which message: one that is read again makes the same request."""
    scan_ids: list[str]
    in_vain: Callable[[], None] = lambda: None
    """Is called when nothing comes of it."""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brokers", default=os.environ.get("KAFKA_BROKERS", "localhost:9092"))
    parser.add_argument("--name", default="follow-samples", help="of this agent; agents of one name share the samples")
    parser.add_argument("--more", type=int, default=4, help="scans to ask for at the most, and when a sample changes")
    parser.add_argument("--max-age-s", type=float, default=60.0, help="leave alone what is about older scans")
    parser.add_argument("--replay", action="store_true", help="act on replayed scans too, such as the demo's")
    parser.add_argument("--from-beginning", action="store_true", help="read what is there already, the first time")
    parser.add_argument("--topics", type=json.loads, default={}, help="others than the usual ones, as JSON")
    return parser.parse_args()


def on_change(change: ChangePoint, more: int) -> Decision | None:
    what = "Spectrum" if change["quantity"] == "SPECTRUM" else "Mean oxidation state"
    by = f"{change['size']:.2f} ({change['low']:.2f} to {change['high']:.2f})"
    because, scan_ids = change["changeId"], change["scansAfter"]
    if change["kind"] in ("STEP", "DRIFT"):
        return Decision({"kind": "more-scans", "scans": more}, f"{what} has changed by {by}", because, scan_ids)
    if change["kind"] == "STEADY":
        return Decision({"kind": "stop"}, f"{what} is steady after {by}", because, scan_ids)
    return None  # back at a former level


awaited: dict[str, int] = {}
"""By accumulation, how many members its mean has when all is measured that was asked for."""


def on_repeats(repeats: Accumulation, more: int) -> Decision | None:
    accumulation, reason, members = repeats["accumulationId"], repeats["reason"], repeats["members"]
    because = f"{accumulation}/{len(members)}"
    if repeats["status"] != "GROWING":
        awaited.pop(accumulation, None)
    if reason == "bound":
        return Decision({"kind": "rescan"}, repeats["detail"], because, members)
    if reason in ("outlier", "drift"):
        return Decision({"kind": "pause"}, repeats["detail"], because, members)
    if reason != "more-needed" or len(members) < awaited.get(accumulation, 0):
        return None
    scans = min(more, repeats["repeatsNeeded"] or more)
    awaited[accumulation] = enough = len(members) + scans

    def in_vain() -> None:
        if awaited.get(accumulation) == enough:
            del awaited[accumulation]

    return Decision({"kind": "more-scans", "scans": scans}, repeats["detail"], because, members, in_vain)


def is_vain(said: Acknowledgement | None) -> bool:
    return said is None or outcome(said) in ("REFUSED", "EXPIRED", "FAILED")


def outcome(said: Acknowledgement) -> str:
    """Of a request that was made before, what became of that."""
    return said["earlier"] or said["status"]


class Agent:
    """
    Acts on two topics. A thread reads each, and one waits for what becomes of each request; one at a time asks or says
    something.
    """

    def __init__(self, xanes: Client, given: argparse.Namespace) -> None:
        self.xanes, self.given = xanes, given
        self.turn = threading.Lock()
        self.failed: Exception | None = None

    def start(
        self, told: Iterator[Told], at_ms: Callable[[Told], int], decide: Callable[[Told, int], Decision | None]
    ) -> None:
        """Reads until the client closes. at_ms: the time that a message is about."""

        def run() -> None:
            for message in told:
                if time.time() - at_ms(message) / 1000 > self.given.max_age_s:
                    continue
                decision = decide(message, self.given.more)
                if decision is not None:
                    self.ask(message, decision)

        self.beside(run)

    def beside(self, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except Exception as error:  # said by the main thread
                self.failed = error

        threading.Thread(target=run, daemon=True).start()

    def ask(self, message: ChangePoint | Accumulation, decision: Decision) -> None:
        wanted = decision.wanted
        with self.turn:
            asked = self.xanes.ask(
                **wanted,
                why=decision.why,
                request_id=f"{self.xanes.name}/{wanted['kind']}/{decision.because}",
                scan_ids=decision.scan_ids,
                beamline=message["beamline"],
                run_id=message["runId"],
                sample_id=message["sampleId"],
                element=message["element"],
                edge=message["edge"],
                origin=message["origin"],
            )
            print(json.dumps(asked.request), flush=True)
        self.beside(lambda: self.hear(asked, decision.in_vain))

    def hear(self, asked: Asked, in_vain: Callable[[], None]) -> None:
        """Says what becomes of a request: the answer, and of one that is accepted the end."""
        first = asked.answer()
        if is_vain(first):
            in_vain()
        self.say(first or {"requestId": asked.request["requestId"], "status": "UNANSWERED"})
        if first is None or outcome(first) != "ACCEPTED":
            return
        last = asked.end(HEARD_WITHIN_S)
        if is_vain(last):
            in_vain()
        if last is not None:
            self.say(last)

    def say(self, what: Mapping[str, Any]) -> None:
        with self.turn:
            print(json.dumps(what), flush=True)


def main() -> None:
    given = options()
    with Client(given.brokers, name=given.name, topics=given.topics) as xanes:
        agent = Agent(xanes, given)
        from_: Literal["now", "beginning"] = "beginning" if given.from_beginning else "now"
        agent.start(xanes.changes(from_=from_, replay=given.replay), lambda change: change["foundAt"], on_change)
        agent.start(xanes.accumulations(from_=from_, replay=given.replay), lambda repeats: repeats["at"], on_repeats)
        print(f"{given.name} follows samples at {given.brokers}", file=sys.stderr, flush=True)
        while agent.failed is None:
            time.sleep(0.1)
        raise agent.failed


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
