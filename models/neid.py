"""The NEID students: light enhancement and 2x super-resolution of a dark picture in one small network, in three sizes.

After "Bridge the Vision Gap from Field to Command" (NEID), section 2.2: a U-net encoder shared by the Light Enhancement
(LE) and the Detail Refinement (DR) branch, a Feature Fusing (FF) module that turns DR features into one weight per LE
channel, and a sub-pixel head. Every global decision (exposure, tint, tone curve, channel weights) is a number in the
`fusion` vector, so smoothing that vector over time steadies the picture.

Only 3x3 and 1x1 convolutions of stride 1 or 2, LeakyReLU and ReLU, nearest 2x upsampling, concatenation, global average
pooling and small matrix products are used; three stride-2 levels, so any height and width that are multiples of 8 work.
"""
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from front_end import KNOT_MAPS, FrontEnd
from layers import SubpixelHead, act, bilinear_subpixels, conv, he_initialise, pool, up


class Shape(NamedTuple):
    """Channels of one member of the family; `macs_limit` in multiply-accumulates per pixel of the half-size input."""
    macs_limit: int
    e0: int        # at the input's size
    e1: int        # at 1/2
    e2: int        # at 1/4
    e3: int        # at 1/8
    d0: int        # decoder, at the input's size
    r1: int        # Detail Refinement, at 1/16
    r2: int        # at 1/32, only pooled
    hidden: int    # of Feature Fusing: costs nothing per pixel, and it is where LOL-v1's scenes are remembered


SHAPES = {
    "lite": Shape(2_500, 4, 8, 16, 40, 4, 48, 64, 384),
    "base": Shape(5_000, 8, 16, 24, 60, 8, 64, 96, 512),
    "quality": Shape(10_000, 12, 24, 40, 92, 12, 96, 128, 512),
}


