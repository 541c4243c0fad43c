"""Exports a checkpoint to artifacts/<name>: model.onnx, weights.bin, card.json and golden.json (test vectors).

    /usr/bin/python3 models/export.py --data DATA_DIR --checkpoint models/checkpoints/base.pt --name base

Fails, and writes nothing, unless PyTorch, the card's layer list and the ONNX file in onnxruntime-web (run by
run-onnx.ts) agree within 1e-4 on random and real inputs of several sizes.
"""
import argparse
import base64
import hashlib
import json
import os
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch

import evaluate
import results
import train
from checkpoint import CheckpointError, open_network
from card import OPS, TEACHER_OPS, read_graph, run_layers
from data import DataError, lol_pairs
from neid import SHAPES, macs_per_pixel

HERE = Path(__file__).parent
TOLERANCE = 1e-4
OPSET = 16
SIZE_LIMIT_BYTES = 3 << 20
DATA = {
    "train": "LOL-v1 our485 (the 439 pairs of the train split), synthetic nights from its bright pictures, Kodak24, Urban100",
    "rehearsal": "LOL-v1 our485 (all but the left-out pictures), synthetic nights from its bright pictures, Kodak24, Urban100",
    "all": "LOL-v1 our485 (all 485 pairs), synthetic nights from its bright pictures, Kodak24, Urban100",
    "none": "Synthetic nights only, made from freely licensed photographs: Kodak24, Urban100, Debian's wallpaper packages",
}
PHOTOGRAPHS = "Kodak24 is unrestricted; Urban100's photographs are Creative Commons from Flickr"
RESEARCH = (f"Research data: LOL-v1's page states no licence, so the weights are for research and evaluation. {PHOTOGRAPHS}.")
LICENCES = {
    "train": RESEARCH, "rehearsal": RESEARCH, "all": RESEARCH,
    "none": f"Free to use: {PHOTOGRAPHS}; the wallpapers are under the GPL or Creative Commons, named in their packages.",
}
PURPOSE = (
    "Brightens a dark camera picture and doubles its size (sRGB-encoded RGB, full range, 0…1), steadily over time by "
    "smoothing the fusion vector. For watching, not for measuring or identifying: detail it shows is a guess."
)


