"""Trains the NEID student on whole pictures for a wall-clock budget; the learning rate falls with elapsed / budget.

    /usr/bin/python3 models/train.py --data DATA_DIR --minutes 90        (train split of LOL-v1)
    /usr/bin/python3 models/train.py --smoke                                   (self-made pictures, a few steps)

Stops by itself at the end of the budget. Stopped earlier (SIGTERM), it saves, and goes on when started again.
"""
import argparse
import copy
import os
import signal
import time
from pathlib import Path

import torch

import losses
from data import Pictures, lol_pairs, photographs, self_made_pictures
from neid import FUSION_SIZE, Neid, macs_per_pixel
from thread_count import ThreadCount

SEED = 20261121
BATCH = 4
LEARNING_RATE, FINAL_RATE, WARM_UP_STEPS = 1e-3, 2e-6, 300
EMA_DECAY = 0.999
EXPOSURE_ERROR = 0.12    # relative: how far a smoothed exposure may lag
WEIGHT_MSE_DR, WEIGHT_COLOR, WEIGHT_STRUCTURE = 0.1, 0.1, 0.15
CHECKPOINT_SECONDS, REPORT_STEPS, RENEW_STEPS = 540, 200, 6
MACS_LIMIT = 5000
CHECKPOINTS = Path(__file__).parent / "checkpoints"


def learning_rate(progress, step):
    """Linear warm-up, flat to a third of the budget, then a cosine to FINAL_RATE: `progress` is elapsed / budget."""
    fall = max(0.0, (progress - 0.3) / 0.7)
    cosine = 0.5 * (1 + torch.cos(torch.tensor(min(1.0, fall) * torch.pi)).item())
    return (FINAL_RATE + (LEARNING_RATE - FINAL_RATE) * cosine) * min(1.0, (step + 1) / WARM_UP_STEPS)


def total_loss(model, batch, step):
    """NEID eq. 7 plus the structural term. `batch` is uint8 (image, truth, dark), the last two split into sub-pixels."""
    image, truth, dark = (torch.from_numpy(a).float().div_(255) for a in batch)
    n, _, height, width = image.shape
    image = image.to(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        subpixels, _, refined, exposure = model(
            image, torch.zeros(n, FUSION_SIZE), torch.ones(1), True, torch.exp(EXPOSURE_ERROR * torch.randn(n, 1)))
    enhanced, refined = (x.contiguous().float().view(n, 3, 4, height, width) for x in (subpixels, refined))
    parts = {
        "huber": losses.huber(enhanced, truth),
        "detail": WEIGHT_MSE_DR * losses.detail(refined, dark, exposure[:, :, None, None, None]),
        "color": WEIGHT_COLOR * losses.color(enhanced, truth),
        "structure": WEIGHT_STRUCTURE * losses.structure(enhanced, truth, step % 2, step // 2 % 2),
    }
    return sum(parts.values()), parts


def follow(average, model, step):
    """The exponential moving average of the weights, which is what gets exported."""
    decay = min(EMA_DECAY, (step + 1) / (step + 10))
    with torch.no_grad():
        for slow, fast in zip(average.state_dict().values(), model.state_dict().values()):
            slow.lerp_(fast, 1 - decay)


def save(path, **state):
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def train(pictures, seconds, checkpoint, step_limit=None):
    torch.manual_seed(SEED)
    model = Neid().to(memory_format=torch.channels_last)
    macs = macs_per_pixel(model)
    assert macs <= MACS_LIMIT, f"expected at most {MACS_LIMIT} MACs per input pixel, got {macs}"
    average = copy.deepcopy(model)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], LEARNING_RATE, weight_decay=1e-4)
    step, elapsed_before = 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, elapsed_before = state["step"], state["elapsed"]
        print(f"resumed at step {step}, {elapsed_before:.0f} s", flush=True)
    start, saved = time.monotonic(), time.monotonic()
    means, skipped, threads, stopping = {}, 0, ThreadCount(), []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    while True:
        elapsed = elapsed_before + time.monotonic() - start
        finished = elapsed >= seconds or step == step_limit or stopping
        if finished or time.monotonic() - saved > CHECKPOINT_SECONDS:
            save(checkpoint, model=model.state_dict(), average=average.state_dict(), optimizer=optimizer.state_dict(),
                 step=step, elapsed=elapsed, seed=SEED)
            saved = time.monotonic()
        if finished:
            return average, step
        rate = learning_rate(elapsed / seconds, step)
        for group in optimizer.param_groups:
            group["lr"] = rate
        threads.begin(step)
        if step % RENEW_STEPS == 0:
            pictures.renew()
        loss, parts = total_loss(model, pictures.batch(BATCH), step)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if torch.isfinite(norm):
            optimizer.step()
            follow(average, model, step)
        else:
            skipped += 1
        threads.end()
        step += 1
        for name, part in parts.items():
            means[name] = 0.99 * means.get(name, part.item()) + 0.01 * part.item()
        if step % REPORT_STEPS == 0:
            values = " ".join(f"{name} {value:.4f}" for name, value in means.items())
            print(f"step {step} {elapsed:.0f} s lr {rate:.2e} {values} skipped {skipped} threads {threads.chosen}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("NIGHTGLASS_DATA"), help="folder with lol-v1-train/ and photos/")
    parser.add_argument("--split", default="train", choices=["train", "all"])
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--name", default="base")
    parser.add_argument("--smoke", action="store_true", help="a few steps on self-made pictures")
    options = parser.parse_args()
    CHECKPOINTS.mkdir(exist_ok=True)
    if options.smoke:
        clean = self_made_pictures(6)
        pictures = Pictures([(picture[::2, ::2] // 8, picture, picture // 8) for picture in clean], clean, SEED)
        checkpoint = CHECKPOINTS / "smoke.pt"
        checkpoint.unlink(missing_ok=True)
        before = total_loss(Neid(), pictures.batch(BATCH), 0)[0].item()
        average, steps = train(pictures, 40, checkpoint, step_limit=12)
        after = total_loss(average, pictures.batch(BATCH), 0)[0].item()
        print(f"smoke: {steps} steps, loss {before:.3f} -> {after:.3f}")
        return
    if not options.data:
        parser.error("--data DIR (or NIGHTGLASS_DATA) must name the folder that holds lol-v1-train/ and photos/")
    pictures = Pictures(lol_pairs(options.data, options.split), photographs(options.data), SEED)
    print(f"{len(pictures.pairs)} pairs, {len(pictures.photos)} photographs", flush=True)
    _, steps = train(pictures, options.minutes * 60, CHECKPOINTS / f"{options.name}.pt")
    print(f"finished after {steps} steps")


if __name__ == "__main__":
    main()
