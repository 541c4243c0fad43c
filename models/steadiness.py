"""Measures how steadily a shipped network enhances a dark clip, beside the best fixed exposure of the same dark frames.

    /usr/bin/python3 models/steadiness.py --data DATA_DIR --model base [--json]

Daylight clips (DATA_DIR/video/intel_*.mp4) are darkened frame by frame with one exposure and new sensor noise in every
frame, enhanced frame by frame, and compared with the same frames of the clean clip. `wobbling` lets the light swing by a
few per cent, as lamps on mains current do. All figures are in 8-bit steps (MABD and AB(Var) in their squares):

  AB(Var)   variance over time of (mean of the output - mean of the clean frame)
  MABD      mean squared difference of the two clips' mean absolute differences between successive frames
  flicker   where the clean clip is still: the deviation over time of a pixel (root mean square), and of the region's mean
"""
import argparse
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from artifact import open_artifact
from metrics import psnr
from results import add_record_options, record_if_asked

FRAMES, WIDTH, HEIGHT, CROPPED_HEIGHT = 60, 640, 360, 352      # computed at 320x176: half of it, multiples of 8
GAMMA = 2.2
NIGHT_MEAN = 12.0                    # 8-bit mean of the darkened clip
SHOT, READ = 3e-5, 4e-5              # a sensor's noise in linear light: variance SHOT * light + READ^2, at any exposure
WOBBLE, WOBBLE_FRAMES = 0.04, 7.3    # the light's swing, and its beat with the frame rate
STILL = 2.0                          # a pixel is still where the clean clip deviates by no more than this over time
SEED = 20261121
COLUMNS = ("clip", "light", "output", "psnr", "ab_var", "mabd", "flicker", "flicker_of_mean")


def clip_frames(path, count=FRAMES):
    """The first frames of a clip -> (uint8 [count,352,640,3], frames per second). ValueError names a clip that is none."""
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=r_frame_rate", "-of", "csv=p=0", path]
    scale = f"scale={WIDTH}:{HEIGHT}:flags=area,crop={WIDTH}:{CROPPED_HEIGHT}"
    raw = ["-frames:v", str(count), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    decode = ["ffmpeg", "-v", "error", "-i", path, "-vf", scale, *raw]
    rate, pixels = (subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL) for command in (probe, decode))
    if rate.returncode != 0 or pixels.returncode != 0:
        reason = (rate.stderr or pixels.stderr).decode(errors="replace").strip().splitlines() or ["unreadable"]
        raise ValueError(f"{path}: {reason[-1].removeprefix(f'{path}: ')}")
    frames = np.frombuffer(pixels.stdout, np.uint8).reshape(-1, CROPPED_HEIGHT, WIDTH, 3)
    if len(frames) < count:
        raise ValueError(f"{path}: expected {count} frames, found {len(frames)}")
    above, below = rate.stdout.decode().strip().split("/")
    return frames, int(above) / int(below)


def exposure_for(frames, mean):
    """The share of light at which a picture or clip of 8-bit values comes out with this 8-bit mean."""
    return (mean / frames.mean()) ** GAMMA


def night(picture, exposure, random):
    """A clean picture (uint8 [2h,2w,3]) as a camera of half the size sees it in little light -> uint8 [h,w,3]."""
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    linear = ((np.arange(256) / 255) ** GAMMA).astype(np.float32)[picture[:2 * height, :2 * width]]
    light = exposure * linear.reshape(height, 2, width, 2, 3).mean((1, 3))
    light = light + random.standard_normal(light.shape, np.float32) * np.sqrt(SHOT * light + READ ** 2)
    return (np.clip(light, 0, 1) ** (1 / GAMMA) * 255 + 0.5).astype(np.uint8)


def fusion_mix(level_before, level, seconds):
    """The share a frame has in its own decisions: client/enhance/fusion-mix.ts, restated. Levels are means, 0..1."""
    share, frame, cut, floor = 0.15, 0.04, 1.5, 0.012
    if level_before is None or abs(np.log2((level + floor) / (level_before + floor))) > np.log2(cut):
        return 1.0
    return 1 - (1 - share) ** (seconds / frame)


def enhance_clip(artifact, frames, seconds, smoothed):
    """Dark frames uint8 [t,h,w,3] -> uint8 [t,2h,2w,3]; each frame alone, or with the client's smoothing."""
    outputs, fusion, before = [], None, None
    for frame in frames:
        level = frame.mean() / 255
        mix = fusion_mix(before, level, seconds) if smoothed else 1.0
        output, fusion = artifact.enhance(frame, fusion, mix)
        outputs.append(output)
        before = level
    return np.stack(outputs)


