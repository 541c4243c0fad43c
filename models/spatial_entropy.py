"""The spatial entropy loss (Lian et al. 2024): two pictures' local joint densities of a pixel and its surroundings must agree.

A pixel's grey level u and a random weighting v of its eight neighbours are spread over the levels by a logistic kernel of
width h = 1/2 level; the joint density at (i,j) is K((i-u)/h) K((j-v)/h) / h^2. The loss is the Hellinger distance of the
prediction's and the truth's densities, 0 to 1, meant over pixels and channels. The weights are drawn anew at every call.

Beside a single pixel the density is a product, and so is the integral of sqrt(P Q) over it. For two logistic kernels whose
centres are d levels apart that integral is x / sinh x with x = d / 2h: no level has to be visited, and nothing is cut off
at black and white. Only windows of more than one pixel, whose density is a mean of products, need the levels themselves.
"""
import math

import torch
import torch.nn.functional as F

LEVELS, WIDTH = 32, 0.5            # grey levels, and the kernel's width in levels
WINDOW_LEVELS, CROP = 8, 32        # windows hold levels^2 maps: few levels and a cut of the picture
SMALLEST_SUM = 1.0                 # of the eight weights, whose sum divides them: a small one would only amplify noise
EPSILON = 1e-8                     # under each root, whose slope is infinite at 0
FAR = 30.0                         # x / sinh x is below 1e-11 there
LUMA = (0.299, 0.587, 0.114)


def neighbour_weights(generator=None):
    """f32 [3,3] of sum 1, 0 in the middle: normal random numbers, moved away from 0 together where their sum is near it."""
    weights = torch.randn(9, generator=generator)
    weights[4] = 0
    total = weights.sum()
    if abs(total) < SMALLEST_SUM:
        weights += (math.copysign(SMALLEST_SUM, total) - total) / 8
        weights[4] = 0
    return (weights / weights.sum()).view(3, 3)


def pixels_and_surroundings(picture, weights):
    """[n,c,h,w] -> u and v, [n,c,h-2,w-2]: each pixel that has eight neighbours, and their weighted sum."""
    n, c, height, width = picture.shape
    kernel = weights.to(picture)[None, None]
    surroundings = F.conv2d(picture.reshape(n * c, 1, height, width), kernel).view(n, c, height - 2, width - 2)
    return picture[:, :, 1:-1, 1:-1], surroundings


def apart(distance):
    """1 - x / sinh x for x = distance / 2h in levels: 0 where two kernels coincide, 1 where they do not meet."""
    x = (distance / (2 * WIDTH)).abs().clamp(max=FAR)
    large = x.clamp(min=0.5)
    square = x.clamp(max=0.5) ** 2
    near = square / 6 - 7 * square ** 2 / 360 + 31 * square ** 3 / 15120 - 127 * square ** 4 / 604800
    return torch.where(x < 0.5, near, 1 - large / torch.sinh(large))


def root(square):
    """sqrt with a finite slope at 0, where it is exactly 0."""
    return (square + EPSILON).sqrt() - math.sqrt(EPSILON)


def spatial_entropy_loss(prediction, truth, levels=LEVELS, weights=None, generator=None):
    """The distance of single pixels' densities: f32 [n,c,h,w], 0..1, at least 3x3 -> a number, 0..1.

    A difference of d levels counts about d / sqrt(6) at first and no more than 1: beyond five levels the slope is gone, so
    this goes beside a loss that pulls from afar. `weights` [3,3] replace the random ones.
    """
    weights = neighbour_weights(generator) if weights is None else weights
    u, v = pixels_and_surroundings((prediction - truth) * (levels - 1), weights)
    u, v = apart(u), apart(v)
    return root(u + v - u * v).mean()


def spread(values, levels):
    """[n,h,w] in levels -> [n,levels,h,w]: the kernel's share at every level, of sum 1."""
    d = (torch.arange(levels, device=values.device, dtype=values.dtype)[None, :, None, None] - values[:, None]) / WIDTH
    return torch.softmax(-d - 2 * F.softplus(-d), 1)


def joint(picture, levels, weights):
    """Luma [n,1,h,w] -> the joint density of every pixel, [n,levels^2,h-2,w-2]."""
    u, v = pixels_and_surroundings(picture.clamp(0, 1) * (levels - 1), weights)
    product = spread(u[:, 0], levels)[:, :, None] * spread(v[:, 0], levels)[:, None]
    return product.flatten(1, 2)


def windowed_spatial_entropy_loss(prediction, truth, levels=WINDOW_LEVELS, windows=(1, 3, 5), crop=CROP, weights=None,
                                  generator=None):
    """The distance of the mean densities of 1x1, 3x3 and 5x5 windows, on the luma of a random cut: f32 [n,3,h,w] -> 0..1.

    It holds n * levels^2 * crop^2 numbers several times (levels 8, crop 32, n 4: 1 MB each). A window forgives detail that
    lies a pixel or two aside, which single pixels do not.
    """
    weights = neighbour_weights(generator) if weights is None else weights
    height, width = (min(crop + 2, size) for size in prediction.shape[2:])
    top, left = (int(torch.randint(full - cut + 1, (1,), generator=generator))
                 for full, cut in zip(prediction.shape[2:], (height, width)))
    luma = prediction.new_tensor(LUMA)[None, :, None, None]
    p, t = (joint((picture[..., top:top + height, left:left + width] * luma).sum(1, keepdim=True), levels, weights)
            for picture in (prediction, truth))
    distances = []
    for window in windows:
        dp, dt = (F.avg_pool2d(density, window, 1) for density in (p, t))
        square = ((dp + EPSILON).sqrt() - (dt + EPSILON).sqrt()).square().sum(1) / 2
        distances.append(root(square).mean())
    return sum(distances) / len(distances)


def one_plane(prediction, truth, generator=None):
    """Sub-pixels [n,3,4,h,w] twice -> one random sub-pixel of each 2x2 cell, the same one, as two pictures [n,3,h,w]."""
    index = int(torch.randint(prediction.shape[2], (1,), generator=generator))
    return prediction[:, :, index], truth[:, :, index]
