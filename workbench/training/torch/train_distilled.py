"""Trains SPT on a GPU: the five folds' networks and the whole one side by side, each taught by larger ones.

    python3 train_distilled.py PLAN OUT [options]

PLAN is what `npm run workbench -- train --export PLAN` writes. First `members` larger networks of each fold are trained
(teachers), then one of the served size (student), on the labels and on the teachers' mean answer. Part of the student's
spectra are two of one element and calculation mixed, of which only the teachers' answer is learned. OUT gets a folder of
each fold as train_spt.py writes it, and report.json: how it was done, and what the networks say of the sites that they
have not seen. Needs PyTorch and NumPy.
"""

import argparse
import json
import math
import os
import time

import numpy as np
import torch
from torch.nn import functional as F

from train_spt import BETAS, KERNEL_STEP_EV, KERNELS, LEAKY_SLOPE, LIKELIHOOD, Normalise, Spectra, Spt, schedule

WARM_UP = 0.03


class Draws:
    """Uniform from 0 to 1, and normal with spread 1, on a device."""

    def __init__(self, device):
        self.device = device

    def uniform(self, *shape):
        return torch.rand(*shape, device=self.device)

    def normal(self, *shape):
        return torch.randn(*shape, device=self.device)


class SpectraOn(Spectra):
    """Spectra on a device, varied without asking it anything."""

    def __init__(self, folder, plan, device):
        super().__init__(folder, plan)
        self.check(plan["checks"])
        for name in ("offsets", "mu", "count", "element", "broadening", "bins", "kernels"):
            setattr(self, name, getattr(self, name).to(device))
        self.device = device

    def blurred(self, mu, mask, level):
        kernel = self.kernels[level].transpose(1, 2)
        both = torch.bmm(torch.stack([mu, mask], 1), kernel)
        return torch.where(level[:, None] > 0, both[:, 0] / both[:, 1].clamp_min(1e-9), mu)

    def gridded_plain(self, rows):
        return self.gridded(rows, torch.zeros(len(rows), 1, device=self.device))


class Sites:
    """Which sites each group (a fold left out, or none) learns from, and which it has not seen."""

    def __init__(self, plan, folds, device):
        sites, repeat = plan["sites"], plan["recipe"]["repeat"]
        self.device = device
        copper = plan["network"]["elements"].index("Cu") if "Cu" in plan["network"]["elements"] else -1
        self.copper = copper
        learned, held, mixed = [], [], []
        for fold in folds:
            own = [i for i, site in enumerate(sites) if fold == "none" or site["fold"] != int(fold)]
            learned.append([i for i in own for _ in range(repeat if sites[i]["scale"] == "feff10" else 1)])
            held.append([i for i, s in enumerate(sites) if fold != "none" and s["fold"] == int(fold)])
            pools = {}
            for i in own:
                pools.setdefault((sites[i]["element"], sites[i]["scale"]), []).append(i)
            start, table = {}, []
            for key, members in pools.items():
                start[key] = len(table), len(members)
                table += members
            places = [start.get((s["element"], s["scale"]), (0, 1)) for s in sites]
            mixed.append((table, places))
        padded = lambda lists: torch.tensor(
            [own + [own[0] if own else 0] * (max(map(len, lists)) - len(own)) for own in lists], device=device
        )
        self.learned, self.held = padded(learned), padded(held)
        self.table = padded([table for table, _ in mixed])
        self.places = torch.tensor([places for _, places in mixed], device=device)  # [g, sites, (start, count)]
        count = lambda lists: torch.tensor([float(len(own)) for own in lists], device=device)[:, None]
        self.counts, self.held_counts = count(learned), count(held)
        self.examples = max(map(len, learned))

    def draw(self, draws, batch):
        """[g, b]"""
        group = torch.arange(len(self.learned), device=self.device)[:, None]
        return self.learned[group, (draws.uniform(len(self.learned), batch) * self.counts).long()]

    def partners(self, draws, rows):
        """Another site of the same element and calculation for each, [g, b]"""
        group = torch.arange(len(rows), device=self.device)[:, None]
        start, count = self.places[group, rows].unbind(-1)
        return self.table[group, start + (draws.uniform(*rows.shape) * count).long().minimum(count - 1)]


