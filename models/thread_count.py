"""Chooses between one and two threads while training: on a busy machine the second only waits for its core."""
import statistics
import time

import torch

TRIAL_EVERY, TRIAL_STEPS = 120, 6


class ThreadCount:
    """Every 120 steps it times six steps with one thread and six with two, then keeps the faster until the next trial."""

    def __init__(self):
        self.seconds = {1: [], 2: []}
        self.chosen = 2

    def begin(self, step):
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
        if self.trying:
            self.seconds[self.count].append(time.monotonic() - self.started)
