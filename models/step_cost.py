"""Keeps a training step cheap on the machine at hand: its number type, its memory format, and one thread or two."""
import statistics
import time
from pathlib import Path

import torch

TRIAL_EVERY, TRIAL_STEPS = 240, 6


FORMATS = ((torch.float32, torch.channels_last), (torch.float32, torch.contiguous_format),
           (torch.bfloat16, torch.channels_last))


def fastest_format(network, device):
    """(number type, memory format) that runs this network fastest here; the network is left in that memory format.

    CPUs without bfloat16 instructions emulate it ten times slower, so there it is not tried; wide networks prefer another
    memory format than narrow ones.
    """
    formats = [pair for pair in FORMATS if pair[0] == torch.float32 or device == "cuda" or has_bfloat16()]

    def seconds(dtype, layout):
        network.to(memory_format=layout)
        image = torch.rand(4, 3, 64, 96, device=device).to(memory_format=layout)
        zeros, ones = torch.zeros(4, network.fusion_size, device=device), torch.ones(4, 1, device=device)
        times = []
        for _ in range(3):
            start = time.monotonic()
            with torch.autocast(device, torch.bfloat16, enabled=dtype == torch.bfloat16):
                network(image, zeros, ones[0], ones)[0].float().sum().backward()
            if device == "cuda":
                torch.cuda.synchronize()
            times.append(time.monotonic() - start)
        return min(times)

    chosen = min(formats, key=lambda pair: seconds(*pair))
    network.zero_grad(set_to_none=True)
    network.to(memory_format=chosen[1])
    return chosen


def has_bfloat16():
    """Whether this CPU multiplies bfloat16 by itself (AVX512-BF16, AMX, or Arm's bf16)."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return any(flag in flags for flag in ("avx512_bf16", "amx_bf16", " bf16"))


class StepCost:
    """Every 240 steps it times six steps with one thread and six with two, then keeps the faster until the next trial.

    On a busy machine a second thread only waits for its core. On a GPU it does nothing.
    """

    def __init__(self, device):
        self.seconds = {1: [], 2: []}
        self.chosen, self.on_cpu = 2, device == "cpu"

    def begin(self, step):
        if not self.on_cpu:
            return
        trial = step % TRIAL_EVERY
        if trial == 0:
            self.seconds = {1: [], 2: []}
        elif trial == 2 * TRIAL_STEPS and all(len(times) == TRIAL_STEPS for times in self.seconds.values()):
            self.chosen = min(self.seconds, key=lambda count: statistics.median(self.seconds[count]))
        self.trying = trial < 2 * TRIAL_STEPS
        self.count = 1 + trial // TRIAL_STEPS if self.trying else self.chosen
        torch.set_num_threads(self.count)
        self.started = time.monotonic()

    def end(self):
        if self.on_cpu and self.trying:
            self.seconds[self.count].append(time.monotonic() - self.started)

    def __str__(self):
        return f"threads {self.chosen}" if self.on_cpu else "gpu"
