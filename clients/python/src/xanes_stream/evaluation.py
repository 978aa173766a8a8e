"""An evaluation function for optimisers such as blop: from runs of suggestions to outcomes with their uncertainty."""

from __future__ import annotations

import queue
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .client import Client
from .errors import ClientError
from .messages import Descriptors, Mean

Outcome = tuple[float, float]
"""A value, and the standard error of its mean."""
Reading = Callable[[Descriptors], Outcome | None]
"""What an event says; None: nothing that may be acted upon."""


class NothingAccepted(ClientError):
    """No scan of a run had an accepted value in time."""


def mean_of(name: str, *, wide: bool = False) -> Reading:
    """
    The mean over the sample's sites of OS, CN or OCN, where it is accepted.

    wide: also where nothing but a wide interval is held against it. An optimiser that weighs by errors may use it.
    """
    return lambda event: None if (mean := _believed(event, name, wide)) is None else _outcome(mean)


def distance_from(name: str, goal: float, *, wide: bool = False) -> Reading:
    """
    How far such a mean is from a goal, which is to be minimised: finds a sample of a wanted oxidation state.

    wide: as of mean_of.
    """

    def read(event: Descriptors) -> Outcome | None:
        if (mean := _believed(event, name, wide)) is None:
            return None
        value, error = _outcome(mean)
        return abs(value - goal), error

    return read


class Evaluation:
    """
    blop's protocol EvaluationFunction: called with what the acquisition plan returned and the suggestions, it waits for
    the accepted values of their scans. To be made before the first acquisition: it reads events from then on.

    An acquisition plan returns the uid of a Bluesky run for one suggestion, or a mapping of each suggestion's _id to
    the uid of its run for several. Scans are known by the metadata bluesky.run, which `npm run bluesky` gives them.

    outcomes: what is to be answered, by name, such as {"OS": mean_of("OS")}.
    scans: accepted scans of a run that are waited for; their mean is answered.
    within_s: how long is waited; then the mean of those that are there counts, and where none is, NothingAccepted is
        raised, which says why not.
    replay: whether events of recordings and simulations count.
    """

    def __init__(
        self,
        xanes: Client,
        outcomes: Mapping[str, Reading],
        *,
        scans: int = 1,
        within_s: float = 60.0,
        replay: bool = False,
    ) -> None:
        self._outcomes, self._scans, self._within_s = outcomes, scans, within_s
        self._queue: queue.Queue[Descriptors | Exception] = queue.Queue()
        self._read: dict[str, dict[str, Descriptors]] = {}  # by run and scan: an event may come twice
        group = f"{xanes.name}-evaluation-{uuid.uuid4()}"
        events = xanes.descriptors(group=group, from_="now", replay=replay)

        def follow() -> None:
            try:
                for event in events:
                    self._queue.put(event)
            except Exception as error:
                self._queue.put(error)

        threading.Thread(target=follow, daemon=True).start()

    def __call__(
        self, uid: str | Mapping[Any, str], suggestions: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        runs = self._runs_of(uid, [suggestion["_id"] for suggestion in suggestions])
        deadline = time.monotonic() + self._within_s
        return [{"_id": each} | self._evaluate(runs[each], deadline) for each in runs]

    @staticmethod
    def _runs_of(uid: str | Mapping[Any, str], ids: Sequence[Any]) -> Mapping[Any, str]:
        if isinstance(uid, str) and len(ids) == 1:
            return {ids[0]: uid}
        if isinstance(uid, Mapping) and all(each in uid for each in ids):
            return {each: uid[each] for each in ids}
        raise ClientError(f"Expected the uid of a run for each of {len(ids)} suggestions, by their _id, got {uid!r:.100}")

    def _evaluate(self, run: str, deadline: float) -> dict[str, Outcome]:
        while True:
            events = list(self._read.get(run, {}).values())
            answered = {name: [o for o in map(read, events) if o is not None] for name, read in self._outcomes.items()}
            missing = [name for name, found in answered.items() if len(found) < self._scans]
            if not missing or not self._await(deadline):
                break
        nothing = [name for name, found in answered.items() if not found]
        if nothing:
            raise NothingAccepted(f"Expected an accepted {nothing[0]} of run {run} in {self._within_s:g} s: {_why(events)}")
        self._read.pop(run, None)
        return {name: _mean(found) for name, found in answered.items()}

    def _await(self, deadline: float) -> bool:
        """Takes the next event in; False: none has come until then."""
        try:
            event = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return False
        if isinstance(event, Exception):
            raise event
        run = event["metadata"].get("bluesky.run")
        if run is not None:
            self._read.setdefault(run, {})[event["scanId"]] = event
        return True


def _believed(event: Descriptors, name: str, wide: bool) -> Mean | None:
    mean = next((mean for mean in event["means"] if mean["name"] == name), None)
    if mean is None or mean["verdict"] == "ACCEPT":
        return mean
    return mean if wide and mean["reason"] == "wide-interval" else None


def _outcome(mean: Mean) -> Outcome:
    deviations = statistics.NormalDist().inv_cdf((1 + mean["level"]) / 2)
    return mean["value"], (mean["high"] - mean["low"]) / 2 / deviations


def _mean(outcomes: Sequence[Outcome]) -> Outcome:
    """Scans of one sample share most of their error: many of them are no surer than one."""
    return statistics.fmean(value for value, _ in outcomes), statistics.fmean(error for _, error in outcomes)


def _why(events: Sequence[Descriptors]) -> str:
    if not events:
        return "no scan of it was judged"
    reasons = {f"{mean['name']} {mean['reason']}" for event in events for mean in event["means"]}
    return f"{len(events)} scans were judged: {', '.join(sorted(reasons)) or 'they have no means'}"
