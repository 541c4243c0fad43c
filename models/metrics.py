"""How near a picture is to the truth: PSNR, the same at the truth's mean, SSIM, HaarPSI. All take f32 [h,w,3], RGB, 0..1."""
import numpy as np
import torch
import torch.nn.functional as F

HAARPSI_C, HAARPSI_ALPHA = 30.0, 4.2
YIQ = ((0.299, 0.587, 0.114), (0.596, -0.274, -0.322), (0.211, -0.523, 0.312))


def psnr(picture, truth):
    """Peak signal-to-noise ratio in dB; at most 120, for equal pictures."""
    return float(-10 * np.log10(np.mean((np.asarray(picture, np.float64) - np.asarray(truth, np.float64)) ** 2) + 1e-12))


def psnr_at_truth_mean(picture, truth):
    """PSNR after one factor has brought the picture to the truth's mean grey, as KinD and many after it report (`GT mean`):
    what is wrong beside the exposure. Not to be compared with PSNR, which counts the exposure too."""
    means = [float(np.mean(np.asarray(image, np.float64) @ YIQ[0])) for image in (picture, truth)]
    return psnr(np.clip(picture * np.float32(means[1] / max(means[0], 1e-6)), 0, 1), truth)


def ssim(picture, truth):
    """Mean SSIM of RGB, 11x11 Gaussian window with sigma 1.5, valid part (Wang et al. 2004)."""
    window = torch.exp(-((torch.arange(11, dtype=torch.float64) - 5) ** 2) / (2 * 1.5 ** 2))
    window = window / window.sum()

    def blur(x):
        x = F.conv2d(x, window.view(1, 1, 11, 1))
        return F.conv2d(x, window.view(1, 1, 1, 11))

    a, b = (torch.from_numpy(np.ascontiguousarray(x)).double().permute(2, 0, 1)[:, None] for x in (picture, truth))
    ma, mb = blur(a), blur(b)
    va, vb, cov = blur(a * a) - ma * ma, blur(b * b) - mb * mb, blur(a * b) - ma * mb
    value = (2 * ma * mb + 0.01 ** 2) * (2 * cov + 0.03 ** 2) / ((ma * ma + mb * mb + 0.01 ** 2) * (va + vb + 0.03 ** 2))
    return float(value.mean())


def filtered(plane, kernel):
    """Convolution of [1,1,h,w] with an even-sized kernel, same size, zeros outside the picture."""
    size = kernel.shape[0]
    kernel = kernel.flip(0, 1)[None, None]
    return F.conv2d(F.pad(plane, (size // 2 - 1, size // 2, size // 2 - 1, size // 2)), kernel)


def haar(plane, scale, across):
    """Magnitudes of the Haar wavelet of 2^scale pixels: of horizontal edges, or (across) of vertical ones."""
    kernel = torch.full((2 ** scale, 2 ** scale), 2.0 ** -scale, dtype=plane.dtype)
    kernel[:2 ** scale // 2] *= -1
    return filtered(plane, kernel.T if across else kernel).abs()


def similarity(a, b):
    return (2 * a * b + HAARPSI_C) / (a * a + b * b + HAARPSI_C)


def haarpsi(picture, truth):
    """HaarPSI for colour (Reisenhofer, Bosse, Kutyniok, Wiegand 2018): 1 for equal pictures, towards 0 as they look less alike.

    The similarity of the two finest Haar scales, weighted where the third scale sees an edge, and of the coarse chroma.
    """
    matrix = torch.tensor(YIQ, dtype=torch.float64)
    mean = torch.full((2, 2), 0.25, dtype=torch.float64)

    def channels(x):
        """-> Y, I, Q at half size, [1,1,h/2,w/2], 0..255."""
        planes = torch.einsum("kc,hwc->khw", matrix, torch.from_numpy(np.ascontiguousarray(x)).double() * 255)
        return [filtered(plane[None, None], mean)[:, :, ::2, ::2] for plane in planes]

    (ya, *chroma_a), (yb, *chroma_b) = channels(picture), channels(truth)
    similarities, weights = [], []
    for across in (False, True):
        fine = [similarity(haar(ya, scale, across), haar(yb, scale, across)) for scale in (1, 2)]
        similarities.append(sum(fine) / 2)
        weights.append(torch.maximum(haar(ya, 3, across), haar(yb, 3, across)))
    chroma = [similarity(filtered(a, mean).abs(), filtered(b, mean).abs()) for a, b in zip(chroma_a, chroma_b)]
    similarities.append(sum(chroma) / 2)
    weights.append(sum(weights) / 2)
    similarities, weights = torch.stack(similarities), torch.stack(weights) + 1e-9   # two black pictures have no edge at all
    seen = float((torch.sigmoid(HAARPSI_ALPHA * similarities) * weights).sum() / weights.sum())
    return float((np.log(seen / (1 - seen)) / HAARPSI_ALPHA) ** 2)
