#!/usr/bin/env bash
# Roads as a second task: 80 pictures of 400x400 with road masks; 001-064 train, 065-080 are measured once.
# Usage: train/road/train.sh DATA WORK    Starts from WORK/init, a RUN folder of the same network; makes it where there is none.
# For evaluation alone: the pictures carry no licence, so the model may not be shipped.
set -euo pipefail
data=$1 work=$2 here=$(cd "$(dirname "$0")" && pwd)
pairs=(--images "$data/epfl_road/images" --masks "$data/epfl_road/masks" --held-out '_0(6[5-9]|7\d|80)$')

"$here/../roofs/init.sh" "$data" "$work"
# A crop shows nearly the whole picture: a road is told from a car park by where it leads.
segrun train "${pairs[@]}" --classes road --network unet-lite --recipe modern --init "$work/init" --tile 384 --validation 0 --batch 8 \
	--steps 100 --epochs 25 --patience 0 --precision mixed_bfloat16 --seed 1 --resume --out "$work/road"
segrun evaluate --model "$work/road/model.keras" "${pairs[@]}" --json "$work/road.json"
