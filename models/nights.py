"""Synthetic pictures of cameras at night, at dusk, by day and by infrared, made from clean photographs.

A sample is (image, truth, dark), uint8 RGB: the half-size picture as a camera sends it, the full-size picture that the
network is to make of it (the LE decoder's target), and the full-size dark picture without noise (the DR decoder's).
Both sides of the clean picture are multiples of 16. `random` is a numpy Generator. A `Night` is drawn first, and
decides everything: rendering the same one again gives the same pictures.
"""
from typing import NamedTuple

import numpy as np
from PIL import Image

from camera_codec import jpeg
from night_lamps import CELL, draw_lamps, glow, soft_light
from sensor import GRAINS, add_noise, encode, resize, to_bits, tone_curve

PHOTO_GAMMA = 2.2                           # a photograph's code value to light
PHOTO_LIGHT = (np.linspace(0, 1, 256) ** PHOTO_GAMMA).astype(np.float32)
LAMP_IN_TRUTH = to_bits(tone_curve(PHOTO_GAMMA / 0.6))     # a lamp clips in both; its halo is lifted with the rest
CASTS = {"sodium": (1.5, .9, .3), "warm": (1.25, .95, .6), "cold": (.85, 1, 1.25), "mercury": (.8, 1.08, .95),
         "moon": (.75, .95, 1.4)}
INFRARED_LUMA = (0.5, 0.35, 0.15)           # a sensor without its infrared filter sees most in red
LUMA = (.3, .6, .1)
FLAT, FLAT_UNSEEN, FLAT_SEEN = 0.45, 3.0, 5.0   # 8-bit steps: deviation over a neighbourhood that a codec has flattened; its mean
NOTHING, SOMETHING = 0.25, 0.75             # 8-bit steps above black, over a neighbourhood: unseen below, seen above


class Night(NamedTuple):
    """All that makes one sample from one clean picture."""
    mean: float              # of the dark picture 0..255, before lamps: what the exposure is solved for
    gamma: float = 2.2       # the camera's tone curve, and how far it is bent to an S
    contrast: float = 0.0
    black: float = 0.0       # > 0: a pedestal left in, < 0: cut off; shares of the scale
    cast: tuple = (1.0, 1.0, 1.0)
    vignette: float = 0.0    # share of the light lost in the corners
    hot_spot: float = 0.0    # an infrared illuminator: its radius as a share of the width, 0 for none
    lamps: tuple = ()
    electrons: float = 1000.0    # that the photograph's white frees in a green pixel: the fewer, the more noise
    read: float = 2.0        # read noise, electrons
    rows: float = 0.0        # row noise, electrons
    grain: str = "plain"
    honest_black: float = 0.0    # where nothing is to be seen the truth keeps this share of its brightness; 0: keeps all
    quality: int = 0         # of the JPEG codec, 0 for none
    grey: bool = False       # infrared
    seed: int = 0            # of the noise


def log_uniform(random, low, high):
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def draw_cast(random):
    """The colour of the night's light that white balance has left over: three gains of mean about one."""
    light = np.array(random.choice(list(CASTS.values())))
    gains = light ** random.uniform(0, 0.9) * np.exp(random.normal(0, 0.05, 3))
    return tuple(float(g) for g in gains / (gains @ (0.3, 0.6, 0.1)))


def draw_night(random, mean=None):
    """A night: mean 2 to 50 of 255 before lamps (two of three between 4 and 20); the darker, the fewer electrons.

    All are honest about black (`honest_black` 4 to 10 %): so are LOL-v1's pairs, whose truth has a median of 6 of 255 where
    the dark picture shows nothing. One in four of those darker than 10, and half of those that few lamps light among
    darkness, have much of it."""
    if mean is None:
        mean = log_uniform(random, 4, 24) if random.random() < 0.7 else log_uniform(random, 2, 50)
    share = random.random
    lamps = draw_lamps(random) if share() < 0.5 else ()
    contrasty = any(lamp.pool > 60 for lamp in lamps)
    black = random.choice([random.uniform(0, .015), -random.uniform(0, .02)]) if share() < 0.5 else 0.0
    if share() < (1 / 2 if contrasty else 1 / 4 if mean < 10 else 0):
        black = -random.uniform(.005, .03)       # so that there is black to be honest about
    electrons = log_uniform(random, 20, 2000) * min(4, mean / 12) ** 0.7
    return Night(
        mean=mean,
        gamma=random.uniform(1.8, 2.5),
        contrast=random.uniform(0.1, 0.7) if share() < 0.4 else 0.0,
        black=float(black),
        cast=draw_cast(random) if share() < 0.7 else (1.0, 1.0, 1.0),
        vignette=random.uniform(0.1, 0.6) if share() < 0.5 else 0.0,
        lamps=lamps,
        electrons=electrons,
        read=log_uniform(random, 0.7, 4),
        rows=random.uniform(0, 0.6) if share() < 0.3 else 0.0,
        grain=str(random.choice(GRAINS)),
        honest_black=random.uniform(0.04, 0.10),
        quality=int(random.uniform(40, 96)) if share() < 0.5 else 0,
        seed=int(random.integers(1 << 31)))


