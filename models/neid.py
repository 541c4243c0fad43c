"""The NEID student: light enhancement and 2x super-resolution of a dark picture in one small network.

After "Bridge the Vision Gap from Field to Command" (NEID), section 2.2: a U-net encoder shared by the Light Enhancement
(LE) and the Detail Refinement (DR) branch, a Feature Fusing (FF) module that turns DR features into one weight per LE
channel, and a sub-pixel head. Every global decision (exposure, tone curve, channel weights) is a number in the `fusion`
vector, so smoothing that vector over time steadies the picture.

Only 3x3 and 1x1 convolutions of stride 1 or 2, LeakyReLU and ReLU, nearest 2x upsampling, concatenation, global average
pooling and small matrix products are used; three stride-2 levels, so any height and width that are multiples of 8 work.
"""
import torch
import torch.nn.functional as F
from torch import nn

LEVEL_CLIP = 0.25      # a lamp counts at most this much in the picture's level: the level must not follow lamps
LEVEL_FLOOR = 0.004    # one 8-bit step: below it there is no signal, so the gain stops growing
LEVEL_TARGET = 0.4     # the gained picture's level
KNOTS = (0.2, 0.5, 1.0, 2.5)  # where the tone curve of the gained picture may bend
TONE, E0, E1, E2, E3, DR = 16, 8, 16, 24, 64, 64
FUSION_SIZE = 1 + TONE + E1 + E2 + E3  # exposure, tone weights, channel weights of the three LE levels
SLOPE = 0.1
LUMA = (0.299, 0.587, 0.114)


