"""A training step of LT and LT+MSA as one writes it in PyTorch: float32, the whole batch at once, mean squared error, Adam.

Prints one JSON document: the version, the threads, and the seconds of a step by variant (median of three after one that warms up).
Arguments: time voxels fbns batch heads
"""
import json
import os
import statistics
import sys
import time as clock

import torch

time, voxels, fbns, batch, heads = (int(argument) for argument in sys.argv[1:6])
torch.set_num_threads(os.cpu_count() or 1)
torch.manual_seed(0)
data = torch.randn(batch, time, voxels)


class Embedding(torch.nn.Module):
    def __init__(self, attention):
        super().__init__()
        self.encode = torch.nn.Linear(voxels, fbns, bias=False)
        self.decode = torch.nn.Linear(fbns, voxels, bias=False)
        module = torch.nn.MultiheadAttention
        self.attention = torch.nn.ModuleList(module(fbns, heads, batch_first=True) for _ in range(2)) if attention else []

    def forward(self, s):
        h = self.encode(s)
        for module in self.attention:
            h = module(h, h, h, need_weights=False)[0]
        return self.decode(h)


def seconds_per_step(attention):
    model = Embedding(attention)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    seconds = []
    for _ in range(4):
        start = clock.perf_counter()
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(data), data)
        loss.backward()
        optimizer.step()
        seconds.append(clock.perf_counter() - start)
    return statistics.median(seconds[1:])


result = {"version": torch.__version__, "threads": torch.get_num_threads()}
result["lt"] = seconds_per_step(False)
result["lt-msa"] = seconds_per_step(True)
print(json.dumps(result))
