#!/usr/bin/env bash
# Let WORK/init name a RUN folder of `roofs` to start other trainings from; train it into WORK/roofs where there is none.
# Usage: train/roofs/init.sh DATA WORK
set -euo pipefail
data=$1 work=$2 here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work"
[ -e "$work/init" ] && exit
"$here/train.sh" "$data" "$work/roofs"
ln -s roofs/run "$work/init"
