"""The README's tables hold what results.json holds, and nothing else in the file is touched."""
import unittest

import table

README = "before\n<!-- table ablation -->\nold\n<!-- end -->\nafter\n"
ENTRY = {"psnr": 20.125, "psnr_at_truth_mean": 24.5, "ssim": 0.7, "haarpsi": 0.65,
         "steps": 1000, "minutes": 8, "macs": 4980, "commit": "abc", "data": "def"}


class Tables(unittest.TestCase):
    def test_a_table_is_rendered_between_its_marks(self):
        text = table.fill(README, {"row-le": ENTRY})
        self.assertTrue(text.startswith("before\n<!-- table ablation -->\n|"))
        self.assertTrue(text.endswith("|\n<!-- end -->\nafter\n"))
        self.assertIn("| + sub-pixel head (LE) | 1,000 | 20.12 | 0.700 | 0.650 | 24.50 | 20.78 |", text)
        self.assertNotIn("old", text)

    def test_a_second_run_changes_nothing(self):
        once = table.fill(README, {"row-le": ENTRY})
        self.assertEqual(table.fill(once, {"row-le": ENTRY}), once)

    def test_what_was_not_measured_has_no_row(self):
        text = table.fill(README, {"row-le": ENTRY})
        self.assertEqual(sum(line.startswith("| ") for line in text.splitlines()), 2)     # the header and one row

    def test_the_quality_table_says_cost_time_commit_and_data(self):
        text = table.fill("<!-- table quality -->\n<!-- end -->\n",
                          {"base": ENTRY, "base-left-out": {**ENTRY, "psnr": 22.25, "ssim": 0.8},
                           "baselines": {"best single gain": {**ENTRY, "value": 6.1}, "commit": "abc", "data": "def"}})
        self.assertIn("| best single gain (6.10, fitted on train) |", text)
        self.assertIn("| **`base`** | 4,980 | 1,000 / 8 min | 20.12 | 0.700 | 0.650 | 22.25 | 0.800 |", text)
        self.assertIn("Commit abc, pictures def.", text)

    def test_the_live_table_sets_smoothed_output_beside_the_ideal_exposure(self):
        def clip(output, light, flicker):
            return {"output": output, "light": light, "flicker": flicker, "flicker_of_mean": 0.5, "ab_var": 0.25, "mabd": 0.1}

        results = {
            "daylight-base": {"day": [{"psnr": 31.2, "worst_psnr": 28.04, "colour_shift": 1.0}],
                              "infrared": [{"largest_saturation": 0.0}, {"largest_saturation": 1.0}],
                              "dusk": {"largest_step_up": 2.25, "largest_step_down": 0.5}},
            "steadiness-base": [clip("the clip itself, 70% still", "clean", 9),
                                *(clip(output, light, flicker) for light in ("steady", "wobbling") for output, flicker in (
                                    ("ideal exposure (6.9 x^0.45)", 3.0), ("each frame alone", 2.5), ("smoothed", 2.0)))],
        }
        text = table.fill("<!-- table live -->\n<!-- end -->\n", results)
        self.assertIn("| `base` | 31.2 / 28.0 | 1.0 | 1 | 2.2 / 0.5 | 3.00 / 2.50 / 2.00 |", text)


if __name__ == "__main__":
    unittest.main()
