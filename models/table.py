"""Writes the tables of README.md from results.json, between its marks: no figure there is typed by hand.

    /usr/bin/python3 models/table.py
"""
import argparse
import json
import re
from pathlib import Path

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
        return entry and [name, f"{entry['macs']:,}", f"{entry['steps']:,} / {entry['minutes']:.0f} min", *figures(entry)]

    base = results.get("baselines", {})
    rows = [[name if "value" not in entry else f"{name} ({entry['value']:.2f}, fitted on train)", "", "", *figures(entry)]
            for name, entry in base.items() if isinstance(entry, dict)]
    rows += [trained("teacher", "teacher"), *(trained(name, f"**`{name}`**") for name in STUDENTS),
             trained("base-free-settled", "**`base-free`**, no LOL picture in training")]
    stamp = next((results[key] for key in ("base", "teacher", "baselines") if key in results), None)
    note = stamp and [f"", f"Commit {stamp['commit']}, pictures {stamp['data']}."]
    return lines_of(["", "MACs per input pixel", "steps / time", "PSNR", "SSIM", "HaarPSI"], rows) + (note or [])


def ablation(results):
    rows = []
    for key, name, paper in ABLATION:
        entry = results.get(key)
        rows.append(entry and [name, f"{entry['steps']:,}", *figures(entry), "" if paper is None else f"{paper:.2f}"])
    return lines_of(["", "steps", "PSNR", "SSIM", "HaarPSI", "the paper's PSNR (LOL test)"], rows)


TABLES = {"quality": quality, "ablation": ablation}


def fill(text, results):
    """README text with every `<!-- table NAME -->` … `<!-- end -->` rendered anew."""
    def render(match):
        return "\n".join([f"<!-- table {match[1]} -->", *TABLES[match[1]](results), "<!-- end -->"])
    return re.sub(r"<!-- table (\w+) -->\n.*?<!-- end -->", render, text, flags=re.S)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=HERE / "results.json")
    parser.add_argument("--readme", type=Path, default=HERE / "README.md")
    options = parser.parse_args()
    options.readme.write_text(fill(options.readme.read_text(), json.loads(options.results.read_text())))


if __name__ == "__main__":
    main()
