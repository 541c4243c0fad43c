"""Writes a tiny data set of self-made pictures, so that all of train.sh can run without any data: DIR must be new.

    /usr/bin/python3 models/self_made.py DIR
"""
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (240, 160)
TRAIN, VAL, PHOTOS, FRAMES = 5, 2, 3, 8


def blocks(random):
    """A picture of coloured blocks or ramps: uint8 [160,240,3]."""
    coarse = random.integers(20, 255, (5, 7, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize(SIZE, random.choice([Image.NEAREST, Image.BICUBIC])))


def main():
    root, random = Path(sys.argv[1]), np.random.default_rng(0)
    for folder in ("lol-v1-train/low", "lol-v1-train/high", "photos/kodak24", "video"):
        (root / folder).mkdir(parents=True)
    ids = list(range(1, TRAIN + VAL + 1))
    for number in ids:
        bright = blocks(random)
        dark = np.clip(bright / random.uniform(6, 14) + random.normal(0, 1, bright.shape), 0, 255).astype(np.uint8)
        Image.fromarray(bright).save(root / f"lol-v1-train/high/{number}.webp", quality=90)
        Image.fromarray(dark).save(root / f"lol-v1-train/low/{number}.webp", lossless=True)
    split = {"train": ids[:TRAIN], "val": ids[TRAIN:], "scenes": [ids[:TRAIN], ids[TRAIN:]]}
    (root / "lol-v1-train/split.json").write_text(json.dumps(split))
    for number in range(PHOTOS):
        Image.fromarray(blocks(random)).save(root / f"photos/kodak24/{number}.webp", quality=90)
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-frames:v", str(FRAMES),
                    "-pix_fmt", "yuv420p", str(root / "video/intel_self_made.mp4")], check=True)


if __name__ == "__main__":
    main()
