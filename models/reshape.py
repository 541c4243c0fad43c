"""Carries a trained student into another shape of the family: wider without changing its answer, or narrower with its
strongest channels, so that one long training serves all three.

    /usr/bin/python3 models/reshape.py --checkpoint models/checkpoints/base.pt --network quality --out models/checkpoints/quality-start.pt

After Net2Net (Chen et al. 2016) and channel pruning by weight magnitude (Li et al. 2017).
"""
import argparse
from pathlib import Path

import torch

from checkpoint import CheckpointError, build, open_network, save
from front_end import KNOT_MAPS

# Which groups of channels each layer reads and writes, in their order. A group is a set of channels made by one layer.
LAYERS = {
    "encode0": (["view"], ["e0"]), "encode1": (["e0"], ["e1"]), "encode2": (["e1"], ["e2a"]), "encode2b": (["e2a"], ["e2"]),
    "encode3": (["e2"], ["e3a"]), "encode3b": (["e3a"], ["e3"]), "refine1": (["e3"], ["r1"]), "refine2": (["r1"], ["r2"]),
    "fuse1": (["r2", "e3", "knots"], ["hidden"]), "fuse2": (["hidden"], ["knots", "e1", "e2", "e3"]),
    "narrow3": (["e3"], ["n2"]), "join2": (["n2", "e2"], ["j2"]), "decode2": (["j2"], ["d2"]),
    "narrow2": (["d2"], ["n1"]), "join1": (["n1", "e1"], ["j1"]), "decode1": (["j1"], ["d1"]),
    "join0": (["d1", "e0"], ["d0"]), "head.answer": (["d0", "toned"], ["answer"]),
    "detail.from3": (["r1"], ["refined"]), "detail.from2": (["e2"], ["refined"]), "detail.from1": (["e1"], ["refined"]),
    "detail.from0": (["e0"], ["refined"]),
}
FIXED = {"view": 4, "knots": KNOT_MAPS, "toned": 4, "answer": 12, "refined": 16}
WIDTH_OF = {"e2a": "e2", "e3a": "e3", "n2": "e2", "j2": "e2", "d2": "e2", "n1": "e1", "j1": "e1", "d1": "e1"}


def width(shape, group):
    return FIXED.get(group) or getattr(shape, WIDTH_OF.get(group, group))


def columns(shape, groups, wanted):
    """Where a group's channels lie among a layer's."""
    start = 0
    for group in groups:
        if group == wanted:
            return slice(start, start + width(shape, group))
        start += width(shape, group)
    return None


def strengths(state, shape, group):
    """How much each channel of a group is made of and used for: the product of its weights' sizes in every layer."""
    strength = torch.ones(width(shape, group))
    for name, (reads, writes) in LAYERS.items():
        weight = state[f"{name}.weight"].abs()
        if (made := columns(shape, writes, group)) is not None and group not in FIXED and name != "fuse2":
            strength = strength * weight[made].flatten(1).sum(1)
        if (used := columns(shape, reads, group)) is not None and not name.startswith("detail"):
            strength = strength * weight[:, used].transpose(0, 1).flatten(1).sum(1)
    return strength


def sources(state, old, new, group):
    """For each channel of the new group the old channel it comes from, or -1 for one that starts afresh."""
    before, after = width(old, group), width(new, group)
    if after >= before:
        return torch.cat([torch.arange(before), torch.full((after - before,), -1)])
    return strengths(state, old, group).topk(after).indices.sort().values


def places(state, old, new, groups):
    """The same for all channels of a layer's side, as positions among the old layer's."""
    found, start = [], 0
    for group in groups:
        source = sources(state, old, new, group)
        found.append(torch.where(source < 0, source, source + start))
        start += width(old, group)
    return torch.cat(found)


def reshape(state, old, target):
    """Weights of a student of shape `old` -> weights for the freshly made student `target`."""
    fresh = target.state_dict()
    for name in fresh:
        if name in state and fresh[name].shape == state[name].shape:
            fresh[name] = state[name].clone()
    for name, (reads, writes) in LAYERS.items():
        rows, inputs = places(state, old, target.shape, writes), places(state, old, target.shape, reads)
        weight, bias = fresh[f"{name}.weight"], fresh[f"{name}.bias"]
        kept, known = rows >= 0, inputs >= 0
        carried = torch.zeros_like(weight[kept])                       # an old channel ignores new ones at first
        carried[:, known] = state[f"{name}.weight"][rows[kept]][:, inputs[known]]
        weight[kept] = carried
        bias[kept] = state[f"{name}.bias"][rows[kept]]
        if name == "fuse2":                                            # a new channel's weight starts as 1
            weight[~kept], bias[~kept] = 0, 0
    return fresh


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", required=True, type=Path)
    parser.add_argument("--network", required=True, choices=["lite", "base", "quality"])
    parser.add_argument("--out", required=True, type=Path)
    options = parser.parse_args()
    student, state = open_network(options.checkpoint)
    if state["about"]["network"] == "teacher":
        raise CheckpointError(f"{options.checkpoint}: a student was expected, this is a teacher")
    torch.manual_seed(state["seed"])
    weights = reshape(student.state_dict(), student.shape, build(options.network))
    about = {**state["about"], "network": options.network, "start": str(options.checkpoint)}
    save(options.out, average=weights, model=weights, step=0, elapsed=0.0, seed=state["seed"], about=about)


if __name__ == "__main__":
    try:
        main()
    except CheckpointError as error:
        raise SystemExit(str(error))