def write_onnx(model, path):
    example = (torch.rand(1, 3, 16, 24), torch.zeros(1, model.fusion_size), torch.ones(1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, example, path, opset_version=OPSET,
            input_names=["image", "fusion_previous", "fusion_mix"], output_names=["subpixels", "fusion"],
            dynamic_axes={"image": {2: "h", 3: "w"}, "subpixels": {2: "h", 3: "w"}},
        )


def dark_scene(random, height, width):
    """A small dark picture with one clipped lamp: f32 [1,3,h,w]."""
    image = random.random((1, 3, height, width), np.float32) ** 2 * 0.12
    image[:, :, height // 4:height // 4 + 2, width // 3:width // 3 + 2] = 1
    return image


def cases(data_dir, fusion_size):
    """Inputs on which every form of the network must agree: random at several sizes, black, white, and real ones."""
    random = np.random.default_rng(1)
    images = [dark_scene(random, h, w) for h, w in ((8, 8), (16, 24), (40, 72), (136, 104))]
    images += [np.zeros((1, 3, 8, 16), np.float32), np.ones((1, 3, 24, 8), np.float32)]
    images += [random.random((1, 3, 64, 48), np.float32)]
    if data_dir:
        for image, _, _ in lol_pairs(data_dir, "val")[:3]:
            images.append(np.ascontiguousarray(image[:200, :296].transpose(2, 0, 1)[None].astype(np.float32) / 255))
    return [{"image": image, "fusion_previous": np.zeros((1, fusion_size), np.float32) if index % 2 == 0
             else random.random((1, fusion_size), np.float32) * 2, "fusion_mix": np.float32([1 if index % 2 == 0 else 0.25])}
            for index, image in enumerate(images)]


def run_torch(model, case):
    with torch.no_grad():
        outputs = model(*(torch.from_numpy(case[name]) for name in ("image", "fusion_previous", "fusion_mix")))
    return {"subpixels": outputs[0].numpy(), "fusion": outputs[1].numpy()}


def run_card(layers, blob, case):
    values = run_layers(layers, blob, torch.from_numpy(case["image"]), torch.from_numpy(case["fusion_previous"][0]),
                        torch.from_numpy(case["fusion_mix"]))
    return {"subpixels": values["subpixels"].numpy(), "fusion": values["fusion"][None].numpy()}


def run_onnx(path, all_cases):
    """The ONNX file in onnxruntime-web's WASM engine, in Node."""
    def pack(array):
        return {"shape": list(array.shape), "data": base64.b64encode(array.astype("<f4").tobytes()).decode()}

    request = json.dumps([{name: pack(array) for name, array in case.items()} for case in all_cases])
    answer = subprocess.run(["node", "--import", "tsx", str(HERE / "run-onnx.ts"), str(path)], input=request, cwd=HERE.parent,
                            capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(f"onnxruntime-web did not run {path}:\n{answer.stderr}")
    return [{name: np.frombuffer(base64.b64decode(tensor["data"]), "<f4").reshape(tensor["shape"])
             for name, tensor in case.items()} for case in json.loads(answer.stdout)]


def largest_difference(a, b):
    """Relative where a value is above 1: the exposure in the fusion vector reaches 100."""
    return max(float(np.max(np.abs(a[name] - b[name]) / np.maximum(1, np.abs(a[name])))) for name in a)


def golden(model):
    """Stored vectors for the engine's self-check and the tests: a lone frame and a smoothed one."""
    random = np.random.default_rng(7)
    image = np.round(dark_scene(random, 16, 24), 4)
    first = {"image": image, "fusion_previous": np.zeros((1, model.fusion_size), np.float32), "fusion_mix": np.float32([1])}
    previous = np.round(run_torch(model, first)["fusion"] * 0.8, 4)
    second = {"image": image, "fusion_previous": previous, "fusion_mix": np.float32([0.25])}
    return [{name: {"shape": list(array.shape), "data": [float(f"{v:.7g}") for v in array.ravel()]}
             for name, array in {**case, **run_torch(model, case)}.items()} for case in (first, second)]


def digest(content):
    return hashlib.sha256(content).hexdigest()


def agreement(model, onnx_path, layers, blob, data_dir):
    """The largest differences of ONNX and of the card's layers from PyTorch, on random and on real inputs."""
    all_cases = cases(data_dir, model.fusion_size)
    expected = [run_torch(model, case) for case in all_cases]
    by_onnx = max(map(largest_difference, expected, run_onnx(onnx_path, all_cases)))
    by_card = max(largest_difference(want, run_card(layers, blob, case)) for want, case in zip(expected, all_cases))
    return by_onnx, by_card


def checked(model, network, data_dir):
    """-> (ONNX bytes, card layers, weights.bin bytes). Exits with one line when they do not agree or break the contract."""
    with tempfile.TemporaryDirectory() as folder:
        onnx_path = Path(folder) / "model.onnx"
        write_onnx(model, onnx_path)
        layers, blob = read_graph(onnx_path)
        by_onnx, by_card = agreement(model, onnx_path, layers, blob, data_dir)
        onnx_bytes = onnx_path.read_bytes()
    print(f"largest difference from PyTorch: ONNX {by_onnx:.1e}, card {by_card:.1e}")
    if not max(by_onnx, by_card) <= TOLERANCE:
        raise SystemExit(f"expected at most {TOLERANCE}; nothing was written")
    if not {layer["op"] for layer in layers} <= set(OPS if network in SHAPES else TEACHER_OPS):
        raise SystemExit("the exported model has operations outside the contract; nothing was written")
    if network in SHAPES and (len(onnx_bytes) > SIZE_LIMIT_BYTES or macs_per_pixel(model) > SHAPES[network].macs_limit):
        raise SystemExit("the exported model breaks the contract on size; nothing was written")
    return onnx_bytes, layers, blob


def card(model, state, options, onnx_bytes, layers, blob):
    """What card.json says."""
    about, size = state["about"], model.fusion_size
    measured = results.read(options.results)
    return {
        "format": 1, "name": options.name, "network": about["network"], "purpose": PURPOSE, "note": options.note,
        "parameters": sum(int(np.prod(layer[part]["shape"])) for layer in layers for part in ("weight", "bias") if layer.get(part)),
        "macsPerInputPixel": macs_per_pixel(model), "fusionSize": size, "scale": 2, "multipleOf": 8,
        "inputs": {"image": [1, 3, "h", "w"], "fusion_previous": [1, size], "fusion_mix": [1]},
        "outputs": {"subpixels": [1, 12, "h", "w"], "fusion": [1, size]},
        "data": {"train": DATA[about["split"]], "licence": LICENCES[about["split"]]},
        "training": {"seed": state["seed"], "steps": state["step"], "minutes": round(state["elapsed"] / 60, 1),
                     "batch": train.BATCH, "split": about["split"], "distilled": about["teacher"] != "None"},
        "commit": evaluate.commit(),
        "metrics": {"set": "LOL-v1 val split of split.json (scene-disjoint), 2x from halved input, RGB, no ground-truth mean",
                    "measured": options.measured_as, "model": measured.get(options.measured),
                    "leftOut": measured.get(f"{options.name}-left-out"),
                    **{key: value for key, value in measured.get("baselines", {}).items() if isinstance(value, dict)}},
        "files": {"model.onnx": {"sha256": digest(onnx_bytes), "bytes": len(onnx_bytes), "opset": OPSET},
                  "weights.bin": {"sha256": digest(blob), "bytes": len(blob)}},
        "ops": sorted({layer["op"] for layer in layers}), "layers": layers,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("NIGHTGLASS_DATA"), help="to check on real pictures as well")
    parser.add_argument("--checkpoint", required=True, type=Path)
    parser.add_argument("--name", default="base")
    parser.add_argument("--measured", metavar="KEY", help="entry of results.json for the card (default: the name)")
    parser.add_argument("--measured-as", default="these weights", help="what that entry measured")
    parser.add_argument("--results", type=Path, default=results.RESULTS)
    parser.add_argument("--artifacts", type=Path, default=HERE / "artifacts")
    parser.add_argument("--note", default="", help="a sentence for the card, such as 'preliminary'")
    options = parser.parse_args()
    options.measured = options.measured or options.name
    torch.set_num_threads(2)
    model, state = open_network(options.checkpoint)
    onnx_bytes, layers, blob = checked(model, state["about"]["network"], options.data)
    written = card(model, state, options, onnx_bytes, layers, blob)
    target = options.artifacts / options.name
    target.mkdir(parents=True, exist_ok=True)
    (target / "model.onnx").write_bytes(onnx_bytes)
    (target / "weights.bin").write_bytes(blob)
    (target / "golden.json").write_text(json.dumps(golden(model)) + "\n")
    lines = json.dumps({key: value for key, value in written.items() if key != "layers"}, indent=2, ensure_ascii=False)[:-2]
    layer_lines = ",\n".join("    " + json.dumps(layer) for layer in layers)
    (target / "card.json").write_text(f'{lines},\n  "layers": [\n{layer_lines}\n  ]\n}}\n')
    print(f"wrote {target}: {len(onnx_bytes)} bytes of ONNX, {written['macsPerInputPixel']:.0f} MACs per input pixel")


if __name__ == "__main__":
    try:
        main()
    except (CheckpointError, DataError) as error:
        raise SystemExit(str(error))
