"""A shipped network opened in PyTorch computes what was exported, and refuses files that do not belong together."""
import json
import shutil
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from artifact import ARTIFACTS, open_artifact

SHIPPED = sorted(folder.name for folder in ARTIFACTS.iterdir() if folder.is_dir())


def tensor(stored):
    return torch.tensor(stored["data"]).view(stored["shape"])


class Shipped(unittest.TestCase):
    def test_every_artifact_computes_its_golden_answers(self):
        self.assertIn("base", SHIPPED)
        for name in SHIPPED:
            artifact = open_artifact(name)
            for case in json.loads((ARTIFACTS / name / "golden.json").read_text()):
                case = {key: tensor(stored) for key, stored in case.items()}
                subpixels, fusion = artifact(case["image"], case["fusion_previous"], case["fusion_mix"])
                self.assertEqual(fusion.shape, (1, artifact.fusion_size))
                torch.testing.assert_close(subpixels, case["subpixels"], atol=1e-4, rtol=1e-4)
                torch.testing.assert_close(fusion, case["fusion"], atol=1e-4, rtol=1e-4)

    def test_a_picture_of_any_size_comes_back_at_twice_its_size(self):
        picture = np.random.default_rng(0).integers(0, 60, (21, 30, 3), dtype=np.uint8)
        enhanced, fusion = open_artifact("base").enhance(picture)
        self.assertEqual((enhanced.shape, enhanced.dtype), ((42, 60, 3), np.uint8))
        self.assertGreater(enhanced.mean(), picture.mean())
        self.assertTrue(torch.isfinite(fusion).all())

    def test_the_decisions_of_the_frame_before_are_kept_as_far_as_told(self):
        artifact = open_artifact("base")
        picture = np.random.default_rng(0).integers(0, 60, (16, 24, 3), dtype=np.uint8)
        _, alone = artifact.enhance(picture)
        _, held = artifact.enhance(picture, alone * 2, 0)
        _, mixed = artifact.enhance(picture, alone * 2, 0.25)
        torch.testing.assert_close(held, alone * 2)
        self.assertAlmostEqual(float(mixed[0, 0] / alone[0, 0]), 1.75, 3)


class Refusals(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        for file in ("card.json", "weights.bin"):
            shutil.copy(ARTIFACTS / "base" / file, self.folder)

    def assert_refused(self, words):
        with self.assertRaises(ValueError) as caught:
            open_artifact(self.folder)
        self.assertRegex(str(caught.exception), words)
        self.assertNotIn("\n", str(caught.exception))

    def test_a_folder_that_holds_both_files_opens(self):
        self.assertGreater(open_artifact(self.folder).fusion_size, 1)

    def test_weights_that_are_not_the_cards_are_refused(self):
        content = bytearray((self.folder / "weights.bin").read_bytes())
        content[100] ^= 1
        (self.folder / "weights.bin").write_bytes(content)
        self.assert_refused(r"weights\.bin: its sha256")

    def test_missing_files_are_named(self):
        (self.folder / "weights.bin").unlink()
        self.assert_refused(r"weights\.bin: No such file")
        (self.folder / "card.json").unlink()
        self.assert_refused(r"card\.json: No such file")

    def test_a_card_that_is_none_is_refused(self):
        for content in ("not json", "[]", "{}", '{"files": {"weights.bin": {"sha256": "0"}}}'):
            (self.folder / "card.json").write_text(content)
            self.assert_refused(r"card\.json: expected a model card")


if __name__ == "__main__":
    unittest.main()
