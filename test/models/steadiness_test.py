"""The figures of steadiness are what their definitions say, and the dark clips are what they claim to be."""
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

import steadiness
from artifact import open_artifact
from steadiness import exposure_for, figures, fusion_mix, ideal_exposure, measure, night, table

ROOT = Path(__file__).parents[2]
EVERYWHERE = np.ones((8, 12), bool)


def clip(brightness, height=8, width=12):
    """Even grey frames of these 8-bit values: uint8 [t,h,w,3]."""
    return np.stack([np.full((height, width, 3), value, np.uint8) for value in brightness])


def scene(frames=6, height=32, width=48):
    """A still scene of coloured ramps, a block moving through it: uint8 [t,h,w,3]."""
    rows, columns = np.mgrid[:height, :width]
    picture = np.stack([60 + 2 * columns, 200 - 3 * rows, 80 + rows + columns], 2).astype(np.uint8)
    still = np.stack([picture] * frames)
    for index, frame in enumerate(still):
        frame[4:10, 4 + 4 * index:12 + 4 * index] = 240
    return still


class Figures(unittest.TestCase):
    def test_a_constant_error_of_brightness_is_no_flicker(self):
        found = figures(clip([110] * 6), clip([100] * 6), EVERYWHERE)
        for name in ("ab_var", "mabd", "flicker", "flicker_of_mean"):
            self.assertEqual(found[name], 0, name)
        self.assertAlmostEqual(found["psnr"], 20 * np.log10(255 / 10), 3)

    def test_brightness_that_swings_by_three_steps_has_a_variance_of_nine(self):
        found = figures(clip([103, 97] * 4), clip([100] * 8), EVERYWHERE)
        self.assertAlmostEqual(found["ab_var"], 9, 6)
        self.assertAlmostEqual(found["flicker"], 3, 6)
        self.assertAlmostEqual(found["flicker_of_mean"], 3, 6)
        self.assertAlmostEqual(found["mabd"], 36, 6)

    def test_an_output_that_follows_the_clip_is_steady(self):
        found = figures(clip([60, 90, 120, 130]), clip([50, 80, 110, 120]), EVERYWHERE)
        self.assertAlmostEqual(found["ab_var"], 0, 9)
        self.assertAlmostEqual(found["mabd"], 0, 9)

    def test_noise_that_differs_between_pixels_flickers_in_them_but_hardly_in_their_mean(self):
        noise = np.random.default_rng(0).choice([-6, 6], (20, 60, 60, 3))
        found = figures((100 + noise).astype(np.uint8), clip([100] * 20, 60, 60), np.ones((60, 60), bool))
        self.assertAlmostEqual(found["flicker"], 6, 0)
        self.assertLess(found["flicker_of_mean"], 0.2)

    def test_what_moves_in_the_clean_clip_is_no_flicker(self):
        outputs = clip([100] * 6)
        outputs[::2, :, :6] = 200
        self.assertEqual(figures(outputs, outputs, np.arange(12) >= np.full((8, 1), 6))["flicker"], 0)


class Smoothing(unittest.TestCase):
    def test_it_is_the_clients(self):
        source = (ROOT / "client/enhance/fusion-mix.ts").read_text()
        stated = {name: re.search(rf"const {name} = (.+);", source)[1] for name in ("SHARE", "FRAME", "CUT", "FLOOR")}
        self.assertEqual(stated, {"SHARE": "0.15", "FRAME": "40_000", "CUT": "Math.log2(1.5)", "FLOOR": "0.012"})
        self.assertAlmostEqual(fusion_mix(0.1, 0.1, 0.04), 0.15)
        self.assertAlmostEqual(fusion_mix(0.1, 0.1, 0.08), 1 - 0.85 ** 2)

    def test_a_first_frame_and_a_light_switched_on_or_off_decide_alone(self):
        self.assertEqual(fusion_mix(None, 0.1, 0.04), 1)
        self.assertEqual(fusion_mix(0.1, 0.17, 0.04), 1)
        self.assertEqual(fusion_mix(0.17, 0.1, 0.04), 1)
        self.assertLess(fusion_mix(0.1, 0.15, 0.04), 1)
        self.assertLess(fusion_mix(0.001, 0.004, 0.04), 1)             # under the floor it is noise