class Networks(torch.nn.Module):
    """[groups x members] networks of train_spt.py's Spt side by side, by the same names and shapes."""

    def __init__(self, groups, members, network, parameters, seed, device):
        super().__init__()
        self.g, self.k, self.network = groups, members, network
        self.one = Spt(network, parameters)
        torch.manual_seed(seed)
        self.of = torch.nn.ParameterDict()
        for parameter in parameters:
            first = lambda: Spt.first(parameter["name"], parameter["shape"])
            values = torch.stack([first() for _ in range(groups * members)])
            self.of[Spt.key(parameter["name"])] = torch.nn.Parameter(values.to(device))
        self.shapes = {parameter["name"]: parameter["shape"] for parameter in parameters}
        self.heads, self.order = self.one.heads, self.one.order
        near = self.one.missing > -1
        self.reach, self.length = self.one.reach, self.one.length
        alone = near.sum(1) <= 1
        self.linked = max(int((~alone).nonzero().max()) + 1, 2 * self.reach)
        self.missing = self.one.missing[: self.linked].to(device)
        del self.one

    def get(self, name):
        return self.of[Spt.key(name)]

    def dense(self, x, name):
        """[m, n, in] -> [m, n, out]"""
        return torch.baddbmm(self.get(f"{name}/bias")[:, None], x, self.get(f"{name}/kernel"))

    @staticmethod
    def windows(x, k):
        """[m, b, l, c] -> [m, b * l, k * c], same padding"""
        m, b, l, c = x.shape
        padded = F.pad(x, (0, 0, k // 2, k // 2))
        return padded.unfold(2, k, 1).permute(0, 1, 2, 4, 3).reshape(m, b * l, k * c)

    def conv1d(self, x, name):
        kernel = self.get(f"{name}/kernel")  # [m, k, in, out]
        m, k, _, out = kernel.shape
        y = torch.baddbmm(self.get(f"{name}/bias")[:, None], self.windows(x, k), kernel.reshape(m, -1, out))
        return y.reshape(*x.shape[:3], out)

    @staticmethod
    def halved(x):
        m, b, l, c = x.shape
        return x.reshape(m, b, l // 2, 2, c).amax(3)

    def forward(self, spectrum, element):
        """spectrum [g, b, 4, bins], element [g, b] -> {head: [g, k, b, n]}"""
        g, b = element.shape
        m = g * self.k
        drop = lambda v: F.dropout(v, self.network["dropout"], self.training)
        spread = lambda v: v[:, None].expand(g, self.k, *v.shape[1:]).reshape(m, *v.shape[1:])
        one_hot = spread(F.one_hot(element, len(self.network["elements"])).float())
        x = self.halved(self.conv1d(spread(spectrum.transpose(2, 3)), "stem").relu())  # [m, b, length, d]
        d = x.shape[-1]
        x = x + self.dense(one_hot, "element")[:, :, None]
        x = x + self.discover_scales(x)
        x = F.layer_norm(x, (d,), eps=1e-5)
        x = x * self.get("norm/scale")[:, None, None] + self.get("norm/offset")[:, None, None]
        x = x + self.attend_neighbours(x)
        x = self.halved(self.conv1d(x, "tail").relu())
        embedding = self.dense(drop(x.reshape(m, b, -1)), "embedding").relu()
        shared = drop(torch.cat([embedding, one_hot], -1))
        kernel = torch.cat([self.get(f"{name}/kernel") for name in self.heads], -1)
        bias = torch.cat([self.get(f"{name}/bias") for name in self.heads], -1)
        out = torch.baddbmm(bias[:, None], shared, kernel).reshape(g, self.k, b, -1)
        sizes = [self.get(f"{name}/bias").shape[-1] for name in self.heads]
        return dict(zip([name[len("head/") :] for name in self.heads], out.split(sizes, -1)))

    def discover_scales(self, x):
        m, b, length, d = x.shape
        query = self.dense(self.dense(x.mean(2), "scales/query1").relu(), "scales/query2")  # [m, b, half]
        narrow = self.dense(x.reshape(m, b * length, d), "scales/in").reshape(m, b, length, -1)
        half = narrow.shape[-1]
        bands = []
        for k, period in enumerate(self.network["periods"]):
            rows = -(-length // period)
            band = F.pad(narrow, (0, 0, 0, rows * period - length)).reshape(m, b, rows, period, half)
            band = F.pad(band, (0, 0, 1, 1, 1, 1))
            moved = [band[:, :, i : i + rows, j : j + period] for i in range(3) for j in range(3)]
            kernel = self.get(f"scales/band{k}/kernel").reshape(m, 9 * half, half)
            bias = self.get(f"scales/band{k}/bias")[:, None]
            band = torch.baddbmm(bias, torch.cat(moved, -1).reshape(m, -1, 9 * half), kernel).relu()
            bands.append(band.reshape(m, b, rows * period, half)[:, :, :length])
        share = torch.stack([(query * band.mean(2)).sum(-1) for band in bands], -1).softmax(-1)  # [m, b, bands]
        mixed = sum(band * share[:, :, k, None, None] for k, band in enumerate(bands))
        return self.dense(mixed.reshape(m, b * length, half), "scales/out").reshape(m, b, length, d)

    def attend_neighbours(self, x):
        m, b, length, d = x.shape
        linked, width = self.linked, 2 * self.reach + 1
        near = x[:, :, :linked].reshape(m, b * linked, d)
        own = self.dense(near, "neighbours/own").reshape(m, b, linked, 1, -1)
        other = self.dense(near, "neighbours/other").reshape(m, b, linked, -1)
        around = F.pad(other, (0, 0, self.reach, self.reach)).unfold(2, width, 1).transpose(3, 4)
        edges = F.leaky_relu(own + around, LEAKY_SLOPE)  # [m, b, linked, width, s]
        s = edges.shape[-1]
        a = self.get("neighbours/a")
        score = torch.bmm(edges.reshape(m, -1, s), a).reshape(m, b, linked, width) + self.missing
        long = F.pad(score.softmax(-1), (0, linked + 1 - width)).reshape(m, b, -1)
        alpha = long[:, :, self.reach : self.reach + linked * linked].reshape(m * b, linked, linked)
        value = self.dense(x.reshape(m, b * length, d), "neighbours/value").reshape(m * b, length, d)
        gathered = torch.bmm(alpha, value[:, :linked])
        return torch.cat([gathered, value[:, linked:]], 1).reshape(m, b, length, d)

    def answers(self, raw):
        """Probabilities of classes, and of reals mean and log sigma, standardised."""
        found = {name: raw[name].softmax(-1) for name in self.network["classes"]}
        for name in self.network["reals"]:
            found[name] = torch.cat([raw[name], raw[f"{name}/sigma"].clamp(-4, 2)], -1)
        return found

    def weights(self, index):
        """The parameters of one, as train_spt.py writes them."""
        return np.concatenate([self.get(name)[index].detach().cpu().numpy().astype("<f4").ravel() for name in self.order])

    @torch.no_grad()
    def read(self, index, file):
        values, end = torch.from_numpy(np.fromfile(file, dtype="<f4")), 0
        for name in self.order:
            shape = self.shapes[name]
            size = math.prod(shape)
            self.get(name)[index].copy_(values[end : end + size].reshape(shape))
            end += size


class Truth:
    """Labels and their weights by output; the loss of train_spt.py over many networks, and of a teacher's answers."""

    def __init__(self, plan, device):
        network, sites = plan["network"], plan["sites"]
        tensor = lambda values, dtype: torch.tensor(values, dtype=dtype, device=device)
        self.classes, self.reals = {}, {}
        for name, values in network["classes"].items():
            place = {value: i for i, value in enumerate(values)}
            truth = [place.get(site["labels"].get(name)) for site in sites]
            weight = [s["weights"].get(name, 1.0) if t is not None else 0.0 for s, t in zip(sites, truth)]
            one_hot = F.one_hot(tensor([t or 0 for t in truth], torch.long), len(values)).float()
            self.classes[name] = one_hot, tensor(weight, torch.float32)
        for name, real in network["reals"].items():
            truth = [site["labels"].get(name) for site in sites]
            weight = [s["weights"].get(name, 1.0) if t is not None else 0.0 for s, t in zip(sites, truth)]
            standard = [(t - real["mean"]) / real["scale"] if t is not None else 0.0 for t in truth]
            self.reals[name] = tensor(standard, torch.float32), tensor(weight, torch.float32)

    def loss(self, raw, rows, taught=None, share=0.0, partner=None, mixed=None):
        """
        Summed over networks. taught: the teachers' mean answer [g, 1, b, n], share: its part of the loss. Where mixed
        [g, b] is 1 an example is a mixture with partner's [g, b], of which the teachers' answer is all that is learned.
        """
        total = 0.0
        part = torch.zeros_like(rows, dtype=torch.float32) + share
        weigh = lambda weight: weight[rows]
        if mixed is not None:
            part = torch.where(mixed > 0, torch.ones_like(part), part)
            weigh = lambda weight: torch.where(mixed > 0, torch.minimum(weight[rows], weight[partner]), weight[rows])
        part = part[:, None, :, None]
        for name, (truth, weight) in self.classes.items():
            target = truth[rows][:, None]
            if taught is not None:
                target = (1 - part) * target + part * taught[name]
            each = -(raw[name].log_softmax(-1) * target).sum(-1)
            total = total + (each * weigh(weight)[:, None]).sum()
        for name, (truth, weight) in self.reals.items():
            mean, log_sigma = raw[name][..., 0], raw[f"{name}/sigma"][..., 0].clamp(-4, 2)
            hard = truth[rows][:, None]
            aim = hard if taught is None else (1 - part[..., 0]) * hard + part[..., 0] * taught[name][..., 0]
            fixed = (mean.detach() - hard) ** 2
            sure = 1.0
            likelihood = 0.5 * fixed / torch.exp(2 * log_sigma) + log_sigma
            if mixed is not None:
                sure = (1 - mixed)[:, None]
            each = (mean - aim) ** 2 + LIKELIHOOD * likelihood * sure
            total = total + (each * weigh(weight)[:, None]).sum()
        return total / rows.shape[1]


def train(networks, sites, spectra, truth, normalise, options, *, steps, seconds, teacher=None, say=print):
    """AdamW, warm-up and half a cosine; one CUDA graph a step. Returns the steps that were done and the curve."""
    device, batch = spectra.device, options.batch
    draws = Draws(device)
    cuda = device.type == "cuda"
    decays = [p for name, p in networks.of.items() if p.ndim > 2]
    others = [p for name, p in networks.of.items() if p.ndim <= 2]
    groups = [dict(params=decays, weight_decay=options.decay), dict(params=others, weight_decay=0.0)]
    now = torch.tensor(0.0, device=device)
    rate = now if cuda else options.rate
    optimiser = torch.optim.AdamW(groups, lr=rate, betas=BETAS, eps=1e-8, capturable=cuda, foreach=True)
    networks.train()
    kept = torch.zeros((), device=device)

    def step():
        rows = sites.draw(draws, batch)
        with torch.no_grad():
            mu, mask = spectra.varied(rows.flatten(), draws)
            partner = mixed = None
            if teacher is not None and options.mixed > 0:
                partner = sites.partners(draws, rows)
                mixed = (draws.uniform(*rows.shape) < options.mixed).float()
                own = mixed.flatten()[:, None] * draws.uniform(rows.numel(), 1)
                other, covered = spectra.varied(partner.flatten(), draws)
                mask = torch.where(own > 0, mask * covered, mask)
                mu = ((1 - own) * mu + own * other) * mask
            element = spectra.element[rows]
            spectrum = normalise(mu, mask, element.flatten()).reshape(*rows.shape, 4, -1)
            taught = averaged(teacher.answers(teacher(spectrum, element))) if teacher is not None else None
        share = options.share if teacher is not None else 0.0
        loss = truth.loss(networks(spectrum, element), rows, taught, share, partner, mixed)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        kept.mul_(0.99).add_(loss.detach(), alpha=0.01)

    graph, curve, began, i = None, [], time.time(), 0
    while i < steps:
        factor = schedule(i / steps, WARM_UP)
        if cuda:
            now.fill_(options.rate * factor)
        else:
            for group in optimiser.param_groups:
                group["lr"] = options.rate * factor
        if cuda and i == 12:
            graph = captured(step, say)
        graph.replay() if graph is not None else step()
        i += 1
        if i == 60 and cuda:
            torch.cuda.synchronize()
            timed = time.time()
        if i == 160 and cuda and seconds is not None:
            torch.cuda.synchronize()
            each = (time.time() - timed) / 100
            steps = max(300, i + int((seconds - (time.time() - began)) / each))
            say(f"  {1000 * each:.2f} ms a step: {steps} steps, {torch.cuda.max_memory_allocated() / 1e9:.0f} GB")
        if i % max(steps // 20, 1) == 0:
            lost = kept.item() / (1 - 0.99 ** i) / networks.g / networks.k
            curve.append([i, lost])
            say(f"  step {i}/{steps} loss {lost:.3f} {time.time() - began:.0f} s")
    networks.eval()
    return steps, curve


def captured(step, say):
    try:
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                step()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step()
        return graph
    except Exception as error:  # goes on without
        say(f"  no CUDA graph: {str(error)[:300]}")
        torch.cuda.synchronize()
        return None


def averaged(found):
    """Mean over members, [g, k, b, n] -> [g, 1, b, n]"""
    return {name: value.mean(1, keepdim=True) for name, value in found.items()}


@torch.no_grad()
def judge(networks, sites, spectra, truth, normalise, plan, say):
    """Shares that are right, and R2 of reals, of sites that were not seen, as computed: copper and the others."""
    g, held = sites.held.shape
    found, pieces = {}, range(0, held, 256)
    for at in pieces:
        rows = sites.held[:, at : at + 256]
        mu, mask = spectra.gridded_plain(rows.flatten())
        element = spectra.element[rows]
        spectrum = normalise(mu, mask, element.flatten()).reshape(*rows.shape, 4, -1)
        for name, value in averaged(networks.answers(networks(spectrum, element))).items():
            found.setdefault(name, []).append(value[:, 0])
    found = {name: torch.cat(value, 1) for name, value in found.items()}
    real_ones = torch.arange(held, device=rows.device)[None] < sites.held_counts
    copper = spectra.element[sites.held] == sites.copper
    scores = {}
    for who, pick in (("copper", copper & real_ones), ("others", ~copper & real_ones)):
        own = {}
        for name, (target, weight) in truth.classes.items():
            use = pick & (weight[sites.held] > 0)
            right = found[name].argmax(-1) == target[sites.held].argmax(-1)
            own[name] = (right & use).sum().item() / max(use.sum().item(), 1)
            own[f"{name} log loss"] = -(found[name].clamp_min(1e-9).log() * target[sites.held]).sum(-1)[use].mean().item()
        for name, (target, weight) in truth.reals.items():
            use = pick & (weight[sites.held] > 0)
            y, said = target[sites.held][use], found[name][..., 0][use]
            spread = ((y - y.mean()) ** 2).sum().clamp_min(1e-9) if use.any() else torch.ones(())
            own[name] = 1 - ((y - said) ** 2).sum().item() / spread.item()
        scores[who] = {name: round(value, 4) for name, value in own.items()}
        say(f"    {who}: " + " ".join(f"{name} {value:.3f}" for name, value in own.items() if "loss" not in name))
    return scores


def examined(networks, index, spectra, normalise, plan):
    """As train_spt.py's: answers to one varied spectrum of every element."""
    first = {}
    for row, element in enumerate(spectra.element.tolist()):
        first.setdefault(element, row)
    rows = torch.tensor(list(first.values()), device=spectra.device)
    mu, mask = spectra.varied(rows, Draws(spectra.device))
    element = spectra.element[rows]
    spectrum = normalise(mu, mask, element)[None].expand(networks.g, -1, -1, -1)
    with torch.no_grad():
        raw = networks(spectrum, element[None].expand(networks.g, -1))
        found = {name: value[index, 0] for name, value in networks.answers(raw).items()}
    for name, real in plan["network"]["reals"].items():
        mean, sigma = found[name][:, :1], found[name][:, 1:]
        found[name] = torch.cat([mean * real["scale"] + real["mean"], sigma.exp() * real["scale"]], 1)
    return [
        dict(
            element=plan["network"]["elements"][element[i]],
            mu=mu[i].tolist(),
            mask=mask[i].tolist(),
            outputs={name: values[i].tolist() for name, values in found.items()},
        )
        for i in range(len(rows))
    ]


def widened(plan, channels, features):
    """Network and parameters of a teacher: those of the plan with other widths."""
    network = plan["network"]
    d, f = network["channels"], network["features"]
    exact = {d: channels, d // 2: channels // 2, d // 4: channels // 4, d + 3 * d // 8: channels + 3 * channels // 8}
    length = len(network["offsetsEv"]) // 2
    flat = length // 2 * (d + 3 * d // 8), length // 2 * (channels + 3 * channels // 8)
    elements = len(network["elements"])
    parameters = []
    for parameter in plan["parameters"]:
        name, shape = parameter["name"], list(parameter["shape"])
        if name.startswith("head/"):
            wide = [features + elements if n == f + elements and i == 0 else n for i, n in enumerate(shape)]
            shape = wide if name.endswith("/kernel") else shape
        elif name.startswith("embedding/"):
            shape = [flat[1], features] if name.endswith("/kernel") else [features]
        elif name.endswith("/kernel") or name == "neighbours/a":
            kept = len(shape) - 2
            outer = shape[kept:]
            fixed = {"stem/kernel": {0}, "element/kernel": {0}, "neighbours/a": {1}}.get(name, set())
            shape = shape[:kept] + [n if i in fixed else exact[n] for i, n in enumerate(outer)]
        else:
            shape = [exact[n] for n in shape]
        parameters.append(dict(name=name, shape=shape))
    return {**network, "channels": channels, "features": features}, parameters


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("plan", metavar="PLAN")
    parse.add_argument("out", metavar="OUT")
    parse.add_argument("--folds", default="0,1,2,3,4,none", help="folds to leave out, none for the whole network")
    parse.add_argument("--members", type=int, default=4, help="teachers of each")
    parse.add_argument("--teacher", default="64,384", help="channels and features of a teacher")
    parse.add_argument("--teacher-dropout", type=float, default=0.2)
    parse.add_argument("--teacher-steps", type=int, default=8000)
    parse.add_argument("--student-steps", type=int, default=10000)
    parse.add_argument("--teacher-seconds", type=float, help="as many steps as fit, on a GPU")
    parse.add_argument("--student-seconds", type=float)
    parse.add_argument("--share", type=float, default=0.7, help="of the student's loss, for the teachers' answers")
    parse.add_argument("--mixed", type=float, default=0.3, help="share of the student's spectra that are two mixed")
    parse.add_argument("--batch", type=int, default=256)
    parse.add_argument("--rate", type=float, default=0.002)
    parse.add_argument("--decay", type=float, default=0.02)
    parse.add_argument("--seed", type=int, default=1)
    parse.add_argument("--judge", help="only judge networks that lie there, FOLD/weights.bin of each")
    options = parse.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.manual_seed(options.seed)
    os.makedirs(options.out, exist_ok=True)
    began = time.time()
    say = lambda text: print(text if text.startswith("  ") else f"[{time.time() - began:.0f} s] {text}", flush=True)
    with open(os.path.join(options.plan, "plan.json")) as file:
        plan = json.load(file)

    folds = options.folds.split(",")
    spectra = SpectraOn(options.plan, plan, device)
    normalise = Normalise(plan["network"])
    for name in ("gain", "required", "coverage", "span"):
        setattr(normalise, name, getattr(normalise, name).to(device))
    sites, truth = Sites(plan, folds, device), Truth(plan, device)
    report = dict(options={**vars(options), "plan": None, "out": None}, scores={})

    def told(name, networks):
        say(f"{name}: of sites not seen")
        report["scores"][name] = judge(networks, sites, spectra, truth, normalise, plan, say)
        with open(os.path.join(options.out, "report.json"), "w") as file:
            json.dump(report, file, indent=1)

    student = Networks(len(folds), 1, plan["network"], plan["parameters"], options.seed + 100, device)
    if options.judge:
        for i, fold in enumerate(folds):
            student.read(i, os.path.join(options.judge, fold, "weights.bin"))
        student.eval()
        return told("judged", student)

    common = dict(sites=sites, spectra=spectra, truth=truth, normalise=normalise, options=options, say=say)
    teacher, taught = None, None
    if options.members > 0:
        channels, features = (int(v) for v in options.teacher.split(","))
        network, parameters = widened(plan, channels, features)
        network["dropout"] = options.teacher_dropout
        teacher = Networks(len(folds), options.members, network, parameters, options.seed, device)
        say(f"{len(folds)} x {options.members} teachers {options.teacher}")
        steps, _ = train(teacher, steps=options.teacher_steps, seconds=options.teacher_seconds, **common)
        taught = dict(members=options.members, channels=channels, features=features, steps=steps)
        taught.update(share=options.share, mixed=options.mixed)
        told("teachers", teacher)
    say("students")
    steps, curve = train(student, steps=options.student_steps, seconds=options.student_seconds, teacher=teacher, **common)
    told("students", student)
    torch.backends.cuda.matmul.allow_tf32 = False
    for i, fold in enumerate(folds):
        own = os.path.join(options.out, fold)
        os.makedirs(own, exist_ok=True)
        student.weights(i).tofile(os.path.join(own, "weights.bin"))
        trained = dict(
            torch=torch.__version__,
            seconds=round(time.time() - began),
            curve=[[max(round(step * options.batch / sites.examples), 1), lost] for step, lost in curve],
            answers=examined(student, i, spectra, normalise, plan),
            batch=options.batch,
            epochs=max(round(steps * options.batch / sites.examples), 1),
            rate=options.rate,
            teachers=taught,
        )
        with open(os.path.join(own, "trained.json"), "w") as file:
            json.dump(trained, file)
    say("done")


if __name__ == "__main__":
    main()
