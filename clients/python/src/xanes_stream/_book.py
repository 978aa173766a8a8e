"""What became of requests: the acknowledgements topic, followed beside whatever else the program does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from ._kafka import Cluster, polled, record_of
from ._messages import ACKNOWLEDGEMENT
from .errors import ClientError
from .messages import Acknowledgement, AcknowledgementStatus

Fits = Callable[[Acknowledgement], bool]


class Book:
    """Follows a topic of acknowledgements, without a group that remembers: from now on, or from its beginning."""

    def __init__(self, cluster: Cluster, topic: str, from_: str) -> None:
        self._cluster, self._topic = cluster, topic
        self._changed = threading.Condition()
        self._of: dict[str, list[Acknowledgement]] = {}
        self._closed = False
        self._failed: Exception | None = None
        self._unread = set(cluster.partitions(topic))
        consumer = cluster.consumer(f"{cluster.name}-acknowledgements", {"enable.partition.eof": True} | _NO_COMMITS)
        starts = []
        for partition in sorted(self._unread):
            place = TopicPartition(topic, partition)
            place.offset = OFFSET_BEGINNING if from_ == "beginning" else consumer.get_watermark_offsets(place, 10.0)[1]
            starts.append(place)
        consumer.assign(starts)
        self._thread = threading.Thread(target=self._follow, args=(consumer,), daemon=True)
        self._thread.start()
        if from_ == "beginning":
            self._wait(lambda: not self._unread, None)

    def of(self, request_id: str) -> list[Acknowledgement]:
        """Those of a request so far, in their order."""
        with self._changed:
            return list(self._of.get(request_id, []))

    def all(self) -> Iterator[tuple[str, list[Acknowledgement]]]:
        with self._changed:
            return iter([(name, list(given)) for name, given in self._of.items()])

    def status_of(self, request_id: str) -> AcknowledgementStatus | None:
        """What became of a request so far; None: nothing."""
        return next((each["status"] for each in reversed(self.of(request_id)) if each["status"] != "DUPLICATE"), None)

    def first(self, request_id: str, fits: Fits, until_s: float) -> Acknowledgement | None:
        """The first that fits, read or still to come; None when there is none until then (time.time())."""

        def found() -> Acknowledgement | None:
            return next((each for each in self._of.get(request_id, []) if fits(each)), None)

        with self._changed:
            self._wait(lambda: found() is not None, until_s)
            return found()

    def note(self, given: Acknowledgement) -> None:
        """Notes one that this program gives itself, or that was read; one that is there already is passed over."""
        with self._changed:
            before = self._of.setdefault(given["requestId"], [])
            if not any(_is_same(each, given) for each in before):
                before.append(given)
            self._changed.notify_all()

    def close(self) -> None:
        self._closed = True
        self._thread.join()

    def _wait(self, is_so: Callable[[], bool], until_s: float | None) -> None:
        with self._changed:
            left = None if until_s is None else max(0.0, until_s - time.time())
            self._changed.wait_for(lambda: is_so() or self._failed is not None or self._closed, left)
            if self._failed is not None:
                raise self._failed

    def _follow(self, consumer: Consumer) -> None:
        try:
            while not self._closed:
                message = polled(consumer, self._cluster.on_warning, self._topic)
                error = None if message is None else message.error()
                if message is None:
                    continue
                if error is not None and error.code() == KafkaError._PARTITION_EOF:
                    with self._changed:
                        self._unread.discard(message.partition() or 0)
                        self._changed.notify_all()
                    continue
                record = record_of(message)
                try:
                    self.note(ACKNOWLEDGEMENT.decode(record.value, record.headers))
                except ClientError as unreadable:
                    place = f"offset {record.offset} of {record.topic}/{record.partition}"
                    self._cluster.on_warning(f"Passed over {place}: {unreadable}")
        except Exception as error:  # said to whoever waits
            self._failed = error
        finally:
            consumer.close()
            with self._changed:
                self._changed.notify_all()


_NO_COMMITS = {"enable.auto.commit": False}


def _is_same(one: Acknowledgement, other: Acknowledgement) -> bool:
    return all(one[name] == other[name] for name in ("status", "at", "by"))
