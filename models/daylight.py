"""Measures that a camera is shown by day as it is, in grey where it sees by infrared, and follows dusk evenly.

    /usr/bin/python3 models/daylight.py --data DATA_DIR --model base [--json]

Measured is what the page shows of a shipped network: the camera's own picture by day, see docs/decisions/0009.

day       well-lit pictures halved, enhanced, and the answer halved again, against what went in: PSNR, and the largest
          mean shift of a channel; the answer itself against the full-size picture, beside plain bicubic 2x
infrared  grey pictures by day and at night: the saturation (largest minus smallest of R, G, B) of the answer
dusk      one scene in 48 steps of light from night to day, evenly spaced in stops: the mean of the answer at each

Shifts, saturations and means are in 8-bit steps.
"""
import argparse
import json
import os
from pathlib import Path

import numpy as np
from PIL import Image

from artifact import open_artifact
from data import halve
from metrics import psnr
from results import add_record_options, record_if_asked
from steadiness import NIGHT_MEAN, SEED, clip_frames, clips, exposure_for, night, table

DUSK_STEPS, DUSK_MEAN = 48, 5.0
LEVEL_AT_NIGHT, LEVEL_BY_DAY = 0.18, 0.36     # shaders/pixel-shuffle.reference.ts, restated
LUMA = (0.299, 0.587, 0.114)
DAY_COLUMNS = ("day", "pictures", "psnr", "worst_psnr", "colour_shift", "full_size_psnr", "bicubic_psnr")
INFRARED_COLUMNS = ("infrared", "pictures", "largest_saturation", "mean_saturation")


def bicubic(picture):
    """Twice the size, PIL's bicubic."""
    height, width = picture.shape[:2]
    return np.asarray(Image.fromarray(picture).resize((2 * width, 2 * height), Image.BICUBIC))


class AsShown:
    """What a viewer sees of a network: its answer, as far as it is night."""

    def __init__(self, artifact):
        self.artifact = artifact

    def enhance(self, picture):
        """uint8 [h,w,3] -> (uint8 [2h,2w,3], fusion [1,K])."""
        answer, fusion = self.artifact.enhance(picture)
        share = np.clip((LEVEL_BY_DAY - picture.mean() / 255) / (LEVEL_BY_DAY - LEVEL_AT_NIGHT), 0, 1)
        return (share * answer + (1 - share) * bicubic(picture) + 0.5).astype(np.uint8), fusion


def decibels(a, b):
    return psnr(a / np.float32(255), b / np.float32(255))


def opened(path):
    """A picture file -> uint8 [h,w,3], sides even. ValueError names a file that is none."""
    try:
        picture = np.asarray(Image.open(path).convert("RGB"))
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or 'no picture that can be read'}") from None
    return picture[:picture.shape[0] // 2 * 2, :picture.shape[1] // 2 * 2]


def photographs(data_dir):
    """DATA_DIR/photos/kodak24: a list of pictures."""
    folder = Path(data_dir) / "photos" / "kodak24"
    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in (".png", ".webp", ".jpg"))
    if not paths:
        raise ValueError(f"{folder}: expected photographs")
    return [opened(path) for path in paths]


def bright_pictures(data_dir):
    """The bright pictures of the `val` split."""
    root = Path(data_dir) / "lol-v1-train"
    try:
        names = json.loads((root / "split.json").read_text())["val"]
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{root / 'split.json'}: expected a split with `val`, but {type(error).__name__}") from None
    return [opened(root / "high" / f"{name}.webp") for name in names]


def day_scores(artifact, picture):
    """One well-lit picture, uint8 [2h,2w,3] -> the day table's figures."""
    image = halve(picture)
    answer, _ = artifact.enhance(image)
    again = halve(answer)
    shift = np.abs((again.astype(np.float32) - image).mean((0, 1))).max()
    return decibels(again, image), shift, decibels(answer, picture), decibels(bicubic(image), picture)


