#!/bin/sh
# Makes artifacts/base from nothing, as a table of contents. Usage: models/train.sh DATA_DIR [MINUTES]
# DATA_DIR holds lol-v1-train/{low,high,split.json} and photos/*/; see models/README.md for what they are.
set -eu
cd "$(dirname "$0")/.."
data=$1
minutes=${2:-101}
python=/usr/bin/python3

# Two threads and tcmalloc: a step spends much of its time allocating, and tcmalloc halves that part.
# A waiting thread sleeps instead of spinning: the cores are shared.
export OMP_NUM_THREADS=2 OMP_WAIT_POLICY=PASSIVE NIGHTGLASS_DATA="$data"
tcmalloc=/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4
[ -e "$tcmalloc" ] && export LD_PRELOAD="$tcmalloc"

# 1. Does the code run at all? (12 steps on self-made pictures, seconds)
$python models/train.py --smoke

# 2. Train on the train split for a fixed time; the learning rate ends at its end however fast the machine is.
#    Stopped half-way, the same command goes on from models/checkpoints/base.pt.
nice -n 19 $python models/train.py --minutes "$minutes" --name base

# 3. One decision for a picture at any size: only Feature Fusing learns, a few minutes.
$python models/settle.py --checkpoint models/checkpoints/base.pt

# 4. The honest table: PSNR and SSIM on the val split, beside the best gain and the best gamma.
$python models/evaluate.py --checkpoint models/checkpoints/base-settled.pt

# 5. Write artifacts/base. Fails unless ONNX, the card's layer list and PyTorch agree.
unset LD_PRELOAD
$python models/export.py --checkpoint models/checkpoints/base-settled.pt --name base \
  --note "Feature Fusing was settled over picture sizes after training (models/settle.py)."
