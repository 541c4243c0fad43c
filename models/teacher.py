"""The teacher: NEID as the paper describes it (section 2.2), with the switches of its ablation (table 2).

The paper gives no widths, no details of Feature Fusing and no input normalisation. Decided here:
- The input is not the raw dark picture but what front_end.py makes of it, and LE answers with a tone curve of that plus a
  learned residual, as in the students; on raw dark pictures a short training does not get far.
- Four levels of 16, 32, 64 and 128 channels, two 3x3 convolutions each, max pooling between them; the decoder goes up by
  nearest 2x and a 1x1 convolution, joins the skip, and convolves 3x3 twice.
- DR has its own decoder (one 3x3 convolution a level on a quarter of the channels) and its own 2x sub-pixel head that
  super-resolves the gained dark picture. Head and loss are training only.
- FF pools every level of DR's decoder and the bottleneck into one vector; two matrix products turn it into one weight for
  every channel of the LE features that enter the LE decoder (all skips and the bottleneck), and for every tone knot.
- Rows of the ablation: `unet` has no sub-pixel head (RGB at the input's size, enlarged bilinearly), no DR, no FF; `le` adds
  the sub-pixel head; `le+dr` adds DR's loss; `neid` adds FF. Without FF the channel weights are 1.
"""
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from front_end import KNOT_MAPS, FrontEnd
from layers import SubpixelHead, act, bilinear_subpixels, conv, he_initialise, pool, up
from neid import Features

WIDTHS = (16, 32, 64, 128)


class Row(NamedTuple):
    """A row of the ablation."""
    super_resolve: bool
    refine_detail: bool
    fuse_features: bool


ROWS = {"unet": Row(False, False, False), "le": Row(True, False, False), "le+dr": Row(True, True, False),
        "neid": Row(True, True, True)}


