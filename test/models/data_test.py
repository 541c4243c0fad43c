"""Batches are cut in step from input, truth and dark picture; bad data is refused in one line that names the file."""
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
from PIL import Image

import data
from data import DataError, Pictures, another_exposure, halve, lol_pairs, photographs, planes, small, split_names

SEED = 4


def ramps(width=600, height=400):
    """Pictures in which every pixel says where it is: red across, green down."""
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([columns * 250 // width, rows * 250 // height, np.full((height, width), 90)], 2).astype(np.uint8)


def lol_folder(root, low=None, high=None):
    for folder in ("low", "high"):
        (root / "lol-v1-train" / folder).mkdir(parents=True)
    (root / "lol-v1-train/split.json").write_text(json.dumps({"train": [1], "val": []}))
    for folder, picture in (("low", low), ("high", high)):
        if picture is not None:
            Image.fromarray(picture).save(root / f"lol-v1-train/{folder}/1.webp", lossless=True)


class Batches(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(mock.patch.object(data, "EXPOSURE_SPREAD", 0.0))
        clean = ramps()
        cls.pictures = Pictures([(halve(clean), clean, clean)], [clean], SEED, pool_size=5)
        cls.pictures.nights = cls.pictures.days = cls.pictures.planar_pairs

    def test_truth_and_dark_show_what_the_input_shows(self):
        for small_share in (0.0, 1.0):
            for _ in range(4):
                image, truth, dark = self.pictures.batch(2, small_share)
                difference = np.abs(truth.astype(float).mean(2) - image)
                self.assertLess(difference.max(), 3)
                self.assertTrue(np.array_equal(truth, dark))

    def test_a_mirrored_picture_is_mirrored_inside_its_pixels_too(self):
        for small_share in (0.0, 1.0):
            for _ in range(6):
                image, truth, _ = (a.astype(float) for a in self.pictures.batch(2, small_share))
                across = np.sign((image[:, 0, :, 1:] - image[:, 0, :, :-1]).mean((1, 2)))
                inside = np.sign((truth[:, 0, 1] - truth[:, 0, 0]).mean((1, 2)))
                self.assertEqual(list(across), list(inside))

    def test_a_half_scale_batch_has_twice_as_many_pictures_of_a_quarter_of_the_area(self):
        large, little = self.pictures.batch(2, 0.0)[0], self.pictures.batch(2, 1.0)[0]
        self.assertEqual((len(large), len(little)), (2, 4))
        self.assertLessEqual(little.shape[2], 104)
        self.assertTrue(all(side % 8 == 0 for side in (*large.shape[2:], *little.shape[2:])))

    def test_a_lol_pair_is_seen_at_many_exposures_of_one_truth(self):
        self.pictures.nights = self.pictures.days = []
        image, truth, dark = self.pictures.planar_pairs[0]
        with mock.patch.multiple(data, EXPOSURE_SPREAD=0.4, SHARE_SYNTHETIC=0, SHARE_WELL_LIT=0):
            drawn = [self.pictures.draw() for _ in range(60)]
        self.pictures.nights = self.pictures.days = self.pictures.planar_pairs
        gains = np.log([picture[2].mean() / 90 for picture, _, _ in drawn])
        self.assertTrue(0.25 < gains.std() < 0.55 and abs(gains.mean()) < 0.2, gains)
        for seen, meant, seen_dark in drawn:
            self.assertIs(meant, truth)
            self.assertAlmostEqual(seen[2].mean(), seen_dark[2].mean(), delta=1)
        self.assertEqual(image[2].mean(), 90)
        self.assertEqual(dark[2].mean(), 90)

    def test_a_longer_exposure_clips_and_never_wraps(self):
        white = np.full((4, 4), 250, np.uint8)
        random = np.random.default_rng(SEED)
        with mock.patch.object(data, "EXPOSURE_SPREAD", 0.4):
            seen = [another_exposure(random, white)[0][0, 0] for _ in range(40)]
        self.assertEqual(max(seen), 255)
        self.assertGreater(min(seen), 60)

    def test_sub_pixels_are_in_the_pixel_shuffles_order(self):
        clean = ramps(32, 16)
        _, truth, _ = planes(halve(clean), clean, clean)
        self.assertTrue(np.array_equal(truth[:, 1, 0], clean[1::2, 0::2].transpose(2, 0, 1)))

    def test_half_scale_means_whole_cells(self):
        clean = ramps(64, 32)
        image, truth, dark = (a[None] for a in planes(halve(clean), clean, clean))
        _, little, _ = small(image, truth.reshape(1, 3, 4, 16, 32), dark.reshape(1, 3, 4, 16, 32))
        expected = clean.reshape(16, 2, 32, 2, 3).mean((1, 3))[0::2, 1::2].transpose(2, 0, 1)
        self.assertLess(np.abs(little[0, :, 1].astype(float) - expected).max(), 1)

    def test_without_lol_pairs_it_draws_from_the_photographs_alone(self):
        pictures = Pictures([], [ramps()], SEED, pool_size=5)
        image, truth, _ = pictures.batch(2, 0.0)
        self.assertEqual(image.shape[1:2] + truth.shape[1:3], (3, 3, 4))

    def test_a_list_names_single_photographs(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name in ("a", "b"):
                Image.fromarray(ramps()).save(root / f"{name}.png")
            (root / "list.txt").write_text(f"# one of them\n{root}/b.png\n")
            self.assertEqual(len(photographs(root, [root / "list.txt"], ramps().shape[1::-1])), 1)

    def test_renewing_replaces_nights_in_turn(self):
        pictures = Pictures([], [ramps()], SEED, pool_size=5)
        before = list(pictures.nights)
        while pictures.renewed < len(before):
            pictures.renew()
        self.assertFalse(any(a is b for a, b in zip(before, pictures.nights)))


class BadData(unittest.TestCase):
    def refused(self, words, read, **pictures):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            if pictures:
                lol_folder(root, **pictures)
            with self.assertRaises(DataError) as caught:
                read(root)
        message = str(caught.exception)
        self.assertNotIn("\n", message)
        self.assertRegex(message, words)

    def test_a_missing_picture_is_named(self):
        self.refused(r"high/1\.webp: there is no such picture", lambda root: lol_pairs(root, "train"), low=ramps())

    def test_a_broken_picture_is_named(self):
        def read(root):
            (root / "lol-v1-train/high/1.webp").write_bytes(b"no picture")
            return lol_pairs(root, "train")
        self.refused(r"high/1\.webp: not a picture that can be read", read, low=ramps())

    def test_a_pair_of_different_sizes_is_named(self):
        self.refused(r"low/1\.webp: 600x400, but its truth is 300x400", lambda root: lol_pairs(root, "train"),
                     low=ramps(), high=ramps(300))

    def test_the_rehearsal_leaves_out_one_picture_of_each_unseen_scene_that_has_a_twin(self):
        ids = {"train": [1, 2, 3], "val": [4, 5, 6, 7, 8], "scenes": [[1, 2], [3], [6, 4], [5], [8, 7]]}
        self.assertEqual(split_names(ids, "left-out"), [4, 7])
        self.assertEqual(split_names(ids, "rehearsal"), [1, 2, 3, 5, 6, 8])
        self.assertEqual(split_names(ids, "all"), [1, 2, 3, 4, 5, 6, 7, 8])

    def test_a_split_without_a_pair_and_a_folder_without_a_split_are_refused(self):
        self.refused(r"split\.json: there is no pair in val", lambda root: lol_pairs(root, "val"), low=ramps(), high=ramps())
        self.refused(r"split\.json: expected lists of ids", lambda root: lol_pairs(root, "train"))

    def test_a_list_with_a_missing_photograph_and_a_missing_list_name_the_file(self):
        def read(root):
            (root / "list.txt").write_text(f"# photographs\n\n{root}/gone.png\n")
            return photographs(root, [root / "list.txt"])
        self.refused(r"gone\.png: there is no such picture", read)
        self.refused(r"none\.txt: there is no such list", lambda root: photographs(root, [root / "none.txt"]))

    def test_a_folder_without_photographs_is_refused(self):
        self.refused(r"there is no picture in it", lambda root: photographs(root, [root]))

    def test_nothing_to_train_on_is_refused(self):
        self.refused(r"no picture to train on", lambda root: Pictures([], [], SEED))


if __name__ == "__main__":
    unittest.main()
