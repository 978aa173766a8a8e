"""Trains the network that reads means over sites on a GPU: the five folds' networks and the whole one side by side.

    python3 train.py SITES OUT [options]

SITES holds sites.json and sites.bin (npm run workbench -- train-site-means --export SITES); OUT gets a file of
parameters for each network, in the shapes and order that src/model/site-means.ts has, and network.json: what they are,
and what each fold's network says of the sites that it has not seen. First `members` larger teachers of each fold are
trained, then a student of the served size on the labels and the teachers' mean answer.

Half of the examples are mixtures of two to four sites, as draw-mixtures.ts beside this folder draws them. Each is
distorted (distort.ts), shifted by a draw from an uncertainty of its energies that the network is told, gridded as a
scan is when it is served (src/spectra/resample.ts), cut short and made noisy, anew each time. Some are replaced by
spectra that no oxide has. All of it happens for many at once; that it is the same as there is checked at the start, on
cases that came with SITES. Needs PyTorch and NumPy.
"""

import argparse
import json
import math
import os
import time

import numpy as np
import torch

NAMES = ("OS", "CN", "OCN")
WITHIN = 0.25
SEEN = 0.05
LOSS = dict(within=0.7, square=0.5, likelihood=0.3, mixed=0.3, outlier=0.3)
LARGEST_SQUARE = 4.0


class Sites:
    """All spectra and labels on the device, and who may be mixed with whom in each group (fold left out)."""

    def __init__(self, folder, device, repeat=4):
        with open(os.path.join(folder, "sites.json")) as file:
            about = json.load(file)
        self.config, self.checks = about["config"], about["checks"]
        self.fine = about["fine"]
        points = self.fine["points"]
        raw = np.fromfile(os.path.join(folder, "sites.bin"), dtype="<u2").reshape(-1, points)
        self.mu = torch.from_numpy(raw.astype(np.float32) * about["muStep"] + about["muFrom"]).to(device)
        sites = about["sites"]
        self.sites = sites
        as_tensor = lambda values, dtype: torch.tensor(values, dtype=dtype, device=device)
        self.first = as_tensor([s["from"] for s in sites], torch.long)
        self.last = as_tensor([s["to"] - 1 for s in sites], torch.long)
        self.element = as_tensor([s["element"] for s in sites], torch.long)
        self.sharp = as_tensor([s["scale"] == "feff10" for s in sites], torch.bool)
        self.labels = as_tensor(
            [[float("nan") if v is None else v for v in s["labels"]] for s in sites], torch.float32
        )
        self.weights = as_tensor([s["weights"] for s in sites], torch.float32)
        self.foil = as_tensor(about["foilOffsetsEv"], torch.float32)
        self.device = device
        self.repeat = repeat
        # Of each site the row of its pool, and its place there.
        self.groups = []

    def add_group(self, keep):
        """keep(site) -> bool: the sites of a training. Returns the group's number."""
        oxides = [i for i, s in enumerate(self.sites) if s["oxide"] and keep(s)]
        often = [i for i in oxides for _ in range(self.repeat if self.sites[i]["scale"] == "feff10" else 1)]
        pools = {}
        for i in often:
            s = self.sites[i]
            pools.setdefault((s["element"], s["scale"], s["labels"][0] is not None), []).append(i)
        # A site of unknown state is mixed with any of its element and calculation.
        for (element, scale, known) in [k for k in pools if not k[2]]:
            pools[(element, scale, False)] = pools[(element, scale, False)] + pools.get((element, scale, True), [])
        table, start, size, block, length = [], {}, {}, {}, {}
        for key, members in pools.items():
            ordered = sorted(members, key=lambda i: (self.sites[i]["labels"][0] or 0, i))
            start[key], size[key] = len(table), len(ordered)
            for place, i in enumerate(ordered):
                state = self.sites[i]["labels"][0]
                block.setdefault((key, state), place)
                length[(key, state)] = length.get((key, state), 0) + 1
            table += ordered
        rows = np.zeros((len(self.sites), 4), dtype=np.int64)  # start, size, block, length
        for i in oxides:
            s = self.sites[i]
            key = (s["element"], s["scale"], s["labels"][0] is not None)
            state = s["labels"][0]
            whole = (key, state)
            rows[i] = (start[key], size[key], block[whole], length[whole] if key[2] else 0)
        others = [i for i, s in enumerate(self.sites) if not s["oxide"] and keep(s)]
        tensor = lambda v: torch.tensor(np.asarray(v, dtype=np.int64), device=self.device)
        group = dict(often=tensor(often), table=tensor(table), rows=tensor(rows), others=tensor(others or [0]))
        self.groups.append(group)
        return len(self.groups) - 1

    def stack(self):
        """Tables of all groups as one, padded."""
        def padded(name):
            longest = max(len(g[name]) for g in self.groups)
            return torch.stack([torch.nn.functional.pad(g[name], (0, longest - len(g[name]))) for g in self.groups])
        self.often = padded("often")
        self.table = padded("table")
        self.others = padded("others")
        self.rows = torch.stack([g["rows"] for g in self.groups])
        count = lambda name: torch.tensor([float(len(g[name])) for g in self.groups], device=self.device)
        self.counts = {name: count(name)[:, None] for name in ("often", "others")}


