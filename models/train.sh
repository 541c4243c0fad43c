#!/bin/sh
# Makes everything in artifacts/ and the tables of README.md from nothing: read it top to bottom as the table of contents.
#
#   models/train.sh DATA_DIR     DATA_DIR holds lol-v1-train/{low,high,split.json} and photos/*/; README.md says what they are
#   models/train.sh --smoke      all of it in minutes, on self-made pictures, into a temporary folder
#
# On a GPU it uses it. Stopped at any point, the same command goes on: finished steps end at once, a training resumes.
set -eu
cd "$(dirname "$0")/.."
python=/usr/bin/python3
photos=models/wallpapers.txt

if [ "${1:-}" = --smoke ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  data=$work/data checkpoints=$work/checkpoints artifacts=$work/artifacts results=$work/results.json readme=$work/README.md
  $python models/self_made.py "$data"
  cp models/README.md "$readme"
  photos=$data/photos
  teacher_steps=2 row_steps=2 student_steps=2 reshaped_steps=2 final_steps=2 settle_steps=20
  pool=5 settle_pool=5 sparing="--batch 2"
  live=lite frames=6
else
  data=${1:?expected: models/train.sh DATA_DIR, or --smoke}
  checkpoints=models/checkpoints artifacts=models/artifacts results=models/results.json readme=models/README.md
  teacher_steps=8500 row_steps=1000 student_steps=20000 reshaped_steps=10000 final_steps=8000 settle_steps=8000
  pool=360 settle_pool=1200 sparing=
  live="lite base quality base-free" frames=60
fi
export NIGHTGLASS_DATA="$data"

# Two threads and tcmalloc: a step spends much of its time allocating, and tcmalloc halves that part.
# A waiting thread sleeps instead of spinning: the cores are shared.
export OMP_NUM_THREADS=2 OMP_WAIT_POLICY=PASSIVE
tcmalloc=/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4
fast() { if [ -e "$tcmalloc" ]; then LD_PRELOAD="$tcmalloc" nice -n 19 "$@"; else nice -n 19 "$@"; fi; }

train() { fast $python models/train.py --checkpoints "$checkpoints" --pool "$pool" $sparing "$@"; }
measure() { fast $python models/evaluate.py --results "$results" --record "$1" --checkpoint "$checkpoints/$1.pt"; }
# A network goes on with the rehearsal split and is measured on the left-out pictures, then with all 485 pairs; each time it is
# settled, which teaches Feature Fusing each pair's best decision. A student is taught by a teacher that has seen no other pictures
# than itself.
rehearse() {
  name=$1 teacher=${2:-}
  go_on rehearsal "$name"
  settle "$name-rehearsal"
  fast $python models/evaluate.py --results "$results" --record "$name-left-out" --split left-out \
    --checkpoint "$checkpoints/$name-rehearsal-settled.pt"
  go_on all "$name-rehearsal"
  settle "$name-all"
}
go_on() {
  train --network "$name" --split "$1" ${teacher:+--teacher "$checkpoints/$teacher-$1.pt"} --start "$checkpoints/$2.pt" \
    --rate 6e-4 --steps "$final_steps" --name "$name-$1"
}
settle() { fast $python models/settle.py --steps "$settle_steps" --pool "$settle_pool" --checkpoint "$checkpoints/$1.pt"; }
ship() { $python models/export.py --results "$results" --artifacts "$artifacts" "$@"; }

# 1. What the trivial answers reach: one gain, one gamma, the best gamma of each picture.
fast $python models/evaluate.py --results "$results" --record baselines --baselines

# 2. The teacher, on the train split: the figures on val, whose scenes it has not seen, are honest. Then the rehearsal of LOL-v1's
#    own test, whose scenes have twins in training; then all 485 pairs: that one teaches the students that ship.
train --network teacher --steps "$teacher_steps" --name teacher
measure teacher
rehearse teacher
ship --name teacher --checkpoint "$checkpoints/teacher-all-settled.pt" --measured-as "the same network before it saw val"

# 3. The paper's ablation, each row with the same seed, data and number of steps; and the spatial entropy loss on the teacher.
for row in unet le le+dr neid; do
  train --network teacher --row "$row" --steps "$row_steps" --name "row-$row"
  measure "row-$row"
done
train --network teacher --entropy 0.1 --steps "$row_steps" --name row-neid-entropy
measure row-neid-entropy

# 4. The same two rows on the student, and what the teacher is worth to it.
train --network base --steps "$row_steps" --name row-base
train --network base --steps "$row_steps" --entropy 0.1 --name row-base-entropy
train --network base --steps "$row_steps" --teacher "$checkpoints/teacher.pt" --name row-base-distilled
for row in row-base row-base-entropy row-base-distilled; do measure "$row"; done

# 5. The students: `base` is distilled on the train split and measured on val; `quality` and `lite` begin as what it became, wider
#    or narrower. Then each rehearses, goes on with all 485 pairs, and ships.
train --network base --teacher "$checkpoints/teacher.pt" --steps "$student_steps" --name base
for student in quality lite; do
  $python models/reshape.py --checkpoint "$checkpoints/base.pt" --network "$student" --out "$checkpoints/$student-start.pt"
  train --network "$student" --teacher "$checkpoints/teacher.pt" --start "$checkpoints/$student-start.pt" \
    --steps "$reshaped_steps" --name "$student"
done
for student in lite base quality; do
  measure "$student"
  rehearse "$student" teacher
  ship --name "$student" --checkpoint "$checkpoints/$student-all-settled.pt" --measured-as "the same network before it saw val"
done

# 6. base-free: the same shape from freely licensed photographs alone, without a teacher that has seen LOL.
train --network base --split none --photos $photos --steps "$student_steps" --name base-free
settle base-free
measure base-free-settled
ship --name base-free --checkpoint "$checkpoints/base-free-settled.pt" --measured base-free-settled

# 7. What live cameras need: day, infrared, dusk, steadiness; then the tables of README.md.
for name in $live; do
  fast $python models/daylight.py --model "$artifacts/$name" --results "$results" --record "daylight-$name"
  fast $python models/steadiness.py --frames "$frames" --model "$artifacts/$name" --results "$results" --record "steadiness-$name"
done
$python models/table.py --results "$results" --readme "$readme"
