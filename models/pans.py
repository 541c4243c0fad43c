"""A camera that turns or shakes over one clean photograph, filmed in H.264: samples that are not only key frames."""
import numpy as np

from camera_codec import draw_recipe, film
from nights import draw_dusk, draw_infrared_night, draw_lamplit, draw_night, fade_flattened, halve_light, illuminate, photograph

MARGIN = 32        # full-size pixels that the camera may leave the photograph by, on every side: mirrored


def draw_path(random, count):
    """Window positions int [count,2], full-size pixels, even, 0..2 MARGIN: a pan with a shake, or a still camera."""
    speed = random.uniform(-5, 5, 2) if random.random() < 0.7 else np.zeros(2)
    shake = random.normal(0, 1.5, (count, 2)) if random.random() < 0.5 else 0
    path = MARGIN + (np.arange(count)[:, None] - count / 2) * speed + shake
    return np.clip(np.round(path / 2).astype(int) * 2, 0, 2 * MARGIN)


def pan(clean, random, count):
    """`count` samples (image, truth, dark) from one film of 8 to 12 frames (more if count is) over a clean picture.

    Light, lamps and exposure belong to the scene and stay; each frame has noise of its own. The window moves by whole
    even pixels, so truth and dark stay aligned with the image."""
    frames = max(count, int(random.integers(8, 13)))
    canvas = np.pad(clean, ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), mode="reflect")
    kind = random.random()
    night = (draw_night(random) if kind < 0.4 else draw_lamplit(random) if kind < 0.7
             else draw_dusk(clean, random) if kind < 0.85 else draw_infrared_night(random))
    light, truth, dark, exposure = illuminate(canvas, night)
    half_light = halve_light(light)
    height, width = clean.shape[:2]
    path = draw_path(random, frames)
    noise = np.random.default_rng(night.seed)
    sent = np.stack([photograph(half_light[y // 2:(y + height) // 2, x // 2:(x + width) // 2], exposure, night, noise)
                     for y, x in path])
    decoded = film(sent, draw_recipe(random))
    if night.grey:
        decoded = np.repeat(decoded[..., 1:2], 3, 3)       # a grey stream's rounding is not colour
    samples = []
    for index in sorted(random.permutation(frames)[:count]):
        y, x = path[index]
        window = np.s_[y:y + height, x:x + width]
        samples.append((decoded[index], fade_flattened(truth[window], decoded[index], night), dark[window]))
    return samples