class Level(nn.Module):
    """Two 3x3 convolutions."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.first, self.second = conv(inputs, outputs), conv(outputs, outputs)

    def forward(self, x):
        return act(self.second(act(self.first(x))))


class Teacher(nn.Module):
    def __init__(self, row=ROWS["neid"], widths=WIDTHS):
        super().__init__()
        self.row, self.widths = row, widths
        deepest = widths[-1]
        self.front = FrontEnd()
        self.encoder = nn.ModuleList(Level(i, o) for i, o in zip((KNOT_MAPS, *widths), widths))
        self.narrow = nn.ModuleList(conv(below, here, 1) for here, below in zip(widths, widths[1:]))
        self.decoder = nn.ModuleList(Level(2 * here, here) for here in widths[:-1])
        self.tone = nn.Conv2d(KNOT_MAPS, 4, 1, bias=False)
        self.tone_offset = nn.Linear(KNOT_MAPS, 4)
        self.head = SubpixelHead(widths[0])
        self.weights = (KNOT_MAPS, *widths)
        self.fusion_size = 2 + sum(self.weights)
        if row.refine_detail:
            self.detail = DetailRefinement(widths)
        if row.fuse_features:
            self.fuse1 = nn.Linear(deepest + sum(w // 4 for w in widths) + KNOT_MAPS, 256)
            self.fuse2 = nn.Linear(256, sum(self.weights))
        self.initialise()

    def initialise(self):
        """He initialisation, and the students' start: gained picture, bent at the knots, 2x bilinear."""
        he_initialise(m for name, child in self.named_children() if name != "front" for m in child.modules())
        self.head.initialise()
        with torch.no_grad():
            curve, offset = self.front.starting_curve()
            self.tone.weight.copy_(curve[:, :, None, None])
            self.tone_offset.weight.copy_(offset)
            if self.row.refine_detail:
                self.detail.head.weight.mul_(0.05)
            if self.row.fuse_features:
                self.fuse2.weight.mul_(0.05)

    def forward(self, image, fusion_previous, fusion_mix, exposure_error=None):
        """The students' signature and shapes (neid.py); `Features.refined` is None in rows without DR."""
        rest = 1 - fusion_mix
        raw, exposure, tint = self.front.measure(image)
        exposure = fusion_mix * exposure + rest * fusion_previous[:, :1]
        if exposure_error is not None:
            exposure = exposure * exposure_error
        maps = self.encode(image, raw, exposure)
        weights = torch.cat([tint, self.decide(maps.seen)], 1)
        weights = fusion_mix * weights + rest * fusion_previous[:, 1:]
        fusion = torch.cat([exposure, weights], 1)
        subpixels, decoded = self.decode(maps, weights)
        if exposure_error is None:
            return subpixels, fusion
        refined = self.detail.answer(maps.refining[0], maps.gained) if maps.refining else None
        return subpixels, fusion, Features(maps.gained, exposure, decoded, maps.encoded[-1], refined)

    def encode(self, image, raw, exposure):
        """The shared encoder and DR -> `Maps`; nothing in them depends on Feature Fusing."""
        gained, knots = self.front.knots(image, raw, exposure)                # [n,3,h,w], [n,16,h,w]
        encoded, x = [], knots
        for index, level in enumerate(self.encoder):                          # [n,c,h,w] … [n,8c,h/8,w/8]
            x = level(F.max_pool2d(x, 2) if index else x)
            encoded.append(x)
        refining = self.detail(encoded) if self.row.refine_detail else []     # the same sizes, a quarter of the channels
        seen = torch.cat([pool(encoded[-1]), *(pool(r) for r in refining), pool(knots)], 1)
        return Maps(gained, knots, encoded, refining, seen)

    def decide(self, seen):
        """Feature Fusing: what is seen in the whole picture -> the channel weights [n,K-2]; 1 in rows without it."""
        if not self.row.fuse_features:
            return seen.new_ones(len(seen), sum(self.weights))
        return 1 + self.fuse2(act(self.fuse1(seen)))

    def decode(self, maps, weights):
        """The LE decoder. weights [n,K-1]: tint, then `decide`'s -> subpixels [n,12,h,w], its features [n,c,h/2,w/2]."""
        tint, w_tone, *channels = torch.split(weights, (1, *self.weights), 1)
        skips = [level * weight[:, :, None, None] for level, weight in zip(maps.encoded, channels)]
        decoded, x = [], skips[-1]
        for narrow, level, skip in list(zip(self.narrow, self.decoder, skips))[::-1]:
            x = level(torch.cat([up(narrow(x)), skip], 1))
            decoded.append(x)
        toned = self.tone(maps.knots * w_tone[:, :, None, None]) + self.tone_offset(w_tone)[:, :, None, None]
        subpixels = self.head(x, toned, tint)                                 # [n,12,h,w]
        if not self.row.super_resolve:                                        # RGB at the input's size, enlarged bilinearly
            small = subpixels.view(len(x), 3, 4, *x.shape[2:]).mean(2)
            subpixels = F.conv2d(F.pad(small, (1, 1, 1, 1), mode="replicate"), bilinear_subpixels(3).to(small))
        return subpixels, decoded[-2]


class Maps(NamedTuple):
    """What the encoder hands on; lists are finest first."""
    gained: torch.Tensor      # [n,3,h,w] the dark picture times the exposure
    knots: torch.Tensor       # [n,16,h,w] where it lies between the tone curve's knots
    encoded: list             # [n,c,h,w] … [n,8c,h/8,w/8]
    refining: list            # DR's: the same sizes, a quarter of the channels; empty in rows without DR
    seen: torch.Tensor        # [n,f] pooled: what Feature Fusing decides from


class DetailRefinement(nn.Module):
    """DR on the shared encoder: features at every level for FF, and the super-resolved gained dark picture."""

    def __init__(self, widths):
        super().__init__()
        self.enter = nn.ModuleList(conv(width, width // 4, 1) for width in widths)
        self.level = nn.ModuleList(conv(here // 4 + below // 4, here // 4) for here, below in zip(widths, widths[1:]))
        self.head = conv(widths[0] // 4, 12)
        self.register_buffer("base", bilinear_subpixels(3))

    def forward(self, encoded):
        """Encoder features, finest first -> DR features, finest first, [n,c/4,h,w] each."""
        features = [act(self.enter[-1](encoded[-1]))]
        for enter, level, skip in list(zip(self.enter, self.level, encoded))[::-1]:
            features.insert(0, act(level(torch.cat([up(features[0]), enter(skip)], 1))))
        return features

    def answer(self, finest, gained):
        """-> [n,12,h,w]: sub-pixels of the gained dark picture."""
        return self.head(finest) + F.conv2d(gained.clamp(max=1.5), self.base, padding=1)
