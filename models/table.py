"""Writes the tables of README.md from results.json, between its marks: no figure there is typed by hand.

    /usr/bin/python3 models/table.py
"""
import argparse
import re
from pathlib import Path

from results import RESULTS, read

HERE = Path(__file__).parent
STUDENTS = ("lite", "base", "quality")
ABLATION = (
    ("row-unet", "U-net, enlarged bilinearly", 19.60),
    ("row-le", "+ sub-pixel head (LE)", 20.78),
    ("row-le+dr", "+ Detail Refinement (DR)", 21.73),
    ("row-neid", "+ Feature Fusing (FF): NEID", 22.83),
    ("row-neid-entropy", "NEID + 0.1 spatial entropy", None),
    ("row-base", "student `base`", None),
    ("row-base-entropy", "student + 0.1 spatial entropy", None),
    ("row-base-distilled", "student, distilled", None),
)


def lines_of(header, rows):
    """A Markdown table; a row whose figures do not exist yet is left out."""
    kept = [row for row in rows if row]
    return ["| " + " | ".join(header) + " |", "|" + "---|" * len(header), *("| " + " | ".join(row) + " |" for row in kept)]


def figures(entry):
    return [f"{entry['psnr']:.2f}", f"{entry['ssim']:.3f}", f"{entry['haarpsi']:.3f}"]


def quality(results):
    def trained(key, name):
        entry = results.get(key)
        left_out = results.get(f"{key}-left-out")
        return entry and [name, f"{entry['macs']:,}", f"{entry['steps']:,} / {entry['minutes']:.0f} min", *figures(entry),
                          *(figures(left_out)[:2] if left_out else ("", ""))]

    base = results.get("baselines", {})
    rows = [[name if "value" not in entry else f"{name} ({entry['value']:.2f}, fitted on train)", "", "", *figures(entry), "", ""]
            for name, entry in base.items() if isinstance(entry, dict)]
    rows += [trained("teacher", "teacher"), *(trained(name, f"**`{name}`**") for name in STUDENTS),
             trained("base-free-settled", "**`base-free`**, no LOL picture in training")]
    stamp = next((results[key] for key in ("base", "teacher", "baselines") if key in results), None)
    note = stamp and ["", f"Commit {stamp['commit']}, pictures {stamp['data']}."]
    header = ["", "MACs per input pixel", "steps / time", "PSNR", "SSIM", "HaarPSI", "left-out PSNR", "left-out SSIM"]
    return lines_of(header, rows) + (note or [])


def ablation(results):
    rows = []
    for key, name, paper in ABLATION:
        entry = results.get(key)
        rows.append(entry and [name, f"{entry['steps']:,}", *figures(entry), f"{entry['psnr_at_truth_mean']:.2f}",
                               "" if paper is None else f"{paper:.2f}"])
    return lines_of(["", "steps", "PSNR", "SSIM", "HaarPSI", "PSNR at the truth's mean", "the paper's PSNR (LOL test)"], rows)


def live(results):
    def row(name):
        found, clips = results.get(f"daylight-{name}"), results.get(f"steadiness-{name}")
        if not found or not clips:
            return None
        day, dusk = found["day"][-1], found["dusk"]

        def mean(output, column, light):
            values = [clip[column] for clip in clips if clip["output"].startswith(output) and clip["light"] == light]
            return sum(values) / len(values)

        def three(column, light):
            return " / ".join(f"{mean(output, column, light):.2f}" for output in ("ideal", "each", "smoothed"))

        return [f"`{name}`", f"{day['psnr']:.1f} / {day['worst_psnr']:.1f}", f"{day['colour_shift']:.1f}",
                f"{max(r['largest_saturation'] for r in found['infrared']):.0f}",
                f"{dusk['largest_step_up']:.1f} / {dusk['largest_step_down']:.1f}",
                three("flicker", "steady"), three("flicker_of_mean", "wobbling"), three("ab_var", "wobbling"),
                three("mabd", "steady")]

    header = ["", "day PSNR, mean / worst", "colour shift", "infrared saturation", "dusk step, up / down", "flicker",
              "flicker of the mean, wobbling", "AB(Var), wobbling", "MABD"]
    return lines_of(header, [row(name) for name in (*STUDENTS, "base-free")])


TABLES = {"quality": quality, "ablation": ablation, "live": live}


def fill(text, results):
    """README text with every `<!-- table NAME -->` … `<!-- end -->` rendered anew."""
    def render(match):
        return "\n".join([f"<!-- table {match[1]} -->", *TABLES[match[1]](results), "<!-- end -->"])
    return re.sub(r"<!-- table (\w+) -->\n.*?<!-- end -->", render, text, flags=re.S)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--readme", type=Path, default=HERE / "README.md")
    options = parser.parse_args()
    options.readme.write_text(fill(options.readme.read_text(), read(options.results)))


if __name__ == "__main__":
    main()