def draw_lamplit(random):
    """A night of which only what lamps light is to be seen: a road, a quay. Often its black is cut off or has a pedestal."""
    night = draw_night(random, mean=log_uniform(random, 2, 12))
    while not any(lamp.pool > 60 and -0.1 < lamp.x < 1.1 for lamp in night.lamps):
        night = night._replace(lamps=draw_lamps(random))
    return night._replace(black=float(random.uniform(-.02, .012)), vignette=0.0)


def draw_infrared_night(random):
    """An infrared camera's night: a bright middle, dark corners, grey."""
    night = draw_night(random, mean=log_uniform(random, 6, 70))
    return night._replace(cast=(1.0, 1.0, 1.0), lamps=(), vignette=random.uniform(0.2, 0.6),
                          hot_spot=random.uniform(0.2, 0.5) if random.random() < 0.8 else 0.0,
                          electrons=3 * night.electrons, grey=True)


def to_grey(picture):
    """uint8 RGB to grey with infrared's weights, still three channels."""
    grey = sum(picture[:, :, c] * np.float32(INFRARED_LUMA[c]) for c in range(3))
    return np.repeat((grey + 0.5).astype(np.uint8)[:, :, None], 3, 2)


def shade(night, pools):
    """How the light falls: a gain f32 [h/CELL, w/CELL, 3], before the exposure."""
    rows, columns, _ = pools.shape
    v = ((np.arange(rows, dtype=np.float32) + .5) / rows - .5)[:, None] * rows / columns
    u = ((np.arange(columns, dtype=np.float32) + .5) / columns - .5)[None, :]
    far = (u * u + v * v)[:, :, None]
    light = np.array(night.cast, np.float32) + pools
    if night.hot_spot > 0:
        light = light * (0.04 + 1 / (1 + far / night.hot_spot ** 2) ** 2)
    return light * (1 - night.vignette * far / (.25 + .25 * (rows / columns) ** 2))


def solve_exposure(light, curve, mean):
    """The gain that brings light (linear f32, a coarse picture) through the curve to this mean of 0..255."""
    low, high = np.log(1e-6), np.log(20)
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (middle, high) if encode(light * np.float32(np.exp(middle)), curve).mean() < mean else (low, middle)
    return np.float32(np.exp((low + high) / 2))


