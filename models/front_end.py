"""How every network here looks at a dark picture: measured, gained to a known level, and cut at the knots of a tone curve.

Fixed arithmetic, shared by teacher and students. A network that is given the raw dark picture spends thousands of steps on
learning to multiply; one that is given the picture at a known level only learns what is left.
"""
import torch
import torch.nn.functional as F
from torch import nn

from layers import conv, pool

LEVEL_CLIP = 0.25      # a lamp counts at most this much in the picture's level: the level must not follow lamps
LEVEL_FLOOR = 0.004    # one 8-bit step: below it there is no signal, so the gain stops growing
LEVEL_TARGET = 0.4     # the gained picture's level
TINT_FULL = 0.02       # a gained picture whose mean |r-g| + |b-g| is at least this has colours; below, it fades to grey
KNOTS = (0.2, 0.5, 1.0, 2.5)  # where the tone curve of the gained picture may bend
KNOT_MAPS = 4 + 3 * len(KNOTS)
LUMA = (0.299, 0.587, 0.114)


class FrontEnd(nn.Module):
    """image [n,3,h,w] -> exposure, tint, and maps relu(c - x) that say where a pixel lies between the knots."""

    def __init__(self):
        super().__init__()
        self.raw_knots, self.gained_knots, self.differences = conv(3, 4, 1), conv(3, 12, 1), conv(3, 4, 1)
        self.greyness = nn.Linear(4, 1)
        with torch.no_grad():
            # raw_knots: 1-r, 1-g, 1-b, and 1-luma/LEVEL_CLIP, each cut at 0.
            for layer in (self.raw_knots, self.gained_knots, self.differences):
                layer.weight.zero_()
                layer.bias.zero_()
            self.raw_knots.bias.fill_(1)
            for colour in range(3):
                self.raw_knots.weight[colour, colour] = -1
                self.raw_knots.weight[3, colour] = -LUMA[colour] / LEVEL_CLIP
                for index, knot in enumerate(KNOTS):
                    self.gained_knots.weight[index * 3 + colour, colour] = -1
                    self.gained_knots.bias[index * 3 + colour] = knot
            # differences: |r-g| and |b-g|, each as two halves cut at 0.
            for row, colour in ((0, 0), (2, 2)):
                for sign in (1, -1):
                    self.differences.weight[row + (sign < 0), colour] = sign
                    self.differences.weight[row + (sign < 0), 1] = -sign
            self.greyness.weight.fill_(-1 / TINT_FULL)
            self.greyness.bias.fill_(1)
        self.requires_grad_(False)

    def measure(self, image):
        """-> raw knots [n,4,h,w], exposure [n,1], tint [n,1] (0: the picture is grey, 1: it has colours)."""
        raw = F.relu(self.raw_knots(image))
        level = LEVEL_CLIP * (1 - pool(raw)[:, 3:4])                          # mean luma, lamps cut
        exposure = LEVEL_TARGET / (level + LEVEL_FLOOR)
        tint = 1 - F.relu(self.greyness(pool(F.relu(self.differences(image))) * exposure))
        return raw, exposure, tint

    def knots(self, image, raw, exposure):
        """-> the gained picture [n,3,h,w] and all knot maps [n,16,h,w]."""
        gained = image * exposure[:, :, None, None]
        return gained, torch.cat([raw, F.relu(self.gained_knots(gained))], 1)

    @staticmethod
    def starting_curve():
        """A knee as (weights [4,16] on the knot maps, offsets [4,16]): f(x) = sum_i a_i (c_i - relu(c_i - x)); row 3 is 0."""
        slopes = (0.15, 0.2, 0.4, 0.1)                                        # slope 0.85 near 0, 0.1 from 1 to 2.5
        weight, offset = torch.zeros(4, KNOT_MAPS), torch.zeros(4, KNOT_MAPS)
        for colour in range(3):
            for index, knot in enumerate(KNOTS):
                weight[colour, 4 + index * 3 + colour] = -slopes[index]
                offset[colour, 4 + index * 3 + colour] = slopes[index] * knot
        return weight, offset
