"""Checkpoints of a training: written whole or not at all, and refused when they are of another network."""
import os
import sys
from pathlib import Path

import torch

from neid import SHAPES, Neid
from teacher import ROWS, Teacher


class CheckpointError(Exception):
    """A checkpoint that can't be used; one line with its file's name."""


def build(network, row="neid"):
    """'teacher' or the name of a student's shape -> the untrained network."""
    return Teacher(ROWS[row]) if network == "teacher" else Neid(SHAPES[network])


def save(path, **state):
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def load(path):
    """-> the state that `save` wrote, on the CPU."""
    try:
        state = torch.load(path, map_location="cpu")
        if not {"average", "about"} <= set(state):
            raise KeyError("average")
        return state
    except FileNotFoundError:
        raise CheckpointError(f"{path}: there is no such checkpoint") from None
    except Exception as error:
        raise CheckpointError(f"{path}: not a checkpoint of models/train.py ({type(error).__name__})") from None


def load_average(path, network, row="neid"):
    """The averaged weights of a checkpoint, checked against the network they are wanted for."""
    state = load(path)["average"]
    wanted = build(network, row).state_dict()
    for name, tensor in wanted.items():
        if name not in state or state[name].shape != tensor.shape:
            found = tuple(state[name].shape) if name in state else "nothing"
            raise CheckpointError(f"{path}: not a checkpoint of {network}: {name} is {tuple(tensor.shape)} there, {found} here")
    return state


def open_network(path):
    """A trained network, ready to run, from its checkpoint alone -> (network, state)."""
    state = load(path)
    network, row = state["about"]["network"], state["about"]["row"]
    model = build(network, row)
    model.load_state_dict(load_average(path, network, row))
    return model.eval(), state


def keep(path, target):
    """Writes what a further training starts from: the averaged weights and what they are, without the optimizer's state."""
    state = load(path)
    save(target, **{key: state[key] for key in ("average", "about", "step", "elapsed", "seed") if key in state})


if __name__ == "__main__":
    try:
        keep(Path(sys.argv[1]), Path(sys.argv[2]))
    except IndexError:
        sys.exit("checkpoint.py FROM TO: expected two files")
    except CheckpointError as error:
        sys.exit(f"checkpoint.py: {error}")
