"""A client of the topics of xanes-stream."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from ._answer import Answering, Received
from ._ask import Asked, whole_request
from ._book import Book
from ._codec import Codec
from ._kafka import Cluster, Reading, Record, Settings, Warn, publish, records
from ._messages import (
    ACCUMULATION,
    ACKNOWLEDGEMENT,
    CHANGE,
    DEAD_LETTER,
    DESCRIPTORS,
    REQUEST,
    RUN,
    SCAN,
    whole_scan,
)
from .errors import ClientError
from .messages import (
    Accumulation,
    ChangePoint,
    DeadLetter,
    Descriptors,
    ExitStatus,
    Origin,
    RequestKind,
    Run,
    StandardAsked,
)

TOPICS: Mapping[str, str] = {
    "scans": "xanes.scans.v1",
    "descriptors": "xanes.descriptors.v1",
    "deadLetters": "xanes.dead-letters.v1",
    "runs": "xanes.runs.v1",
    "requests": "xanes.requests.v1",
    "acknowledgements": "xanes.acknowledgements.v1",
    "changes": "xanes.changes.v1",
    "accumulations": "xanes.accumulations.v1",
}

From = Literal["now", "beginning"]
Message = TypeVar("Message")


def _now_ms() -> int:
    return int(time.time() * 1000)


def _is_live(message: Descriptors | ChangePoint | Accumulation) -> bool:
    return message["origin"] == "LIVE"


def _to_stderr(warning: str) -> None:
    print(warning, file=sys.stderr)


class Client:
    """
    Reads what xanes-stream says of scans, publishes scans, asks a beamline and answers for one.

    What whoever calls can mend is a ClientError in one sentence: a broker that does not answer, a topic that is missing
    (said when it is first used), a field out of its bounds.

    brokers: host:port, separated by commas.
    name: of the program: its consumer groups begin with it, who asks, who answers.
    topics: names where they are others than those of TOPICS.
    config: of librdkafka, such as for TLS and SASL.
    within_s: how long the first answer of a broker may take.
    on_warning: is told what goes on in spite of trouble; by default it goes to standard error.
    """

    def __init__(
        self,
        brokers: str = "localhost:9092",
        *,
        name: str,
        topics: Mapping[str, str] | None = None,
        config: Settings | None = None,
        within_s: float = 5.0,
        on_warning: Warn = _to_stderr,
    ) -> None:
        self.name = name
        self._topics = {**TOPICS, **(topics or {})}
        self._warn = on_warning
        self._cluster = Cluster(brokers, name, config or {}, on_warning)
        self._cluster.reach(within_s)
        self._producer = self._cluster.producer()
        self._books: dict[str, Book] = {}
        self._known: set[str] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends all that was begun; iterations end by themselves."""
        self._closed = True
        for book in self._books.values():
            book.close()
        self._producer.flush()

    def publish_scan(self, scan: Mapping[str, Any]) -> None:
        """
        Comes back when the broker has the scan; fields as in schemas/scan.v1.avsc, those with a default may be left
        out. Raises a ClientError where the processor would refuse it unread.
        """
        value = SCAN.encode(whole_scan(scan))
        self._publish("scans", scan["sampleId"], value, SCAN.headers)

    def start_run(
        self,
        run_id: str,
        *,
        beamline: str,
        started_at: int | None = None,
        origin: Origin = "LIVE",
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """Says that a run has started. started_at: ms since 1970, by default now."""
        run: Run = {
            "runId": run_id,
            "beamline": beamline,
            "state": "STARTED",
            "startedAt": _now_ms() if started_at is None else started_at,
            "endedAt": None,
            "exitStatus": None,
            "reason": "",
            "scans": None,
            "origin": origin,
            "metadata": dict(metadata or {}),
        }
        self._publish("runs", run_id, RUN.encode(run), RUN.headers)

    def end_run(
        self,
        run_id: str,
        *,
        beamline: str,
        exit_status: ExitStatus = "SUCCESS",
        reason: str = "",
        scans: int | None = None,
        started_at: int | None = None,
        ended_at: int | None = None,
        origin: Origin = "LIVE",
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """
        Says that a run has ended: whoever watches it knows then that no more scans come, and raises no alarm. ended_at:
        ms since 1970, by default now; no scan of the run ends later.
        """
        run: Run = {
            "runId": run_id,
            "beamline": beamline,
            "state": "ENDED",
            "startedAt": started_at,
            "endedAt": _now_ms() if ended_at is None else ended_at,
            "exitStatus": exit_status,
            "reason": reason,
            "scans": scans,
            "origin": origin,
            "metadata": dict(metadata or {}),
        }
        self._publish("runs", run_id, RUN.encode(run), RUN.headers)

    def runs(
        self, *, group: str | None = None, from_: From = "now", quiet_s: float | None = None
    ) -> Iterator[Run]:
        """Starts and ends of runs as they are told; the newest of a run holds."""
        return self._messages("runs", RUN, group or f"{self.name}-runs", from_, quiet_s)

    def descriptors(
        self,
        *,
        group: str | None = None,
        from_: From = "now",
        replay: bool = False,
        previews: bool = False,
        max_age_s: float | None = None,
        quiet_s: float | None = None,
    ) -> Iterator[Descriptors]:
        """
        Descriptor events as they are committed, at least once each: heed scanId. An event counts as read when the next
        one is asked for.

        group: programs of one group share the events; the name of this one by default.
        from_: where a group begins that has read nothing.
        replay: whether events of recordings and simulations, such as the demo's, come too.
        previews: whether previews of scans that are still being measured come too, which name theirs in partialOf.
        max_age_s: events that were published longer ago are passed over.
        quiet_s: ends when nothing has come for so long.
        """

        def is_wanted(event: Descriptors) -> bool:
            age_s = time.time() - event["times"]["publishedAt"] / 1e6
            is_due = (replay or _is_live(event)) and (previews or event["partialOf"] is None)
            return is_due and (max_age_s is None or age_s <= max_age_s)

        return filter(is_wanted, self._messages("descriptors", DESCRIPTORS, group, from_, quiet_s))

    def changes(
        self, *, group: str | None = None, from_: From = "now", replay: bool = False, quiet_s: float | None = None
    ) -> Iterator[ChangePoint]:
        """
        Steps, drifts, their ends and returns of samples, as `npm run changes` finds them: heed changeId. replay: whether
        those of recordings and simulations come too.
        """
        changes = self._messages("changes", CHANGE, group or f"{self.name}-changes", from_, quiet_s)
        return changes if replay else filter(_is_live, changes)

    def accumulations(
        self, *, group: str | None = None, from_: From = "now", replay: bool = False, quiet_s: float | None = None
    ) -> Iterator[Accumulation]:
        """
        How far repeats of samples are averaged, by `npm run accumulate`, up to the accepted mean or why there is none.
        replay: whether those of recordings and simulations come too.
        """
        told = self._messages("accumulations", ACCUMULATION, group or f"{self.name}-accumulations", from_, quiet_s)
        return told if replay else filter(_is_live, told)

    def dead_letters(
        self, *, group: str | None = None, from_: From = "now", quiet_s: float | None = None
    ) -> Iterator[DeadLetter]:
        """Records that could not become descriptors, with the reason and their own bytes."""
        return self._messages("deadLetters", DEAD_LETTER, group or f"{self.name}-dead-letters", from_, quiet_s)

    def ask(
        self,
        kind: RequestKind,
        *,
        beamline: str,
        why: str,
        request_id: str | None = None,
        valid_for_s: float = 60.0,
        run_id: str | None = None,
        sample_id: str | None = None,
        element: str | None = None,
        edge: str | None = None,
        scan_ids: Sequence[str] = (),
        origin: Origin = "LIVE",
        scans: int | None = None,
        from_ev: float | None = None,
        to_ev: float | None = None,
        text: str | None = None,
        standard: StandardAsked | None = None,
    ) -> Asked:
        """
        Asks a beamline for something; comes back when the broker has the request. `about(event)` gives the fields that
        say what it is about. A request that is published again with the same request_id is carried out once.
        """
        fields = {
            "requestId": str(uuid.uuid4()) if request_id is None else request_id,
            "kind": kind,
            "beamline": beamline,
            "runId": run_id,
            "sampleId": sample_id,
            "element": element,
            "edge": edge,
            "askedBy": self.name,
            "why": why,
            "origin": origin,
            "scans": scans,
            "fromEv": from_ev,
            "toEv": to_ev,
            "text": text,
            "standard": standard,
        }
        request = whole_request(fields, scan_ids, valid_for_s)
        self._expect_topic("requests")
        book = self._book("now")
        self._publish("requests", beamline, REQUEST.encode(request), REQUEST.headers)
        return Asked(request, book)

    def requests(
        self,
        beamline: str,
        kinds: Collection[RequestKind],
        *,
        replay: bool = False,
        group: str | None = None,
        quiet_s: float | None = None,
    ) -> Iterator[Received]:
        """
        For a beamline: requests that it may carry out. Malformed, expired, foreign and doubled ones are answered before
        they come here; kinds that are not listed are refused. Accept or refuse each before the next is asked for.
        """

        def acknowledge(key: str | bytes, value: bytes) -> None:
            self._publish("acknowledgements", key, value, ACKNOWLEDGEMENT.headers)

        book = self._book("beginning")
        answering = Answering(beamline, self.name, kinds, replay, book, acknowledge, self._warn)
        answering.fail_what_is_open()
        group = group or f"{self.name}-requests"
        for record in records(self._cluster, self._reading("requests", group, "beginning", quiet_s)):
            received = answering.answer(record)
            if received is None:
                continue
            yield received
            answering.expect_answer(received.request["requestId"])

    def _messages(
        self, topic: str, codec: Codec[Message], group: str | None, from_: str, quiet_s: float | None
    ) -> Iterator[Message]:
        return self._decoded(records(self._cluster, self._reading(topic, group, from_, quiet_s)), codec)

    def _decoded(self, read: Iterator[Record], codec: Codec[Message]) -> Iterator[Message]:
        for record in read:
            try:
                message = codec.decode(record.value, record.headers)
            except ClientError as error:
                self._warn(f"Passed over offset {record.offset} of {record.topic}/{record.partition}: {error}")
                continue
            yield message

    def _reading(self, topic: str, group: str | None, from_: str, quiet_s: float | None) -> Reading:
        return Reading(self._topics[topic], group or self.name, from_, quiet_s, lambda: self._closed)

    def _book(self, from_: From) -> Book:
        if from_ not in self._books:
            self._books[from_] = Book(self._cluster, self._topics["acknowledgements"], from_)
        return self._books[from_]

    def _publish(self, topic: str, key: str | bytes, value: bytes, headers: Mapping[str, str]) -> None:
        self._expect_topic(topic)
        publish(self._producer, self._topics[topic], key, value, headers)

    def _expect_topic(self, topic: str) -> None:
        """Before the first record for it, so that a missing one is named, not waited for."""
        if topic not in self._known:
            self._cluster.partitions(self._topics[topic])
            self._known.add(topic)