class Neid(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        _, e0, e1, e2, e3, d0, r1, r2, hidden = shape
        self.front = FrontEnd()
        self.view = conv(KNOT_MAPS, 4, 1)
        self.encode0, self.encode1 = conv(4, e0), conv(e0, e1, 3, 2)
        self.encode2, self.encode2b = conv(e1, e2, 3, 2), conv(e2, e2)
        self.encode3, self.encode3b = conv(e2, e3, 3, 2), conv(e3, e3)
        self.refine1, self.refine2 = conv(e3, r1, 3, 2), conv(r1, r2, 3, 2)
        self.weights = (KNOT_MAPS, e1, e2, e3)
        self.fusion_size = 2 + sum(self.weights)       # exposure, tint, tone weights, channel weights of the LE levels
        self.fuse1 = nn.Linear(r2 + e3 + KNOT_MAPS, hidden)
        self.fuse2 = nn.Linear(hidden, sum(self.weights))
        self.narrow3, self.join2, self.decode2 = conv(e3, e2, 1), conv(2 * e2, e2, 1), conv(e2, e2)
        self.narrow2, self.join1, self.decode1 = conv(e2, e1, 1), conv(2 * e1, e1, 1), conv(e1, e1)
        self.join0 = conv(e0 + e1, d0, 1)
        self.tone = nn.Conv2d(KNOT_MAPS, 4, 1, bias=False)
        self.tone_offset = nn.Linear(KNOT_MAPS, 4)
        self.head = SubpixelHead(d0)
        self.detail = DetailRefinement(r1, e2, e1, e0)
        self.initialise()

    def initialise(self):
        """He initialisation, and a start at which the network is exactly: gained picture, bent at the knots, 2x bilinear."""
        he_initialise(m for name, child in self.named_children() if name != "front" for m in child.modules())
        self.head.initialise()
        with torch.no_grad():
            curve, offset = self.front.starting_curve()
            self.tone.weight.copy_(curve[:, :, None, None])
            self.tone_offset.weight.copy_(offset)
            self.view.weight.copy_(self.tone.weight)
            self.view.bias[:3] = offset.sum(1)[:3]
            self.view.weight[3, 3] = 1
            self.fuse2.weight.mul_(0.05)
            self.detail.head.weight.mul_(0.05)

    def forward(self, image, fusion_previous, fusion_mix, exposure_error=None):
        """image [n,3,h,w], fusion_previous [n,K], fusion_mix [1] -> subpixels [n,12,h,w], fusion [n,K].

        Training gives `exposure_error` [n,1], the factor by which a smoothed exposure lags behind the picture, and gets the
        features as well: {name: tensor}, see `Features`.
        """
        rest = 1 - fusion_mix
        raw, exposure, tint = self.front.measure(image)                       # [n,4,h,w], [n,1], [n,1]
        exposure = fusion_mix * exposure + rest * fusion_previous[:, :1]
        if exposure_error is not None:
            exposure = exposure * exposure_error
        maps = self.encode(image, raw, exposure)
        weights = torch.cat([tint, self.decide(maps.seen)], 1)
        weights = fusion_mix * weights + rest * fusion_previous[:, 1:]        # [n,K-1]
        fusion = torch.cat([exposure, weights], 1)                            # [n,K]
        subpixels, decoded = self.decode(maps, weights)
        if exposure_error is None:
            return subpixels, fusion
        refined = self.detail(maps.gained, maps.e0, maps.e1, maps.e2, maps.refined)
        return subpixels, fusion, Features(maps.gained, exposure, decoded, maps.e3, refined)

    def encode(self, image, raw, exposure):
        """The shared encoder and DR -> `Maps`; nothing in them depends on Feature Fusing."""
        gained, knots = self.front.knots(image, raw, exposure)                # [n,3,h,w], [n,16,h,w]
        e0 = act(self.encode0(self.view(knots)))                              # [n,e0,h,w]
        e1 = act(self.encode1(e0))                                            # [n,e1,h/2,w/2]
        e2 = act(self.encode2b(act(self.encode2(e1))))                        # [n,e2,h/4,w/4]
        e3 = act(self.encode3b(act(self.encode3(e2))))                        # [n,e3,h/8,w/8]
        refined = act(self.refine1(e3))                                       # [n,r1,h/16,w/16]
        seen = torch.cat([pool(act(self.refine2(refined))), pool(e3), pool(knots)], 1)
        return Maps(gained, knots, e0, e1, e2, e3, refined, seen)

    def decide(self, seen):
        """Feature Fusing: what is seen in the whole picture -> the channel weights [n,K-2]."""
        return 1 + self.fuse2(act(self.fuse1(seen)))

    def decode(self, maps, weights):
        """The LE decoder. weights [n,K-1]: tint, then `decide`'s -> subpixels [n,12,h,w], its features [n,e1,h/2,w/2]."""
        _, knots, e0, e1, e2, e3, _, _ = maps
        tint, w_tone, w1, w2, w3 = torch.split(weights, (1, *self.weights), 1)
        d2 = torch.cat([up(self.narrow3(e3 * w3[:, :, None, None])), e2 * w2[:, :, None, None]], 1)
        d2 = act(self.decode2(act(self.join2(d2))))                           # [n,e2,h/4,w/4]
        d1 = torch.cat([up(self.narrow2(d2)), e1 * w1[:, :, None, None]], 1)
        d1 = act(self.decode1(act(self.join1(d1))))                           # [n,e1,h/2,w/2]
        d0 = act(self.join0(torch.cat([up(d1), e0], 1)))                      # [n,d0,h,w]
        toned = self.tone(knots * w_tone[:, :, None, None]) + self.tone_offset(w_tone)[:, :, None, None]
        return self.head(d0, toned, tint), d1


class Maps(NamedTuple):
    """What the encoder hands on."""
    gained: torch.Tensor      # [n,3,h,w] the dark picture times the exposure
    knots: torch.Tensor       # [n,16,h,w] where it lies between the tone curve's knots
    e0: torch.Tensor          # [n,c,h,w] … e3: [n,c,h/8,w/8]
    e1: torch.Tensor
    e2: torch.Tensor
    e3: torch.Tensor
    refined: torch.Tensor     # [n,c,h/16,w/16] DR
    seen: torch.Tensor        # [n,r2+e3+16] pooled: what Feature Fusing decides from


class Features(NamedTuple):
    """What training looks at inside a network."""
    gained: torch.Tensor      # [n,3,h,w] the dark picture times the exposure
    exposure: torch.Tensor    # [n,1]
    decoded: torch.Tensor     # [n,c,h/2,w/2] the LE decoder's features
    encoded: torch.Tensor     # [n,c,h/8,w/8] the shared encoder's deepest features
    refined: torch.Tensor     # [n,12,h,w] DR's answer: sub-pixels of the gained dark picture


class DetailRefinement(nn.Module):
    """The DR branch's post-process: super-resolves the gained dark picture. Training only, absent from the export."""

    def __init__(self, r1, e2, e1, e0):
        super().__init__()
        self.from3, self.from2, self.from1, self.from0 = (conv(c, 16, 1) for c in (r1, e2, e1, e0))
        self.head = conv(16, 12)
        self.register_buffer("base", bilinear_subpixels(3))

    def forward(self, gained, e0, e1, e2, refined):
        """-> [n,12,h,w]: sub-pixels of the gained dark picture."""
        height, width = e2.shape[2:]
        d = up(up(act(self.from3(refined))))[:, :, :height, :width]           # h/16 is odd-sized at times
        d = act(d + self.from2(e2))
        d = act(up(d) + self.from1(e1))
        d = act(up(d) + self.from0(e0))
        return self.head(d) + F.conv2d(gained.clamp(max=1.5), self.base, padding=1)


def macs_per_pixel(model):
    """Multiply-accumulates per input pixel of the deployed network (per-picture matrix products are not per pixel)."""
    total, side = 0, 256
    hooks = []

    def count(module, _inputs, output):
        nonlocal total
        kernel = module.kernel_size[0] * module.kernel_size[1]
        total += output.shape[2] * output.shape[3] * module.out_channels * module.in_channels * kernel

    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            hooks.append(module.register_forward_hook(count))
    device = next(model.parameters()).device
    with torch.no_grad():
        model(torch.rand(1, 3, side, side, device=device), torch.zeros(1, model.fusion_size, device=device),
              torch.ones(1, device=device))
    for hook in hooks:
        hook.remove()
    return total / side ** 2
