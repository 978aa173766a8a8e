"""A beamline's side: what becomes of each record of the requests topic."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ._ask import is_end
from ._book import Book
from ._kafka import Record, Warn
from ._messages import ACKNOWLEDGEMENT, REQUEST, REQUEST_KINDS, contradiction
from .errors import ClientError, UnknownSchema
from .messages import Acknowledgement, AcknowledgementReason, AcknowledgementStatus, Request, RequestKind, Source

_MOST_DETAIL = 1000


@dataclass(frozen=True)
class Said:
    status: AcknowledgementStatus
    reason: AcknowledgementReason
    detail: str = ""
    scan_ids: tuple[str, ...] = ()
    earlier: AcknowledgementStatus | None = None


class Received:
    """A request that was checked, and waits for an answer."""

    def __init__(self, request: Request, say: Callable[[Said, AcknowledgementStatus | None], None]) -> None:
        self.request = request
        self._say = say

    def accept(self, detail: str = "") -> None:
        """It will be carried out; done or fail follows."""
        self._say(Said("ACCEPTED", "ok", detail), None)

    def refuse(self, reason: Literal["not-allowed", "not-possible"], detail: str) -> None:
        self._say(Said("REFUSED", reason, detail), None)

    def done(self, scan_ids: Collection[str] = (), detail: str = "") -> None:
        self._say(Said("DONE", "ok", detail, tuple(scan_ids)), "ACCEPTED")

    def fail(self, detail: str) -> None:
        self._say(Said("FAILED", "failed", detail), "ACCEPTED")


@dataclass
class Answering:
    beamline: str
    by: str
    kinds: Collection[RequestKind]
    replay: bool
    book: Book
    publish: Callable[[str | bytes, bytes], None]
    """Takes key and value of an acknowledgement."""
    warn: Warn

    def fail_what_is_open(self) -> None:
        """
        What this program had accepted before it began anew has failed, so that nothing is carried out twice and
        nothing hangs.
        """
        for request_id, given in self.book.all():
            last = next((each for each in reversed(given) if each["status"] != "DUPLICATE"), None)
            if last is None or (last["status"], last["by"], last["beamline"]) != ("ACCEPTED", self.by, self.beamline):
                continue
            said = Said("FAILED", "restarted", f"{self.by} began anew")
            self._acknowledge(last["source"], self.beamline, request_id, said)

    def answer(self, record: Record) -> Received | None:
        """A request that waits for an answer; None: it is answered here, or left alone."""
        source: Source = {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "timestamp": record.timestamp,
        }
        key = self.beamline if record.key is None else record.key
        try:
            request = REQUEST.decode(record.value, record.headers)
        except ClientError as error:
            if self._was_answered("", source):
                return None
            if record.key == self.beamline.encode():
                reason: AcknowledgementReason = (
                    "unknown-schema" if isinstance(error, UnknownSchema) else "malformed-request"
                )
                self._acknowledge(source, key, "", Said("REFUSED", reason, str(error)))
            else:
                self.warn(f"Passed over offset {record.offset} of {record.topic}/{record.partition}: {error}")
            return None
        request_id = request["requestId"]
        if request["beamline"] != self.beamline or self._was_answered(request_id, source):
            return None
        before = self.book.of(request_id) if request_id else []
        refusal = _duplicate(before) if before else self._refusal_of(request)
        if refusal is not None:
            self._acknowledge(source, key, request_id, refusal)
            return None

        def say(said: Said, after: AcknowledgementStatus | None) -> None:
            now = self.book.status_of(request_id)
            if now != after:
                unanswered = "unanswered"
                raise ClientError(f"Expected request {request_id} to be {after or unanswered}, it is {now or unanswered}")
            self._acknowledge(source, key, request_id, said)

        return Received(request, say)

    def expect_answer(self, request_id: str) -> None:
        if self.book.status_of(request_id) is None:
            raise ClientError(
                f"Expected request {request_id} to be accepted or refused before the next is asked for"
            )

    def _was_answered(self, request_id: str, source: Source) -> bool:
        """Whether this very record was: it is read again then."""
        return any(_place(each["source"]) == _place(source) for each in self.book.of(request_id))

    def _refusal_of(self, request: Request) -> Said | None:
        kind, allowed = request["kind"], ", ".join(self.kinds)
        if wrong := REQUEST.breach_of(request):
            return Said("REFUSED", "malformed-request", wrong)
        if request["validUntil"] <= time.time() * 1000:
            until = datetime.fromtimestamp(request["validUntil"] / 1000, UTC).isoformat()
            return Said("EXPIRED", "expired", f"It was valid until {until}")
        if kind not in REQUEST_KINDS:
            return Said("REFUSED", "unknown-kind", f"Expected one of {allowed}, got {kind}")
        if wrong := contradiction(request):
            return Said("REFUSED", "malformed-request", wrong)
        if kind not in self.kinds:
            return Said("REFUSED", "not-allowed", f"Expected one of {allowed}, got {kind}")
        if request["origin"] == "REPLAY" and not self.replay:
            return Said("REFUSED", "replayed", "It was asked because of a recording or a simulation")
        return None

    def _acknowledge(self, source: Source, key: str | bytes, request_id: str, said: Said) -> None:
        given: Acknowledgement = {
            "requestId": request_id,
            "beamline": self.beamline,
            "by": self.by,
            "status": said.status,
            "reason": said.reason,
            "detail": said.detail[:_MOST_DETAIL],
            "earlier": said.earlier,
            "scanIds": list(said.scan_ids),
            "source": source,
            "at": int(time.time() * 1000),
        }
        self.publish(key, ACKNOWLEDGEMENT.encode(given))
        self.book.note(given)


def _place(source: Source) -> tuple[str, int, int]:
    return source["topic"], source["partition"], source["offset"]


def _duplicate(before: list[Acknowledgement]) -> Said:
    last = next((each for each in reversed(before) if is_end(each)), before[0])
    earlier = last["earlier"] if last["status"] == "DUPLICATE" else last["status"]
    return Said("DUPLICATE", "duplicate", f"A request with this id is {earlier}", earlier=earlier)
