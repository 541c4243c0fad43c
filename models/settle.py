"""Settles Feature Fusing after training: a LOL pair gets the decision that brings it nearest to its truth, and one picture gets one
decision, whatever size it is computed at and however long its shutter was open.

    /usr/bin/python3 models/settle.py --data DATA_DIR --checkpoint models/checkpoints/base.pt

How bright a photograph was meant to be is all that separates a trained student from two dB more, and it is decided from a
few numbers of each picture. A whole network learns that slowly; Feature Fusing alone learns it in a minute. So everything
else is frozen, and
  1. for each LOL pair the weights are sought that bring the answer nearest to the truth (`best_weights`); a synthetic picture
     keeps those that it is given;
  2. the pooled features of every picture are taken at several sizes, of a LOL picture also at other exposures: they depend on
     the scale, at small sizes on the zero padding, and on noise;
  3. Feature Fusing's two matrices learn to give a picture's weights for all of its features; what a wrong weight does to the
     picture's pixels and to its mean colours counts beside its own error (`effects`).
Writes <checkpoint>-settled.pt.
"""
import argparse
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import losses
from checkpoint import CheckpointError, open_network, save
from data import DataError, Pictures, another_exposure, lol_pairs, photographs, picture_size, planes, small
from layers import act
from train import SEED, WEIGHT_COLOR, WEIGHT_STRUCTURE

SCALES = (1, 1.47, 0.77, 0.59, 0.48, 0.4, 0.32)     # of the training pictures' width
EXPOSURES = 3            # a LOL picture as it is, and at this many less one other exposures, with
NOISE, NOISY = 2.5, 0.6  # noise of at most so many 8-bit steps, in this share
SEARCH_STEPS, SEARCH_RATE, SEARCH_RIDGE = 10, 0.25, 1e-2    # in units of how much a weight varies from picture to picture
STEPS, LEARNING_RATE, WEIGHT_DECAY, DROPOUT = 8000, 3e-3, 1e-2, 0.1
BLACK = 0.02             # a mean colour darker than this is black, and its logarithm of no interest
LEVEL_UNIT, PIXEL_UNIT = 0.1, 0.05     # a colour's mean (its logarithm), or pixels, off by so much count like a weight off by all
                         # that it varies
PROJECTIONS = 12         # of a picture on random signs: the mean square of what they change by is that of the pixels
BATCH = 384              # LOL pictures, and as many synthetic ones: with fewer a live picture is taken for one that is remembered
POOL = 1200              # synthetic nights looked at: half are films, eight of a film, and three in ten of these lit by lamps alone
TOGETHER = 8             # pictures that go through the network at once


def best_weights(model, planar_pairs, spread, steps=SEARCH_STEPS):
    """The weights [n,K-2] that bring the pairs' answers nearest to their truths, at half scale, by Adam from those that the
    model decides; and their `effects` there.

    `planar_pairs`: see data.planes; `spread` [K-2]: how much each weight varies from picture to picture."""
    found, follow = [], []
    for start in range(0, len(planar_pairs), TOGETHER):
        image, truth, dark = (np.stack(arrays) for arrays in zip(*planar_pairs[start:start + TOGETHER]))
        n, _, height, width = image.shape
        split = (n, 3, 4, height, width)
        arrays = small(image, truth.reshape(split), dark.reshape(split))
        image, truth = (torch.from_numpy(array).float() / 255 for array in arrays[:2])
        with torch.no_grad():
            raw, exposure, tint = model.front.measure(image)
            maps = model.encode(image, raw, exposure)
            decided = model.decide(maps.seen)
        change = torch.zeros_like(decided, requires_grad=True)
        optimizer = torch.optim.Adam([change], SEARCH_RATE)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.1, SEARCH_STEPS)
        for _ in range(steps):
            subpixels, _ = model.decode(maps, torch.cat([tint, decided + change * spread], 1))
            enhanced = subpixels.view(truth.shape)
            error = (losses.huber(enhanced, truth) + WEIGHT_COLOR * losses.color(enhanced, truth)
                     + WEIGHT_STRUCTURE * losses.structure(enhanced, truth, 0, 0) + SEARCH_RIDGE * change.square().mean())
            optimizer.zero_grad()
            error.backward()
            optimizer.step()
            schedule.step()
        weights = (decided + change * spread).detach().requires_grad_(True)
        subpixels, _ = model.decode(maps, torch.cat([tint, weights], 1))
        found.append(weights.detach())
        follow.append(effects(subpixels.view(truth.shape), weights))
    return torch.cat(found), torch.cat(follow)


def effects(enhanced, weights):
    """How the pictures [n,3,4,h,w] follow their weights [n,K-2]: derivatives [n,3+PROJECTIONS,K-2] of the logarithms of their mean
    colours, in LEVEL_UNIT, and of their projections on random signs, in PIXEL_UNIT."""
    levels = (enhanced.clamp(0, 1).mean((2, 3, 4)) + BLACK).log() / LEVEL_UNIT
    seen = [levels[:, colour].sum() for colour in range(3)]
    for _ in range(PROJECTIONS):
        signs = torch.randint(0, 2, enhanced.shape) * 2 - 1
        seen.append((enhanced * signs).sum() / enhanced[0].numel() ** 0.5 / PIXEL_UNIT)
    return torch.stack([torch.autograd.grad(look, weights, retain_graph=True)[0] for look in seen], 1)


