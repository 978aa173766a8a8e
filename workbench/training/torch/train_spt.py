"""Trains SPT in PyTorch, four times as fast on a core as TensorFlow's Node binding does.

    python3 train_spt.py PLAN OUT [--threads N]

PLAN holds plan.json and sites.bin (npm run workbench -- train --trainer pytorch writes them); OUT gets weights.bin, the
parameters in the order and shapes of src/model/spt.ts, and trained.json: the learning curve, and what the network says
of a few spectra, with which the caller proves that its own network is this one. Each spectrum is varied anew each time
as workbench/training/augment.ts does it; that it is the same as there is checked at the start, on cases in PLAN.
The last epoch is kept. Needs PyTorch and NumPy.
"""

import argparse
import json
import math
import os
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

KERNEL_STEP_EV = 0.1
KERNELS = 15
LEAKY_SLOPE = 0.2
BETAS = (0.9, 0.98)
WARM_UP_EPOCHS = 2
LIKELIHOOD = 0.1


class Draws:
    """Uniform from 0 to 1, and normal with spread 1."""

    def uniform(self, *shape):
        return torch.rand(*shape)

    def normal(self, *shape):
        return torch.randn(*shape)


class Constant:
    """The same number each time: for checks."""

    def __init__(self, uniform, normal):
        self.of_uniform, self.of_normal = uniform, normal

    def uniform(self, *shape):
        return torch.full(shape, float(self.of_uniform))

    def normal(self, *shape):
        return torch.full(shape, float(self.of_normal))


class Spectra:
    """All training spectra, and their variations on the grid."""

    def __init__(self, folder, plan):
        sites, points = plan["sites"], plan["points"]
        raw = np.fromfile(os.path.join(folder, "sites.bin"), dtype="<f4").reshape(len(sites), 2, points)
        self.offsets, self.mu = torch.from_numpy(raw[:, 0].copy()), torch.from_numpy(raw[:, 1].copy())
        self.count = torch.tensor([site["points"] for site in sites])
        self.element = torch.tensor([site["element"] for site in sites])
        self.how = plan["recipe"]["augmentation"]
        self.broadening = torch.tensor([self.how["broadeningEv"][site["scale"]] for site in sites])
        grid = plan["grid"]
        self.bins = torch.tensor(grid["offsetsEv"], dtype=torch.float32)
        self.required = grid["requiredFromEv"], grid["requiredToEv"]
        self.kernels = self.gaussians()

    def gaussians(self):
        """[level, bins, bins]: weights of all bins in each; each counts by its width."""
        at = self.bins.double()
        first, last = at.roll(1), at.roll(-1)
        first[0], last[-1] = at[0], at[-1]
        width, apart = (last - first) / 2, at[None] - at[:, None]
        kernels = [torch.eye(len(at)).double()]
        for level in range(1, KERNELS + 1):
            sigma = KERNEL_STEP_EV * level
            weights = width[None] * torch.exp(-0.5 * (apart / sigma) ** 2)
            kernels.append(torch.where(apart.abs() <= 3.5 * sigma, weights, torch.zeros_like(weights)))
        return torch.stack(kernels).float()

    def gridded(self, rows, shift):
        """toGrid of workbench/data/dataset.ts: mu and mask [batch, bins], of spectra moved by shift [batch, 1], eV."""
        end = self.count[rows][:, None] - 1
        offsets = self.offsets[rows]
        moved = offsets + shift
        covers = (moved[:, :1] <= self.required[0]) & (moved.gather(1, end) >= self.required[1])
        offsets = torch.where(covers, moved, offsets)
        bins = self.bins.expand(len(rows), -1).contiguous()
        right = torch.searchsorted(offsets, bins, right=True)
        right = torch.minimum(right.clamp_min(1), end)
        from_, to = offsets.gather(1, right - 1), offsets.gather(1, right)
        mu = self.mu[rows]
        left = mu.gather(1, right - 1)
        value = left + (bins - from_) / (to - from_) * (mu.gather(1, right) - left)
        mask = (bins >= offsets[:, :1]) & (bins <= offsets.gather(1, end))
        return value * mask, mask.float()

    def varied(self, rows, draws):
        """mu and mask [batch, bins]: augment.ts."""
        how, bins, batch = self.how, self.bins, len(rows)
        mu, mask = self.gridded(rows, how["shiftEv"] * draws.normal(batch, 1))
        is_short = draws.uniform(batch, 1) < how["truncation"]
        end = self.required[1] + 1 + (bins[-1] - self.required[1]) * draws.uniform(batch, 1) ** 2
        start = torch.where(draws.uniform(batch, 1) < 0.5, bins[0], torch.tensor(float(self.required[0])))
        mask = mask * ~(is_short & ((bins > end) | (bins < start)))
        mu = mu * mask

        level = (self.broadening[rows] * draws.uniform(batch) / KERNEL_STEP_EV).round().long().clamp_max(KERNELS)
        blurred = mu.clone()
        for each in level.unique().tolist():
            if each == 0:
                continue
            own = (level == each).nonzero()[:, 0]
            kernel = self.kernels[each].T
            blurred[own] = (mu[own] @ kernel) / (mask[own] @ kernel).clamp_min(1e-9)

        noise = how["noise"] * draws.uniform(batch, 1) ** 3
        gain = 1 + how["gain"] * draws.normal(batch, 1)
        slope = 1 + how["tilt"] * draws.normal(batch, 1) * (bins - 13) / 100
        background = how["offset"] * draws.normal(batch, 1)
        out = gain * slope * blurred + background + noise * draws.normal(batch, len(bins))
        return out * mask, mask

    def check(self, cases):
        for case in cases:
            draws = Constant(case["uniform"], case["normal"])
            mu, mask = self.varied(torch.tensor([case["site"]]), draws)
            worst = (mu[0] - torch.tensor(case["mu"])).abs().max().item()
            if worst > 1e-3 or not torch.equal(mask[0], torch.tensor(case["mask"])):
                made = "Expected what workbench/training/augment.ts makes of"
                raise SystemExit(f"{made} site {case['site']} of the plan, got {worst:.4f} beside it")


