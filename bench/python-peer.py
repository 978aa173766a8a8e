"""What a user would write in an afternoon: the job of the processor as a plain Python consumer.

Reads scans, normalises them by a line and a mean, evaluates the same model.onnx and writes what it says, in
transactions of up to 256 scans. No checks, no gate, no neighbour index, no noise estimate, no energy calibration
beyond the table's shift. The measure for bench/throughput.ts.
"""

import io
import json
import os
import signal

import fastavro
import numpy as np
import onnxruntime
from confluent_kafka import Consumer, Producer, TopicPartition

BATCH = 256
MODEL = os.environ["MODEL_DIR"]
GROUP = os.environ["KAFKA_GROUP"]
BROKERS = os.environ["KAFKA_BROKERS"]

manifest = json.load(open(os.path.join(MODEL, "manifest.json")))
network = manifest["network"]
offsets = np.array(network["offsetsEv"])
elements = network["elements"]
references = {reference["element"]: reference for reference in manifest["references"]}
scan_schema = fastavro.parse_schema(json.load(open(os.environ["SCAN_SCHEMA"])))
answer_schema = fastavro.parse_schema(
    {
        "type": "record",
        "name": "Answer",
        "fields": [
            {"name": "scanId", "type": "string"},
            {"name": "sampleId", "type": "string"},
            {"name": "element", "type": "string"},
            {"name": "e0Ev", "type": "double"},
            {"name": "edgeStep", "type": "double"},
            {"name": "mu", "type": {"type": "array", "items": "float"}},
            {"name": "outputs", "type": {"type": "map", "values": {"type": "array", "items": "float"}}},
        ],
    }
)
session = onnxruntime.InferenceSession(os.path.join(MODEL, "model.onnx"))
names = [output.name for output in session.get_outputs()]


def prepare(scan):
    """Normalised mu on the model's axis, and which of its bins were measured."""
    energy = np.asarray(scan["energyEv"])
    mu = np.asarray(scan["mu"])
    reference = references[scan["element"]]
    energy = energy + reference["shiftsEv"][scan["metadata"].get("energy.scale", "measured")]
    e0 = energy[np.argmax(np.gradient(mu, energy))]
    before = energy < e0 - 8
    if np.count_nonzero(before) > 2 and energy[0] < e0 - 30:
        mu = mu - np.polyval(np.polyfit(energy[before] - e0, mu[before], 1), energy - e0)
    elif np.any(before):
        mu = mu - mu[before].mean()
    after = (energy > e0 + 15) & (energy < e0 + 60)
    step = mu[after].mean()
    mu = mu / step
    bins = offsets + reference["referenceEv"]
    mask = (bins >= energy[0]) & (bins <= energy[-1])
    return np.interp(bins, energy, mu) * mask, mask, e0, step


def answer(scans):
    prepared = [prepare(scan) for scan in scans]
    one_hot = np.zeros((len(scans), len(elements)), np.float32)
    for row, scan in enumerate(scans):
        one_hot[row, elements.index(scan["element"])] = 1
    mu = np.array([each[0] for each in prepared], np.float32)
    mask = np.array([each[1] for each in prepared], np.float32)
    outputs = session.run(None, {"mu": mu, "mask": mask, "element": one_hot})
    for row, (scan, (_, _, e0, step)) in enumerate(zip(scans, prepared)):
        event = {key: scan[key] for key in ("scanId", "sampleId", "element")}
        event |= {"e0Ev": e0, "edgeStep": step, "mu": mu[row].tolist()}
        event["outputs"] = {
            name: output[row].tolist() for name, output in zip(names, outputs) if name != "embedding"
        }
        stream = io.BytesIO()
        fastavro.schemaless_writer(stream, answer_schema, event)
        yield scan["sampleId"], stream.getvalue()


consumer = Consumer(
    {
        "bootstrap.servers": BROKERS,
        "group.id": GROUP,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
    }
)
producer = Producer({"bootstrap.servers": BROKERS, "transactional.id": f"{GROUP}-python", "linger.ms": 2})
producer.init_transactions()
consumer.subscribe([os.environ["TOPIC_SCANS"]])
going = True


def stop(*_):
    global going
    going = False


signal.signal(signal.SIGTERM, stop)
print('"msg":"processing"', flush=True)
while going:
    messages = [message for message in consumer.consume(BATCH, 0.05) if message.error() is None]
    if not messages:
        continue
    scans = [fastavro.schemaless_reader(io.BytesIO(message.value()), scan_schema) for message in messages]
    producer.begin_transaction()
    for key, value in answer(scans):
        producer.produce(os.environ["TOPIC_DESCRIPTORS"], value, key)
    ends = {(message.topic(), message.partition()): message.offset() + 1 for message in messages}
    producer.send_offsets_to_transaction(
        [TopicPartition(topic, partition, offset) for (topic, partition), offset in ends.items()],
        consumer.consumer_group_metadata(),
    )
    producer.commit_transaction()
consumer.close()
