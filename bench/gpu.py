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
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import onnxruntime as ort  # after PyTorch, which has CUDA's libraries loaded by now

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


class Spt(nn.Module):
    """src/model/spt.ts with normalisation, heads and their units, as model.onnx has it."""

    def __init__(self, bundle):
        super().__init__()
        self.heads, network = bundle.heads, bundle.network
        flat, at, weights = np.fromfile(os.path.join(bundle.folder, "weights.bin"), "<f4"), 0, {}
        for parameter in bundle.manifest["parameters"]:
            count = int(np.prod(parameter["shape"]))
            weights[parameter["name"]] = torch.from_numpy(flat[at : at + count].reshape(parameter["shape"]).copy())
            at += count
        keep = lambda name, value: self.register_buffer(name.replace("/", "_"), value.contiguous())
        for name, value in weights.items():
            if name.startswith("head/"):
                continue
            if value.ndim == 3:  # [k, in, out], of a row
                value = value[None]
            keep(name, value.permute(3, 2, 0, 1) if value.ndim == 4 else value)
        layers, self.real = [], {}
        for name in self.heads:
            self.real[name] = network["reals"].get(name)
            layers += [f"head/{name}"] if self.real[name] is None else [f"head/{name}", f"head/{name}/sigma"]
        keep("head/kernel", torch.cat([weights[f"{name}/kernel"] for name in layers], 1))
        keep("head/bias", torch.cat([weights[f"{name}/bias"] for name in layers]))
        self.widths, self.periods = [len(weights[f"{name}/bias"]) for name in layers], network["periods"]

        offsets = torch.tensor(network["offsetsEv"], dtype=torch.float32)
        self.bins, place = len(offsets), torch.arange(len(offsets))
        over = lambda ends: ((place >= ends[0]) & (place <= ends[1])).float() / (ends[1] - ends[0] + 1)
        keep("gain", over(network["gainBins"]))
        keep("required", over(network["requiredBins"]))
        keep("coverage", torch.tensor(network["coverage"], dtype=torch.float32))
        keep("span", F.pad(10 / (offsets[2:] - offsets[:-2]), (1, 1)))
        # neighbourhood() of src/model/spt.ts: points behind the last pair of neighbours have none.
        middle = (offsets[0::2].double() + offsets[1::2].double()) / 2
        near = (middle[:, None] - middle).abs() <= network["windowEv"]
        points = torch.arange(len(middle))
        self.reach = reach = int(((points - points[:, None]) * near).max())
        pairs = [i + 2 for i in range(len(middle) - 1) if near[i, i + 1]]
        self.linked = linked = max(pairs + [2, 2 * reach])
        around = points[:linked, None] + torch.arange(-reach, reach + 1)
        known = near[:linked].gather(1, around.clamp(0, len(middle) - 1)) & (around >= 0) & (around < len(middle))
        keep("missing", torch.where(known, 0.0, -1e9))

    def dense(self, x, name):
        return F.linear(x, getattr(self, name + "_kernel").t(), getattr(self, name + "_bias"))

    def image(self, x, name):
        """[batch, rows, columns, in] -> [batch, rows, columns, out]"""
        kernel = getattr(self, name + "_kernel")
        padding = (kernel.shape[2] // 2, kernel.shape[3] // 2)
        x = F.conv2d(x.permute(0, 3, 1, 2).contiguous(), kernel, getattr(self, name + "_bias"), padding=padding)
        return F.relu(x).permute(0, 2, 3, 1)

    def forward(self, packed):
        bins, halved = self.bins, lambda v: v.reshape(v.shape[0], -1, 2, v.shape[2]).amax(2)
        mu, mask, element = packed[:, :bins], packed[:, bins : 2 * bins], packed[:, 2 * bins :]
        x = halved(self.image(self.normalised(mu, mask, element)[:, None], "stem")[:, 0])
        x = x + self.dense(element, "element")[:, None]
        x = x + self.scales(x)
        x = F.layer_norm(x, x.shape[-1:], self.norm_scale, self.norm_offset, 1e-5)
        x = x + self.neighbours(x)
        x = halved(self.image(x[:, None], "tail")[:, 0])
        embedding = F.relu(self.dense(x.reshape(x.shape[0], -1), "embedding"))
        raw = torch.addmm(self.head_bias, torch.cat([embedding, element], 1), self.head_kernel)
        parts, answers = iter(raw.split(self.widths, 1)), []
        for name in self.heads:
            part, real = next(parts), self.real[name]
            if real is None:
                answers.append(part.softmax(1))
            else:
                sigma = next(parts).clamp(-4, 2).exp() * real["scale"]
                answers += [part * real["scale"] + real["mean"], sigma]
        return torch.cat([*answers, embedding], 1)

    def normalised(self, mu, mask, element):
        mask = mask * (element @ self.coverage)
        mu = mu * mask
        u = mu / (mu * self.gain).sum(-1, keepdim=True).clamp_min(1e-3)
        deviation = u - (u * self.required).sum(-1, keepdim=True)
        spread = ((deviation * deviation * self.required).sum(-1, keepdim=True) + 1e-4).sqrt()
        ahead, behind = lambda v: F.pad(v[:, 1:], (0, 1)), lambda v: F.pad(v[:, :-1], (1, 0))
        slope = (ahead(u) - behind(u)) * self.span * ahead(mask) * behind(mask)
        return torch.stack([(u - 1) * mask, deviation / spread * mask, slope, mask], 2)

    def scales(self, x):
        query = self.dense(F.relu(self.dense(x.mean(1), "scales_query1")), "scales_query2")
        narrow = self.dense(x, "scales_in")
        batch, length, half = narrow.shape
        bands = []
        for k, period in enumerate(self.periods):
            rows = -(-length // period)
            band = F.pad(narrow, (0, 0, 0, rows * period - length)).reshape(batch, rows, period, half)
            bands.append(self.image(band, f"scales_band{k}").reshape(batch, -1, half)[:, :length])
        share = torch.stack([(query * band.mean(1)).sum(1) for band in bands], 1).softmax(1)
        return self.dense(sum(band * share[:, k, None, None] for k, band in enumerate(bands)), "scales_out")

    def neighbours(self, x):
        linked, padding = self.linked, (0, 0, self.reach, self.reach)
        own, value = self.dense(x[:, :linked], "neighbours_own"), self.dense(x, "neighbours_value")
        other = F.pad(self.dense(x[:, :linked], "neighbours_other"), padding)
        ends, places = F.pad(value[:, :linked], padding), range(2 * self.reach + 1)
        edge = lambda o: (F.leaky_relu(own + other[:, o : o + linked], 0.2) * self.neighbours_a[:, 0]).sum(2)
        share = (torch.stack([edge(o) for o in places], 2) + self.missing).softmax(-1)
        gathered = sum(share[:, :, o, None] * ends[:, o : o + linked] for o in places)
        return torch.cat([gathered, value[:, linked:]], 1)


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
    parser.add_argument("--model", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "../models/spt"))
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
    network = Spt(bundle).eval().to(device)
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
