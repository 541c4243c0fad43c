"""Training and validation pictures: LOL-v1 pairs, synthetic nights made from clean photographs, and well-lit pictures.

Everything is decoded once into uint8 arrays in memory. A sample is (image, truth, dark): the half-size dark input, the
full-size bright truth (LE target) and the full-size dark picture (DR target), uint8 RGB, height x width x 3.
"""
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from camera_codec import jpeg
from nights import darken, dusk, halve, infrared, well_lit
from pans import pan

FULL_SIZE = (600, 400)     # LOL's width and height
TRAINED_ON, MEASURED_ON = ("train", "rehearsal", "all", "none"), ("val", "left-out")     # splits of split.json
SHARE_SYNTHETIC, SHARE_WELL_LIT = 0.24, 0.08     # by day the camera's own picture is shown: dusk is what is left of it
POOL_SIZE, DAYS = 360, 5   # synthetic nights held at a time, and how many of them come on one well-lit picture
EXPOSURE_SPREAD = 0.4     # of the logarithm of a LOL pair's exposure
FILM = 8                  # samples of one film: starting the encoder costs more than they do
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


class DataError(Exception):
    """Pictures that can't be trained on or measured with; one line with the file's name."""


def read_rgb(path):
    """A picture file -> uint8 [h,w,3]."""
    try:
        return np.asarray(Image.open(path).convert("RGB"))
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such picture") from None
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(f"{path}: not a picture that can be read ({error})") from None


def split_names(ids, split):
    """The ids of a split. `ids` is split.json: `train` and `val` share no scene; `scenes` are lists of ids, one per scene.

    LOL-v1's own test pictures are not scene-disjoint: 14 of 15 have a twin in training. So there is a rehearsal of it:
    'left-out' is the first picture of each scene of `val` that has several there, 'rehearsal' is all the others.
    """
    everything = ids["train"] + ids["val"]
    if split in ("train", "val"):
        return ids[split]
    if split == "all":
        return everything
    seen = [sorted(set(scene) & set(ids["val"])) for scene in ids["scenes"]]
    left_out = {twins[0] for twins in seen if len(twins) > 1}
    return [name for name in everything if (name in left_out) == (split == "left-out")]


def lol_pairs(data_dir, split):
    """LOL-v1 pairs of a split, TRAINED_ON or MEASURED_ON: a list of (image, truth, dark); empty for 'none'."""
    if split == "none":
        return []
    root = Path(data_dir) / "lol-v1-train"
    try:
        ids = json.loads((root / "split.json").read_text())
        names = split_names(ids, split)
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{root / 'split.json'}: expected lists of ids named train, val and scenes ({error})") from None
    if not names:
        raise DataError(f"{root / 'split.json'}: there is no pair in {split}")

    def load(name):
        dark, truth = read_rgb(root / "low" / f"{name}.webp"), read_rgb(root / "high" / f"{name}.webp")
        if dark.shape != truth.shape:
            raise DataError(f"{root / 'low' / f'{name}.webp'}: {dark.shape[1]}x{dark.shape[0]}, but its truth is "
                            f"{truth.shape[1]}x{truth.shape[0]}")
        return halve(dark), truth, dark

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(load, sorted(names)))


def picture_size(pairs):
    """(width, height) of the pairs' truths; photographs are brought to it."""
    return pairs[0][1].shape[1::-1] if pairs else FULL_SIZE


def photographs(data_dir, folders=(), size=FULL_SIZE):
    """Clean photographs of photos/*/ and of further folders or lists (.txt, one path a line), each cut or resized to one size
    (large ones give a whole view and a native-scale cut)."""
    paths = sorted((Path(data_dir) / "photos").glob("*/*"))
    for folder in map(Path, folders):
        if folder.suffix == ".txt":
            if not folder.exists():
                raise DataError(f"{folder}: there is no such list")
            found = [Path(line) for line in folder.read_text().splitlines() if line and not line.startswith("#")]
        else:
            found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURE_SUFFIXES)
        if not found:
            raise DataError(f"{folder}: there is no picture in it")
        paths += found
    clean = []
    for path in paths:
        photo = Image.fromarray(read_rgb(path))
        if photo.height > photo.width:
            photo = photo.rotate(90, expand=True)
        scale = max(size[0] / photo.width, size[1] / photo.height)
        whole = photo.resize((max(size[0], round(photo.width * scale)), max(size[1], round(photo.height * scale))), Image.BICUBIC)
        clean.append(np.asarray(whole.crop((0, 0, *size))))
        if photo.width > size[0] and photo.height > size[1]:
            left, top = (photo.width - size[0]) // 2, (photo.height - size[1]) // 2
            clean.append(np.asarray(photo.crop((left, top, left + size[0], top + size[1]))))
    return clean


