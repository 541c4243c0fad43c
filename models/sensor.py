"""A camera's sensor and tone curve: linear light to noise, and to the 8 bits that a camera sends."""
import numpy as np
from PIL import Image

STEPS = 16384            # of a tone curve, evenly spaced over the square root of linear light: fine steps in the dark
GRAINS = ("plain", "mosaic", "denoised")


def resize(field, height, width):
    """A float32 field [h,w] or [h,w,c] drawn large, smoothly."""
    if field.ndim == 2:
        return np.asarray(Image.fromarray(field).resize((width, height), Image.BILINEAR))
    large = [resize(np.ascontiguousarray(field[:, :, c]), height, width) for c in range(field.shape[2])]
    return np.stack(large, 2)


def tone_curve(gamma, contrast=0.0, black=0.0):
    """-> f32 [STEPS], 0..255: a camera's curve. contrast 0..1 bends it to an S; black > 0 is a pedestal left in the
    picture, black < 0 the share of the scale that the camera cuts off."""
    encoded = np.linspace(0, 1, STEPS) ** (2 / gamma)
    encoded += contrast * (encoded * encoded * (3 - 2 * encoded) - encoded)
    encoded = black + (1 - black) * encoded if black > 0 else np.maximum(0, encoded + black) / (1 + black)
    return (encoded * 255).astype(np.float32)


def encode(linear, curve):
    """Linear light f32 through a tone curve [STEPS], in the curve's own type; clips at 0 and 1."""
    index = np.sqrt(np.clip(linear, 0, 1))
    index *= STEPS - 1
    return curve[index.astype(np.uint16)]


def to_bits(curve):
    return (curve + 0.5).astype(np.uint8)


def mosaic(random, height, width):
    """Noise of one variance per photosite of a Bayer mosaic, demosaiced bilinearly: coloured grain [h,w,3]."""
    grain = np.empty((height, width, 3), np.float32)
    for channel in (0, 2):
        sites = random.standard_normal((height // 2 + 1, width // 2 + 1), np.float32)
        rows = np.empty((height, width // 2 + 1), np.float32)
        rows[0::2], rows[1::2] = sites[:-1], (sites[:-1] + sites[1:]) / 2
        grain[:, 0::2, channel], grain[:, 1::2, channel] = rows[:, :-1], (rows[:, :-1] + rows[:, 1:]) / 2
    green = random.standard_normal((height, width), np.float32)
    around = (np.roll(green, 1, 0) + np.roll(green, -1, 0) + np.roll(green, 1, 1) + np.roll(green, -1, 1)) / 4
    green[0::2, 0::2], green[1::2, 1::2] = around[0::2, 0::2], around[1::2, 1::2]
    grain[:, :, 1] = green
    return grain


def soft_luma(random, height, width):
    """Weak grain of two pixels' size [h,w,1]."""
    luma = random.standard_normal((height, width, 1), np.float32)
    return (luma + np.roll(luma, 1, 0) + np.roll(luma, 1, 1) + np.roll(luma, (1, 1), (0, 1))) / 4


def denoised(random, height, width):
    """What a camera's denoiser leaves: soft luma grain, and chroma in coarse blotches [h,w,3]."""
    blotches = random.standard_normal((height // 4, width // 4, 3), np.float32)
    blotches -= blotches.mean(2, keepdims=True)
    return soft_luma(random, height, width) + resize(blotches, height, width) * np.float32(0.7)


def draw_grain(kind, random, height, width, channels=3):
    """Grain [h,w,c] of zero mean; 'plain' has variance one, a demosaicer and a denoiser leave less."""
    if kind == "denoised":
        return soft_luma(random, height, width) if channels == 1 else denoised(random, height, width)
    if channels == 1 or kind == "plain":
        return random.standard_normal((height, width, channels), np.float32)
    return mosaic(random, height, width)


def add_noise(linear, electrons, read, rows, grain, random):
    """Linear light f32 [h,w,c] as a sensor reads it, unclipped.

    electrons: how many linear light 1.0 frees in a pixel, one number or one per channel. A pixel that freed e of them
    has the variance e + read^2 (shot and read noise, in electrons); rows is the deviation of a whole row.
    """
    height, width, channels = linear.shape
    variance = linear * np.float32(1) / np.asarray(electrons, np.float32)
    variance += (np.float32(read) / np.asarray(electrons, np.float32)) ** 2
    noise = draw_grain(grain, random, height, width, channels)
    noise *= np.sqrt(variance, out=variance)
    if rows > 0:
        noise += random.standard_normal((height, 1, 1), np.float32) * np.float32(rows / np.mean(electrons))
    return linear + noise
