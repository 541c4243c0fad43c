"""Measures a checkpoint on the `val` split: PSNR and SSIM on RGB, no ground-truth mean, beside the trivial answers.

    /usr/bin/python3 models/evaluate.py --data DATA_DIR --checkpoint models/checkpoints/base.pt

Inputs are halved (antialiased bicubic) and enhanced to full size, as the paper measures. The best gain and the best gamma
are one number each for all pictures, fitted on the `train` split; the oracle gamma is fitted to each picture's truth.
"""
import argparse
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

from data import lol_pairs
from neid import FUSION_SIZE, Neid

GAINS = np.geomspace(1, 25, 40)
GAMMAS = np.linspace(0.15, 1.0, 60)


def psnr(picture, truth):
    """Peak signal-to-noise ratio in dB; f32 [h,w,3] or tensors, 0..1."""
    return float(-10 * np.log10(np.mean((np.asarray(picture, np.float64) - np.asarray(truth, np.float64)) ** 2) + 1e-12))


def ssim(picture, truth):
    """Mean SSIM of RGB, 11x11 Gaussian window with sigma 1.5, valid part (Wang et al. 2004); f32 [h,w,3], 0..1."""
    window = torch.exp(-((torch.arange(11) - 5.0) ** 2) / (2 * 1.5 ** 2))
    window = (window / window.sum()).double()

    def blur(x):
        x = F.conv2d(x, window.view(1, 1, 11, 1))
        return F.conv2d(x, window.view(1, 1, 1, 11))

    a, b = (torch.from_numpy(np.ascontiguousarray(x)).double().permute(2, 0, 1)[:, None] for x in (picture, truth))
    ma, mb = blur(a), blur(b)
    va, vb, cov = blur(a * a) - ma * ma, blur(b * b) - mb * mb, blur(a * b) - ma * mb
    value = (2 * ma * mb + 0.01 ** 2) * (2 * cov + 0.03 ** 2) / ((ma * ma + mb * mb + 0.01 ** 2) * (va + vb + 0.03 ** 2))
    return float(value.mean())


def enhance(model, image):
    """image uint8 [h,w,3] -> f32 [2h,2w,3], 0..1, rounded to 8 bits; edges are repeated up to multiples of 8."""
    height, width = image.shape[:2]
    x = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() / 255
    x = F.pad(x, (0, -width % 8, 0, -height % 8), mode="replicate")
    with torch.no_grad():
        subpixels, _ = model(x, torch.zeros(1, FUSION_SIZE), torch.ones(1))
    enhanced = F.pixel_shuffle(subpixels, 2)[0, :, :2 * height, :2 * width].clamp(0, 1)
    return (enhanced.permute(1, 2, 0) * 255).round().div(255).numpy()


def as_float(picture):
    return picture.astype(np.float32) / 255


def best_of(candidates, answer, dark, truth):
    return max(candidates, key=lambda value: psnr(answer(dark, value), truth))


def gain(dark, value):
    return np.minimum(dark * np.float32(value), 1)


def gamma(dark, value):
    return dark ** np.float32(value)


def fitted(candidates, answer, pairs):
    """The candidate with the highest mean PSNR over the pairs (every fourth pixel is enough to choose)."""
    small = [(as_float(dark[::4, ::4]), as_float(truth[::4, ::4])) for _, truth, dark in pairs]
    return max(candidates, key=lambda value: np.mean([psnr(answer(dark, value), truth) for dark, truth in small]))


def baselines(train_pairs, val_pairs):
    """The trivial answers on the full-size dark pictures -> {name: {value?, psnr, ssim}}."""
    table = {}
    for name, candidates, answer in (("best single gain", GAINS, gain), ("best single gamma", GAMMAS, gamma)):
        value = fitted(candidates, answer, train_pairs)
        scores = [(psnr(a, t), ssim(a, t)) for a, t in ((answer(as_float(d), value), as_float(t)) for _, t, d in val_pairs)]
        table[name] = {"value": round(float(value), 3), **mean_scores(scores)}
    scores = []
    for _, truth, dark in val_pairs:
        dark, truth = as_float(dark), as_float(truth)
        answer = gamma(dark, best_of(GAMMAS, gamma, dark[::4, ::4], truth[::4, ::4]))
        scores.append((psnr(answer, truth), ssim(answer, truth)))
    table["oracle gamma of each picture"] = mean_scores(scores)
    return table


def mean_scores(scores):
    values = np.mean(scores, 0)
    return {"psnr": round(float(values[0]), 3), "ssim": round(float(values[1]), 4)}


def score(model, val_pairs):
    """The model on the halved pictures against the full-size truth -> {psnr, ssim}."""
    answers = ((enhance(model, image), as_float(truth)) for image, truth, _ in val_pairs)
    return mean_scores([(psnr(answer, truth), ssim(answer, truth)) for answer, truth in answers])


def load(checkpoint):
    """The averaged weights of a training checkpoint, ready to run."""
    model = Neid()
    model.load_state_dict(torch.load(checkpoint, map_location="cpu")["average"])
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("NIGHTGLASS_DATA"), required="NIGHTGLASS_DATA" not in os.environ)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--no-baselines", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(2)
    val_pairs = lol_pairs(options.data, "val")
    table = {} if options.no_baselines else baselines(lol_pairs(options.data, "train"), val_pairs)
    table["model"] = score(load(options.checkpoint), val_pairs)
    print(json.dumps(table, indent=2))


if __name__ == "__main__":
    main()
