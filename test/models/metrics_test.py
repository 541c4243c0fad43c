"""PSNR, SSIM and HaarPSI say what their definitions say, and put worse pictures below better ones."""
import io
import unittest

import numpy as np
from PIL import Image, ImageFilter

from metrics import haarpsi, psnr, psnr_at_truth_mean, ssim


def scene(height=96, width=128):
    """Coloured blocks with a fine texture: f32 [h,w,3], 0..1."""
    random = np.random.default_rng(1)
    blocks = Image.fromarray(random.integers(40, 220, (6, 8, 3), dtype=np.uint8)).resize((width, height), Image.NEAREST)
    grain = random.normal(0, 8, (height // 4, width // 4, 1)).repeat(4, 0).repeat(4, 1)
    return np.clip(np.asarray(blocks) + grain, 0, 255).astype(np.float32) / 255


def as_image(picture):
    return Image.fromarray((picture * 255).round().astype(np.uint8))


def as_picture(image):
    return np.asarray(image, np.float32) / 255


def blurred(picture, radius):
    return as_picture(as_image(picture).filter(ImageFilter.GaussianBlur(radius)))


def noisy(picture, deviation):
    noise = np.random.default_rng(2).normal(0, deviation, picture.shape)
    return np.clip(picture + noise, 0, 1).astype(np.float32)


def as_jpeg(picture, quality):
    file = io.BytesIO()
    as_image(picture).save(file, "JPEG", quality=quality)
    return as_picture(Image.open(file))


class Psnr(unittest.TestCase):
    def test_an_error_of_a_tenth_everywhere_is_20_dB(self):
        self.assertAlmostEqual(psnr(np.full((8, 8, 3), 0.6), np.full((8, 8, 3), 0.5)), 20, 6)

    def test_half_the_error_is_6_dB_more(self):
        truth = scene()
        difference = psnr(truth + 0.01, truth) - psnr(truth + 0.02, truth)
        self.assertAlmostEqual(difference, 20 * np.log10(2), 4)

    def test_at_the_truths_mean_another_exposure_is_no_error_and_another_tint_is_one(self):
        truth = scene()
        self.assertGreater(psnr_at_truth_mean(truth / 2, truth), 100)
        tinted = truth * np.float32((0.5, 0.4, 0.4))
        self.assertAlmostEqual(psnr_at_truth_mean(tinted, truth), psnr_at_truth_mean(2 * tinted, truth), 3)
        self.assertLess(psnr_at_truth_mean(tinted, truth), 30)

    def test_equal_pictures_reach_the_ceiling(self):
        self.assertAlmostEqual(psnr(scene(), scene()), 120, 6)


class Ssim(unittest.TestCase):
    def test_equal_pictures_score_one(self):
        self.assertAlmostEqual(ssim(scene(), scene()), 1, 9)

    def test_two_even_pictures_differ_only_in_the_luminance_term(self):
        a, b = 0.2, 0.6
        expected = (2 * a * b + 0.01 ** 2) / (a * a + b * b + 0.01 ** 2)
        self.assertAlmostEqual(ssim(np.full((16, 16, 3), a), np.full((16, 16, 3), b)), expected, 6)

    def test_an_inverted_texture_scores_below_zero(self):
        texture = np.random.default_rng(3).choice([0.4, 0.6], (32, 32, 1)).repeat(3, 2)
        self.assertLess(ssim(1 - texture, texture), 0)


class HaarPsi(unittest.TestCase):
    def test_equal_pictures_score_one_even_when_black(self):
        self.assertAlmostEqual(haarpsi(scene(), scene()), 1, 9)
        self.assertAlmostEqual(haarpsi(np.zeros((16, 16, 3)), np.zeros((16, 16, 3))), 1, 9)

    def test_it_does_not_matter_which_picture_is_the_truth(self):
        worse = blurred(scene(), 2)
        self.assertAlmostEqual(haarpsi(worse, scene()), haarpsi(scene(), worse), 9)

    def test_a_step_edge_of_one_contrast_scores_what_the_formulas_give_by_hand(self):
        # The paper's formulas in plain loops, with the zeros outside the picture that its convolution assumes.
        def by_hand(contrast_a, contrast_b, size=12):
            responses = []
            for contrast in (contrast_a, contrast_b):
                luma = np.zeros((size, size))
                luma[:, size // 2:] = contrast
                maps = {}
                for scale in (1, 2, 3):
                    side = 2 ** scale
                    for across in (False, True):
                        answer = np.zeros((size, size))
                        for y in range(size):
                            for x in range(size):
                                for i in range(side):
                                    for j in range(side):
                                        # A kernel of 2^s reaches 2^s / 2 pixels behind and 2^s / 2 - 1 ahead when mirrored.
                                        yy, xx = y + side // 2 - i, x + side // 2 - j
                                        if 0 <= yy < size and 0 <= xx < size:
                                            sign = -1 if (j if across else i) < side // 2 else 1
                                            answer[y, x] += sign * luma[yy, xx] / side
                        maps[scale, across] = np.abs(answer)
                responses.append(maps)
            a, b = responses

            def alike(p, q):
                return (2 * p * q + 30) / (p * p + q * q + 30)

            maps = [(alike(a[1, k], b[1, k]) + alike(a[2, k], b[2, k])) / 2 for k in (False, True)]
            weights = [np.maximum(a[3, k], b[3, k]) for k in (False, True)]
            maps.append(np.ones((size, size)))                       # grey pictures: no chroma
            weights.append((weights[0] + weights[1]) / 2)
            seen = sum((w / (1 + np.exp(-4.2 * s))).sum() for w, s in zip(weights, maps)) / sum(w.sum() for w in weights)
            return (np.log(seen / (1 - seen)) / 4.2) ** 2

        def picture(contrast):
            step = np.zeros((24, 24, 3))
            step[:, 12:] = contrast / 255
            return step
        # The halving takes the means of 2x2 cells, so an edge between two cells stays sharp.
        self.assertAlmostEqual(haarpsi(picture(200), picture(80)), by_hand(200, 80), 6)

    def test_a_wrong_colour_at_the_same_luma_lowers_it(self):
        truth = scene()
        tint = np.array([0.1, -0.1 * 0.299 / 0.587, 0])                # keeps 0.299 r + 0.587 g + 0.114 b
        self.assertLess(haarpsi(np.clip(truth + tint, 0, 1), truth), 0.99)


class Orderings(unittest.TestCase):
    def assert_falls(self, worsen, amounts):
        truth = scene()
        for figure in (psnr, ssim, haarpsi):
            scores = [figure(worsen(truth, amount), truth) for amount in amounts]
            self.assertEqual(scores, sorted(scores, reverse=True), f"{figure.__name__}: {scores}")
            self.assertLess(scores[0], figure(truth, truth))
            self.assertEqual(len(set(scores)), len(scores), f"{figure.__name__}: {scores}")

    def test_more_blur_scores_lower(self):
        self.assert_falls(blurred, (0.7, 1.5, 3))

    def test_more_noise_scores_lower(self):
        self.assert_falls(noisy, (0.02, 0.06, 0.15))

    def test_a_coarser_jpeg_scores_lower(self):
        self.assert_falls(as_jpeg, (90, 50, 10))


if __name__ == "__main__":
    unittest.main()