def features(model, pictures, width):
    """What Feature Fusing sees [n,f] of uint8 pictures [h,w,3], all of one size, at this width."""
    seen = []
    height = round(pictures[0].shape[0] * width / pictures[0].shape[1]) // 8 * 8
    for start in range(0, len(pictures), TOGETHER):
        resized = [np.asarray(Image.fromarray(picture).resize((width // 8 * 8, height), Image.BICUBIC))
                   for picture in pictures[start:start + TOGETHER]]
        image = torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2).float() / 255
        with torch.no_grad():
            raw, exposure, _ = model.front.measure(image)
            seen.append(model.encode(image, raw, exposure).seen)
    return torch.cat(seen)


def at_scales(model, images, originals):
    """-> [n,scales,f]; enlarged, a picture is looked at in its full-size original, which keeps its noise."""
    width = images[0].shape[1]
    return torch.stack([features(model, originals if scale > 1 else images, round(scale * width)) for scale in SCALES], 1)


def exposed(random, image, dark):
    """A LOL picture and its original at another exposure, sometimes with noise."""
    image, dark = another_exposure(random, image, dark)
    strength = random.uniform(0, NOISE) if random.random() < NOISY else 0

    def noisy(picture):
        grain = random.standard_normal(picture.shape, np.float32) * np.float32(strength)
        return np.clip(picture + grain + 0.5, 0, 255).astype(np.uint8)

    return noisy(image), noisy(dark)


class Examples(NamedTuple):
    """What Feature Fusing is to decide for some pictures."""
    seen: torch.Tensor       # [n,looks,f] pooled features, one picture at several sizes and exposures
    wanted: torch.Tensor     # [n,K-2] its weights
    effects: torch.Tensor    # [n,3+PROJECTIONS,K-2] see `effects`

    def draw(self):
        """-> a batch of (features, wanted weights, effects)."""
        rows = torch.randint(len(self.seen), (BATCH,))
        return self.seen[rows, torch.randint(self.seen.shape[1], (BATCH,))], self.wanted[rows], self.effects[rows]


def examples(model, pairs, pictures):
    """-> the `Examples` of the LOL pairs, if there are any, and of the synthetic pictures, which keep what they are given:
    `pictures` must not be made from the pairs, for the two would want different things of one scene."""
    synthetic = [image.transpose(1, 2, 0) for image, _, _ in pictures.nights + pictures.days]
    seen = at_scales(model, synthetic, synthetic)
    decided = model.decide(seen[:, 0])
    _, follow = best_weights(model, pictures.nights + pictures.days, decided.std(0), steps=0)
    kept = Examples(seen, decided, follow)
    if not pairs:
        return [kept]
    random = np.random.default_rng(SEED)
    images, originals = [image for image, _, _ in pairs], [dark for _, _, dark in pairs]
    looks = [at_scales(model, images, originals)]
    spread = model.decide(looks[0][:, 0]).std(0) + 0.02
    for _ in range(EXPOSURES - 1):
        looks.append(at_scales(model, *zip(*(exposed(random, image, dark) for image, _, dark in pairs))))
    return [Examples(torch.cat(looks, 1), *best_weights(model, [planes(*pair) for pair in pairs], spread)), kept]


def settle(model, sources, steps):
    """Trains fuse1 and fuse2 in place on some `Examples`. Every weight's error counts relative to how much that weight varies; and
    what all of them together do to a picture, to its pixels and to its mean colours, counts as much."""
    torch.manual_seed(SEED)
    spread = sources[0].wanted.std(0) + 0.02
    learning = [weight.requires_grad_(True) for layer in (model.fuse1, model.fuse2) for weight in layer.parameters()]
    optimizer = torch.optim.AdamW(learning, LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(steps):
        seen, wanted, follow = (torch.cat(side) for side in zip(*(source.draw() for source in sources)))
        off = 1 + model.fuse2(F.dropout(act(model.fuse1(seen)), DROPOUT)) - wanted
        changed = torch.einsum("new,nw->ne", follow, off).square()
        weights_off, levels_off, pixels_off = (off / spread).square().mean(), changed[:, :3].mean(), changed[:, 3:].mean()
        optimizer.zero_grad()
        (weights_off + levels_off + pixels_off).backward()
        optimizer.step()
        schedule.step()
        if step % 1000 == 0 or step == steps - 1:
            print(f"step {step}: weights off by {weights_off.item():.4f} of their variance, the colours' means by "
                  f"{LEVEL_UNIT * levels_off.item() ** 0.5:.4f} (logarithm), pixels by {PIXEL_UNIT * pixels_off.item() ** 0.5:.4f}",
                  flush=True)
    with torch.no_grad():
        for source in sources:
            left = ((model.decide(source.seen) - source.wanted[:, None]) / spread).square().mean((0, 2))
            print("of the variance, left at each size:", " ".join(f"{part:.3f}" for part in left.tolist()), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("NIGHTGLASS_DATA"), required="NIGHTGLASS_DATA" not in os.environ)
    parser.add_argument("--checkpoint", required=True, type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--pool", type=int, default=POOL, help="synthetic nights looked at")
    options = parser.parse_args()
    model, state = open_network(options.checkpoint)
    model.requires_grad_(False)
    pairs = lol_pairs(options.data, state["about"]["split"])
    pictures = Pictures([], photographs(options.data, size=picture_size(pairs)), SEED, options.pool)
    settle(model, examples(model, pairs, pictures), options.steps)
    save(options.checkpoint.with_name(f"{options.checkpoint.stem}-settled.pt"), **{**state, "average": model.state_dict()})


if __name__ == "__main__":
    try:
        main()
    except (CheckpointError, DataError) as error:
        raise SystemExit(str(error))
