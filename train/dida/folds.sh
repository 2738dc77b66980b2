#!/usr/bin/env bash
# Train and measure the five folds of the notebook's roof pictures (24 of 256x256; 278 is a mismatched pair).
# Usage: train/dida/folds.sh METHOD DATA WORK [FOLD...]    METHOD: notebook, or tuned (starts from WORK/init, a RUN folder; makes it where there is none)
# For evaluation alone: the pictures carry no licence, so no model made here may be shipped.
set -euo pipefail
method=$1 data=$2 work=$3 here=$(cd "$(dirname "$0")" && pwd)
shift 3
[ $# -gt 0 ] || set -- 0 1 2 3 4
pairs=(--images "$data/dida/images" --masks "$data/dida/masks")

# Its network, operations, share of copies (324 of 24), soft masks, loss, rate, batch, patience, and its split of training and
# validation at random, copies of one picture on both sides. Only the fold is kept out honestly, with all its copies. With its
# patience of 6 it would stop before it says anything but background, so it gets all of the 16 epochs; the best one is kept.
train_as_the_notebook() {
	segrun augment "${pairs[@]}" --exclude "$1.away" --exclude 278 --out "$1.set" --total "$2" --grey-masks --seed 0 --overwrite --quiet
	segrun train --images "$1.set/images" --masks "$1.set/masks" --grey-masks --recipe accuracy --patience 0 \
		--epochs 16 --precision mixed_bfloat16 --seed 0 --resume --out "$1"
}

# From weights that were trained on open pictures, on all of the fold's training pictures, which choose the threshold too.
tune() {
	"$here/../roofs/init.sh" "$data" "$work"
	segrun train "${pairs[@]}" --exclude 278 --fold "$2/5" --init "$work/init" --network unet-lite --recipe modern \
		--learning-rate 5e-4 --batch 16 --steps 40 --epochs 12 --validation 0 --patience 0 --precision mixed_bfloat16 --seed 1 --resume --out "$1"
}

mapfile -t stems < <(find "$data/dida/images" -name '*.png' ! -name 278.png -printf '%f\n' | sort | sed 's/\.png$//')
mkdir -p "$work"
for fold in "$@"; do
	run="$work/$method-$fold"
	printf '%s\n' "${stems[@]}" | awk -v fold="$fold" '(NR - 1) % 5 == fold' >"$run.away"
	case $method in
	notebook) train_as_the_notebook "$run" $(((${#stems[@]} - $(wc -l <"$run.away")) * 324 / 24)) ;;
	tuned) tune "$run" "$fold" ;;
	*) echo "METHOD is notebook or tuned. Received: $method" >&2 && exit 2 ;;
	esac
	segrun evaluate --model "$run/model.keras" "${pairs[@]}" --held-out "$run.away" --json "$run.json" --quiet
	segrun evaluate --model "$run/model.keras" "${pairs[@]}" --held-out "$run.away" --threshold 0.5 --json "$run.half.json" --quiet
done
