"""Trains one network on whole pictures for a budget of steps, of minutes, or both; the learning rate ends where it ends.

    /usr/bin/python3 models/train.py --data DATA_DIR --network teacher --steps 8000
    /usr/bin/python3 models/train.py --data DATA_DIR --network base --teacher models/checkpoints/teacher.pt --steps 20000
    /usr/bin/python3 models/train.py --data DATA_DIR --network teacher --row le+dr --steps 1000 --name ablation-le+dr

Runs on a GPU where there is one. Stopped early (SIGTERM), it saves, and the same command goes on from the checkpoint.
"""
import argparse
import copy
import os
import signal
import time
from pathlib import Path

import torch

import losses
from checkpoint import CheckpointError, build, load, load_average, save
from data import POOL_SIZE, TRAINED_ON, DataError, Pictures, lol_pairs, photographs, picture_size
from distillation import Distillation
from neid import SHAPES, macs_per_pixel
from spatial_entropy import spatial_entropy_loss
from step_cost import FORMATS, StepCost, fastest_format
from teacher import ROWS

SEED = 20261123
BATCH = 4                # pictures at full scale; twice as many at half scale
LEARNING_RATE, FINAL_RATE, WARM_UP_STEPS = 1e-3, 2e-6, 300
EMA_DECAY = 0.999
EXPOSURE_ERROR = 0.12    # relative: how far a smoothed exposure may lag
WEIGHT_MSE_DR, WEIGHT_COLOR, WEIGHT_STRUCTURE, WEIGHT_STEADY = 0.1, 0.1, 2.0, 0.5
STEADY_STEPS = 4         # every fourth step looks at the same pictures twice
SMALL_UNTIL, SMALL_EARLY, SMALL_LATE = 0.65, 0.9, 0.3   # share of half-scale batches before and after this progress
TIMING_STEPS = 50        # shorter trainings do not try which number type is fastest
CHECKPOINT_SECONDS, REPORT_STEPS, RENEW_STEPS = 300, 200, 6


def learning_rate(progress, step, highest):
    """Linear warm-up, flat to a third of the budget, then a cosine to FINAL_RATE; `progress` is the used share of the budget."""
    fall = max(0.0, (progress - 0.3) / 0.7)
    cosine = 0.5 * (1 + torch.cos(torch.tensor(min(1.0, fall) * torch.pi)).item())
    return (FINAL_RATE + (highest - FINAL_RATE) * cosine) * min(1.0, (step + 1) / WARM_UP_STEPS)


class Run:
    """A network, what it is taught with, and the loss of one batch."""

    def __init__(self, network, device, distillation, entropy, long):
        self.network, self.device, self.distillation, self.entropy = network, device, distillation, entropy
        self.dtype, self.layout = fastest_format(network, device) if long else FORMATS[0]

    def loss(self, batch, step):
        """NEID eq. 7 and the terms beside it. `batch` is uint8 (image, truth, dark), the last two split into sub-pixels."""
        image, truth, dark = (torch.from_numpy(a).to(self.device).float().div_(255) for a in batch)
        exposure_error = torch.exp(EXPOSURE_ERROR * torch.randn(len(image), 1, device=self.device))
        views = None
        if step % STEADY_STEPS == STEADY_STEPS - 1:
            views = losses.TwoViews(image, self.device)
            image, truth, dark = views.images, views.of(truth), views.of(dark)
            exposure_error = exposure_error[:len(image) // 2].repeat(2, 1)
        n, _, height, width = image.shape
        image = image.to(memory_format=self.layout)
        zeros, one = torch.zeros(n, self.network.fusion_size, device=self.device), torch.ones(1, device=self.device)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            answer = self.network(image, zeros, one, exposure_error)
            lesson = self.distillation and self.distillation.lesson(image, exposure_error)
            taught = self.distillation(answer, lesson) if lesson else {}

        def split(subpixels):
            return subpixels.contiguous().float().view(n, 3, 4, height, width)

        enhanced, features = split(answer[0]), answer[2]
        parts = {
            "huber": losses.huber(enhanced, truth),
            **taught,
        }
        if step % 2:                # the two that cost most take turns, each with twice its weight
            parts["color"] = 2 * WEIGHT_COLOR * losses.color(enhanced, truth)
        else:
            parts["structure"] = 2 * WEIGHT_STRUCTURE * losses.structure(enhanced, truth, step // 2 % 2, step // 4 % 2)
        if features.refined is not None:
            exposure = features.exposure[:, :, None, None, None]
            parts["detail"] = WEIGHT_MSE_DR * losses.detail(split(features.refined), dark, exposure)
        if self.entropy:
            parts["entropy"] = self.entropy * spatial_entropy_loss(enhanced[:, :, step % 4], truth[:, :, step % 4])
        if views:
            parts["steady"] = WEIGHT_STEADY * views.difference(enhanced)
        return sum(parts.values()), parts


def follow(average, network, step):
    """The exponential moving average of the weights, which is what gets exported."""
    decay = min(EMA_DECAY, (step + 1) / (step + 10))
    with torch.no_grad():
        for slow, fast in zip(average.state_dict().values(), network.state_dict().values()):
            slow.lerp_(fast, 1 - decay)


class Budget:
    """Steps, minutes, or both: the one that is used up first ends the training."""

    def __init__(self, steps, minutes):
        self.steps, self.seconds = steps or float("inf"), (minutes or float("inf")) * 60

    def used(self, step, elapsed):
        return max(step / self.steps, elapsed / self.seconds)


def train(run, pictures, batch, budget, checkpoint, about, highest_rate):
    """Trains until the budget is used up, saves, and returns the steps made."""
    network, average = run.network, copy.deepcopy(run.network)
    trained = [p for module in (network, run.distillation) if module for p in module.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, highest_rate, weight_decay=1e-4)
    step, elapsed_before = 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=run.device)
        network.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, elapsed_before = state["step"], state["elapsed"]
        print(f"resumed at step {step}, {elapsed_before:.0f} s", flush=True)
    start, saved = time.monotonic(), time.monotonic()
    means, skipped, cost, stopping = {}, 0, StepCost(run.device), []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    while True:
        elapsed = elapsed_before + time.monotonic() - start
        progress = budget.used(step, elapsed)
        ending = progress >= 1 or stopping
        if ending or time.monotonic() - saved > CHECKPOINT_SECONDS:
            save(checkpoint, model=network.state_dict(), average=average.state_dict(), optimizer=optimizer.state_dict(),
                 step=step, elapsed=elapsed, seed=SEED, about=about)
            saved = time.monotonic()
        if ending:
            return step
        rate = learning_rate(progress, step, highest_rate)
        for group in optimizer.param_groups:
            group["lr"] = rate
        cost.begin(step)
        if step % RENEW_STEPS == 0:
            pictures.renew()
        small = SMALL_EARLY if progress < SMALL_UNTIL else SMALL_LATE
        loss, parts = run.loss(pictures.batch(batch, small), step)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trained, 1.0)
        if torch.isfinite(norm):
            optimizer.step()
            follow(average, network, step)
        else:
            skipped += 1
        cost.end()
        step += 1
        if step % 10 < 2:
            for name, part in parts.items():
                means[name] = 0.9 * means.get(name, part.item()) + 0.1 * part.item()
        if step % REPORT_STEPS == 0:
            values = " ".join(f"{name} {value:.4f}" for name, value in means.items())
            print(f"step {step} {elapsed:.0f} s lr {rate:.2e} {values} skipped {skipped} {cost}", flush=True)


