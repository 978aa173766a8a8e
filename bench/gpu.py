"""SPT alone on an NVIDIA GPU, by ways that Node does not have: ONNX Runtime's CUDA provider with a CUDA graph, PyTorch
with one, and PyTorch compiled; the cores and a plain run of the CUDA provider beside them.

    python3 bench/gpu.py [--model FOLDER] [--sizes 1,16,64,256,1024,4096] [--ways LIST] [--device cuda]

A call copies its spectra to the card and all answers back, and waits for them. TF32 is off. Not in it: preparation,
neighbours, means over sites, gate, Kafka. The last columns: the largest differences of classes and reals, and of the
embedding, from what the cores answer. Needs NumPy, PyTorch and onnxruntime-gpu of the same CUDA; with `--device cpu`
all ways run on the cores, which shows that they answer alike and nothing of speed.
"""

import argparse
import json
import os
import statistics
import sys
import time

import numpy as np
import torch
from torch import nn

import onnxruntime as ort  # after PyTorch, which has CUDA's libraries loaded by now

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "../workbench/training/torch"))
from train_spt import Spt

WAYS = ["cores", "run", "graph", "torch-graph", "torch-compiled"]


class Bundle:
    """Manifest, golden vectors and the order of answers: [batch, mu | mask | element] -> [batch, heads | embedding]."""

    def __init__(self, folder):
        self.folder = folder
        read = lambda name: json.load(open(os.path.join(folder, name)))
        self.manifest, self.golden = read("manifest.json"), read("golden.json")
        self.network = self.manifest["network"]
        self.bins = len(self.network["offsetsEv"])
        self.cores = self.session("CPUExecutionProvider", threads=4)
        self.names = [output.name for output in self.cores.get_outputs()]
        self.heads = [name for name in self.names if name != "embedding"]
        sizes = [self.network["features"] if name == "embedding" else self.width(name) for name in self.names]
        ends = np.cumsum(sizes)
        self.places = {name: slice(end - size, end) for name, size, end in zip(self.names, sizes, ends)}

    def width(self, head):
        return len(self.network["classes"][head]) if head in self.network["classes"] else 2

    def session(self, provider, options=None, threads=None):
        settings = ort.SessionOptions()
        settings.log_severity_level = 3
        if threads is not None:
            settings.intra_op_num_threads = threads
            settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
        file = os.path.join(self.folder, "model.onnx")
        session = ort.InferenceSession(file, settings, providers=[(provider, options or {})])
        if session.get_providers()[0] != provider:
            raise SystemExit(f"Expected {provider}, got {session.get_providers()}")
        return session

    def feed(self, rows):
        bins = self.bins
        parts = dict(mu=rows[:, :bins], mask=rows[:, bins : 2 * bins], element=rows[:, 2 * bins :])
        return {name: np.ascontiguousarray(part) for name, part in parts.items()}

    def golden_rows(self):
        rows = np.zeros((len(self.golden), 2 * self.bins + len(self.network["elements"])), np.float32)
        for row, case in zip(rows, self.golden):
            mu = np.array([np.nan if value is None else value for value in case["mu"]])
            row[: self.bins], row[self.bins : 2 * self.bins] = np.nan_to_num(mu), ~np.isnan(mu)
            row[2 * self.bins + self.network["elements"].index(case["element"])] = 1
        return rows

    def rows(self, count):
        """The golden spectra again and again, each with a gain and noise of its own."""
        draw = np.random.default_rng(7)
        rows = self.golden_rows()[np.arange(count) % len(self.golden)]
        noise = draw.uniform(0, 0.02, (count, 1)) * draw.normal(size=(count, self.bins))
        mask = rows[:, self.bins : 2 * self.bins]
        rows[:, : self.bins] = (rows[:, : self.bins] * draw.uniform(0.8, 1.2, (count, 1)) + noise) * mask
        return rows.astype(np.float32)

    def apart(self, ours, theirs):
        far = lambda names: max(np.abs(ours[:, self.places[n]] - theirs[:, self.places[n]]).max() for n in names)
        return f"{far(self.heads):.1e} {far(['embedding']):.1e}"

    def from_golden(self, answers):
        far = lambda row, name, values: np.abs(row[self.places[name]] - np.array(values)).max()
        pairs = zip(answers, self.golden)
        return max(far(row, name, values) for row, case in pairs for name, values in case["outputs"].items())


class Packed(nn.Module):
    """The network that is trained, with a bundle's weights: [batch, mu | mask | element] -> [batch, heads | embedding]."""

    def __init__(self, bundle, device):
        super().__init__()
        self.bins, self.heads, parameters = bundle.bins, bundle.heads, bundle.manifest["parameters"]
        with torch.device(device):
            self.spt = Spt(bundle.network, parameters)
        flat, at = np.fromfile(os.path.join(bundle.folder, "weights.bin"), "<f4"), 0
        for parameter in parameters:
            value = self.spt.get(parameter["name"])
            value.copy_(torch.from_numpy(flat[at : at + value.numel()].reshape(value.shape)))
            at += value.numel()

    def forward(self, packed):
        bins = self.bins
        mu, mask, element = packed[:, :bins], packed[:, bins : 2 * bins], packed[:, 2 * bins :].argmax(1)
        embedding = self.spt.embedding(mu, mask, element)
        answers = self.spt.answers(self.spt.raw(embedding, element))
        return torch.cat([*(answers[name] for name in self.heads), embedding], 1)


