"""What a synthetic camera's codec does to pictures."""
import os
import unittest
from unittest import mock

import numpy as np

from camera_codec import Recipe, draw_recipe, film, jpeg


def street(count, height=64, width=96, seed=0):
    """A textured scene that moves by two pixels a frame: uint8 [count,h,w,3]."""
    random = np.random.default_rng(seed)
    texture = random.integers(0, 90, (height // 4, (width + 2 * count + 4) // 4, 3), dtype=np.uint8)
    wide = np.repeat(np.repeat(texture, 4, 0), 4, 1)
    return np.stack([wide[:, 2 * i:2 * i + width] for i in range(count)])


def error(a, b):
    return float(((a.astype(float) - b) ** 2).mean())


class CameraCodec(unittest.TestCase):
    def test_a_jpeg_of_lower_quality_loses_more_and_keeps_the_size(self):
        picture = street(1)[0]
        self.assertEqual(jpeg(picture, 90).shape, picture.shape)
        self.assertGreater(error(jpeg(picture, 30), picture), 1.5 * error(jpeg(picture, 90), picture))

    def test_a_film_at_a_lower_bitrate_loses_more(self):
        frames = street(6)
        errors = [error(film(frames, Recipe(bits)), frames) for bits in (0.05, 0.8)]
        self.assertGreater(errors[0], 1.5 * errors[1])

    def test_a_film_keeps_the_order_and_number_of_its_frames(self):
        frames = np.stack([np.full((32, 48, 3), 20 + 20 * i, np.uint8) for i in range(9)])
        means = film(frames, Recipe(2, gop=4)).mean((1, 2, 3))
        self.assertLess(np.abs(means - frames.mean((1, 2, 3))).max(), 3)

    def test_both_matrices_give_dark_colours_back_unshifted(self):
        colours = np.zeros((3, 32, 64, 3), np.uint8)
        colours[:, :, :32], colours[:, :, 32:] = (30, 8, 4), (6, 12, 40)
        for matrix in ("bt601", "bt709"):
            back = film(colours, Recipe(2, matrix=matrix))
            for part in (np.s_[:, 4:-4, 4:26], np.s_[:, 4:-4, 38:-4]):
                shift = back[part].mean((0, 1, 2)) - colours[part].mean((0, 1, 2))
                self.assertLess(np.abs(shift).max(), 2, matrix)

    def test_a_repeat_gives_the_same_film(self):
        frames = street(4)
        recipes = [draw_recipe(np.random.default_rng(3)) for _ in range(2)]
        self.assertEqual(*recipes)
        np.testing.assert_array_equal(*(film(frames, recipe) for recipe in recipes))

    def test_a_camera_sends_between_a_starved_and_a_good_bitrate(self):
        random = np.random.default_rng(1)
        for recipe in [draw_recipe(random) for _ in range(200)]:
            self.assertTrue(0.015 <= recipe.bits_per_pixel <= 0.2 and 15 <= recipe.frames_per_second <= 30, recipe)

    def test_a_missing_ffmpeg_is_one_line_that_names_it(self):
        with mock.patch.dict(os.environ, {"PATH": "/nowhere"}), self.assertRaises(SystemExit) as raised:
            film(street(2), Recipe(0.1))
        self.assertRegex(str(raised.exception), r"\Affmpeg is not installed[^\n]*\Z")

    def test_frames_that_ffmpeg_refuses_are_one_line(self):
        with self.assertRaises(SystemExit) as raised:
            film(street(2), Recipe(0.1, preset="no-such-preset"))
        self.assertRegex(str(raised.exception), r"\Affmpeg could not film 2 frames of 96x64: [^\n]+\Z")
