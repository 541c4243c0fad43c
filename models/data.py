"""Training and validation pictures: LOL-v1 pairs, synthetic nights made from clean photographs, and well-lit pictures.

Everything is decoded once into uint8 arrays in memory. A sample is (image, truth, dark): the half-size dark input, the
full-size bright truth (LE target) and the full-size dark picture (DR target), uint8 RGB, height x width x 3.
"""
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

INPUT_WIDTH, INPUT_HEIGHT = 300, 200       # half of LOL's 600x400
SHARE_SYNTHETIC, SHARE_WELL_LIT = 0.28, 0.08
SHARE_SMALL = 0.4      # of the batches are at half scale: Feature Fusing must judge a small picture like a large one
POOL_SIZE = 360


def read_rgb(path):
    return np.asarray(Image.open(path).convert("RGB"))


def halve(picture):
    """Half the size, PIL's antialiased bicubic."""
    height, width = picture.shape[:2]
    return np.asarray(Image.fromarray(picture).resize((width // 2, height // 2), Image.BICUBIC))


def recompress(picture, quality):
    """A JPEG round trip with 4:2:0 chroma: a fast stand-in for a camera's H.264 blocks and chroma blotches."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=int(quality))
    return np.asarray(Image.open(file))


def lol_pairs(data_dir, split):
    """LOL-v1 pairs of a split ('train', 'val' or 'all') of split.json: a list of (image, truth, dark)."""
    root = Path(data_dir) / "lol-v1-train"
    ids = json.loads((root / "split.json").read_text())
    names = ids["train"] + ids["val"] if split == "all" else ids[split]

    def load(name):
        dark = read_rgb(root / "low" / f"{name}.webp")
        return halve(dark), read_rgb(root / "high" / f"{name}.webp"), dark

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(load, sorted(names)))


def photographs(data_dir):
    """Clean photographs, each cut or resized to 600x400 (large ones give a whole view and a native-scale cut)."""
    size = (2 * INPUT_WIDTH, 2 * INPUT_HEIGHT)
    clean = []
    for path in sorted((Path(data_dir) / "photos").glob("*/*")):
        photo = Image.open(path).convert("RGB")
        if photo.height > photo.width:
            photo = photo.rotate(90, expand=True)
        scale = max(size[0] / photo.width, size[1] / photo.height)
        whole = photo.resize((max(size[0], round(photo.width * scale)), max(size[1], round(photo.height * scale))), Image.BICUBIC)
        clean.append(np.asarray(whole.crop((0, 0, *size))))
        if photo.width > size[0] and photo.height > size[1]:
            left, top = (photo.width - size[0]) // 2, (photo.height - size[1]) // 2
            clean.append(np.asarray(photo.crop((left, top, left + size[0], top + size[1]))))
    return clean


def self_made_pictures(count, seed=0):
    """Pictures of coloured blocks and ramps, for running the code without any data."""
    random = np.random.default_rng(seed)
    pictures = []
    for _ in range(count):
        coarse = random.integers(20, 255, (5, 7, 3), dtype=np.uint8)
        size = (2 * INPUT_WIDTH, 2 * INPUT_HEIGHT)
        pictures.append(np.asarray(Image.fromarray(coarse).resize(size, random.choice([Image.NEAREST, Image.BICUBIC]))))
    return pictures


def add_lamps(picture, random):
    """Small bright blobs with a halo, light that clips in the dark picture and the bright one alike: f32 [h,w,3], 0..1."""
    height, width = picture.shape[:2]
    lamps = np.zeros((height, width, 3), np.float32)
    for _ in range(random.integers(1, 9)):
        radius = random.uniform(1.5, 9)
        reach = int(radius * 5)
        x, y = random.integers(0, width), random.integers(0, height)
        top, left = max(0, y - reach), max(0, x - reach)
        rows, columns = np.mgrid[top:min(height, y + reach), left:min(width, x + reach)].astype(np.float32)
        distance = ((rows - y) ** 2 + (columns - x) ** 2) / radius ** 2
        glow = np.minimum(1, 1.4 / (1 + distance ** 2))[:, :, None] - 1.4 / 626
        colour = np.array([1, random.uniform(0.7, 1), random.uniform(0.35, 1)], np.float32)
        patch = lamps[top:top + rows.shape[0], left:left + rows.shape[1]]
        np.maximum(patch, glow * colour, out=patch)
    return lamps


def darken(clean, random):
    """A clean photograph (uint8 600x400) at night -> (image, truth, dark): exposure, cast, lamps, noise, codec."""
    gamma = random.uniform(1.9, 2.5)
    truth, lamps = clean, None
    if random.random() < 0.5:
        lamps = add_lamps(clean, random)
        truth = np.maximum(clean, np.round(lamps * 255).astype(np.uint8))
    mean = random.uniform(5, 40) if random.random() < 0.6 else random.uniform(5, 18)
    exposure = min(0.7, (mean / max(20.0, clean.mean())) ** gamma)
    cast = random.uniform(0.8, 1.25, 3) if random.random() < 0.6 else np.ones(3)
    levels = np.linspace(0, 1, 256)
    black = random.uniform(0, 0.004) if random.random() < 0.3 else 0.0
    linear = np.stack([exposure * cast[c] * levels ** gamma + black ** gamma for c in range(3)], 1).astype(np.float32)
    dark_linear = np.stack([linear[:, c][clean[:, :, c]] for c in range(3)], 2)
    if lamps is not None:
        dark_linear = np.maximum(dark_linear, lamps ** gamma)
    half = dark_linear.reshape(INPUT_HEIGHT, 2, INPUT_WIDTH, 2, 3).mean((1, 3))
    shot = exposure * random.uniform(0, 0.05)
    read = exposure * random.uniform(0, 0.04)
    noise = random.standard_normal(half.shape, np.float32)
    if random.random() < 0.4:                                             # a denoiser or a scaler leaves coarse grain
        noise = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, (1, 1), (0, 1))) / 2
    half = half + noise * np.sqrt(shot * half + read ** 2)
    encoded = np.clip(half, 0, 1) ** np.float32(1 / gamma)
    image = (encoded * 255 + 0.5).astype(np.uint8)
    if random.random() < 0.75:
        image = recompress(image, random.uniform(30, 92))
    dark = (np.minimum(dark_linear, 1) ** np.float32(1 / gamma) * 255 + 0.5).astype(np.uint8)
    return image, truth, dark


def planes(image, truth, dark):
    """Planar copies to cut batches from: image [3,h,w]; truth and dark [3,2,2,h,w], split into sub-pixels (CRD order)."""
    def split(picture):
        height, width = picture.shape[0] // 2, picture.shape[1] // 2
        return np.ascontiguousarray(picture.reshape(height, 2, width, 2, 3).transpose(4, 1, 3, 0, 2))
    return np.ascontiguousarray(image.transpose(2, 0, 1)), split(truth), split(dark)


def small(image, truth, dark):
    """Planar batches at half their scale, heights and widths still multiples of 8."""
    n, _, height, width = image.shape
    height, width = height // 16 * 16, width // 16 * 16

    def cells(picture):
        """[n,3,h,w] -> [n,3,4,h/2,w/2]: each 2x2 cell's pixels side by side."""
        split = picture[:, :, :height, :width].reshape(n, 3, height // 2, 2, width // 2, 2)
        return split.transpose(0, 1, 3, 5, 2, 4).reshape(n, 3, 4, height // 2, width // 2)

    def mean(picture):
        return ((picture.sum(2, dtype=np.uint16) + 2) // 4).astype(np.uint8)

    return [mean(cells(image)), *(np.ascontiguousarray(cells(mean(picture))) for picture in (truth, dark))]


class Pictures:
    """The training set: draws batches, and renews one synthetic and one well-lit picture per call of `renew`."""

    def __init__(self, pairs, photos, seed):
        self.random = np.random.default_rng(seed)
        self.photos, self.pairs = photos, pairs
        self.planar_pairs = [planes(*pair) for pair in pairs]
        size = POOL_SIZE if len(pairs) > 50 else 12
        self.nights = [self.night() for _ in range(size)]
        self.days = [self.day() for _ in range(size // 6)]
        self.renewed = 0

    def clean_picture(self):
        if self.random.random() < 0.6:
            return self.photos[self.random.integers(len(self.photos))]
        return self.pairs[self.random.integers(len(self.pairs))][1]

    def night(self):
        """One synthetic pair: mostly a darkened photograph, sometimes a LOL pair that went through a codec."""
        if self.random.random() < 0.85:
            return planes(*darken(self.clean_picture(), self.random))
        image, truth, dark = self.pairs[self.random.integers(len(self.pairs))]
        return planes(recompress(image, self.random.uniform(40, 95)), truth, dark)

    def day(self):
        """A well-lit picture is to come out as it went in."""
        clean = self.clean_picture()
        image = halve(clean)
        return planes(recompress(image, self.random.uniform(50, 95)) if self.random.random() < 0.5 else image, clean, clean)

    def renew(self):
        self.nights[self.renewed % len(self.nights)] = self.night()
        if self.renewed % 6 == 0:
            self.days[self.renewed // 6 % len(self.days)] = self.day()
        self.renewed += 1

    def draw(self):
        kind = self.random.random()
        if kind < SHARE_SYNTHETIC:
            source = self.nights
        else:
            source = self.days if kind < SHARE_SYNTHETIC + SHARE_WELL_LIT else self.planar_pairs
        return source[self.random.integers(len(source))]

    def batch(self, size):
        """-> image [n,3,h,w], truth and dark [n,3,4,h,w] (sub-pixels), uint8; some at half scale."""
        width, height = INPUT_WIDTH // 8 * 8, INPUT_HEIGHT // 8 * 8
        if self.random.random() < 0.4:
            width, height = width - 8 * self.random.integers(0, 12), height - 8 * self.random.integers(0, 9)
        cuts = []
        at_half_scale = self.random.random() < SHARE_SMALL
        for _ in range(2 * size if at_half_scale else size):
            x, y = self.random.integers(0, INPUT_WIDTH - width + 1), self.random.integers(0, INPUT_HEIGHT - height + 1)
            flip = (slice(None, None, self.random.choice([1, -1])), slice(None, None, self.random.choice([1, -1])))
            image, *large = (a[..., y:y + height, x:x + width][(..., *flip)] for a in self.draw())
            cuts.append((image, *(a[(slice(None), *flip)].reshape(3, 4, height, width) for a in large)))
        arrays = [np.stack(arrays) for arrays in zip(*cuts)]
        return small(*arrays) if at_half_scale else arrays
