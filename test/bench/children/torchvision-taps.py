"""Filter activations of ResNet-18 as they are taken with torchvision: forward hooks, the maximum of every feature map.

Usage: torchvision-taps.py BATCH HEIGHT WIDTH RUNS; prints the frames per second of each run after the first, one a line.
"""

import sys
import time

import torch
import torchvision

batch, height, width, runs = map(int, sys.argv[1:])
torch.manual_seed(0)
model = torchvision.models.resnet18()
model.eval()
taken = {}


def keep(name):
    def hook(_module, _inputs, output):
        taken[name] = output.amax(dim=(2, 3)).numpy()

    return hook


for name in ("relu", "layer1", "layer2", "layer3", "layer4"):
    getattr(model, name).register_forward_hook(keep(name))
frames = torch.rand(batch, 3, height, width)
with torch.no_grad():
    for run in range(runs + 1):
        started = time.perf_counter()
        model(frames)
        seconds = time.perf_counter() - started
        if run > 0:
            print(batch / seconds, flush=True)
