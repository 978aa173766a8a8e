"""Requests carried out by a bluesky-queueserver (RE Manager), by a table of what is allowed."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from ._answer import Received
from .client import Client
from .errors import ClientError
from .messages import Request, RequestKind

_STOPPED_WITHIN_S = 60.0
# Between the queue, running and the history an item may be in none of them for a moment.
_GONE_AFTER_S = 30.0


class Manager(Protocol):
    """What is needed of bluesky_queueserver_api.zmq.REManagerAPI, or of that by HTTP."""

    def item_add(self, item: Any) -> Mapping[str, Any]: ...
    def queue_get(self) -> Mapping[str, Any]: ...
    def queue_clear(self) -> Mapping[str, Any]: ...
    def history_get(self) -> Mapping[str, Any]: ...
    def status(self, *, reload: bool = False) -> Mapping[str, Any]: ...
    def re_pause(self, option: str | None = None) -> Mapping[str, Any]: ...
    def re_stop(self) -> Mapping[str, Any]: ...


class _Stop:
    """Ends the plan that runs, and empties the queue."""


STOP: Final = _Stop()
Action = Callable[[Request], Mapping[str, Any]] | _Stop
"""What a request becomes: a plan, by `plan`, or STOP. ValueError with a sentence: it is not possible."""


def plan(name: str, **parameters: Any) -> Mapping[str, Any]:
    """An item for the queue: one of the plans that the RE Manager allows, and its parameters by name."""
    return {"item_type": "plan", "name": name, "kwargs": parameters}


class Queueserver:
    """
    Answers requests for a beamline by the plans of an RE Manager. Only what the table allows is ever run, and the names
    of plans stand in the table: nothing of a request names what is run. All else is refused with `not-allowed`.

    A request is accepted before its plan is queued, so that a crash between the two runs nothing twice; it is done when
    the history has its plan, with the uids of its runs as scanIds, and has failed when that ended otherwise.

    allowed: by kind, such as {"more-scans": lambda request: plan("xas", num=request["scans"]), "stop": STOP}.
    replay: whether requests are taken that were made of recordings and simulations.
    poll_s: how often the history is asked for.
    """

    def __init__(
        self,
        xanes: Client,
        manager: Manager,
        *,
        beamline: str,
        allowed: Mapping[RequestKind, Action],
        replay: bool = False,
        poll_s: float = 1.0,
    ) -> None:
        self._xanes, self._manager, self._beamline = xanes, manager, beamline
        self._allowed, self._replay, self._poll_s = allowed, replay, poll_s
        self._open: dict[str, Received] = {}  # by the item's uid
        self._gone: dict[str, float] = {}  # since when an item is nowhere
        self._lock = threading.Lock()  # over the manager and what is open
        self._ended = threading.Event()

    def serve(self) -> None:
        """Until the client is closed."""
        follower = threading.Thread(target=self._follow, daemon=True)
        follower.start()
        try:
            for received in self._xanes.requests(self._beamline, self._allowed.keys(), replay=self._replay):
                with self._lock:
                    self._take(received)
        finally:
            self._ended.set()
            follower.join()

    def _take(self, received: Received) -> None:
        action = next(each for kind, each in self._allowed.items() if kind == received.request["kind"])
        if isinstance(action, _Stop):
            received.accept()
            self._try(received, lambda: self._stop(received))
            return
        try:
            item = action(received.request)
        except ValueError as error:
            received.refuse("not-possible", str(error))
            return
        received.accept()
        self._try(received, lambda: self._add(received, item))

    def _try(self, received: Received, work: Callable[[], None]) -> None:
        """The RE Manager may be away, or refuse: whoever asked is told, and the next request is taken."""
        try:
            work()
        except ClientError:
            raise
        except Exception as error:
            received.fail(f"The RE Manager does not do it: {error}"[:1000])

    def _add(self, received: Received, item: Mapping[str, Any]) -> None:
        added = self._manager.item_add(item)
        self._open[str(added["item"]["item_uid"])] = received

    def _stop(self, received: Received) -> None:
        self._manager.queue_clear()
        if self._state() == "executing_queue":
            self._manager.re_pause("immediate")
            self._await("paused", "idle")
        if self._state() == "paused":
            self._manager.re_stop()
            self._await("idle")
        received.done()

    def _state(self) -> str:
        return str(self._manager.status(reload=True)["manager_state"])

    def _await(self, *states: str) -> None:
        deadline = time.monotonic() + _STOPPED_WITHIN_S
        while self._state() not in states:
            if time.monotonic() > deadline:
                raise TimeoutError(f"it is not {' or '.join(states)} within {_STOPPED_WITHIN_S:g} s")
            time.sleep(0.1)

    def _follow(self) -> None:
        """Says what became of what was queued."""
        while not self._ended.wait(self._poll_s):
            try:
                with self._lock:
                    self._settle()
            except Exception as error:  # it may come back
                print(f"The RE Manager is asked again: {error}", file=sys.stderr)

    def _settle(self) -> None:
        if not self._open:
            return
        queue = self._manager.queue_get()  # before the history: what leaves one is in the other by then
        waiting = {item.get("item_uid") for item in [*queue["items"], queue["running_item"]]}
        ended = {item["item_uid"]: item["result"] for item in self._manager.history_get()["items"]}
        for uid, received in list(self._open.items()):
            if uid in ended:
                _tell(received, ended[uid])
            elif uid in waiting:
                self._gone.pop(uid, None)
                continue
            elif time.monotonic() - self._gone.setdefault(uid, time.monotonic()) < _GONE_AFTER_S:
                continue
            else:
                received.fail("Its plan was taken from the queue")
            self._gone.pop(uid, None)
            del self._open[uid]


def _tell(received: Received, result: Mapping[str, Any]) -> None:
    if result["exit_status"] == "completed":
        received.done([str(uid) for uid in result["run_uids"]])
    else:
        received.fail(f"Its plan ended with {result['exit_status']}: {result.get('msg', '')}"[:1000])
