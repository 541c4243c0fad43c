"""Lamps of a night: what shines by itself and clips, and the light that it throws on what is around it."""
from typing import NamedTuple

import numpy as np

WARM, SODIUM, WHITE, COLD, RED, GREEN = (1, .8, .5), (1, .6, .2), (1, .96, .88), (.85, .95, 1), (1, .1, .06), (.3, 1, .5)
CELL = 8        # pixels: soft light is drawn on a grid this coarse


class Lamp(NamedTuple):
    """Positions and radii are shares of the picture's width (x, radii) and height (y)."""
    x: float
    y: float
    radius: float
    stretch: float         # its width through its height
    square: bool           # a window or a strip light, not a round lamp
    power: float           # linear light at its middle: above 1 it clips
    colour: tuple
    pool: float            # how much brighter than the night it makes its surroundings, 0 for none
    pool_radius: float
    pool_y: float


def draw_lamps(random):
    """A handful of groups: street lamps, pairs of headlights or tail lights, windows, strip lights, a lamp out of view."""
    lamps = []
    for _ in range(random.integers(1, 5)):
        kind = random.choice(["street", "street", "headlights", "tail", "windows", "strip", "unseen"])
        x, y = random.uniform(0, 1), random.uniform(0.05, 0.95)
        strength = float(np.exp(random.uniform(np.log(3), np.log(400))))
        colour = [WARM, SODIUM, WHITE, COLD][random.integers(4)]
        radius = random.uniform(0.002, 0.012)
        if kind == "street":
            power = np.exp(random.uniform(0, 3))
            pool = strength if random.random() < 0.6 else 0
            lamps.append(Lamp(x, y, radius, random.uniform(.8, 1.4), False, power, colour, pool, random.uniform(.1, .4), y + .2))
        elif kind in ("headlights", "tail"):
            apart, power = radius * random.uniform(3, 12), np.exp(random.uniform(0, 4 if kind == "headlights" else 2))
            colour, cone = (RED, strength / 6) if kind == "tail" else (WHITE, strength)
            for side, pool in ((-.5, cone), (.5, 0)):
                lamps.append(Lamp(x + side * apart, y, radius, random.uniform(1, 1.5), False, power, colour, pool,
                                  random.uniform(.1, .35), y + .2))
        elif kind == "windows":
            wide, power = random.uniform(.006, .035), np.exp(random.uniform(-3, .5))
            stretch = random.uniform(.4, 1.6)
            for column, row in random.integers(0, 5, (random.integers(1, 7), 2)):
                lamps.append(Lamp(x + column * wide * 3, y + row * wide * 4 / stretch, wide, stretch, True,
                                  power * random.uniform(.3, 1), colour, 0, 0, 0))
        elif kind == "strip":
            colour = [WARM, WHITE, COLD, RED, GREEN][random.integers(5)]
            lamps.append(Lamp(x, y, random.uniform(.02, .08), random.uniform(6, 20), True, np.exp(random.uniform(-1, 1.5)),
                              colour, strength / 4, .25, y))
        else:
            lamps.append(Lamp(x, y, 0, 1, False, 0, colour, strength, random.uniform(.15, .6), y))
    return tuple(lamps)


def glow(lamps, height, width):
    """What the lamps themselves send: linear f32 [h,w,3], above 1 where they clip; falls off as 1/(1+r^4)."""
    light = np.zeros((height, width, 3), np.float32)
    for lamp in lamps:
        if lamp.power <= 0:
            continue
        across, down = max(lamp.radius * width, 0.7), max(lamp.radius * width / lamp.stretch, 0.7)
        reach = 1.7 if lamp.square else (lamp.power * 400) ** 0.25
        x, y = int(lamp.x * width), int(lamp.y * height)
        top, bottom = max(0, int(y - reach * down)), min(height, int(y + reach * down) + 1)
        left, right = max(0, int(x - reach * across)), min(width, int(x + reach * across) + 1)
        if top >= bottom or left >= right:
            continue
        u = ((np.arange(left, right, dtype=np.float32) - x) / across)[None, :] ** 2
        v = ((np.arange(top, bottom, dtype=np.float32) - y) / down)[:, None] ** 2
        shape = 1 / (1 + (u ** 8 + v ** 8 if lamp.square else (u + v) ** 2)) - 1 / (1 + reach ** (16 if lamp.square else 4))
        patch = light[top:bottom, left:right]
        patch += np.maximum(0, shape * lamp.power)[:, :, None] * np.array(lamp.colour, np.float32)
    return light


def soft_light(lamps, height, width):
    """-> (pools, veil), linear f32 [h/CELL, w/CELL, 3]: light on the surroundings, a gain to add to the night's one;
    and stray light in the lens, to add to the picture."""
    rows = (np.arange(height // CELL, dtype=np.float32)[:, None] + .5) * CELL
    columns = (np.arange(width // CELL, dtype=np.float32)[None, :] + .5) * CELL
    pools, veil = np.zeros((2, height // CELL, width // CELL, 3), np.float32)
    for lamp in lamps:
        colour = np.array(lamp.colour, np.float32)
        if lamp.pool > 0:
            radius = lamp.pool_radius * width
            far = ((columns - lamp.x * width) / radius) ** 2 + ((rows - lamp.pool_y * height) / (radius * .6)) ** 2
            pools += (lamp.pool / (1 + far) ** 2)[:, :, None] * colour
        if lamp.power > 1:
            radius = 8 * width * min(lamp.radius / lamp.stretch, 0.012)
            far = ((columns - lamp.x * width) ** 2 + (rows - lamp.y * height) ** 2) / radius ** 2
            veil += (min(lamp.power, 20) * .002 / (1 + far) ** 1.5)[:, :, None] * colour
    return pools, veil
