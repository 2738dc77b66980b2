#!/usr/bin/env bash
# Make the bundled model `roofs` from scratch: draw scenes, train, train again with trade estates and more of Geneva, export.
# Usage: train/roofs/train.sh DATA WORK    DATA holds geneva_pv, oam_banepa, oam_kampala and inria_austin; WORK gets the runs.
set -euo pipefail
data=$1 work=$2 here=$(cd "$(dirname "$0")" && pwd)
. "$here/../draw.sh"
mkdir -p "$work"

# Kept out of training altogether: the eastmost column of Banepa, two zoom-19 tiles of Kampala, the 20 northmost places of Geneva.
train() { # NAME SCENES SHARES OPTION...
	local run=$work/$1 scenes=$work/$2 shares=$3
	segrun train --out "$run" --name roofs --network unet-lite --recipe modern --batch 16 --patience 0 --precision mixed_bfloat16 --seed 1 \
		--images "$data/geneva_pv/images" --masks "$data/geneva_pv/masks_filled" \
		--images "$data/oam_banepa/images" --masks "$data/oam_banepa/masks" \
		--images "$data/oam_kampala/images" --masks "$data/oam_kampala/masks" \
		--images "$data/inria_austin/images" --masks "$data/inria_austin/masks" \
		--images "$scenes/images" --masks "$scenes/masks" \
		--gsd-cm 25,tile,tile,30,none --gsd-range 8,30 --share "$shares" \
		--exclude "$data/geneva_pv/exclude.txt" \
		--held-out "$here/held_out_geneva.txt" --held-out "$here/held_out_kampala.txt" --held-out '^OAM-386695-' \
		--train-only '^scene_' --group-zoom 19 --validation 0.12 --resume \
		--notice 'Orthophoto: (c) swisstopo (SWISSIMAGE 25 cm, 2015). Masks: R. Cadei, R. Attias, S. Jiang (MIT).' \
		--notice 'Imagery of Banepa and Kampala: OpenAerialMap contributors, CC-BY-4.0.' \
		--notice 'Building footprints of Banepa and Kampala: (c) OpenStreetMap contributors, ODbL 1.0.' \
		--notice 'Scene of Austin: U.S. Geological Survey; City of Austin; Inria (Maggiori et al. 2017); public domain.' \
		--notice 'Drawn scenes: segrun scenes.' "${@:4}"
}

draw_once "$work/scenes" --count 800 --size 320 --gsd-cm 8:30 --seed 1000
draw_once "$work/estates" --count 1000 --size 320 --gsd-cm 8:30 --seed 2000
train first scenes 3,3,2,1,2 --steps 75 --epochs 40
train second estates 4,2,2,1,3 --steps 60 --epochs 20 --init "$work/first" --learning-rate 7e-4
# The longest part: Geneva about its own 25 cm (15 to 42) rather than blown up to 8.
train run estates 4,2,2,1,2 --steps 100 --epochs 45 --init "$work/second" --learning-rate 1e-3 --gsd-cm none,tile,tile,30,none

# Drawn scenes alone: golden tiles travel inside the file, and no real picture may.
segrun export --model "$work/run/model.keras" --out "$work/dist" --overwrite \
	--images "$work/estates/images" --masks "$work/estates/masks"
