#!/usr/bin/env bash
# The method on real files, from import to report: six people's scans of a television episode (BIDS, 481 voxels of posterior
# medial cortex), a real trained CNN (SqueezeNet 1.0, ONNX) and a real video. The film that the scans belong to may not be shared,
# so the video is unrelated: what pairs come out are chance, and the report says how large chance looks in the paper's statistics.
#
#   usage: docs/real-data/walk-through.sh DATA OUT
#     DATA  folder with sherlock-bids/, movie/ and cnn/ (see docs/real-data/README.md for the sources)
#     OUT   new folder for the project and everything made on the way
set -euo pipefail

data=${1:?usage: walk-through.sh DATA OUT}
out=${2:?usage: walk-through.sh DATA OUT}
root=$(cd "$(dirname "$0")/../.." && pwd)
syncact="$root/build/syncact.mjs"
ffmpeg=${SYNCACT_FFMPEG:-$(ls "$root"/node_modules/@ffmpeg-installer/*/ffmpeg | head -n 1)}
project=$out/episode.syncact
mkdir -p "$out"

echo "== 1. A movie per run: both clips in a row, slowed down to the length of the scans (946 and 1,030 TRs of 1.5 s)"
for run in 1 2; do
  if [ "$run" = 1 ]; then volumes=946 first=bigbuckbunny.mp4 second=bikes.mp4; else volumes=1030 first=bikes.mp4 second=bigbuckbunny.mp4; fi
  # The clips last 5.28 s and 10 s; setpts stretches time, fps=2 gives every TR frames of its own.
  "$ffmpeg" -hide_banner -loglevel error -nostdin -y -i "$data/movie/$first" -i "$data/movie/$second" -filter_complex \
    "[0:v]scale=320:180,setsar=1,fps=25[a];[1:v]scale=320:180,setsar=1,fps=25[b];[a][b]concat=n=2:v=1[c];[c]setpts=PTS*$volumes*1.5/15.2,fps=2[v]" \
    -map '[v]' -t "$(awk "BEGIN { print $volumes * 1.5 }")" -pix_fmt yuv420p "$out/run-$run.mp4"
done

echo "== 2. A project; the scans, with each run's own mask"
"$syncact" init "$project"
"$syncact" import-fmri "$project" --bids "$data/sherlock-bids" --voxel-mm 3

echo "== 3. The movie of each run: the last frame of every TR"
for run in 1 2; do "$syncact" import-movie "$project" --run "task-sherlock_run-$run" --video "$out/run-$run.mp4" --tr 1.5 --trim; done

echo "== 4. The CNN: it was trained on BGR images with the mean colour subtracted"
"$syncact" import-model "$project" "$data/cnn/squeezenet_v1.0_imagenet.onnx" --name SqueezeNet --trained-on ImageNet \
  --normalisation none --channel-order BGR --mean 123,117,104

echo "== 5. The embedding: 16 FBNs"
"$syncact" train "$project" --fbns 16 --epochs 100 --batch 8

echo "== 6. Filter activations, pairs, tables"
"$syncact" extract "$project" --model SqueezeNet --layers blocks
"$syncact" couple "$project"
"$syncact" report "$project" --table 1
"$syncact" report "$project" --table 3
"$syncact" report "$project" --table 8

echo "== 7. What there is, and whether it is sound"
"$syncact" info "$project"
"$syncact" check "$project" --sources
"$syncact" nifti-info "$(ls "$project"/maps/*.nii.gz)"