class Nights(unittest.TestCase):
    def test_a_dark_clip_has_the_mean_it_was_asked_for_and_half_the_size(self):
        truth = clip([120], 64, 64)[0]
        dark = night(truth, exposure_for(truth, 30), np.random.default_rng(0))
        self.assertEqual(dark.shape, (32, 32, 3))
        self.assertAlmostEqual(dark.mean(), 30, 0)

    def test_every_frame_has_noise_of_its_own_and_the_same_seed_gives_the_same(self):
        truth, random = clip([120], 64, 64)[0], np.random.default_rng(0)
        first, second = (night(truth, 0.01, random) for _ in range(2))
        self.assertGreater(np.abs(first.astype(int) - second).mean(), 0.5)
        np.testing.assert_array_equal(first, night(truth, 0.01, np.random.default_rng(0)))

    def test_the_ideal_exposure_of_a_clip_without_noise_gives_the_truth_back(self):
        truths = np.linspace(30, 200, 16)[None, None, :, None].repeat(2, 0).repeat(16, 1).repeat(3, 3)
        frames = (((truths / 255) * 0.5) ** 2 * 255).round().astype(np.uint8)
        outputs, gain, gamma = ideal_exposure(frames, truths.repeat(2, 1).repeat(2, 2).round().astype(np.uint8))
        self.assertAlmostEqual(gamma, 0.5, 1)
        self.assertAlmostEqual(gain, 2, 0)
        error = outputs[:, 2:-2:2, 4:-4:2].astype(float) - truths.repeat(2, 1).repeat(2, 2)[:, 2:-2:2, 4:-4:2]
        self.assertLess(np.abs(error).mean(), 8)


class Measured(unittest.TestCase):
    def test_a_clip_gets_a_row_for_every_light_and_output(self):
        rows = measure(open_artifact("base"), "a scene", scene(), 25)
        self.assertEqual([row["light"] for row in rows], ["clean"] + ["steady"] * 3 + ["wobbling"] * 3)
        for row in rows[1:]:
            self.assertTrue(np.isfinite([row[name] for name in steadiness.COLUMNS[3:]]).all(), row)
        steady, wobbling = rows[1], rows[4]
        self.assertGreater(wobbling["ab_var"], 2 * steady["ab_var"])   # a fixed exposure cannot take the swing out
        alone, smoothed = rows[2], rows[3]
        self.assertNotEqual(alone["flicker"], smoothed["flicker"])
        self.assertEqual(len(table(rows, steadiness.COLUMNS).splitlines()), 2 + 7)


class Clips(unittest.TestCase):
    def test_a_clip_is_read_at_twice_the_size_it_is_computed_at(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "clip.mkv"
            source = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=25/2"]
            subprocess.run(["ffmpeg", "-v", "error", *source, "-frames:v", "4", "-c:v", "ffv1", path], check=True)
            frames, rate = steadiness.clip_frames(path, 3)
            self.assertEqual((frames.shape, rate), ((3, 352, 640, 3), 12.5))
            with self.assertRaisesRegex(ValueError, "clip.mkv: expected 9 frames, found 4$"):
                steadiness.clip_frames(path, 9)

    def test_a_file_that_is_no_clip_is_named_in_one_line(self):
        with self.assertRaisesRegex(ValueError, r"^[^\n]*steadiness_test.py: [^\n]+$"):
            steadiness.clip_frames(Path(__file__))

    def test_a_folder_without_clips_ends_the_program_with_one_line_and_two(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, str(ROOT / "models/steadiness.py"), "--data", folder]
            ended = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((ended.returncode, ended.stdout), (2, ""))
        self.assertRegex(ended.stderr, r"^steadiness.py: .*video: expected clips named intel_\*\.mp4\n$")


if __name__ == "__main__":
    unittest.main()