class Drawing:
    """Draws [groups, batch] examples: inputs of the network, and what is true of them."""

    def __init__(self, sites, mixtures=0.5, outliers=0.0, measured=False):
        self.sites = sites
        self.mixtures, self.outliers, self.measured = mixtures, outliers, measured
        fine, config, device = sites.fine, sites.config, sites.device
        self.step, self.start, self.points = fine["stepEv"], fine["firstEv"], fine["points"]
        self.axis = torch.arange(self.points, device=device) * self.step + self.start
        self.bins = torch.tensor(config["offsetsEv"], device=device, dtype=torch.float64)
        gap = self.bins[1:] - self.bins[:-1]
        self.below = torch.cat([gap[:1], gap])
        self.above = torch.cat([gap, gap[-1:]])
        self.required = (-7.0, 18.0)
        self.padding = 80
        self.frequency = torch.fft.rfftfreq(self.points + 2 * self.padding - 1, device=device)
        self.classes = [torch.tensor(config["classes"][n], device=device, dtype=torch.float32) for n in NAMES]

    def uniform(self, *shape):
        return torch.rand(*shape, device=self.sites.device)

    def normal(self, *shape):
        return torch.randn(*shape, device=self.sites.device)

    def choose(self, batch):
        """Sites [g, b, 4] and shares [g, b, 4]; mixtures of two to four, half of those of two of two states."""
        s = self.sites
        g = len(s.groups)
        group = torch.arange(g, device=s.device)[:, None]
        own = s.often[group, (self.uniform(g, batch) * s.counts["often"]).long()]
        start, size, block, length = s.rows[group, own].unbind(-1)
        draw = lambda: s.table[group, start + (self.uniform(g, batch) * size).long().clamp_max(size - 1)]
        others = torch.stack([draw(), draw(), draw()], -1)
        place = (self.uniform(g, batch) * (size - length)).long().minimum((size - length - 1).clamp_min(0))
        place = torch.where(place >= block, place + length, place).minimum(size - 1)
        unlike = s.table[group, start + place]
        kind = (self.uniform(g, batch) * 5).long()
        count = torch.where(kind < 3, 2, kind)  # 2, 2, 2, 3, 4
        wanted = (count == 2) & (length > 0) & (size > length) & (self.uniform(g, batch) < 0.5)
        others[..., 0] = torch.where(wanted, unlike, others[..., 0])
        single = self.uniform(g, batch) >= self.mixtures
        count = torch.where(single, 1, count)
        chosen = torch.cat([own[..., None], others], -1)
        places = torch.arange(4, device=s.device)
        weight = -torch.log1p(-self.uniform(g, batch, 4) * (1 - 1e-7))
        weight = torch.where(places < count[..., None], weight + 1e-9, torch.zeros_like(weight))
        shares = weight / weight.sum(-1, keepdim=True)
        chosen = torch.where(places < count[..., None], chosen, own[..., None])
        return chosen, shares

    def truths(self, chosen, shares):
        """For each name: shares of classes, class within a quarter (last: none), mean, weight, whether sites differ."""
        labels = self.sites.labels[chosen]  # [g, b, 4, 3]
        weights = self.sites.weights[chosen]
        used = (shares > 0)[..., None]
        found = {}
        for k, name in enumerate(NAMES):
            own = self.classes[k]
            value = labels[..., k]
            among = (value[..., None] == own) & used  # [g, b, 4, classes]
            known = (among.any(-1) | ~used[..., 0]).all(-1)
            weight = torch.where(used[..., 0], weights[..., k], torch.inf).amin(-1)
            weight = torch.where(known, weight, torch.zeros_like(weight))
            of = (shares[..., None] * among).sum(-2)
            mean = torch.nan_to_num((shares * torch.nan_to_num(value)).sum(-1))
            near = (mean[..., None] - own).abs() <= WITHIN
            first = near & (near.cumsum(-1) == 1)
            within = torch.cat([first, ~near.any(-1, keepdim=True)], -1).float()
            seen = (among & (shares > SEEN)[..., None]).any(-2).sum(-1)
            found[name] = dict(shares=of, within=within, mean=mean, weight=weight, differ=(seen > 1).float())
        return found

    def smoothed(self, y, sigma):
        """Gaussian of sigma points along the last axis."""
        return self.folded(y, torch.exp(-2 * (math.pi * sigma[..., None] * self.frequency) ** 2))

    def folded(self, y, factor):
        """y with what has this Fourier transform; beyond the ends the last value goes on."""
        left = y[..., :1].expand(*y.shape[:-1], self.padding)
        right = y[..., -1:].expand(*y.shape[:-1], self.padding - 1)
        whole = torch.cat([left, y, right], -1)
        blurred = torch.fft.irfft(torch.fft.rfft(whole) * factor, n=whole.shape[-1])
        return blurred[..., self.padding : self.padding + self.points]

    def with_tails(self, y):
        """Of three examples in ten a Lorentzian of up to 1 eV half width: the resolution of crystals and detectors."""
        g, b, _ = y.shape
        half = torch.where(self.uniform(g, b) < 0.3, self.uniform(g, b), torch.zeros_like(y[..., 0])) / self.step
        return self.folded(y, torch.exp(-2 * math.pi * half[..., None] * self.frequency))

    def drawn_distortion(self, sharp):
        """As often and as strong as they are trained for, [g, b] each; sharp spectra (FEFF10's) are broadened more."""
        g, b = sharp.shape
        u, chance = self.uniform, lambda share: self.uniform(g, b) < share
        usual = torch.where(sharp, 1.2, 0.6) * u(g, b)
        none = torch.zeros_like(usual)
        return dict(
            broadeningEv=torch.where(chance(0.15), 0.5 + 4 * u(g, b), usual),
            selfAbsorption=torch.where(chance(0.55), 2.5 * u(g, b) ** 1.3, none),
            leakage=torch.where(chance(0.1), 0.15 * u(g, b), none),
            thickness=1 + 2 * u(g, b),
            clip=torch.where(chance(0.05), 0.75 + 0.2 * u(g, b), none + 1),
            jump=torch.where(chance(0.08), 0.15 * self.normal(g, b), none),
            jumpAtEv=-5 + 35 * u(g, b),
            correlatedNoise=torch.where(chance(0.2), 0.1 * u(g, b), none),
        )

    def distorted(self, y, by):
        """distort of distort.ts: y [g, b, points], by [g, b] each."""
        wide = {name: value[..., None] for name, value in by.items()}
        y = self.smoothed(y, by["broadeningEv"] / self.step)
        a = wide["selfAbsorption"]
        y = torch.where(a > 0, y * (1 + a) / (1 + a * y.clamp_min(0)), y)
        leak, thick = wide["leakage"], wide["thickness"]
        seen = lambda v: -torch.log((1 - leak) * torch.exp(-thick * v) + leak)
        y = torch.where(leak > 0, seen(y) / seen(torch.ones_like(thick)), y)
        near = (self.axis > -5) & (self.axis < 20)
        top = torch.where(near, y, torch.full_like(y, -torch.inf)).amax(-1, keepdim=True)
        y = torch.where(wide["clip"] < 1, torch.minimum(y, wide["clip"] * top), y)
        y = y + wide["jump"] * (self.axis > wide["jumpAtEv"])
        noise = self.smoothed(self.normal(*y.shape), torch.full_like(by["jump"], 1.5 / self.step))
        return y + wide["correlatedNoise"] * noise / noise.square().mean(-1, keepdim=True).sqrt()

    def drawn_variation(self, g, b):
        """Of most examples, [g, b] each: drawVariation of like-measured.ts."""
        some = (self.uniform(g, b) < 0.75).float()
        spread = lambda size: size * some * self.normal(g, b)
        between = lambda low, high: low + (high - low) * self.uniform(g, b)
        return dict(
            stretch=spread(0.02),
            lifetimeEv=some * between(0, 2.5),
            fineStructure=spread(0.12),
            whiteLine=spread(0.07),
            whiteLineEv=between(2, 5),
            preEdge=spread(0.35),
            bend=spread(0.03),
            bendEv=between(40, 150),
            bendTurns=between(0, 1),
        )

    def like_measured(self, y, by):
        """likeMeasured of like-measured.ts: y [g, b, points], by [g, b] each."""
        v = {name: value[..., None] for name, value in by.items()}
        x = self.axis
        near = (x > -5) & (x < 20)
        white = x[torch.where(near, y, torch.full_like(y, -torch.inf)).argmax(-1)][..., None]
        low = (y < 0.5) & (x < white)
        half = torch.where(low, x, torch.full_like(y, self.start)).amax(-1, keepdim=True)
        source = white + (x - white) / (1 + v["stretch"])
        place = ((source - self.start) / self.step).clamp(0, self.points - 1.01)
        i = place.floor().long()
        y = torch.lerp(torch.gather(y, -1, i), torch.gather(y, -1, i + 1), (place - i).float())
        above = ((x - white) / 20).clamp(0, 1)
        y = y + above * (self.smoothed(y, by["lifetimeEv"] / self.step) - y)
        flat = self.smoothed(y, torch.full_like(by["bend"], 6 / self.step))
        y = y + v["fineStructure"] * torch.sigmoid((x - white - 3) / 1.5) * (y - flat)
        y = y * (1 + v["whiteLine"] * torch.exp(-(((x - white) / v["whiteLineEv"]) ** 2)))
        y = y * (1 + v["preEdge"] * torch.sigmoid((half - 2 - x) / 0.7)).clamp_min(0)
        turn = 2 * math.pi * ((x - half) / v["bendEv"] + v["bendTurns"])
        return y * (1 + v["bend"] * torch.sigmoid((x - half) / 2) * torch.sin(turn))

    def check(self, cases):
        """Distorts and grids as the project's own code does: it wrote what must come out."""
        s, device = self.sites, self.sites.device
        rows = torch.tensor([case["site"] for case in cases], device=device)[None]
        amounts = lambda of: {
            name: torch.tensor([[case[of][name] for case in cases]], device=device, dtype=torch.float32)
            for name in cases[0][of]
        }
        shift = torch.tensor([[case["shiftEv"] for case in cases]], device=device, dtype=torch.float64)
        lowest, highest = s.first[rows], s.last[rows]
        y = self.like_measured(self.beyond(s.mu[rows], lowest, highest), amounts("variation"))
        y = self.distorted(self.beyond(y, lowest, highest), amounts("by"))
        mu, mask = self.resampled(y, lowest, highest, shift)
        wanted = torch.tensor([case["mu"] for case in cases], device=device)
        covered = torch.tensor([case["mask"] for case in cases], device=device)
        worst = (mu[0] - wanted).abs().max().item()
        # Its Gaussians end at three sigma, and mu was rounded.
        if worst > 5e-3 or not torch.equal(mask[0], covered.float()):
            raise SystemExit(f"Expected what workbench/training/site-means does to spectra, got {worst:.4f} beside it")

    def beyond(self, y, lowest, highest):
        """Outside of what was computed the ends go on."""
        place = torch.arange(self.points, device=self.sites.device).expand(y.shape)
        return torch.gather(y, -1, torch.minimum(torch.maximum(place, lowest[..., None]), highest[..., None]))

    def resampled(self, y, lowest, highest, shift):
        """The mean of the straight-line interpolant over each bin's cell, as src/spectra/resample.ts makes it."""
        area = torch.cumsum((y[..., 1:] + y[..., :-1]).double() * (self.step / 2), -1)
        area = torch.nn.functional.pad(area, (1, 0))
        low = self.start + self.step * lowest.double()[..., None] + shift[..., None]
        high = self.start + self.step * highest.double()[..., None] + shift[..., None]
        room = torch.minimum(self.bins - low, high - self.bins)
        inside = room >= 0
        frm = self.bins - torch.minimum(0.5 * self.below, room.clamp_min(0)) - shift[..., None]
        to = self.bins + torch.minimum(0.5 * self.above, room.clamp_min(0)) - shift[..., None]

        def at(x, integral):
            place = ((x - self.start) / self.step).clamp(0, self.points - 1.000001)
            i = place.floor().long()
            t = place - i
            left, right = torch.gather(y, -1, i).double(), torch.gather(y, -1, i + 1).double()
            if not integral:
                return left + t * (right - left)
            return torch.gather(area, -1, i) + self.step * (t * left + 0.5 * t * t * (right - left))

        wide = to - frm
        value = torch.where(wide > 1e-6, (at(to, True) - at(frm, True)) / wide.clamp_min(1e-6), at(frm, False))
        return torch.where(inside, value, torch.zeros_like(value)).float(), inside.float()

    def inventions(self, y, group_sites, batch):
        """Of some examples: a spectrum that no oxide has. Kinds: bare step, one shell, random walk, half a metal, and
        a step with smooth random waves."""
        s, u = self.sites, self.uniform
        g = y.shape[0]
        between = lambda low, high: low + (high - low) * u(g, batch)[..., None]
        edge = lambda x, width: 0.5 + torch.atan(x / width) / math.pi
        x = self.axis - 2 * self.normal(g, batch)[..., None]
        coin = (u(g, batch) < 0.5)[..., None]
        bump = lambda height, at, wide: height * torch.exp(-(((x - at) / wide) ** 2))
        white = torch.where(coin, bump(between(0.1, 1.2), between(1, 6), between(1, 4)), torch.zeros_like(x))
        bare = edge(x, between(0.6, 3)) + white
        k = torch.sqrt(x.clamp_min(0) * 0.2625)
        wave = between(0.3, 1.2) * torch.sin(2 * k * between(1.6, 3) + between(0, 2 * math.pi))
        wave = torch.where(x > 0, wave * torch.exp(-0.01 * k * k) / (1 + k), torch.zeros_like(x))
        shell = edge(x, between(0.8, 2.5)) * (1 + wave) + bump(between(0, 0.8), 3, 2.5)
        steps = between(0.02, 0.07) * self.normal(g, batch, self.points) * (x > 0)
        # A walk that forgets 3% a point of about 0.5 eV.
        decay = 0.985 ** torch.arange(self.points, device=s.device)
        walk = torch.fft.irfft(
            torch.fft.rfft(steps, n=2 * self.points) * torch.fft.rfft(decay, n=2 * self.points), n=2 * self.points
        )[..., : self.points]
        walk = edge(x, between(0.8, 3)) + 0.75 * walk
        smooth = self.smoothed(self.normal(g, batch, self.points), (2 + 10 * u(g, batch)) / self.step / 2)
        smooth = smooth / smooth.square().mean(-1, keepdim=True).sqrt()
        envelope = torch.sigmoid(x / 2) * torch.exp(-x.clamp_min(0) / between(15, 90))
        waves = edge(x, between(0.6, 3)) + between(0.08, 0.4) * smooth * envelope
        # A metal: an edge in two steps from its tabulated energy on, and weak waves.
        z = self.axis - (s.foil[s.element[group_sites]] + 2.5 * self.normal(g, batch))[..., None]
        shoulder, rise, width = between(0.15, 0.5), between(3, 9), between(0.7, 1.9)
        metal = shoulder * edge(z, width) + (1 - shoulder) * edge(z - rise, width + 1.2)
        turn = lambda low, high: torch.sin(2 * math.pi * z / between(low, high) + between(0, 2 * math.pi))
        slow, fast = between(0.03, 0.18) * turn(12, 32), between(0, 0.12) * turn(5, 13) * torch.exp(-z / 25)
        metal = torch.where(z > 0, metal * (1 + slow + fast), metal)
        share = between(0.3, 0.7)
        half = (1 - share) * y + share * metal
        strength = torch.where(coin, between(-0.8, 0.1), between(1.8, 2.6))
        scaled = edge(x, 1.5) + strength * (y - edge(self.axis, 1.5))
        kinds = torch.stack([bare, shell, walk, waves, half, half, metal, scaled], 0)
        kind = (u(g, batch) * len(kinds)).long()
        return torch.gather(kinds, 0, kind[None, ..., None].expand(1, *y.shape))[0]

    def examples(self, batch, plain=False):
        """mu, mask [g, b, bins], element [g, b], sigma [g, b], truths; plain ones as they were computed."""
        s = self.sites
        chosen, shares = self.choose(batch)
        g = chosen.shape[0]
        element, sharp = s.element[chosen[..., 0]], s.sharp[chosen[..., 0]]
        lowest = s.first[chosen].amax(-1)
        highest = s.last[chosen].amin(-1)
        y = (shares[..., None] * s.mu[chosen]).sum(-2)
        invented = self.uniform(g, batch) < self.outliers
        if self.outliers > 0:
            y = torch.where(invented[..., None], self.inventions(y, chosen[..., 0], batch), y)
        y = self.beyond(y, lowest, highest)
        if not plain and self.measured:
            y = self.beyond(self.like_measured(y, self.drawn_variation(g, batch)), lowest, highest)
        if not plain:
            y = self.distorted(self.with_tails(y), self.drawn_distortion(sharp))
        exact = self.uniform(g, batch) < 0.3
        sigma = torch.where(exact, 0.2, 0.1 * 30 ** self.uniform(g, batch))
        if plain:
            sigma = torch.full_like(sigma, 0.3)
        shift = (sigma * self.normal(g, batch)).double() * (not plain)
        low = self.start + self.step * lowest.double()
        high = self.start + self.step * highest.double()
        covers = (low + shift <= self.required[0]) & (high + shift >= self.required[1])
        covered = (low <= self.required[0]) & (high >= self.required[1])
        shift = torch.where(covers, shift, torch.zeros_like(shift))
        mu, mask = self.resampled(y, lowest, highest, shift)
        bins = self.bins.float()
        if not plain:
            short = (self.uniform(g, batch) < 0.5)[..., None]
            end = self.required[1] + 1 + (bins[-1] - self.required[1]) * self.uniform(g, batch)[..., None] ** 2
            begin = torch.where(self.uniform(g, batch) < 0.5, bins[0], self.required[0])[..., None]
            cut = short & ((bins > end) | (bins < begin))
            mask = mask * (~cut)
            noise = (0.1 * self.uniform(g, batch) ** 3)[..., None]
            factor = (1 + 0.03 * self.normal(g, batch))[..., None]
            slope = 1 + (0.03 * self.normal(g, batch))[..., None] * (bins - 13) / 100
            background = (0.015 * self.normal(g, batch))[..., None]
            mu = factor * slope * mu + background + noise * self.normal(g, batch, len(bins))
        truth = self.truths(chosen, shares)
        kept = covered.float() * (~invented).float()
        for name in NAMES:
            truth[name]["weight"] = truth[name]["weight"] * kept
        truth["outlier"] = dict(value=invented.float(), weight=covered.float())
        truth["single"] = shares[..., 0] >= 1 - 1e-6
        return mu * mask, mask, element, sigma, truth