def by_binding(session, bundle, feed, device, graph_id):
    """With inputs and outputs that stay where they are, as a CUDA graph wants them."""
    size, binding, how = len(feed["mu"]), session.io_binding(), ort.RunOptions()
    if device == "cuda":
        how.add_run_config_entry("gpu_graph_id", str(graph_id))
    inputs = {name: ort.OrtValue.ortvalue_from_numpy(value, device, 0) for name, value in feed.items()}
    blank = lambda place: np.full((size, place.stop - place.start), np.nan, np.float32)
    outputs = [ort.OrtValue.ortvalue_from_numpy(blank(place), device, 0) for place in bundle.places.values()]
    for name, value in inputs.items():
        binding.bind_ortvalue_input(name, value)
    for name, value in zip(bundle.names, outputs):
        binding.bind_ortvalue_output(name, value)

    def call():
        for name, value in inputs.items():
            value.update_inplace(feed[name])
        session.run_with_iobinding(binding, how)
        return [value.numpy() for value in outputs]

    return call


def by_torch(network, rows, width, device):
    into, out = torch.from_numpy(rows.copy()), torch.full((len(rows), width), float("nan"))
    if device == "cpu":
        return lambda: [network(into).numpy()]
    into, out, there = into.pin_memory(), out.pin_memory(), torch.from_numpy(rows).to(device)
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        for _ in range(3):
            network(there)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        there.copy_(into, non_blocking=True)
        out.copy_(network(there), non_blocking=True)

    def call():
        graph.replay()
        torch.cuda.synchronize()
        return [out.numpy()]

    return call


def timed(call):
    """Median and 99th percentile of a call, ms."""
    for _ in range(5):
        call()
    took, until = [], time.perf_counter() + 0.5
    while len(took) < 10 or time.perf_counter() < until:
        began = time.perf_counter()
        call()
        took.append(1e3 * (time.perf_counter() - began))
    return statistics.median(took), float(np.percentile(took, 99))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=os.path.join(HERE, "../models/spt"))
    parser.add_argument("--sizes", default="1,16,64,256,1024,4096")
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    given = parser.parse_args()
    sizes, device = [int(size) for size in given.sizes.split(",")], given.device
    torch.set_grad_enabled(False)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True

    bundle = Bundle(given.model)
    rows = bundle.rows(max(sizes))
    asked = lambda some: np.concatenate(bundle.cores.run(bundle.names, bundle.feed(some)), 1)
    expected = np.concatenate([asked(part) for part in np.array_split(rows, -(-len(rows) // 256))])
    card = torch.cuda.get_device_name() if device == "cuda" else "the cores"
    print(f"onnxruntime {ort.__version__}, PyTorch {torch.__version__}, {card}")
    network = Packed(bundle, device).eval()
    of_torch = network(torch.from_numpy(bundle.golden_rows()).to(device)).cpu().numpy()
    cores, torchs = bundle.from_golden(asked(bundle.golden_rows())), bundle.from_golden(of_torch)
    print(f"from the golden vectors: the cores {cores:.1e}, PyTorch {torchs:.1e}")

    def on_card(**options):
        if device == "cpu":
            return bundle.session("CPUExecutionProvider")
        return bundle.session("CUDAExecutionProvider", dict(use_tf32="0", **options))

    def by_run(session, part):
        feed = bundle.feed(part)
        return lambda: session.run(bundle.names, feed)

    plain, graph = on_card(), on_card(enable_cuda_graph="1")
    compiled = torch.compile(network, dynamic=False)
    calls = {
        "cores": lambda part, i: by_run(bundle.cores, part),
        "run": lambda part, i: by_run(plain, part),
        "graph": lambda part, i: by_binding(graph, bundle, bundle.feed(part), device, i),
        "torch-graph": lambda part, i: by_torch(network, part, expected.shape[1], device),
        "torch-compiled": lambda part, i: by_torch(compiled, part, expected.shape[1], device),
    }
    print(f"{'way':16}{'batch':>6}{'p50 ms':>10}{'p99 ms':>10}{'spectra/s':>12}   apart from the cores")
    for way in given.ways.split(","):
        for i, size in enumerate(sizes):
            call = calls[way](rows[:size], i + 1)
            apart = bundle.apart(np.concatenate(call(), 1), expected[:size])
            p50, p99 = timed(call)
            print(f"{way:16}{size:6}{p50:10.3f}{p99:10.3f}{1e3 * size / p50:12,.0f}   {apart}", flush=True)


if __name__ == "__main__":
    main()
