"""Measures checkpoints on the `val` or the `left-out` split: PSNR, SSIM, HaarPSI on RGB; and PSNR at the truth's mean, apart.

    /usr/bin/python3 models/evaluate.py --data DATA_DIR --checkpoint models/checkpoints/base.pt [--record base]
    /usr/bin/python3 models/evaluate.py --data DATA_DIR --checkpoint models/checkpoints/base-rehearsal.pt --split left-out
    /usr/bin/python3 models/evaluate.py --data DATA_DIR --baselines [--record baselines]

Inputs are halved (antialiased bicubic) and enhanced to full size, as the paper measures. The best gain and the best gamma
are one number each for all pictures, fitted on the `train` split; the oracle gamma is fitted to each picture's truth.
`--record KEY` keeps the figures in results.json, with the commit and a hash of the data; table.py prints them.
"""
import argparse
import hashlib
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from checkpoint import CheckpointError, open_network
from data import MEASURED_ON, DataError, lol_pairs
from metrics import haarpsi, psnr, psnr_at_truth_mean, ssim
from neid import macs_per_pixel
from results import add_record_options, record_if_asked

GAINS = np.geomspace(1, 25, 40)
GAMMAS = np.linspace(0.15, 1.0, 60)


def enhance(model, image):
    """image uint8 [h,w,3] -> f32 [2h,2w,3], 0..1, rounded to 8 bits; edges are repeated up to multiples of 8."""
    height, width = image.shape[:2]
    x = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() / 255
    x = F.pad(x, (0, -width % 8, 0, -height % 8), mode="replicate")
    with torch.no_grad():
        subpixels, _ = model(x, torch.zeros(1, model.fusion_size), torch.ones(1))
    enhanced = F.pixel_shuffle(subpixels, 2)[0, :, :2 * height, :2 * width].clamp(0, 1)
    return (enhanced.permute(1, 2, 0) * 255).round().div(255).numpy()


def as_float(picture):
    return picture.astype(np.float32) / 255


def gain(dark, value):
    return np.minimum(dark * np.float32(value), 1)


def gamma(dark, value):
    return dark ** np.float32(value)


def fitted(candidates, answer, pairs):
    """The candidate with the highest mean PSNR over the pairs (every fourth pixel is enough to choose)."""
    small = [(as_float(dark[::4, ::4]), as_float(truth[::4, ::4])) for _, truth, dark in pairs]
    return max(candidates, key=lambda value: np.mean([psnr(answer(dark, value), truth) for dark, truth in small]))


def mean_scores(answers):
    """(answer, truth) pairs -> {psnr, psnr_at_truth_mean, ssim, haarpsi}, means over the pictures."""
    figures = {psnr: 3, psnr_at_truth_mean: 3, ssim: 4, haarpsi: 4}
    values = np.mean([[figure(answer, truth) for figure in figures] for answer, truth in answers], 0)
    return {figure.__name__: round(float(value), digits) for (figure, digits), value in zip(figures.items(), values)}


def baselines(train_pairs, val_pairs):
    """The trivial answers on the full-size dark pictures -> {name: {value?, psnr, …}}."""
    table = {}
    for name, candidates, answer in (("best single gain", GAINS, gain), ("best single gamma", GAMMAS, gamma)):
        value = fitted(candidates, answer, train_pairs)
        scores = mean_scores((answer(as_float(dark), value), as_float(truth)) for _, truth, dark in val_pairs)
        table[name] = {"value": round(float(value), 3), **scores}
    table["oracle gamma of each picture"] = mean_scores(
        (gamma(as_float(dark), fitted(GAMMAS, gamma, [(None, truth, dark)])), as_float(truth)) for _, truth, dark in val_pairs)
    return table


def score(model, pairs):
    """The model on the halved pictures against the full-size truth -> `mean_scores`."""
    return mean_scores((enhance(model, image), as_float(truth)) for image, truth, _ in pairs)


def data_hash(pairs):
    """The first 12 digits of a SHA-256 over the pixels measured on."""
    digest = hashlib.sha256()
    for _, truth, dark in pairs:
        digest.update(dark.tobytes())
        digest.update(truth.tobytes())
    return digest.hexdigest()[:12]


def commit():
    """The commit of the checkout; '+' after it where files of models/ differ from it."""
    def git(*words):
        return subprocess.run(["git", *words], cwd=Path(__file__).parent, capture_output=True, text=True).stdout.strip()
    changed = git("status", "--porcelain", "--", "*.py")
    return git("rev-parse", "--short=10", "HEAD") + ("+" if changed else "")


def measure(options):
    """-> what is printed and recorded."""
    torch.set_num_threads(2)
    pairs = lol_pairs(options.data, options.split)
    stamp = {"commit": commit(), "data": data_hash(pairs)}
    if options.baselines:
        return {**baselines(lol_pairs(options.data, "train"), pairs), **stamp}
    model, state = open_network(options.checkpoint)
    about = {key: state["about"][key] for key in ("network", "row", "split", "entropy")}
    return {**score(model, pairs), "macs": round(macs_per_pixel(model)), "steps": state["step"],
            "minutes": round(state["elapsed"] / 60, 1), "distilled": state["about"]["teacher"] != "None",
            "measured_on": options.split, **about, **stamp}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("NIGHTGLASS_DATA"), required="NIGHTGLASS_DATA" not in os.environ)
    parser.add_argument("--split", default="val", choices=MEASURED_ON, help="the pictures to measure on")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--checkpoint", type=Path)
    what.add_argument("--baselines", action="store_true")
    add_record_options(parser)
    options = parser.parse_args()
    entry = measure(options)
    record_if_asked(options, entry)
    print(json.dumps(entry, indent=2))


if __name__ == "__main__":
    try:
        main()
    except (CheckpointError, DataError) as error:
        raise SystemExit(str(error))