class Normalise:
    """normaliseInside of src/model/network.ts."""

    def __init__(self, config, device):
        self.coverage = torch.tensor(config["coverage"], device=device, dtype=torch.float32)
        bins = torch.tensor(config["offsetsEv"], device=device, dtype=torch.float32)
        self.n = len(bins)
        average = lambda r: torch.tensor(
            [1 / (r[1] - r[0] + 1) if r[0] <= i <= r[1] else 0.0 for i in range(self.n)], device=device
        )
        self.gain, self.required = average(config["gainBins"]), average(config["requiredBins"])
        self.span = torch.zeros(self.n, device=device)
        self.span[1:-1] = 10 / (bins[2:] - bins[:-2])

    def __call__(self, mu, mask, element):
        mask = mask * self.coverage[element]
        mu = mu * mask
        u = mu / (mu * self.gain).sum(-1, keepdim=True).clamp_min(1e-3)
        deviation = u - (u * self.required).sum(-1, keepdim=True)
        variance = (deviation.square() * self.required).sum(-1, keepdim=True)
        standard = deviation / (variance + 1e-4).sqrt()
        ahead = lambda v: torch.nn.functional.pad(v[..., 1:], (0, 1))
        behind = lambda v: torch.nn.functional.pad(v[..., :-1], (1, 0))
        slope = (ahead(u) - behind(u)) * self.span
        inside = ahead(mask) * behind(mask)
        return torch.stack([(u - 1) * mask, standard * mask, slope * inside, mask], -1)


