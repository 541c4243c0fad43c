"""Runs a shipped network, card.json and weights.bin, in PyTorch: what is measured is what the browser gets."""
import hashlib
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from card import run_layers

ARTIFACTS = Path(__file__).parent / "artifacts"


def open_artifact(model):
    """A folder with card.json and weights.bin, or the name of one in models/artifacts -> Artifact.

    Raises ValueError, with the file's name, where one is missing, is no card, or is not the one its card describes.
    """
    folder = Path(model)
    if not folder.is_dir() and (ARTIFACTS / model).is_dir():
        folder = ARTIFACTS / model
    try:
        card = json.loads((folder / "card.json").read_bytes())
        expected, layers, fusion_size = card["files"]["weights.bin"]["sha256"], card["layers"], card["fusionSize"]
    except OSError as error:
        raise ValueError(f"{folder / 'card.json'}: {error.strerror}") from None
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{folder / 'card.json'}: expected a model card, but {type(error).__name__}: {error}") from None
    try:
        blob = (folder / "weights.bin").read_bytes()
    except OSError as error:
        raise ValueError(f"{folder / 'weights.bin'}: {error.strerror}") from None
    actual = hashlib.sha256(blob).hexdigest()
    if actual != expected:
        raise ValueError(f"{folder / 'weights.bin'}: its sha256 is {actual}, the card says {expected}")
    return Artifact(card, layers, fusion_size, blob)


class Artifact:
    """A shipped network; `fusion_size` is K, `card` the parsed card.json."""

    def __init__(self, card, layers, fusion_size, blob):
        self.card, self.layers, self.fusion_size, self.blob = card, layers, fusion_size, blob

    def __call__(self, image, fusion_previous, fusion_mix):
        """image f32 [1,3,h,w], sRGB-encoded, 0..1, sides multiples of 8; fusion_previous [1,K]; fusion_mix [1]
        -> subpixels [1,12,h,w], fusion [1,K]."""
        with torch.no_grad():
            values = run_layers(self.layers, self.blob, image, fusion_previous[0], fusion_mix)
        return values["subpixels"], values["fusion"][None]

    def enhance(self, picture, fusion_previous=None, fusion_mix=1.0):
        """uint8 [h,w,3] -> (uint8 [2h,2w,3], fusion [1,K]); edges are repeated up to multiples of 8, as the client does."""
        height, width = picture.shape[:2]
        image = torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None].float() / 255
        image = F.pad(image, (0, -width % 8, 0, -height % 8), mode="replicate")
        if fusion_previous is None:
            fusion_previous, fusion_mix = torch.zeros(1, self.fusion_size), 1.0
        subpixels, fusion = self(image, fusion_previous, torch.tensor([float(fusion_mix)]))
        enhanced = F.pixel_shuffle(subpixels, 2)[0, :, :2 * height, :2 * width].clamp(0, 1)
        return (enhanced.permute(1, 2, 0) * 255).round().byte().numpy(), fusion
