"""Synthetic nights: what they promise to the network that learns from them."""
import unittest
from unittest import mock

import numpy as np
from PIL import Image

import pans
from camera_codec import Recipe, jpeg
from nights import (Night, darken, draw_dusk, draw_infrared_night, draw_lamplit, draw_night, dusk, fade_flattened, halve,
                    infrared, render, well_lit)
from pans import pan
from sensor import add_noise


def photo(height=128, width=192, seed=0):
    """A textured picture of daylight's brightness."""
    coarse = np.random.default_rng(seed).integers(10, 255, (height // 8, width // 8, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.BICUBIC))


def best_shift(image, truth, reach=2):
    """(dy, dx), in pixels of the image, at which the halved truth looks most like it."""
    image, truth = image.mean(2), halve(truth).mean(2)
    inner = (slice(reach, -reach),) * 2
    moved = {(y, x): np.corrcoef(image[inner].ravel(), np.roll(truth, (y, x), (0, 1))[inner].ravel())[0, 1]
             for y in range(-reach, reach + 1) for x in range(-reach, reach + 1)}
    return max(moved, key=moved.get)


class Noise(unittest.TestCase):
    def variance(self, level, grain, electrons=500.0, read=3.0):
        flat = np.full((256, 256, 3), level, np.float32)
        return (add_noise(flat, electrons, read, 0, grain, np.random.default_rng(4)) - flat).var()

    def test_plain_noise_has_the_variance_of_its_electrons_and_of_the_reading(self):
        for level in (0.0, 0.01, 0.1, 0.4):
            self.assertAlmostEqual(self.variance(level, "plain") / (level / 500 + (3 / 500) ** 2), 1, delta=0.03)

    def test_every_grain_grows_in_proportion_to_the_signal(self):
        for grain in ("plain", "mosaic", "denoised"):
            black, low, high = (self.variance(level, grain) for level in (0, 0.1, 0.4))
            self.assertAlmostEqual((high - black) / (low - black), 4, delta=0.2, msg=grain)

    def test_a_denoiser_leaves_coarse_colour_and_a_demosaicer_fine_colour(self):
        def neighbours(grain):
            flat = np.full((256, 256, 3), 0.2, np.float32)
            noise = add_noise(flat, 500, 2, 0, grain, np.random.default_rng(5)) - flat
            colour = noise[:, :, 0] - noise[:, :, 2]
            return np.corrcoef(colour[:, 2:].ravel(), colour[:, :-2].ravel())[0, 1]
        self.assertGreater(neighbours("denoised"), 0.5)
        self.assertLess(neighbours("mosaic"), 0.4)

    def test_fewer_electrons_make_a_noisier_night(self):
        errors = []
        for electrons in (30, 3000):
            image, _, dark = render(photo(), Night(mean=20, electrons=electrons))
            errors.append(np.abs(image.astype(float) - halve(dark)).mean())
        self.assertGreater(errors[0], 3 * errors[1])


class Nights(unittest.TestCase):
    def test_a_sample_is_a_half_size_picture_beside_two_full_size_ones(self):
        for kind in (darken, dusk, well_lit, infrared):
            image, truth, dark = kind(photo(64, 96), np.random.default_rng(1))
            self.assertEqual([image.shape, truth.shape, dark.shape], [(32, 48, 3), (64, 96, 3), (64, 96, 3)])
            self.assertEqual({picture.dtype for picture in (image, truth, dark)}, {np.dtype(np.uint8)})

    def test_the_same_seed_gives_the_same_pictures(self):
        for kind in (darken, dusk, well_lit, infrared):
            for first, second in zip(*(kind(photo(), np.random.default_rng(9)) for _ in range(2))):
                np.testing.assert_array_equal(first, second)

    def test_nights_are_as_dark_as_stated(self):
        random = np.random.default_rng(2)
        means = np.array([darken(photo(seed=seed % 5), random)[2].mean() for seed in range(80)])
        self.assertTrue(1.5 < means.min() and means.max() < 65, (means.min(), means.max()))
        self.assertGreater(np.mean((means > 4) & (means < 30)), 0.7)

    def test_a_night_without_lamps_comes_out_at_its_mean(self):
        for mean in (3, 12, 40):
            dark = render(photo(), Night(mean, gamma=1.9, contrast=0.4, vignette=0.5, cast=(1.4, .9, .4)))[2]
            self.assertAlmostEqual(dark.mean(), mean, delta=0.5 + 0.05 * mean)

    def test_no_brightness_between_night_and_day_is_left_out(self):
        clean, random = photo(), np.random.default_rng(3)
        means = [draw_night(random).mean for _ in range(300)] + [draw_dusk(clean, random).mean for _ in range(100)]
        counts, _ = np.histogram(np.log(means), np.log(np.geomspace(2, 100, 20)))
        self.assertGreater(counts.min(), 0, counts)

    def test_a_lamp_clips_in_the_dark_picture_and_in_its_truth(self):
        random, clipped = np.random.default_rng(6), 0
        for _ in range(200):
            night = draw_night(random)
            if any(lamp.power > 3 and 0.1 < lamp.x < 0.9 and 0.1 < lamp.y < 0.9 for lamp in night.lamps):
                _, truth, dark = render(photo() // 2, night)
                lit = dark.max(2) > 250
                clipped += lit.sum()
                self.assertTrue((truth.max(2)[lit] > 240).all())
                if clipped > 200:
                    return
        self.fail(f"only {clipped} pixels of lamps clip")

    def test_a_light_pool_brightens_the_dark_picture_and_leaves_the_truth(self):
        random = np.random.default_rng(7)
        unseen = next(lamp for night in iter(lambda: draw_night(random), None) for lamp in night.lamps if lamp.power == 0)
        unseen = unseen._replace(x=0.25, pool_y=0.5, pool_radius=0.15, pool=100, colour=(1, 1, 1))
        clean = np.full((128, 192, 3), 120, np.uint8)
        _, truth, dark = render(clean, Night(mean=10, lamps=(unseen,)))
        np.testing.assert_array_equal(truth, clean)
        self.assertGreater(dark[64, 48].mean(), 4 * dark[64, 180].mean())

    def test_black_is_honest_only_where_there_is_no_signal(self):
        clean = np.full((128, 192, 3), (60, 90, 40), np.uint8)
        clean[:, 96:] = 240
        honest = Night(mean=20, contrast=0.7, black=-0.1, honest_black=0.1)
        _, truth, dark = render(clean, honest)
        self.assertEqual((dark[:, :80].max(), dark[:, 112:].min() > 10), (0, True))
        np.testing.assert_array_equal(truth[:, 112:], clean[:, 112:])
        unseen = truth[:, :72].astype(int)
        self.assertLess(np.ptp(unseen, axis=2).max(), 2)
        self.assertTrue(0.08 * 76 <= unseen.mean() + 1 and unseen.mean() <= 0.14 * 76, unseen.mean())
        np.testing.assert_array_equal(render(clean, honest._replace(honest_black=0))[1], clean)

    def test_two_steps_of_signal_are_enough_to_ask_for_the_whole_picture(self):
        clean = np.full((64, 96, 3), 120, np.uint8)
        _, truth, dark = render(clean, Night(mean=2, honest_black=0.1))
        self.assertEqual(dark.max(), 2)
        np.testing.assert_array_equal(truth, clean)

    def test_a_pedestal_in_the_black_is_no_signal(self):
        clean = np.full((128, 192, 3), 60, np.uint8)
        clean[:, 96:] = 240
        _, truth, dark = render(clean, Night(mean=30, gamma=2, contrast=1, black=0.03, vignette=0, honest_black=0.1))
        self.assertGreater(dark[:, 112:].min(), 40)
        self.assertEqual(truth[:, 112:].min(), 240)
        _, black_truth, black = render(clean, Night(mean=7.7, contrast=1, black=0.03, honest_black=0.1))
        self.assertLess(black[:, :72].max(), 9)
        self.assertLess(black_truth[:, :72].max(), 12)

    def test_what_a_codec_has_flattened_near_black_is_not_asked_for(self):
        random = np.random.default_rng(9)
        truth, image = np.full((128, 192, 3), 100, np.uint8), np.full((64, 96, 3), 3, np.uint8)
        image[:, 32:64] = random.integers(0, 7, (64, 32, 1))       # as dark, but with texture
        image[:, 64:] = 8                                         # as flat, but not black
        faded = fade_flattened(truth, image, Night(mean=10, honest_black=0.1))
        self.assertLess(faded[:, :40].max(), 12)
        np.testing.assert_array_equal(faded[:, 88:112], truth[:, 88:112])
        np.testing.assert_array_equal(faded[:, 152:], truth[:, 152:])

    def test_every_night_is_honest_about_black_and_many_of_the_darkest_have_some(self):
        random = np.random.default_rng(8)
        nights = [draw_night(random) for _ in range(4000)]
        self.assertTrue(all(0.04 <= night.honest_black <= 0.10 for night in nights))
        darkest = [night for night in nights if night.mean < 10 and not night.lamps]
        self.assertGreater(np.mean([night.black <= -0.005 for night in darkest]), 0.3)

    def test_by_lamplight_half_of_the_pictures_are_near_black_beside_something_bright(self):
        random = np.random.default_rng(14)
        grey = np.full((128, 192, 3), 120, np.uint8)
        dark = np.stack([render(grey, draw_lamplit(random)._replace(honest_black=0))[2].max(2) for _ in range(60)])
        darkest, brightest = np.quantile(dark, (0.3, 0.97), (1, 2))
        self.assertGreater(np.mean((darkest < 8) & (brightest > 5 * darkest)), 0.48)

    def test_infrared_is_exactly_grey(self):
        random = np.random.default_rng(10)
        for _ in range(12):
            for picture in infrared(photo(), random):
                self.assertTrue((picture == picture[:, :, :1]).all())

    def test_an_illuminator_lights_the_middle_more_than_the_corners(self):
        random = np.random.default_rng(11)
        nights = [draw_infrared_night(random) for _ in range(20)]
        clean = np.full((128, 192, 3), 128, np.uint8)
        for night in [night for night in nights if night.hot_spot][:4]:
            dark = render(clean, night)[2]
            self.assertGreater(dark[64, 96, 0], 1.3 * dark[4, 4, 0])

    def test_a_well_lit_picture_comes_out_as_it_went_in(self):
        clean, random = photo(), np.random.default_rng(12)
        coded = np.sqrt(((jpeg(halve(clean), 50).astype(float) - halve(clean)) ** 2).mean())
        for _ in range(12):
            image, truth, dark = well_lit(clean, random)
            np.testing.assert_array_equal(truth, clean)
            np.testing.assert_array_equal(dark, clean)
            error = image.astype(float) - halve(clean)
            self.assertLess(np.sqrt((error ** 2).mean()), coded + 3)
            self.assertLess(abs(error.mean()), 0.7)


class Pans(unittest.TestCase):
    def test_the_truth_of_a_pan_is_aligned_with_its_image(self):
        moved = 0
        for seed in (1, 2, 3):
            with mock.patch.object(pans, "draw_recipe", lambda random: Recipe(1)):
                samples = pan(photo(), np.random.default_rng(seed), 4)
            moved += sum((truth != samples[0][1]).any() for _, truth, _ in samples)
            self.assertEqual(len(samples), 4)
            for image, truth, dark in samples:
                self.assertEqual((image.shape, truth.shape, dark.shape), ((64, 96, 3), (128, 192, 3), (128, 192, 3)))
                self.assertEqual(best_shift(image, truth), (0, 0), seed)
                self.assertEqual(best_shift(image, dark), (0, 0), seed)
        self.assertGreater(moved, 3)

    def test_a_camera_moves_and_stays_on_even_pixels_within_its_margin(self):
        random = np.random.default_rng(13)
        paths = [pans.draw_path(random, 12) for _ in range(40)]
        self.assertGreater(np.mean([len(np.unique(path, axis=0)) > 3 for path in paths]), 0.6)
        for path in paths:
            self.assertTrue((path % 2 == 0).all() and path.min() >= 0 and path.max() <= 2 * pans.MARGIN)

    def test_a_repeated_pan_gives_the_same_pictures(self):
        first, second = (pan(photo(64, 96), np.random.default_rng(5), 2) for _ in range(2))
        for one, other in zip(first, second):
            for left, right in zip(one, other):
                np.testing.assert_array_equal(left, right)
