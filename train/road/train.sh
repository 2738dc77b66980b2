#!/usr/bin/env bash
# Roads as a second task: 80 pictures of 400x400 with road masks; 001-064 train, 065-080 are measured once.
# Usage: train/road/train.sh DATA WORK    For evaluation alone: the pictures carry no licence, so the model may not be shipped.
set -euo pipefail
data=$1 work=$2
pairs=(--images "$data/epfl_road/images" --masks "$data/epfl_road/masks" --held-out '_0(6[5-9]|7\d|80)$')

segrun train "${pairs[@]}" --classes road --network unet-lite --recipe modern --validation 0.1 --batch 16 --steps 60 --epochs 30 \
	--patience 0 --precision mixed_bfloat16 --seed 1 --resume --out "$work/road"
segrun evaluate --model "$work/road/model.keras" "${pairs[@]}" --json "$work/road.json"