def day(artifact, sets):
    """{name: pictures} -> a row for each set, and one for all."""
    rows, everything = [], []
    for name, pictures in sets.items():
        scores = [day_scores(artifact, picture) for picture in pictures]
        everything += scores
        rows.append(day_row(name, scores))
    return [*rows, day_row("all", everything)]


def day_row(name, scores):
    means = np.mean(scores, 0)
    worst = min(score[0] for score in scores)
    return dict(zip(DAY_COLUMNS, (name, str(len(scores)), means[0], worst, *means[1:])))


def grey(picture):
    """The luma in all three channels, as a camera without its infrared filter sends it."""
    luma = (picture @ np.array(LUMA, np.float32) + 0.5).astype(np.uint8)
    return luma[:, :, None].repeat(3, 2)


def grey_night(picture, random):
    """A grey picture in little light, its noise grey too -> uint8 [h,w,3]."""
    dark = night(picture, exposure_for(picture, NIGHT_MEAN), random)
    return dark[:, :, 1:2].repeat(3, 2)


def saturation(answer):
    values = answer.astype(np.int16)
    return values.max(2) - values.min(2)


def infrared(artifact, pictures):
    random = np.random.default_rng(SEED)
    greys = [grey(picture) for picture in pictures]
    rows = []
    for name, images in (("day", map(halve, greys)), ("night", (grey_night(picture, random) for picture in greys))):
        found = [saturation(artifact.enhance(image)[0]) for image in images]
        largest, mean = max(int(s.max()) for s in found), np.mean([s.mean() for s in found])
        rows.append(dict(zip(INFRARED_COLUMNS, (name, str(len(found)), float(largest), mean))))
    return rows


def dusk(artifact, picture):
    """One scene from night to full daylight -> means of what went in and of the answers, and how they climb."""
    random = np.random.default_rng(SEED)
    exposures = np.geomspace(exposure_for(picture, DUSK_MEAN), 1, DUSK_STEPS)
    images = [night(picture, exposure, random) for exposure in exposures]
    answers = [float(artifact.enhance(image)[0].mean()) for image in images]
    steps = np.diff(answers)
    return {
        "stops_per_step": float(np.log2(exposures[1] / exposures[0])),
        "inputs": [float(image.mean()) for image in images],
        "outputs": answers,
        "largest_step_up": float(max(0, steps.max())),
        "largest_step_down": float(max(0, -steps.min())),
        "monotone": bool((steps >= 0).all()),
    }


def dusk_table(found):
    """The 48 steps, eight to a line."""
    pairs = [f"{i:5.1f}→{o:5.1f}" for i, o in zip(found["inputs"], found["outputs"])]
    lines = ["  ".join(pairs[start:start + 8]) for start in range(0, len(pairs), 8)]
    summary = (f"dusk, mean in → mean out, {found['stops_per_step']:.2f} stops a step: largest step up "
               f"{found['largest_step_up']:.1f}, down {found['largest_step_down']:.1f}, "
               f"{'monotone' if found['monotone'] else 'not monotone'}")
    return "\n".join([summary, "", *lines])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("NIGHTGLASS_DATA"), required="NIGHTGLASS_DATA" not in os.environ)
    parser.add_argument("--model", default="base", help="a folder, or the name of one in models/artifacts")
    parser.add_argument("--json", action="store_true")
    add_record_options(parser)
    options = parser.parse_args()
    try:
        artifact = AsShown(open_artifact(options.model))
        photos = photographs(options.data)
        frames = [clip_frames(path, 1)[0][0] for path in clips(options.data)]
        bright = bright_pictures(options.data)
    except ValueError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    rows = day(artifact, {"kodak24": photos, "val, bright": bright, "clips": frames})
    grey_rows, steps = infrared(artifact, photos), dusk(artifact, frames[0])
    found = {"day": rows, "infrared": grey_rows, "dusk": steps}
    record_if_asked(options, found)
    if options.json:
        print(json.dumps(found, indent=2, default=float))
    else:
        print(table(rows, DAY_COLUMNS), table(grey_rows, INFRARED_COLUMNS), dusk_table(steps), sep="\n\n")


if __name__ == "__main__":
    main()
