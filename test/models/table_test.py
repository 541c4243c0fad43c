"""The README's tables hold what results.json holds, and nothing else in the file is touched."""
import unittest

import table

README = "before\n<!-- table ablation -->\nold\n<!-- end -->\nafter\n"
ENTRY = {"psnr": 20.125, "ssim": 0.7, "haarpsi": 0.65, "steps": 1000, "minutes": 8, "macs": 4980, "commit": "abc", "data": "def"}


class Tables(unittest.TestCase):
    def test_a_table_is_rendered_between_its_marks(self):
        text = table.fill(README, {"row-le": ENTRY})
        self.assertTrue(text.startswith("before\n<!-- table ablation -->\n|"))
        self.assertTrue(text.endswith("|\n<!-- end -->\nafter\n"))
        self.assertIn("| + sub-pixel head (LE) | 1,000 | 20.12 | 0.700 | 0.650 | 20.78 |", text)
        self.assertNotIn("old", text)

    def test_a_second_run_changes_nothing(self):
        once = table.fill(README, {"row-le": ENTRY})
        self.assertEqual(table.fill(once, {"row-le": ENTRY}), once)

    def test_what_was_not_measured_has_no_row(self):
        text = table.fill(README, {"row-le": ENTRY})
        self.assertEqual(sum(line.startswith("| ") for line in text.splitlines()), 2)     # the header and one row

    def test_the_quality_table_says_cost_time_commit_and_data(self):
        text = table.fill("<!-- table quality -->\n<!-- end -->\n",
                          {"base": ENTRY, "baselines": {"best single gain": {**ENTRY, "value": 6.1}, "commit": "abc", "data": "def"}})
        self.assertIn("| best single gain (6.10, fitted on train) |", text)
        self.assertIn("| **`base`** | 4,980 | 1,000 / 8 min | 20.12 | 0.700 | 0.650 |", text)
        self.assertIn("Commit abc, pictures def.", text)


if __name__ == "__main__":
    unittest.main()
