"""An agent's side: requests, and what becomes of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from ._book import Book
from ._messages import REQUEST, contradiction
from .errors import ClientError
from .messages import Acknowledgement, Descriptors, Request

_ANSWER_AFTER_S = 5.0
_ENDS = {"DONE", "FAILED", "REFUSED", "EXPIRED"}


def is_end(given: Acknowledgement) -> bool:
    """Whether nothing more becomes of a request."""
    return (given["earlier"] if given["status"] == "DUPLICATE" else given["status"]) in _ENDS


def about(*events: Descriptors) -> dict[str, Any]:
    """What events are about, to be handed to `ask`: the newest says of which sample."""
    if not events:
        raise ClientError("Expected at least one event that a request is about, got none")
    newest = events[-1]
    return {
        "beamline": newest["beamline"],
        "run_id": newest["runId"],
        "sample_id": newest["sampleId"],
        "element": newest["element"],
        "edge": newest["edge"],
        "scan_ids": [event["scanId"] for event in events],
        "origin": "REPLAY" if any(event["origin"] == "REPLAY" for event in events) else "LIVE",
    }


class Asked:
    """A request that the broker has."""

    def __init__(self, request: Request, book: Book) -> None:
        self.request = request
        self._book = book

    def answer(self, within_s: float | None = None) -> Acknowledgement | None:
        """
        ACCEPTED, REFUSED, EXPIRED or DUPLICATE; None when nobody has answered by then, which is 5 s after the request
        expires where it is not said.
        """
        until_s = self.request["validUntil"] / 1000 + _ANSWER_AFTER_S if within_s is None else time.time() + within_s
        return self._book.first(self.request["requestId"], lambda _: True, until_s)

    def end(self, within_s: float) -> Acknowledgement | None:
        """The last word: DONE, FAILED, REFUSED or EXPIRED, also of a former record of the same id; None: none by then."""
        return self._book.first(self.request["requestId"], is_end, time.time() + within_s)


def whole_request(fields: dict[str, Any], scan_ids: Sequence[str], valid_for_s: float) -> Request:
    """A request with its times. Raises a ClientError where it contradicts itself, or a field is out of its bounds."""
    now = int(time.time() * 1000)
    times = {"scanIds": list(scan_ids), "askedAt": now, "validUntil": now + round(valid_for_s * 1000)}
    request: Request = fields | times  # type: ignore[assignment]
    if wrong := contradiction(request):
        raise ClientError(wrong)
    REQUEST.encode(request)
    return request
