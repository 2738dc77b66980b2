#!/usr/bin/env bash
# Make the bundled model `roofs` from scratch: draw scenes, train, export.
# Usage: train/roofs/train.sh DATA WORK    DATA holds geneva_pv, oam_banepa, oam_kampala and inria_austin; WORK gets the run.
set -euo pipefail
data=$1 work=$2 here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work"

[ -d "$work/scenes" ] || segrun scenes --out "$work/scenes" --count 800 --size 320 --gsd-cm 8:30 --seed 1000

# Kept out of training altogether: the eastmost column of Banepa, two zoom-19 tiles of Kampala, the 20 northmost places of Geneva.
segrun train --out "$work/run" --name roofs --network unet-lite \
	--images "$data/geneva_pv/images" --masks "$data/geneva_pv/masks_filled" \
	--images "$data/oam_banepa/images" --masks "$data/oam_banepa/masks" \
	--images "$data/oam_kampala/images" --masks "$data/oam_kampala/masks" \
	--images "$data/inria_austin/images" --masks "$data/inria_austin/masks" \
	--images "$work/scenes/images" --masks "$work/scenes/masks" \
	--gsd-cm 25,tile,tile,30,none --gsd-range 8,30 --share 3,3,2,1,2 \
	--exclude "$data/geneva_pv/exclude.txt" \
	--held-out "$here/held_out_geneva.txt" --held-out "$here/held_out_kampala.txt" --held-out '^OAM-386695-' \
	--train-only '^scene_' --group-zoom 19 --validation 0.12 \
	--recipe modern --batch 16 --steps 75 --epochs 40 --patience 0 --precision mixed_bfloat16 --seed 1 \
	--notice 'Orthophoto: (c) swisstopo (SWISSIMAGE 25 cm, 2015). Masks: R. Cadei, R. Attias, S. Jiang (MIT).' \
	--notice 'Imagery of Banepa and Kampala: OpenAerialMap contributors, CC-BY-4.0.' \
	--notice 'Building footprints of Banepa and Kampala: (c) OpenStreetMap contributors, ODbL 1.0.' \
	--notice 'Scene of Austin: U.S. Geological Survey; City of Austin; Inria (Maggiori et al. 2017); public domain.' \
	--notice 'Drawn scenes: segrun scenes.' "${@:3}"

# Drawn scenes alone: golden tiles travel inside the file, and no real picture may.
segrun export --model "$work/run/model.keras" --out "$work/dist" --overwrite \
	--images "$work/scenes/images" --masks "$work/scenes/masks"