def fade_unseen(truth, dark, night):
    """Where the dark picture shows nothing over a neighbourhood, its truth fades to dark neutral: asking for a bright
    picture there would teach the network to invent one."""
    height, width = truth.shape[:2]
    # The weakest pixels of a pedestal are its black; without one, black is 0.
    signal = dark.max(2).astype(np.float32) - np.floor(max(0, night.black) * 255 + 0.5)
    cells = neighbourhood(signal.reshape(height // CELL, CELL, width // CELL, CELL).mean((1, 3)))
    return fade(truth, np.clip((SOMETHING - cells) / (SOMETHING - NOTHING), 0, 1), night)


def fade_flattened(truth, image, night):
    """The same where the codec has left nothing: near black, and flat over a neighbourhood.

    `image`: the half-size picture as it was decoded, uint8 [h/2,w/2,3]."""
    side = CELL // 2
    luma = image.astype(np.float32) @ np.float32(LUMA) - np.float32(max(0, night.black) * 255)
    rows, columns = luma.shape[0] // side, luma.shape[1] // side
    cells = luma[:rows * side, :columns * side].reshape(rows, side, columns, side)
    mean, square = neighbourhood(cells.mean((1, 3))), neighbourhood((cells * cells).mean((1, 3)))
    flat = square - mean * mean < FLAT ** 2
    return fade(truth, flat * np.clip((FLAT_SEEN - mean) / (FLAT_SEEN - FLAT_UNSEEN), 0, 1).astype(np.float32), night)


def neighbourhood(cells):
    """The mean over 3x3 cells."""
    padded = np.pad(cells, 1, mode="edge")
    return sum(padded[r:r + cells.shape[0], c:c + cells.shape[1]] for r in range(3) for c in range(3)) / 9


def fade(truth, unseen, night):
    """The truth uint8 [h,w,3], darkened to neutral where it is unseen: f32 0..1, per cell."""
    if not unseen.any():
        return truth
    unseen = resize(unseen, *truth.shape[:2])[:, :, None]
    neutral = (truth @ np.float32(LUMA))[:, :, None] * np.float32(night.honest_black)
    return (truth + unseen * (neutral - truth) + 0.5).astype(np.uint8)


def illuminate(clean, night):
    """A clean picture in this night's light -> (light: linear f32 [h,w,3], its truth, its dark picture, exposure)."""
    height, width = clean.shape[:2]
    clean = to_grey(clean) if night.grey else clean
    curve = tone_curve(night.gamma, night.contrast, night.black)
    pools, veil = soft_light(night.lamps, height, width)
    gain = shade(night, pools)
    coarse = PHOTO_LIGHT[clean[CELL // 2::CELL, CELL // 2::CELL]] * gain
    exposure = solve_exposure(coarse, curve, night.mean)
    light = PHOTO_LIGHT[clean]
    light *= resize(gain * exposure, height, width)
    truth = clean
    if night.lamps:
        lamps = glow(night.lamps, height, width)
        truth = np.maximum(clean, encode(lamps, LAMP_IN_TRUTH))
        light += lamps
        light += resize(veil, height, width)
    dark = encode(light, to_bits(curve))
    if night.honest_black > 0:
        truth = fade_unseen(truth, dark, night)
    return light, truth, dark, exposure


def halve_light(light):
    return (light[::2, ::2] + light[1::2, ::2] + light[::2, 1::2] + light[1::2, 1::2]) * np.float32(0.25)


def photograph(half_light, exposure, night, random):
    """Half-size linear light as this night's camera sends it, before its codec: uint8 [h/2,w/2,3]."""
    if night.grey:
        half_light = half_light[:, :, :1]
    # White balance gains red and blue up, and their noise with them: they freed fewer electrons for the same signal.
    sensitivity = np.array([0.65, 1, 0.55])[:half_light.shape[2]] if not night.grey else 1.0
    electrons = night.electrons / exposure * sensitivity
    noisy = add_noise(half_light, electrons, night.read, night.rows, night.grain, random)
    image = encode(noisy, to_bits(tone_curve(night.gamma, night.contrast, night.black)))
    return np.repeat(image, 3, 2) if night.grey else image


def render(clean, night):
    """A clean picture uint8 [h,w,3] in this night -> sample. Pure: the same night gives the same sample."""
    light, truth, dark, exposure = illuminate(clean, night)
    image = photograph(halve_light(light), exposure, night, np.random.default_rng(night.seed))
    return jpeg(image, night.quality) if night.quality else image, truth, dark


def darken(clean, random):
    """A clean photograph at night -> sample; the dark picture's mean lies between about 2 and 60 of 255."""
    return render(clean, draw_night(random))


def draw_dusk(clean, random):
    """Between night and day: mean 35 to 100, never brighter than the photograph itself."""
    mean = min(random.uniform(35, 100), 0.97 * float(clean.mean()))
    night = draw_night(random, mean)
    return night._replace(lamps=night.lamps if random.random() < 0.3 else (), electrons=10 * night.electrons)


def dusk(clean, random):
    """A clean photograph underexposed -> sample, truth = clean (with its lamps)."""
    return render(clean, draw_dusk(clean, random))


def halve(picture):
    """Half the size, antialiased bicubic: as pictures of pairs are halved."""
    height, width = picture.shape[:2]
    return np.asarray(Image.fromarray(picture).resize((width // 2, height // 2), Image.BICUBIC))


def well_lit(clean, random):
    """A well-lit picture comes out as it went in -> sample: sometimes a little noise, sometimes a codec."""
    image = halve(clean)
    if random.random() < 0.4:
        grain = random.standard_normal(image.shape[:2] + (1,), np.float32) * np.float32(random.uniform(0.5, 3))
        image = np.clip(image + grain + 0.5, 0, 255).astype(np.uint8)
    if random.random() < 0.6:
        image = jpeg(image, random.uniform(50, 95))
    return image, clean, clean


def infrared(clean, random):
    """A grey infrared picture, exactly R = G = B: seven in ten at night, else well lit -> sample."""
    if random.random() < 0.7:
        return render(clean, draw_infrared_night(random))
    return well_lit(to_grey(clean), random)
