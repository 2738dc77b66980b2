#!/usr/bin/env bash
# Write docs/results/notebook.md from scratch: train the notebook's network on five folds (hours; what is trained stays), then test each claim.
# Usage: train/dida/notebook.sh DATA WORK    Run it at the project's root.
set -euo pipefail
data=$1 work=$2 here=$(cd "$(dirname "$0")" && pwd)
"$here/folds.sh" notebook "$data" "$work"
python -m segrun_train.notebook --data "$data/dida" --folds "$work"
