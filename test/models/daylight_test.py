"""The figures of daylight, infrared and dusk are what they say, for networks whose answer is known."""
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from PIL import Image

from artifact import open_artifact
from daylight import (
    DUSK_STEPS, AsShown, bicubic, bright_pictures, day, dusk, dusk_table, grey, grey_night, infrared, photographs,
)

ROOT = Path(__file__).parents[2]


def scene(seed=0, height=32, width=48):
    """Coloured blocks: uint8 [h,w,3]."""
    coarse = np.random.default_rng(seed).integers(30, 230, (4, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.BICUBIC))


class Known:
    """Stands for a network: its answer is this function of the picture at twice its size."""

    def __init__(self, answer):
        self.answer = answer

    def enhance(self, picture):
        return self.answer(bicubic(picture)), None


def brighter(steps):
    return Known(lambda x: np.clip(x.astype(np.int16) + np.array(steps), 0, 255).astype(np.uint8))


class Day(unittest.TestCase):
    def test_what_comes_out_as_bicubic_loses_nothing_against_bicubic(self):
        row = day(Known(lambda x: x), {"set": [scene()]})[0]
        self.assertEqual(row["full_size_psnr"], row["bicubic_psnr"])
        self.assertGreater(row["psnr"], 35)
        self.assertLess(row["colour_shift"], 0.5)

    def test_by_day_the_picture_is_shown_as_it_is_whatever_the_network_answers(self):
        for light, alone in ((1, True), (0.55, False), (0.2, False)):
            row = day(AsShown(Known(lambda x: x // 2)), {"set": [(scene() * light).astype(np.uint8)]})[0]
            self.assertEqual(row["psnr"] > 35, alone)

    def test_a_shift_of_one_channel_is_named_in_full(self):
        row = day(brighter((0, 0, -7)), {"set": [scene()]})[0]
        self.assertAlmostEqual(row["colour_shift"], 7, 0)

    def test_the_worst_picture_is_the_lowest_and_all_sets_are_summed_up(self):
        level, odd = scene(1), np.full((32, 48, 3), 250, np.uint8)     # only the second one is cut off at white
        rows = day(brighter((20, 20, 20)), {"a": [level, odd], "b": [scene(2)]})
        self.assertEqual([(row["day"], row["pictures"]) for row in rows], [("a", "2"), ("b", "1"), ("all", "3")])
        self.assertAlmostEqual(rows[0]["psnr"] * 2 - rows[0]["worst_psnr"], 20 * np.log10(255 / 5), 1)
        self.assertAlmostEqual(rows[2]["psnr"], (rows[0]["psnr"] * 2 + rows[1]["psnr"]) / 3, 6)


class Infrared(unittest.TestCase):
    def test_grey_that_stays_grey_has_no_saturation(self):
        for row in infrared(Known(lambda x: x), [scene()]):
            self.assertEqual((row["largest_saturation"], row["mean_saturation"]), (0, 0))

    def test_a_tint_counts_from_the_largest_to_the_smallest_channel(self):
        for row in infrared(brighter((4, 0, -3)), [np.full((32, 48, 3), 128, np.uint8)]):
            self.assertEqual(row["largest_saturation"], 7)

    def test_an_infrared_night_is_grey_with_its_noise_and_dark(self):
        night = grey_night(grey(scene()), np.random.default_rng(0))
        self.assertEqual(int((night.max(2) - night.min(2)).max()), 0)
        self.assertAlmostEqual(night.mean(), 12, 0)
        self.assertGreater(night.std(), 1)


class Dusk(unittest.TestCase):
    def test_a_network_that_changes_nothing_climbs_evenly_from_night_to_day(self):
        found = dusk(Known(lambda x: x), scene())
        self.assertEqual(len(found["outputs"]), DUSK_STEPS)
        self.assertAlmostEqual(found["inputs"][0], 5, 0)
        self.assertAlmostEqual(found["outputs"][-1], scene().mean(), 0)
        self.assertEqual((found["monotone"], found["largest_step_down"]), (True, 0))
        self.assertLess(found["largest_step_up"], 0.1 * scene().mean())

    def test_a_lamp_that_goes_out_at_a_level_is_seen_as_a_step_down(self):
        found = dusk(Known(lambda x: x if x.mean() < 60 else (x * 0.5).astype(np.uint8)), scene())
        self.assertFalse(found["monotone"])
        self.assertAlmostEqual(found["largest_step_down"], 29, -1)
        self.assertIn("not monotone", dusk_table(found))
        self.assertEqual(len(dusk_table(found).splitlines()), 2 + DUSK_STEPS // 8)

    def test_the_shipped_network_answers_at_every_step(self):
        self.assertTrue(np.isfinite(dusk(open_artifact("base"), scene())["outputs"]).all())


class Folders(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)

    def test_pictures_are_read_with_even_sides(self):
        (self.root / "photos/kodak24").mkdir(parents=True)
        Image.fromarray(scene()[:31, :47]).save(self.root / "photos/kodak24/1.png")
        self.assertEqual([picture.shape for picture in photographs(self.root)], [(30, 46, 3)])

    def test_what_is_missing_or_broken_is_named_in_one_line(self):
        with self.assertRaisesRegex(ValueError, r"split\.json: [^\n]+$"):
            bright_pictures(self.root)
        (self.root / "lol-v1-train/high").mkdir(parents=True)
        (self.root / "lol-v1-train/split.json").write_text(json.dumps({"val": [7]}))
        with self.assertRaisesRegex(ValueError, r"7\.webp: No such file"):
            bright_pictures(self.root)
        (self.root / "lol-v1-train/high/7.webp").write_text("no picture")
        with self.assertRaisesRegex(ValueError, r"7\.webp: no picture that can be read$"):
            bright_pictures(self.root)

    def test_a_folder_without_pictures_ends_the_program_with_one_line_and_two(self):
        command = [sys.executable, str(ROOT / "models/daylight.py"), "--data", str(self.root)]
        ended = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((ended.returncode, ended.stdout), (2, ""))
        self.assertRegex(ended.stderr, r"^daylight.py: .*kodak24: expected photographs\n$")


if __name__ == "__main__":
    unittest.main()
