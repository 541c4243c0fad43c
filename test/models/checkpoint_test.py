"""A checkpoint of another network, or no checkpoint at all, is refused in one line that names the file."""
import tempfile
import unittest
from pathlib import Path

import torch

from checkpoint import CheckpointError, build, keep, load_average, open_network, save

ABOUT = {"network": "lite", "row": "neid", "split": "train", "entropy": "0.0", "teacher": "None"}


class Checkpoints(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "lite.pt"

    def refused(self, read):
        with self.assertRaises(CheckpointError) as caught:
            read()
        message = str(caught.exception)
        self.assertNotIn("\n", message)
        self.assertIn("lite.pt", message)
        return message

    def test_what_was_saved_runs_again(self):
        network = build("lite")
        save(self.path, average=network.state_dict(), about=ABOUT, step=3)
        opened, state = open_network(self.path)
        self.assertEqual(state["step"], 3)
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(opened.state_dict().values(), network.state_dict().values())))

    def test_what_is_kept_starts_a_further_training_without_the_optimizer(self):
        network = build("lite")
        save(self.path, average=network.state_dict(), about=ABOUT, step=3, elapsed=60.0, optimizer={"of": "Adam"})
        kept = self.path.with_name("kept-lite.pt")
        keep(self.path, kept)
        self.assertEqual(open_network(kept)[1]["elapsed"], 60.0)
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(load_average(kept, "lite").values(), network.state_dict().values())))
        self.assertNotIn("optimizer", torch.load(kept))

    def test_another_shape_is_refused(self):
        save(self.path, average=build("base").state_dict(), about=ABOUT)
        self.assertRegex(self.refused(lambda: load_average(self.path, "lite")), r"not a checkpoint of lite: \S+ is \(")
        self.refused(lambda: open_network(self.path))

    def test_a_missing_and_a_broken_file_are_refused(self):
        self.assertIn("there is no such checkpoint", self.refused(lambda: load_average(self.path, "lite")))
        self.path.write_bytes(b"text")
        self.assertIn("not a checkpoint of models/train.py", self.refused(lambda: load_average(self.path, "lite")))
        torch.save({"weights": 1}, self.path)
        self.assertIn("not a checkpoint of models/train.py", self.refused(lambda: load_average(self.path, "lite")))

    def test_a_save_that_fails_leaves_the_last_one_whole(self):
        save(self.path, average={}, about=ABOUT, step=1)
        with self.assertRaises(Exception):
            save(self.path, average=lambda: None, about=ABOUT, step=2)
        self.assertEqual(torch.load(self.path)["step"], 1)


if __name__ == "__main__":
    unittest.main()