def another_exposure(random, *pictures):
    """The same dark pictures (of one sample, uint8 of any shape) as if the shutter had been open for longer or shorter.

    LOL-v1's scenes were taken so: from one tripod, the dark pictures of a scene differ by a factor of e^0.58 in the mean, and
    the truth's brightness does not follow (correlation -0.1). Without it a network knows a picture by its exposure."""
    gain = np.exp(random.normal(0, EXPOSURE_SPREAD))
    curve = np.minimum(np.arange(256) * gain + 0.5, 255).astype(np.uint8)
    return [curve[picture] for picture in pictures]


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
    """The training set: draws batches, and renews some of its synthetic and well-lit pictures at each call of `renew`."""

    def __init__(self, pairs, photos, seed, pool_size=POOL_SIZE):
        self.random = np.random.default_rng(seed)
        self.photos, self.pairs = photos, pairs
        if not pairs and not photos:
            raise DataError("there is no picture to train on: expected LOL-v1 pairs or photographs")
        clean = photos[0] if photos else pairs[0][1]
        self.height, self.width = clean.shape[0] // 2, clean.shape[1] // 2       # of the inputs
        self.planar_pairs = [planes(*pair) for pair in pairs]
        self.nights, self.days = [], []
        while len(self.nights) < pool_size:
            self.nights += self.night()
        while len(self.days) < pool_size // DAYS:
            self.days.append(self.day())
        self.renewed = 0

    def clean_picture(self):
        if self.photos and (not self.pairs or self.random.random() < 0.6):
            return self.photos[self.random.integers(len(self.photos))]
        return self.pairs[self.random.integers(len(self.pairs))][1]

    def night(self):
        """The samples of one synthetic film, or one synthetic pair, or a LOL pair that went through a codec."""
        kind = self.random.random()
        if kind < 0.2 and self.pairs:
            image, truth, dark = self.pairs[self.random.integers(len(self.pairs))]
            return [planes(jpeg(image, self.random.uniform(40, 95)), truth, dark)]
        if kind < 0.65:
            return [planes(*darken(self.clean_picture(), self.random))]
        if kind < 0.88:
            return [planes(*infrared(self.clean_picture(), self.random))]
        return [planes(*sample) for sample in pan(self.clean_picture(), self.random, FILM)]

    def day(self):
        """A well-lit picture, or one between night and day."""
        sample = dusk if self.random.random() < 0.7 else well_lit
        return planes(*sample(self.clean_picture(), self.random))

    def renew(self):
        for night in self.night():
            self.nights[self.renewed % len(self.nights)] = night
            self.renewed += 1
        if self.random.random() < 1 / DAYS:
            self.days[self.random.integers(len(self.days))] = self.day()

    def draw(self):
        kind = self.random.random()
        if kind < SHARE_WELL_LIT:
            source = self.days
        else:
            source = self.nights if kind < SHARE_WELL_LIT + SHARE_SYNTHETIC or not self.pairs else self.planar_pairs
        image, truth, dark = source[self.random.integers(len(source))]
        if source is self.planar_pairs:
            image, dark = another_exposure(self.random, image, dark)
        return image, truth, dark

    def batch(self, size, small_share):
        """-> image [n,3,h,w], truth and dark [n,3,4,h,w] (sub-pixels), uint8; a share at half scale, twice as many then."""
        width, height = self.width // 8 * 8, self.height // 8 * 8
        if self.random.random() < 0.4:
            width, height = (side - 8 * self.random.integers(0, side // 24) for side in (width, height))
        cuts = []
        at_half_scale = self.random.random() < small_share
        for _ in range(2 * size if at_half_scale else size):
            x, y = self.random.integers(0, self.width - width + 1), self.random.integers(0, self.height - height + 1)
            flip = (slice(None, None, self.random.choice([1, -1])), slice(None, None, self.random.choice([1, -1])))
            image, *large = (a[..., y:y + height, x:x + width][(..., *flip)] for a in self.draw())
            cuts.append((image, *(a[(slice(None), *flip)].reshape(3, 4, height, width) for a in large)))
        arrays = [np.stack(arrays) for arrays in zip(*cuts)]
        return small(*arrays) if at_half_scale else arrays
