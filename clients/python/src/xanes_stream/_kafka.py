"""Kafka as the rest of the package knows it: records in, records out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from .errors import ClientError

Warn = Callable[[str], None]
Settings = Mapping[str, Any]
Headers = list[tuple[str, str | bytes | None]]

_POLL_S = 0.2
_ANSWER_S = 10.0
# No retry mends these.
_FATAL = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError._AUTHENTICATION,
}


@dataclass(frozen=True)
class Record:
    """A record as it lies in its topic."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    """ms since 1970"""
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes | None] = field(default_factory=dict)


def record_of(message: Message) -> Record:
    return Record(
        topic=message.topic() or "",
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        timestamp=message.timestamp()[1],
        key=_bytes(message.key()),
        value=_bytes(message.value()),
        headers={name: _bytes(value) for name, value in cast(Headers, message.headers() or [])},
    )


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


class Cluster:
    """The broker, and how to reach it."""

    def __init__(self, brokers: str, name: str, config: Settings, on_warning: Warn) -> None:
        self.name = name
        self.on_warning = on_warning
        self._common: dict[str, Any] = {
            "bootstrap.servers": brokers,
            "client.id": name,
            "error_cb": lambda error: on_warning(f"Kafka: {error.str()}"),
            "log_level": 0,  # what goes wrong comes by error_cb
            **config,
        }

    def reach(self, within_s: float) -> None:
        """Raises a ClientError where no broker answers in time."""
        said: list[str] = []
        admin = AdminClient(self._common | {"error_cb": lambda error: said.append(error.str())})
        deadline = time.monotonic() + within_s
        while True:
            try:
                admin.poll(0)
                admin.list_topics(timeout=min(1.0, within_s))
                return
            except KafkaException as error:
                if time.monotonic() > deadline:
                    brokers, why = self._common["bootstrap.servers"], said[0] if said else error.args[0].str()
                    message = f"Expected a broker at {brokers} to answer within {within_s:g} s: {why}"
                    raise ClientError(message) from None

    def producer(self) -> Producer:
        """Of records with one key the order counts; a key has the partition that Java gives it, whoever writes."""
        return Producer(self._common | {"enable.idempotence": True, "partitioner": "murmur2_random", "linger.ms": 0})

    def consumer(self, group: str, settings: Settings) -> Consumer:
        mine = {
            "group.id": group,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "allow.auto.create.topics": False,
            "topic.metadata.refresh.interval.ms": 15_000,
        }
        return Consumer(self._common | mine | dict(settings))

    def partitions(self, topic: str) -> list[int]:
        """Raises a ClientError that names the topic, where it is missing or not visible to this user."""
        found = AdminClient(self._common).list_topics(timeout=_ANSWER_S).topics.get(topic)
        if found is None or found.error is not None:
            raise ClientError(
                f"Expected topic {topic} to exist and to be visible to this user, got none of that name; "
                "`npm run topics` of xanes-stream creates it"
            )
        return sorted(found.partitions)


def publish(producer: Producer, topic: str, key: str | bytes, value: bytes, headers: Mapping[str, str]) -> None:
    """Comes back when the broker has the record."""
    failed: list[KafkaError] = []

    def delivered(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failed.append(error)

    producer.produce(topic, key=key, value=value, headers=dict(headers), on_delivery=delivered)
    producer.flush()
    if failed:
        raise ClientError(f"Expected {topic} to take a record of {len(value)} bytes: {failed[0].str()}")


def polled(consumer: Consumer, warn: Warn, what: str) -> Message | None:
    """The next message, of a moment; raises a ClientError where no retry helps."""
    message = consumer.poll(_POLL_S)
    error = None if message is None else message.error()
    if error is None:
        return message
    if error.code() in _FATAL:
        raise ClientError(f"Expected to read {what}: {error.str()}")
    if error.code() == KafkaError._PARTITION_EOF:
        return message
    warn(f"Reading {what}: {error.str()}")
    return None


@dataclass
class Reading:
    """How records of a topic are read."""

    topic: str
    group: str
    from_: str  # now or beginning
    quiet_s: float | None  # ends when nothing has come for so long
    is_closed: Callable[[], bool]


def records(cluster: Cluster, reading: Reading) -> Iterator[Record]:
    """
    Committed records of a topic as they come, from the moment of the call where they are read from now on. A record
    counts as read when the next one is asked for: after a crash, or a break, the last one comes again.
    """
    if reading.from_ not in ("now", "beginning"):
        raise ClientError(f"Expected from_ to be now or beginning, got {reading.from_}")
    topic = reading.topic
    partitions = cluster.partitions(topic)
    day_ms = 86_400_000  # whoever takes long over a record must not lose the partition by it
    settings = {"enable.auto.offset.store": False, "auto.commit.interval.ms": 1000, "max.poll.interval.ms": day_ms}
    consumer = cluster.consumer(reading.group, settings)
    ends = {}
    if reading.from_ == "now":
        for partition in partitions:
            ends[partition] = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_ANSWER_S)[1]

    def placed(of: Consumer, assigned: list[TopicPartition]) -> None:
        """A group that has read nothing of a partition begins where it ended when the reading began."""
        read = of.committed(assigned, timeout=_ANSWER_S)
        unread = [place.partition for place in read if place.offset < 0 and place.partition in ends]
        begins = {partition: TopicPartition(topic, partition, ends[partition]) for partition in unread}
        if begins:
            of.commit(offsets=list(begins.values()), asynchronous=False)
        of.assign([begins.get(place.partition, place) for place in assigned])

    return _followed(cluster, reading, consumer, placed)


def _followed(
    cluster: Cluster,
    reading: Reading,
    consumer: Consumer,
    placed: Callable[[Consumer, list[TopicPartition]], None],
) -> Iterator[Record]:
    topic = reading.topic
    try:
        consumer.subscribe([topic], on_assign=placed)
        heard = time.monotonic()
        while not reading.is_closed():
            message = polled(consumer, cluster.on_warning, topic)
            if message is None:
                if reading.quiet_s is not None and time.monotonic() - heard > reading.quiet_s:
                    return
                continue
            yield record_of(message)
            consumer.store_offsets(message)
            heard = time.monotonic()
    finally:
        consumer.close()
