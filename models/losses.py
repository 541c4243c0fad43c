"""The losses of NEID section 2.3 (Huber, MSE for DR, Color), and a structural term made cheap enough for every step.

Pictures stay split into sub-pixels, f32 [n,3,4,h,w] (4 = the 2x2 of the pixel shuffle): nothing here needs them joined.
"""
import torch
import torch.nn.functional as F

HUBER_DELTA = 0.15
COLOR_POOL = 2          # of whole sub-pixel groups: the Color loss looks at 4x4 means: colour is coarse, noise is not colour
SSIM_WINDOW, SSIM_STRIDE = 4, 2  # of sub-pixel groups: 8x8 pixels at stride 4
EPSILON = 1e-4


def huber(prediction, truth):
    """NEID eq. 2, divided by delta so that the linear part has slope 1."""
    return F.smooth_l1_loss(prediction, truth, beta=HUBER_DELTA)


def chroma_and_saturation(picture):
    red, green, blue = picture.unbind(1)
    alpha, beta = red - (green + blue) / 2, (green - blue) * 0.8660254
    high, low = picture.amax(1), picture.amin(1)
    return alpha, beta, (high - low) / (high + 0.02)


def color(prediction, truth):
    """NEID eq. 4-6, hue as its vector in the chroma plane (no jump at red), saturation as in HSV."""
    p = F.avg_pool2d(prediction.mean(2), COLOR_POOL).clamp(0, 1)
    t = F.avg_pool2d(truth.mean(2), COLOR_POOL)
    pa, pb, ps = chroma_and_saturation(p)
    ta, tb, ts = chroma_and_saturation(t)

    def distance(dot, p_square, t_square):
        dot, p_square, t_square = (x.mean((1, 2)) + EPSILON for x in (dot, p_square, t_square))
        return (1 - dot / (p_square * t_square).sqrt()).mean()

    return distance(pa * ta + pb * tb, pa * pa + pb * pb, ta * ta + tb * tb) + distance(ps * ts, ps * ps, ts * ts)


def structure(prediction, truth, shift_y, shift_x):
    """1 - SSIM over 8x8 means at stride 4 from a moving offset: a tenth of the cost of the Gaussian one."""
    p, t = prediction[..., shift_y:, shift_x:], truth[..., shift_y:, shift_x:]

    def mean(x):
        return F.avg_pool2d(x.mean(2), SSIM_WINDOW, SSIM_STRIDE)

    mp, mt = mean(p), mean(t)
    vp, vt, cov = mean(p * p) - mp * mp, mean(t * t) - mt * mt, mean(p * t) - mp * mt
    ssim = (2 * mp * mt + 1e-4) * (2 * cov + 9e-4) / ((mp * mp + mt * mt + 1e-4) * (vp + vt + 9e-4))
    return 1 - ssim.mean()


def detail(prediction, dark, exposure):
    """NEID eq. 3 for the DR branch, on the gained dark picture, so that its error weighs as much as the bright one's."""
    return F.mse_loss(prediction.clamp(-0.5, 1.5), (dark * exposure).clamp(max=1.5))


class TwoViews:
    """StableLLVE's consistency (Zhang et al. 2021) without optical flow: the same pictures twice, moved by a few whole pixels
    and with noise of their own, must be enhanced alike. A batch of n becomes n//2 pictures seen twice, 8 pixels smaller."""

    ROOM = 8
    NOISE = 1.5 / 255    # at most, on the sRGB-encoded input

    def __init__(self, image, device):
        self.count, (self.height, self.width) = len(image) // 2, (side - self.ROOM for side in image.shape[2:])
        self.dy, self.dx = (int(shift) for shift in torch.randint(1, self.ROOM, (2,)))
        images = self.of(image)
        strength = self.NOISE * torch.rand(self.count, 1, 1, 1, device=device).repeat(2, 1, 1, 1)
        self.images = (images + strength * torch.randn_like(images)).clamp(0, 1)

    def of(self, pictures):
        """[n,…,h,w] -> [2*(n//2),…,h-8,w-8]: the first half from the top left, the second moved by (dy, dx)."""
        first = pictures[:self.count, ..., :self.height, :self.width]
        second = pictures[:self.count, ..., self.dy:self.dy + self.height, self.dx:self.dx + self.width]
        return torch.cat([first, second])

    def difference(self, enhanced):
        """Mean absolute difference of the two answers where they show the same."""
        first, second = enhanced[:self.count], enhanced[self.count:]
        return F.l1_loss(first[..., self.dy:, self.dx:], second[..., :self.height - self.dy, :self.width - self.dx])