class Normalise:
    """normaliseInside of src/model/network.ts."""

    def __init__(self, network):
        at = torch.tensor(network["offsetsEv"], dtype=torch.float32)
        place = torch.arange(len(at))
        over = lambda ends: ((place >= ends[0]) & (place <= ends[1])).float() / (ends[1] - ends[0] + 1)
        self.gain, self.required = over(network["gainBins"]), over(network["requiredBins"])
        self.coverage = torch.tensor(network["coverage"], dtype=torch.float32)
        self.span = torch.zeros(len(at))
        self.span[1:-1] = 10 / (at[2:] - at[:-2])

    def __call__(self, mu, mask, element):
        """[batch, bins], [batch, bins], [batch] -> [batch, 4, bins]"""
        mask = mask * self.coverage[element]
        mu = mu * mask
        u = mu / (mu * self.gain).sum(-1, keepdim=True).clamp_min(1e-3)
        deviation = u - (u * self.required).sum(-1, keepdim=True)
        spread = ((deviation * deviation * self.required).sum(-1, keepdim=True) + 1e-4).sqrt()
        ahead = lambda v: F.pad(v[:, 1:], (0, 1))
        behind = lambda v: F.pad(v[:, :-1], (1, 0))
        slope = (ahead(u) - behind(u)) * self.span
        inside = ahead(mask) * behind(mask)
        return torch.stack([(u - 1) * mask, deviation / spread * mask, slope * inside, mask], 1)