def ideal_exposure(frames, truths):
    """One gain and one gamma for the whole clip, fitted to the truth -> (uint8 [t,2h,2w,3], gain, gamma)."""
    t, height, width = frames.shape[:3]
    dark = frames[:, ::4, ::4].astype(np.float32) / 255
    truth = truths.reshape(t, height, 2, width, 2, 3)[:, ::4, :, ::4].mean((2, 4), dtype=np.float32) / 255
    fits = []
    for gamma in np.linspace(0.2, 1.2, 51):
        bent = dark ** np.float32(gamma)
        gain = (bent * truth).sum(dtype=np.float64) / (bent * bent).sum(dtype=np.float64)
        fits.append((np.square(np.minimum(gain * bent, 1) - truth).mean(), gain, gamma))
    _, gain, gamma = min(fits)
    curve = np.minimum(gain * (np.arange(256) / 255) ** gamma, 1).astype(np.float32)
    outputs = []
    for frame in frames:
        small = torch.from_numpy(curve[frame]).permute(2, 0, 1)[None]
        large = F.interpolate(small, scale_factor=2.0, mode="bicubic", align_corners=False)[0].clamp(0, 1)
        outputs.append((large.permute(1, 2, 0) * 255).round().byte().numpy())
    return np.stack(outputs), gain, gamma


def deviation(frames):
    """The variance over time of every value: uint8 [t,h,w,3] -> f32 [h,w,3]."""
    return frames.astype(np.float32).var(0)


def figures(outputs, truths, still):
    """The table's figures of one output, uint8 [t,h,w,3], against the clean frames; `still` [h,w] marks the still region."""
    def successive(frames):
        return np.array([np.abs(b.astype(np.int16) - a).mean() for a, b in zip(frames, frames[1:])])

    brightness = np.array([o.mean() - t.mean() for o, t in zip(outputs, truths)])
    region = np.array([frame[still].mean() for frame in outputs])
    return {
        "psnr": np.mean([psnr(o / 255, t / 255) for o, t in zip(outputs[::6], truths[::6])]),
        "ab_var": brightness.var(),
        "mabd": np.square(successive(outputs) - successive(truths)).mean(),
        "flicker": np.sqrt(deviation(outputs)[still].mean()),
        "flicker_of_mean": region.std(),
    }


def measure(artifact, name, truths, rate):
    """A clean clip, uint8 [t,2h,2w,3] -> the table's rows."""
    still = deviation(truths).max(2) <= STILL ** 2
    exposure = exposure_for(truths, NIGHT_MEAN)
    itself = {**figures(truths, truths, still), "psnr": None}
    rows = [{"clip": name, "light": "clean", "output": f"the clip itself, {still.mean():.0%} still", **itself}]
    for light, swing in (("steady", 0.0), ("wobbling", WOBBLE)):
        random = np.random.default_rng(SEED)
        swings = 1 + swing * np.sin(2 * np.pi * np.arange(len(truths)) / WOBBLE_FRAMES)
        frames = np.stack([night(truth, exposure * s, random) for truth, s in zip(truths, swings)])
        ideal, gain, gamma = ideal_exposure(frames, truths)
        outputs = {f"ideal exposure ({gain:.2f} x^{gamma:.2f})": ideal}
        for output, smoothed in (("each frame alone", False), ("smoothed", True)):
            outputs[output] = enhance_clip(artifact, frames, 1 / rate, smoothed)
        rows += [{"clip": name, "light": light, "output": o, **figures(f, truths, still)} for o, f in outputs.items()]
    return rows


def table(rows, columns):
    """Rows of {column: text, number or None} as a Markdown table."""
    def cell(value):
        return value if isinstance(value, str) else "–" if value is None else f"{value:.2f}"

    lines = [columns, ["---"] * len(columns), *([cell(row[column]) for column in columns] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def clips(data_dir):
    paths = sorted(Path(data_dir).glob("video/intel_*.mp4"))
    if not paths:
        raise ValueError(f"{Path(data_dir) / 'video'}: expected clips named intel_*.mp4")
    return paths


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("NIGHTGLASS_DATA"), required="NIGHTGLASS_DATA" not in os.environ)
    parser.add_argument("--model", default="base", help="a folder, or the name of one in models/artifacts")
    parser.add_argument("--frames", type=int, default=FRAMES, help="of each clip")
    parser.add_argument("--json", action="store_true")
    add_record_options(parser)
    options = parser.parse_args()
    try:
        artifact = open_artifact(options.model)
        rows = [row for path in clips(options.data) for row in measure(artifact, path.stem, *clip_frames(path, options.frames))]
    except ValueError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    record_if_asked(options, rows)
    print(json.dumps(rows, indent=2, default=float) if options.json else table(rows, COLUMNS))


if __name__ == "__main__":
    main()