def finished(checkpoint, about, budget):
    """Whether the checkpoint has used up this budget already. Raises CheckpointError when it is of another run."""
    if not checkpoint.exists():
        return False
    state = load(checkpoint)
    if state["about"] != about:
        raise CheckpointError(f"{checkpoint} is of another run: {state['about']}; remove it or give another --name")
    return budget.used(state["step"], state["elapsed"]) >= 1


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("NIGHTGLASS_DATA"), help="folder with lol-v1-train/ and photos/")
    parser.add_argument("--network", default="base", choices=["teacher", *SHAPES])
    parser.add_argument("--row", default="neid", choices=ROWS, help="row of the teacher's ablation")
    parser.add_argument("--split", default="train", choices=TRAINED_ON, help="LOL-v1 pairs to train on")
    parser.add_argument("--photos", nargs="*", default=[], help="further clean photographs: folders, or .txt files that list them")
    parser.add_argument("--teacher", type=Path, help="checkpoint to distil from")
    parser.add_argument("--start", type=Path, help="checkpoint whose averaged weights to begin with")
    parser.add_argument("--entropy", type=float, default=0.0, help="weight of the spatial entropy loss")
    parser.add_argument("--rate", type=float, default=LEARNING_RATE, help="highest learning rate")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--batch", type=int, default=BATCH, help="pictures at full scale; twice as many at half scale")
    parser.add_argument("--pool", type=int, default=POOL_SIZE, help="synthetic nights held at a time")
    parser.add_argument("--name", help="of the checkpoint (default: the network's)")
    parser.add_argument("--checkpoints", type=Path, default=Path(__file__).parent / "checkpoints")
    options = parser.parse_args()
    if not options.data:
        parser.error("--data DIR (or NIGHTGLASS_DATA) must name the folder that holds lol-v1-train/ and photos/")
    if not options.steps and not options.minutes:
        parser.error("--steps or --minutes must say how long to train")
    return options


def main():
    options = arguments()
    about = {key: str(getattr(options, key)) for key in ("network", "row", "split", "teacher", "start", "entropy", "rate")}
    checkpoint, budget = options.checkpoints / f"{options.name or options.network}.pt", Budget(options.steps, options.minutes)
    if finished(checkpoint, about, budget):
        print(f"{checkpoint} is finished")
        return
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(SEED)
    network = build(options.network, options.row).to(device)
    if options.network in SHAPES:
        macs, limit = macs_per_pixel(network), SHAPES[options.network].macs_limit
        assert macs <= limit, f"expected at most {limit} MACs per input pixel, got {macs}"
    if options.start:
        network.load_state_dict(load_average(options.start, options.network, options.row))
    distillation = None
    if options.teacher:
        teacher = build("teacher", "neid")
        teacher.load_state_dict(load_average(options.teacher, "teacher", "neid"))
        distillation = Distillation(network, teacher.to(device)).to(device)
    pairs = lol_pairs(options.data, options.split)
    pictures = Pictures(pairs, photographs(options.data, options.photos, picture_size(pairs)), SEED, options.pool)
    print(f"{len(pictures.pairs)} pairs, {len(pictures.photos)} photographs, {device}", flush=True)
    run = Run(network, device, distillation, options.entropy, budget.steps > TIMING_STEPS)
    print(f"{run.dtype}, {run.layout}", flush=True)
    options.checkpoints.mkdir(exist_ok=True)
    steps = train(run, pictures, options.batch, budget, checkpoint, about, options.rate)
    print(f"finished after {steps} steps: {checkpoint}")


if __name__ == "__main__":
    try:
        main()
    except (CheckpointError, DataError) as error:
        raise SystemExit(str(error))
