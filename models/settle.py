"""Settles Feature Fusing after training: one picture gets one decision, whatever size it is computed at.

    /usr/bin/python3 models/settle.py --data DATA_DIR --checkpoint models/checkpoints/base.pt

The pooled features that the fusion vector is decided from depend on the picture's scale and, at small sizes, on the zero
padding. Everything else frozen, the two matrices of Feature Fusing learn to give at every scale the weights that the
trained network gives at training scale. Writes <checkpoint>-settled.pt.
"""
import argparse
import os
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from checkpoint import CheckpointError, open_network, save
from data import POOL_SIZE, DataError, Pictures, lol_pairs, photographs, picture_size
from layers import act
from train import SEED

SCALES = (1.47, 0.77, 0.59, 0.48, 0.4, 0.32)   # of the training pictures' width, beside it
STEPS, BATCH, LEARNING_RATE = 4000, 512, 1e-3
KEEP = 2.0                                 # how much more the answers at training scale count


def look(model, picture, width):
    """The pooled features and the weights that the model decides for a uint8 picture [h,w,3] at this width."""
    seen = []
    hook = model.fuse1.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    height = round(picture.shape[0] * width / picture.shape[1]) // 8 * 8
    resized = np.asarray(Image.fromarray(picture).resize((width // 8 * 8, height), Image.BICUBIC))
    image = torch.from_numpy(resized.copy()).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        _, fusion = model(image, torch.zeros(1, model.fusion_size), torch.ones(1))
    hook.remove()
    return seen[0], fusion[:, 2:]


def examples(model, data_dir, split, pool):
    """-> (features at training scale, features at the other scales [n,scales,f], wanted weights)."""
    pairs = lol_pairs(data_dir, split)
    pictures = Pictures(pairs, photographs(data_dir, size=picture_size(pairs)), SEED, pool)
    images = [image for image, _, _ in pictures.pairs]
    images += [image.transpose(1, 2, 0) for image, _, _ in pictures.nights + pictures.days]
    # A LOL picture's full-size original keeps its noise when it is looked at from nearer.
    originals = {id(image): dark for image, _, dark in pictures.pairs}
    base, others, wanted = [], [], []
    for image in images:
        features, weights = look(model, image, image.shape[1])
        base.append(features)
        wanted.append(weights)
        larger = originals.get(id(image), image)
        others.append(torch.stack([look(model, larger if scale > 1 else image, round(scale * image.shape[1]))[0]
                                   for scale in SCALES], 1))
    return torch.cat(base), torch.cat(others), torch.cat(wanted)


def settle(model, base, others, wanted, steps):
    """Trains fuse1 and fuse2 in place; every weight's error counts relative to how much that weight varies."""
    torch.manual_seed(SEED)
    spread = wanted.std(0) + 0.02
    parameters = [*model.fuse1.parameters(), *model.fuse2.parameters()]
    optimizer = torch.optim.Adam(parameters, LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)

    def error(features, target):
        weights = 1 + model.fuse2(act(model.fuse1(features)))
        return (((weights - target) / spread) ** 2).mean()

    for step in range(steps):
        rows = torch.randint(len(base), (BATCH,))
        columns = torch.randint(len(SCALES), (BATCH,))
        kept, moved = error(base[rows], wanted[rows]), error(others[rows, columns], wanted[rows])
        optimizer.zero_grad()
        (KEEP * kept + moved).backward()
        optimizer.step()
        schedule.step()
        if step % 500 == 0 or step == steps - 1:
            print(f"step {step}: error at training scale {kept.item():.4f}, at other scales {moved.item():.4f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("NIGHTGLASS_DATA"), required="NIGHTGLASS_DATA" not in os.environ)
    parser.add_argument("--checkpoint", required=True, type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--pool", type=int, default=POOL_SIZE, help="synthetic nights looked at")
    options = parser.parse_args()
    torch.set_num_threads(2)
    model, state = open_network(options.checkpoint)
    settle(model, *examples(model, options.data, state["about"]["split"], options.pool), options.steps)
    save(options.checkpoint.with_name(f"{options.checkpoint.stem}-settled.pt"), **{**state, "average": model.state_dict()})


if __name__ == "__main__":
    try:
        main()
    except (CheckpointError, DataError) as error:
        raise SystemExit(str(error))