class Spt(nn.Module):
    """src/model/spt.ts and the heads of network.ts; parameters have the names and shapes of there, and begin as there."""

    def __init__(self, network, parameters):
        super().__init__()
        self.network = network
        self.order = [parameter["name"] for parameter in parameters]
        self.of = nn.ParameterDict()
        for parameter in parameters:
            self.of[self.key(parameter["name"])] = nn.Parameter(self.first(parameter["name"], parameter["shape"]))
        at = torch.tensor(network["offsetsEv"], dtype=torch.float32)
        self.normalise = Normalise(network)
        middle = (at[0::2] + at[1::2]) / 2
        self.length = len(middle)
        near = (middle[:, None] - middle).abs() <= network["windowEv"]
        places = torch.arange(self.length)
        self.reach = int(((places - places[:, None]) * near).max())
        around = places[:, None] + torch.arange(-self.reach, self.reach + 1)
        linked = near.gather(1, around.clamp(0, self.length - 1)) & (around >= 0) & (around < self.length)
        self.missing = torch.where(linked, 0.0, -1e9)
        kernels = [name for name in self.order if name.startswith("head/") and name.endswith("/kernel")]
        self.heads = [name[: -len("/kernel")] for name in kernels]

    @staticmethod
    def key(name):
        return name.replace("/", ":")

    @staticmethod
    def first(name, shape):
        if name.startswith("head/") or name.endswith(("/bias", "/offset")):
            return torch.zeros(shape)
        if name.endswith("/scale"):
            return torch.ones(shape)
        inputs, outputs, receptive = shape[-2], shape[-1], math.prod(shape[:-2])
        is_convolution = len(shape) > 2
        variance = 2 / (inputs * receptive) if is_convolution else 2 / (inputs + outputs)
        return math.sqrt(variance) * torch.randn(shape)

    def get(self, name):
        return self.of[self.key(name)]

    def dense(self, x, name):
        return x @ self.get(f"{name}/kernel") + self.get(f"{name}/bias")

    def conv1d(self, x, name):
        kernel = self.get(f"{name}/kernel")  # [k, in, out]
        return F.conv1d(x, kernel.permute(2, 1, 0), self.get(f"{name}/bias"), padding=kernel.shape[0] // 2)

    def conv2d(self, x, name):
        kernel = self.get(f"{name}/kernel")  # [k, k, in, out]
        return F.conv2d(x, kernel.permute(3, 2, 0, 1), self.get(f"{name}/bias"), padding=kernel.shape[0] // 2)

    def forward(self, mu, mask, element):
        """Raw outputs by head: logits [batch, classes], reals and the logarithms of their sigma [batch, 1]."""
        return self.raw(self.embedding(mu, mask, element), element)

    def dropped(self, v):
        return F.dropout(v, self.network["dropout"], self.training)

    def one_hot(self, element):
        return F.one_hot(element, len(self.network["elements"])).float()

    def embedding(self, mu, mask, element):
        """[batch, features]"""
        x = F.max_pool1d(F.relu(self.conv1d(self.normalise(mu, mask, element), "stem")), 2).transpose(1, 2)
        x = x + self.dense(self.one_hot(element), "element")[:, None]  # [batch, length, d]
        x = x + self.discover_scales(x)
        x = F.layer_norm(x, x.shape[-1:], self.get("norm/scale"), self.get("norm/offset"), 1e-5)
        x = x + self.attend_neighbours(x)
        x = F.max_pool1d(F.relu(self.conv1d(x.transpose(1, 2), "tail")), 2).transpose(1, 2)
        return F.relu(self.dense(self.dropped(x.flatten(1)), "embedding"))

    def raw(self, embedding, element):
        """What the heads make of embeddings, as `forward` gives it."""
        shared = self.dropped(torch.cat([embedding, self.one_hot(element)], 1))
        kernel = torch.cat([self.get(f"{name}/kernel") for name in self.heads], 1)
        bias = torch.cat([self.get(f"{name}/bias") for name in self.heads])
        sizes = [self.get(f"{name}/bias").shape[0] for name in self.heads]
        return dict(zip([name[len("head/") :] for name in self.heads], (shared @ kernel + bias).split(sizes, 1)))

    def discover_scales(self, x):
        query = self.dense(F.relu(self.dense(x.mean(1), "scales/query1")), "scales/query2")  # [batch, half]
        narrow = self.dense(x, "scales/in").transpose(1, 2)  # [batch, half, length]
        batch, half, length = narrow.shape
        bands = []
        for k, period in enumerate(self.network["periods"]):
            rows = -(-length // period)
            band = F.pad(narrow, (0, rows * period - length)).reshape(batch, half, rows, period)
            bands.append(F.relu(self.conv2d(band, f"scales/band{k}")).reshape(batch, half, -1)[..., :length])
        share = torch.stack([(query * band.mean(2)).sum(1) for band in bands], 1).softmax(1)
        mixed = sum(band * share[:, k, None, None] for k, band in enumerate(bands))
        return self.dense(mixed.transpose(1, 2), "scales/out")

    def attend_neighbours(self, x):
        around = lambda v: F.pad(v, (0, 0, self.reach, self.reach)).unfold(1, 2 * self.reach + 1, 1)
        own, other = self.dense(x, "neighbours/own"), self.dense(x, "neighbours/other")
        edges = F.leaky_relu(own[..., None] + around(other), LEAKY_SLOPE)  # [batch, length, s, width]
        score = (edges * self.get("neighbours/a")).sum(2) + self.missing
        return (around(self.dense(x, "neighbours/value")) * score.softmax(-1)[:, :, None]).sum(-1)

    def answers(self, raw):
        """What a user gets, by output: probabilities, or mean and sigma in the real's unit."""
        answers = {}
        for name in self.network["classes"]:
            answers[name] = raw[name].softmax(1)
        for name, real in self.network["reals"].items():
            sigma = raw[f"{name}/sigma"].clamp(-4, 2).exp()
            answers[name] = torch.cat([raw[name] * real["scale"] + real["mean"], sigma * real["scale"]], 1)
        return answers


class Loss:
    """lossOf of workbench/training/training-loss.ts, without distillation."""

    def __init__(self, plan):
        network, sites = plan["network"], plan["sites"]
        self.classes, self.reals = {}, {}
        weights = lambda name, known: torch.tensor(
            [site["weights"].get(name, 1.0) if is_known else 0.0 for site, is_known in zip(sites, known)]
        )
        for name, values in network["classes"].items():
            place = {value: i for i, value in enumerate(values)}
            truth = [place.get(site["labels"].get(name)) for site in sites]
            known = [each is not None for each in truth]
            self.classes[name] = torch.tensor([each or 0 for each in truth]), weights(name, known)
        for name, real in network["reals"].items():
            truth = [site["labels"].get(name) for site in sites]
            known = [each is not None for each in truth]
            standard = [(each - real["mean"]) / real["scale"] if each is not None else 0.0 for each in truth]
            self.reals[name] = torch.tensor(standard), weights(name, known)

    def __call__(self, raw, rows):
        total = 0.0
        for name, (truth, weight) in self.classes.items():
            total = total + (F.cross_entropy(raw[name], truth[rows], reduction="none") * weight[rows]).sum()
        for name, (truth, weight) in self.reals.items():
            mean, log_sigma = raw[name][:, 0], raw[f"{name}/sigma"][:, 0].clamp(-4, 2)
            # The mean's gradient does not pass through sigma, which would make it give up on hard spectra.
            fixed = (mean.detach() - truth[rows]) ** 2
            likelihood = 0.5 * fixed / torch.exp(2 * log_sigma) + log_sigma
            total = total + (weight[rows] * ((mean - truth[rows]) ** 2 + LIKELIHOOD * likelihood)).sum()
        return total / len(rows)


def schedule(progress, warm_up):
    """0 to 1 over the warm-up, then half a cosine down to 0.01."""
    if progress < warm_up:
        return max(progress / warm_up, 0.02)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))


def train(network, spectra, loss, plan):
    """The learning curve: epoch and mean loss."""
    recipe = plan["recipe"]
    repeats = [recipe["repeat"] if site["scale"] == "feff10" else 1 for site in plan["sites"]]
    examples = np.repeat(np.arange(len(repeats)), repeats)
    order, draws = np.random.default_rng(plan["seed"]), Draws()
    decays = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [dict(params=decays, weight_decay=recipe["weightDecay"]), dict(params=others, weight_decay=0)]
    optimiser = torch.optim.AdamW(groups, lr=recipe["learningRate"], betas=BETAS, eps=1e-8)
    steps = math.ceil(len(examples) / recipe["batchSize"])
    began, curve = time.time(), []
    for epoch in range(recipe["epochs"]):
        shuffled = torch.from_numpy(order.permutation(examples))
        total = 0.0
        for step, rows in enumerate(shuffled.split(recipe["batchSize"])):
            progress = (epoch + step / steps) / recipe["epochs"]
            for group in optimiser.param_groups:
                group["lr"] = recipe["learningRate"] * schedule(progress, WARM_UP_EPOCHS / recipe["epochs"])
            mu, mask = spectra.varied(rows, draws)
            value = loss(network(mu, mask, spectra.element[rows]), rows)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            total += value.item()
        curve.append([epoch + 1, total / steps])
        left = (time.time() - began) / (epoch + 1) * (recipe["epochs"] - epoch - 1)
        done = f"epoch {epoch + 1}/{recipe['epochs']}  loss {total / steps:.3f}"
        print(f"{done}  {math.ceil(left / 60)} min left", flush=True)
    return curve


def examined(network, spectra, plan):
    """Answers to a few varied spectra of every element."""
    network.eval()
    first = {}
    for row, element in enumerate(spectra.element.tolist()):
        first.setdefault(element, row)
    rows = torch.tensor(list(first.values()))
    mu, mask = spectra.varied(rows, Draws())
    with torch.no_grad():
        answers = network.answers(network(mu, mask, spectra.element[rows]))
    return [
        dict(
            element=plan["network"]["elements"][spectra.element[row]],
            mu=mu[i].tolist(),
            mask=mask[i].tolist(),
            outputs={name: values[i].tolist() for name, values in answers.items()},
        )
        for i, row in enumerate(rows.tolist())
    ]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("plan", metavar="PLAN")
    options.add_argument("out", metavar="OUT")
    options.add_argument("--threads", type=int, default=1, help="default 1: several trainings side by side are faster")
    options = options.parse_args()
    torch.set_num_threads(options.threads)
    with open(os.path.join(options.plan, "plan.json")) as file:
        plan = json.load(file)
    torch.manual_seed(plan["seed"])
    spectra = Spectra(options.plan, plan)
    spectra.check(plan["checks"])
    network = Spt(plan["network"], plan["parameters"])
    began = time.time()
    curve = train(network, spectra, Loss(plan), plan)
    seconds = round(time.time() - began)

    os.makedirs(options.out, exist_ok=True)
    weights = [network.get(name).detach().numpy().astype("<f4").ravel() for name in network.order]
    np.concatenate(weights).tofile(os.path.join(options.out, "weights.bin"))
    trained = dict(torch=torch.__version__, seconds=seconds, curve=curve, answers=examined(network, spectra, plan))
    with open(os.path.join(options.out, "trained.json"), "w") as file:
        json.dump(trained, file)


if __name__ == "__main__":
    main()