class Networks(torch.nn.Module):
    """[groups x members] networks of src/model/site-means.ts side by side."""

    def __init__(self, groups, members, config, channels, features, dropout, seed, device):
        super().__init__()
        self.g, self.k = groups, members
        self.channels = channels
        self.narrow, self.wide = channels
        self.features, self.dropout = features, dropout
        bins, elements = len(config["offsetsEv"]), len(config["elements"])
        self.elements = elements
        self.flat = bins // 4 * self.wide
        self.layers = []
        for name in NAMES:
            n = len(config["classes"][name])
            sizes = dict(shares=n, within=n + 1, sigma=1, mixed=1)
            self.layers += [(f"{name}/{layer}", size) for layer, size in sizes.items()]
        self.layers.append(("outlier", 1))
        outputs = sum(n for _, n in self.layers)
        generator = torch.Generator(device="cpu").manual_seed(seed)
        m = groups * members

        def parameter(rows, columns, variance):
            value = torch.randn(m, rows, columns, generator=generator) * math.sqrt(variance)
            return torch.nn.Parameter(value.to(device))

        zeros = lambda n: torch.nn.Parameter(torch.zeros(m, 1, n, device=device))
        extra = elements + 1
        self.conv1, self.bias1 = parameter(7 * 4, self.narrow, 2 / 28), zeros(self.narrow)
        self.conv2, self.bias2 = parameter(5 * self.narrow, self.wide, 2 / (5 * self.narrow)), zeros(self.wide)
        inputs = self.flat + extra
        self.hidden, self.bias3 = parameter(inputs, features, 2 / (inputs + features)), zeros(features)
        self.heads, self.bias4 = parameter(features + extra, outputs, 0.0), zeros(outputs)

    @staticmethod
    def windows(x, k):
        """[m, b, l, c] -> [m, b * l, k * c], same padding."""
        m, b, l, c = x.shape
        padded = torch.nn.functional.pad(x, (0, 0, k // 2, k // 2))
        return padded.unfold(2, k, 1).permute(0, 1, 2, 4, 3).reshape(m, b * l, k * c)

    @staticmethod
    def halved(x):
        m, b, l, c = x.shape
        return x.reshape(m, b, l // 2, 2, c).amax(3)

    def forward(self, spectrum, element, sigma):
        """spectrum [g, b, bins, 4], element [g, b], sigma [g, b] -> {layer: [g, k, b, n]}"""
        g, b, l, _ = spectrum.shape
        m = g * self.k
        drop = lambda v: torch.nn.functional.dropout(v, self.dropout, self.training)
        seen = self.windows(spectrum, 7)  # [g, b * l, 28]
        first = self.conv1.reshape(g, self.k, 28, self.narrow).permute(0, 2, 1, 3).reshape(g, 28, -1)
        x = torch.bmm(seen, first).reshape(g, b, l, self.k, self.narrow).permute(0, 3, 1, 2, 4)
        x = x.reshape(m, b, l, self.narrow) + self.bias1[:, :, None]
        x = self.halved(x.relu())
        x = torch.baddbmm(self.bias2, self.windows(x, 5), self.conv2).reshape(m, b, l // 2, self.wide)
        x = self.halved(x.relu()).reshape(m, b, self.flat)
        beside = torch.cat([torch.nn.functional.one_hot(element, self.elements).float(), sigma[..., None]], -1)
        beside = beside[:, None].expand(g, self.k, b, self.elements + 1).reshape(m, b, -1)
        x = drop(torch.cat([x, beside], -1))
        x = torch.baddbmm(self.bias3, x, self.hidden).relu()
        x = torch.cat([drop(x), beside], -1)
        out = torch.baddbmm(self.bias4, x, self.heads).reshape(g, self.k, b, -1)
        pieces = torch.split(out, [n for _, n in self.layers], -1)
        return {name: piece for (name, _), piece in zip(self.layers, pieces)}

    def written(self, index):
        """Parameters of one network by the names and shapes of src/model/site-means.ts."""
        take = lambda p: p[index].detach().float().cpu().numpy()
        found = {
            "conv1/kernel": take(self.conv1).reshape(7, 4, self.narrow),
            "conv1/bias": take(self.bias1)[0],
            "conv2/kernel": take(self.conv2).reshape(5, self.narrow, self.wide),
            "conv2/bias": take(self.bias2)[0],
            "hidden/kernel": take(self.hidden),
            "hidden/bias": take(self.bias3)[0],
        }
        heads, bias, end = take(self.heads), take(self.bias4)[0], 0
        for name, n in self.layers:
            found[f"{name}/kernel"], found[f"{name}/bias"] = heads[:, end : end + n], bias[end : end + n]
            end += n
        return found

    @torch.no_grad()
    def read(self, index, file):
        """Sets the parameters of one network to those that a file holds, as `written` orders them."""
        values, end = np.fromfile(file, dtype="<f4"), 0
        heads, bias = [], []
        for name, value in self.written(index).items():
            part = torch.from_numpy(values[end : end + value.size].reshape(value.shape).copy())
            end += value.size
            if "/" in name and name.split("/")[0] not in ("conv1", "conv2", "hidden"):
                (bias if name.endswith("/bias") else heads).append(part)
                continue
            of = {"conv1/kernel": self.conv1, "conv1/bias": self.bias1, "conv2/kernel": self.conv2,
                  "conv2/bias": self.bias2, "hidden/kernel": self.hidden, "hidden/bias": self.bias3}[name]
            of[index].copy_(part.reshape(of[index].shape))
        if end != values.size:
            raise SystemExit(f"Expected {end} parameters in {file}, got {values.size}")
        self.heads[index].copy_(torch.cat(heads, -1))
        self.bias4[index, 0].copy_(torch.cat(bias, -1))


def answers(raw, classes):
    """Probabilities, means and sigmas of raw outputs."""
    found = {}
    for k, name in enumerate(NAMES):
        shares = raw[f"{name}/shares"].softmax(-1)
        found[name] = dict(
            shares=shares,
            within=raw[f"{name}/within"].softmax(-1),
            mean=(shares * classes[k]).sum(-1),
            sigma=raw[f"{name}/sigma"][..., 0].clamp(-3, 2),
            mixed=raw[f"{name}/mixed"][..., 0].sigmoid(),
        )
    found["outlier"] = raw["outlier"][..., 0].sigmoid()
    return found


def loss_of(raw, truth, classes, teacher=None, share=0.0):
    """siteMeansLoss of site-means-loss.ts, summed over networks; with a teacher, its mean answers are targets too."""
    total = 0.0
    for k, name in enumerate(NAMES):
        known = truth[name]
        weight = known["weight"][:, None]
        weight = weight / weight.sum(-1, keepdim=True).clamp_min(1e-6)
        logits, near = raw[f"{name}/shares"], raw[f"{name}/within"]
        target, within = known["shares"][:, None], known["within"][:, None]
        differ, aim = known["differ"][:, None], known["mean"][:, None]
        softly = teacher[name] if teacher is not None else None
        if softly is not None:
            mixed = lambda hard, soft: (1 - share) * hard + share * soft
            target, within = mixed(target, softly["shares"]), mixed(within, softly["within"])
            differ = mixed(differ, softly["mixed"])
            towards = mixed(aim, softly["mean"])
        else:
            towards = aim
        mean = (logits.softmax(-1) * classes[k]).sum(-1)
        square = (mean - aim).square()
        log_sigma = raw[f"{name}/sigma"][..., 0].clamp(-3, 2)
        scaled = square.detach().sqrt() / log_sigma.exp()
        mix = raw[f"{name}/mixed"][..., 0]
        each = (
            -(logits.log_softmax(-1) * target).sum(-1)
            - LOSS["within"] * (near.log_softmax(-1) * within).sum(-1)
            + LOSS["square"] * (mean - towards).square().clamp_max(LARGEST_SQUARE)
            + LOSS["likelihood"] * (scaled + log_sigma)
            + LOSS["mixed"] * (torch.nn.functional.softplus(mix) - mix * differ)
        )
        total = total + (each * weight).sum()
    known = truth["outlier"]
    weight = known["weight"][:, None] / known["weight"].sum(-1)[:, None, None].clamp_min(1)
    odd = raw["outlier"][..., 0]
    each = torch.nn.functional.softplus(odd) - odd * known["value"][:, None]
    total = total + LOSS["outlier"] * (each * weight).sum()
    return total


def train(networks, drawing, normalise, *, steps, batch, rate, decay, teacher=None, share=0.0, say=print, seconds=None):
    """AdamW with a warm-up and half a cosine; one CUDA graph a step where there is one."""
    classes = drawing.classes
    kernels = [p for p in networks.parameters() if p.shape[1] > 1]
    others = [p for p in networks.parameters() if p.shape[1] == 1]
    cuda = next(networks.parameters()).is_cuda
    now = torch.tensor(0.0, device=drawing.sites.device)
    groups = [dict(params=kernels, weight_decay=decay), dict(params=others, weight_decay=0.0)]
    optimiser = torch.optim.AdamW(groups, lr=now if cuda else rate, betas=(0.9, 0.98), capturable=cuda, foreach=True)
    networks.train()
    kept = torch.full((), 9.0 * networks.g * networks.k, device=drawing.sites.device)

    def step():
        mu, mask, element, sigma, truth = drawing.examples(batch)
        spectrum = normalise(mu, mask, element)
        soft = None
        if teacher is not None:
            with torch.no_grad():
                soft = averaged(answers(teacher(spectrum, element, sigma), classes))
        loss = loss_of(networks(spectrum, element, sigma), truth, classes, soft, share)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        kept.mul_(0.99).add_(loss.detach(), alpha=0.01)

    graph = None
    started = time.time()
    for i in range(steps):
        progress = i / steps
        warm = 0.03
        factor = max(progress / warm, 0.02) if progress < warm else 0.01 + 0.495 * (
            1 + math.cos(math.pi * (progress - warm) / (1 - warm))
        )
        if cuda:
            now.fill_(rate * factor)
        else:
            for each in optimiser.param_groups:
                each["lr"] = rate * factor
        if cuda and i == 12:
            graph = captured(step, say)
        if graph is not None:
            graph.replay()
        else:
            step()
        if i in (11, 60, 300) or (i + 1) % max(steps // 6, 1) == 0:
            if cuda:
                torch.cuda.synchronize()
            spent = time.time() - started
            say(f"  step {i + 1}/{steps} loss {kept.item() / networks.g / networks.k:.3f} {spent:.0f} s")
            if seconds is not None and i >= 300 and spent / (i + 1) * steps > 1.15 * seconds:
                raise TimeoutError(f"{spent / (i + 1) * 1000:.2f} ms a step")
    networks.eval()


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
    """Mean over members [g, k, ...] -> [g, 1, ...]"""
    over = lambda v: v.mean(1, keepdim=True)
    return {
        name: {key: over(v) for key, v in value.items()} if isinstance(value, dict) else over(value)
        for name, value in found.items()
    }


@torch.no_grad()
def scores(networks, held, normalise, rounds, batch):
    """What networks say of sites that their training left out: drawn as they are, and as mixtures."""
    rows = {}
    for kind, share, plain in (
        ("single", 0.0, True),
        ("mixture", 1.0, True),
        ("spoiled single", 0.0, False),
        ("spoiled mixture", 1.0, False),
    ):
        held.mixtures = share
        found = {name: [] for name in NAMES}
        for _ in range(rounds):
            mu, mask, element, sigma, truth = held.examples(batch, plain)
            told = averaged(answers(networks(normalise(mu, mask, element), element, sigma), held.classes))
            for k, name in enumerate(NAMES):
                p = told[name]["shares"][:, 0]
                best = p.argmax(-1)
                within = told[name]["within"][:, 0]
                own = within.gather(-1, best[..., None])[..., 0]
                right = (truth[name]["mean"] - held.classes[k][best]).abs() <= WITHIN
                off = (truth[name]["mean"] - told[name]["mean"][:, 0]).abs()
                use = truth[name]["weight"] > 0
                copper = element == 8
                g = torch.arange(element.shape[0], device=element.device)[:, None].expand_as(element)
                part = torch.stack([own, right.float(), off, copper.float(), use.float(), g.float()], -1)
                found[name].append(part[use])
        for name in NAMES:
            rows[(kind, name)] = torch.cat(found[name]).cpu().numpy()
    return rows


def told(rows, say):
    """A table of accuracy, error of the mean, area under the curve, and share accepted at 95% right."""
    out = []
    for (kind, name), all_rows in rows.items():
        for who, pick in (("Cu", all_rows[:, 3] > 0.5), ("others", all_rows[:, 3] < 0.5)):
            part = all_rows[pick]
            if len(part) < 20:
                continue
            confidence, right = part[:, 0], part[:, 1]
            order = np.argsort(-confidence)
            precise = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
            good = np.nonzero(precise >= 0.95)[0]
            share = (good[-1] + 1) / len(order) if len(good) else 0.0
            ranks = np.argsort(np.argsort(confidence))
            positives = right > 0.5
            n1, n0 = positives.sum(), (~positives).sum()
            auc = (ranks[positives].sum() - n1 * (n1 - 1) / 2) / max(n1 * n0, 1)
            out.append(dict(kind=kind, name=name, element=who, n=len(part), right=float(right.mean()),
                            error=float(part[:, 2].mean()), auc=float(auc), share95=float(share)))
            of = f"    {kind:16s} {name:3s} {who:6s}"
            say(f"{of} right {right.mean():.3f} error {part[:, 2].mean():.3f} auc {auc:.3f} share95 {share:.3f}")
    return out


@torch.no_grad()
def answers_to(checks, networks, group, sites, normalise, classes):
    """What a network says of the cases that it was checked by, for who reads its parameters elsewhere to compare."""
    device = sites.device
    mu = torch.tensor([case["mu"] for case in checks], device=device)[None]
    mask = torch.tensor([case["mask"] for case in checks], device=device, dtype=torch.float32)[None]
    element = sites.element[torch.tensor([case["site"] for case in checks], device=device)][None]
    sigma = torch.full(element.shape, 0.5, device=device)
    spread = lambda v: v.expand(networks.g, *v.shape[1:])
    raw = networks(spread(normalise(mu, mask, element)), spread(element), spread(sigma))
    found = answers(raw, classes)
    as_list = lambda v: [round(float(x), 6) for x in v.reshape(-1)]
    told = []
    for i, case in enumerate(checks):
        own = {name: {key: as_list(v[group, 0, i]) for key, v in found[name].items()} for name in NAMES}
        for name in NAMES:
            own[name] = {**own[name], "sigma": [round(math.exp(own[name]["sigma"][0]), 6)]}
        outlier = as_list(found["outlier"][group, 0, i])
        given = dict(element=int(element[0, i]), mu=case["mu"], mask=case["mask"], sigmaEv=0.5)
        told.append({**given, "outlier": outlier, **own})
    return told


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("sites")
    parse.add_argument("out")
    parse.add_argument("--folds", default="0,1,2,3,4,none", help="folds to leave out, none for the whole network")
    parse.add_argument("--members", type=int, default=4, help="teachers of each")
    parse.add_argument("--teacher", default="48,80,384", help="channels and features of a teacher")
    parse.add_argument("--student", default="24,40,192")
    parse.add_argument("--teacher-steps", type=int, default=13000)
    parse.add_argument("--student-steps", type=int, default=20000)
    parse.add_argument("--batch", type=int, default=256)
    parse.add_argument("--rate", type=float, default=0.001)
    parse.add_argument("--decay", type=float, default=0.02)
    parse.add_argument("--dropout", type=float, default=0.2)
    parse.add_argument("--student-dropout", type=float, default=0.2)
    parse.add_argument("--mixtures", type=float, default=0.5)
    parse.add_argument("--outliers", type=float, default=0.12, help="share of invented spectra")
    parse.add_argument("--share", type=float, default=0.6, help="of the student's loss, for the teachers' answers")
    parse.add_argument("--seed", type=int, default=1)
    parse.add_argument("--measured", action="store_true", help="draw what measured spectra have and computed have not")
    parse.add_argument("--start", help="a folder of networks that the students go on from, as this program wrote it")
    parse.add_argument("--rounds", type=int, default=8, help="of scores on sites that were not seen")
    options = parse.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.manual_seed(options.seed)
    os.makedirs(options.out, exist_ok=True)
    started = time.time()
    say = lambda text: print(text if text.startswith("  ") else f"[{time.time() - started:.0f} s] {text}", flush=True)

    folds = options.folds.split(",")
    sites = Sites(options.sites, device)
    for fold in folds:
        sites.add_group(lambda s, fold=fold: fold == "none" or s["fold"] != int(fold))
    sites.stack()
    drawing = Drawing(sites, options.mixtures, options.outliers, options.measured)
    drawing.check(sites.checks)
    normalise = Normalise(sites.config, device)
    unseen = Sites(options.sites, device, repeat=1)
    for fold in folds:  # the whole network's scores say nothing: it has seen all
        unseen.add_group(lambda s, fold=fold: not s["decoded"] and s["fold"] == (0 if fold == "none" else int(fold)))
    unseen.stack()
    held = Drawing(unseen)
    honest = [i for i, fold in enumerate(folds) if fold != "none"]
    left_out = ("sites", "out", "start")
    told_of = {name: value for name, value in vars(options).items() if name not in left_out}
    told_of["measured"] = int(options.measured)
    told_of["start"] = options.start and os.path.basename(os.path.normpath(options.start)) or "none"
    report = dict(options=told_of, scores={})

    def judge(name, networks):
        torch.manual_seed(77)
        rows = scores(networks, held, normalise, options.rounds, 512)
        rows = {key: value[np.isin(value[:, 5], honest)] for key, value in rows.items()}
        say(f"{name}: of sites not seen")
        report["scores"][name] = told(rows, say)
        write_report()

    def write_report():
        with open(os.path.join(options.out, "network.json"), "w") as file:
            json.dump(report, file, indent=1)

    def made(text, members, seed, dropout):
        *channels, features = (int(v) for v in text.split(","))
        return Networks(len(folds), members, sites.config, channels, features, dropout, seed, device)

    common = dict(batch=options.batch, rate=options.rate, decay=options.decay, say=say)
    teacher = None
    if options.members > 0:
        teacher = made(options.teacher, options.members, options.seed, options.dropout)
        say(f"{len(folds)} x {options.members} teachers {options.teacher}")
        train(teacher, drawing, normalise, steps=options.teacher_steps, **common)
        judge("teachers", teacher)
    if options.student_steps > 0:
        student = made(options.student, 1, options.seed + 100, options.student_dropout)
        say(f"students {options.student}")
        if options.start:
            for i, fold in enumerate(folds):
                student.read(i, os.path.join(options.start, f"network-{fold}.bin"))
        train(student, drawing, normalise, steps=options.student_steps, teacher=teacher,
              share=options.share if teacher is not None else 0.0, **common)
        judge("students", student)
        for i, fold in enumerate(folds):
            with open(os.path.join(options.out, f"network-{fold}.bin"), "wb") as file:
                for value in student.written(i).values():
                    file.write(value.astype("<f4").tobytes())
        shapes = [dict(name=name, shape=list(value.shape)) for name, value in student.written(0).items()]
        report.update(channels=student.channels, features=student.features, parameters=shapes)
        last = len(folds) - 1
        torch.backends.cuda.matmul.allow_tf32 = False
        report["answers"] = answers_to(sites.checks, student, last, sites, normalise, drawing.classes)
        report["answersOf"] = folds[last]
        report.update(torch=torch.__version__, device=device.type, seconds=round(time.time() - started))
        write_report()
    say("done")


if __name__ == "__main__":
    main()