def conv(inputs, outputs, size=3, stride=1):
    return nn.Conv2d(inputs, outputs, size, stride, size // 2)


def act(x):
    return F.leaky_relu(x, SLOPE)


def up(x):
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def pool(x):
    return F.adaptive_avg_pool2d(x, 1).flatten(1)


def bilinear_subpixels(channels):
    """3x3 kernel [12,channels,3,3] that maps RGB (the first three channels) to 2x bilinear sub-pixels (CRD order)."""
    taps = {0: (0.25, 0.75, 0.0), 1: (0.0, 0.75, 0.25)}
    kernel = torch.zeros(12, channels, 3, 3)
    for colour in range(3):
        for dy in range(2):
            for dx in range(2):
                kernel[colour * 4 + dy * 2 + dx, colour] = torch.outer(torch.tensor(taps[dy]), torch.tensor(taps[dx]))
    return kernel


class Neid(nn.Module):
    def __init__(self):
        super().__init__()
        self.raw_knots, self.gained_knots = conv(3, 4, 1), conv(3, 12, 1)
        self.view = conv(TONE, 4, 1)
        self.encode0, self.encode1 = conv(4, E0), conv(E0, E1, 3, 2)
        self.encode2, self.encode2b = conv(E1, E2, 3, 2), conv(E2, E2)
        self.encode3, self.encode3b = conv(E2, E3, 3, 2), conv(E3, E3)
        self.refine1, self.refine2 = conv(E3, DR, 3, 2), conv(DR, DR, 3, 2)
        self.fuse1 = nn.Linear(DR + E3 + TONE, 96)
        self.fuse2 = nn.Linear(96, FUSION_SIZE - 1)
        self.narrow3, self.join2, self.decode2 = conv(E3, E2, 1), conv(2 * E2, E2, 1), conv(E2, E2)
        self.narrow2, self.join1, self.decode1 = conv(E2, E1, 1), conv(2 * E1, E1, 1), conv(E1, E1)
        self.join0 = conv(E0 + E1, 8, 1)
        self.tone = nn.Conv2d(TONE, 4, 1, bias=False)
        self.tone_offset = nn.Linear(TONE, 4)
        self.head = conv(8 + 4, 12)
        self.detail = DetailRefinement()
        self.initialise()

    def initialise(self):
        """He initialisation, and a start at which the network is exactly: gained picture, bent at the knots, 2x bilinear."""
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight, a=SLOPE)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        with torch.no_grad():
            # raw_knots: 1-r, 1-g, 1-b, and 1-luma/LEVEL_CLIP, each cut at 0. Fixed: the exposure is measured on them.
            self.raw_knots.weight.zero_()
            self.gained_knots.weight.zero_()
            for colour in range(3):
                self.raw_knots.weight[colour, colour] = -1
                self.raw_knots.weight[3, colour] = -LUMA[colour] / LEVEL_CLIP
                for index, knot in enumerate(KNOTS):
                    self.gained_knots.weight[index * 3 + colour, colour] = -1
                    self.gained_knots.bias[index * 3 + colour] = knot
            self.raw_knots.bias.fill_(1)
            # A knee: slope 0.6 up to 1, then flatter. f(x) = sum_i a_i (c_i - relu(c_i - x)).
            slopes = (0.15, 0.2, 0.4, 0.1)
            self.tone.weight.zero_()
            self.tone_offset.weight.zero_()
            for colour in range(3):
                for index, knot in enumerate(KNOTS):
                    self.tone.weight[colour, 4 + index * 3 + colour] = -slopes[index]
                    self.tone_offset.weight[colour, 4 + index * 3 + colour] = slopes[index] * knot
            self.view.weight.copy_(self.tone.weight)
            self.view.weight[3, 3] = 1
            self.view.bias[:3] = sum(a * c for a, c in zip(slopes, KNOTS))
            self.fuse2.weight.mul_(0.05)
            self.head.weight.mul_(0.05)
            self.head.weight[:, 8:] = bilinear_subpixels(4)
            self.detail.head.weight.mul_(0.05)
        self.raw_knots.requires_grad_(False)

    def forward(self, image, fusion_previous, fusion_mix, refine_detail=False, exposure_error=1.0):
        """image [n,3,h,w], fusion_previous [n,K], fusion_mix [1] -> subpixels [n,12,h,w], fusion [n,K] (, DR, exposure).

        Training only: `refine_detail` adds the DR branch's answer, `exposure_error` [n,1] stands for a smoothed exposure
        that lags behind the picture.
        """
        rest = 1 - fusion_mix
        raw = F.relu(self.raw_knots(image))                                   # [n,4,h,w]
        raw_mean = pool(raw)                                                  # [n,4]
        level = LEVEL_CLIP * (1 - raw_mean[:, 3:4])                           # [n,1] mean luma, lamps cut
        exposure = LEVEL_TARGET / (level + LEVEL_FLOOR)
        exposure = fusion_mix * exposure + rest * fusion_previous[:, :1]
        if refine_detail:
            exposure = exposure * exposure_error
        gained = image * exposure[:, :, None, None]                           # [n,3,h,w]
        knots = torch.cat([raw, F.relu(self.gained_knots(gained))], 1)        # [n,16,h,w]

        e0 = act(self.encode0(self.view(knots)))                              # [n,8,h,w]
        e1 = act(self.encode1(e0))                                            # [n,16,h/2,w/2]
        e2 = act(self.encode2b(act(self.encode2(e1))))                        # [n,24,h/4,w/4]
        e3 = act(self.encode3b(act(self.encode3(e2))))                        # [n,64,h/8,w/8]
        refined = act(self.refine1(e3))                                       # [n,64,h/16,w/16]

        seen = torch.cat([pool(act(self.refine2(refined))), pool(e3), pool(knots)], 1)
        weights = 1 + self.fuse2(act(self.fuse1(seen)))                       # [n,K-1]
        weights = fusion_mix * weights + rest * fusion_previous[:, 1:]
        fusion = torch.cat([exposure, weights], 1)                            # [n,K]
        w_tone, w1, w2, w3 = torch.split(weights, (TONE, E1, E2, E3), 1)

        d2 = torch.cat([up(self.narrow3(e3 * w3[:, :, None, None])), e2 * w2[:, :, None, None]], 1)
        d2 = act(self.decode2(act(self.join2(d2))))                           # [n,24,h/4,w/4]
        d1 = torch.cat([up(self.narrow2(d2)), e1 * w1[:, :, None, None]], 1)
        d1 = act(self.decode1(act(self.join1(d1))))                           # [n,16,h/2,w/2]
        d0 = act(self.join0(torch.cat([up(d1), e0], 1)))                      # [n,8,h,w]
        toned = self.tone(knots * w_tone[:, :, None, None]) + self.tone_offset(w_tone)[:, :, None, None]
        subpixels = self.head(torch.cat([d0, toned], 1))                      # [n,12,h,w]
        if refine_detail:                                                   
            return subpixels, fusion, self.detail(gained, e0, e1, e2, refined), exposure
        return subpixels, fusion


class DetailRefinement(nn.Module):
    """The DR branch's post-process: super-resolves the gained dark picture. Training only, absent from the export."""

    def __init__(self):
        super().__init__()
        self.from3, self.from2, self.from1, self.from0 = conv(DR, 16, 1), conv(E2, 16, 1), conv(E1, 16, 1), conv(E0, 16, 1)
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
    with torch.no_grad():
        model(torch.rand(1, 3, side, side), torch.zeros(1, FUSION_SIZE), torch.ones(1))
    for hook in hooks:
        hook.remove()
    return total / side ** 2
