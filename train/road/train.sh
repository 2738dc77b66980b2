#!/usr/bin/env bash
# Roads as a second task: 80 pictures of 400x400 with road masks; 001-064 train, beside drawn scenes, 065-080 are measured once.
# Usage: train/road/train.sh DATA WORK    Starts from WORK/init, a RUN folder of the same network; makes it where there is none.
# For evaluation alone: the pictures carry no licence, so the model may not be shipped.
set -euo pipefail
data=$1 work=$2 here=$(cd "$(dirname "$0")" && pwd)
. "$here/../draw.sh"
pairs=(--images "$data/epfl_road/images" --masks "$data/epfl_road/masks" --held-out '_0(6[5-9]|7\d|80)$')

# One of the 64 pictures shows a motorway: drawn ones show many, and car parks that are no roads.
draw() { # STYLE COUNT SEED
	draw_once "$work/$1" --truth road --style "$1" --stem "$1" --count "$2" --size 416 --gsd-cm 35:70 --seed "$3"
	pairs+=(--images "$work/$1/images" --masks "$work/$1/masks")
}

"$here/../roofs/init.sh" "$data" "$work"
measured=("${pairs[@]}")
draw motorway 800 26
draw grid 400 64
# A crop shows nearly the whole picture: a road is told from a car park by where it leads.
segrun train "${pairs[@]}" --share 4,2,1 --train-only '^(motorway|grid)_' --classes road --network unet-lite --recipe modern \
	--init "$work/init" --tile 384 --validation 0 --batch 8 --steps 100 --epochs 45 --patience 0 --precision mixed_bfloat16 --seed 1 \
	--resume --out "$work/road"
segrun evaluate --model "$work/road/model.keras" "${measured[@]}" --json "$work/road.json"
