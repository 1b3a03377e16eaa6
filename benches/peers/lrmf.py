"""An epoch of LRMF in PyTorch on one thread: dense binary cross-entropy with an L2 term and Adam, without lineage graph.

    python lrmf.py MODELS ITEMS DIM    prints {"ms_per_epoch": ...}, the shortest of 20
"""
import json
import sys
import time
from pathlib import Path

import torch

# AVX-512 loads that are masked out take hundreds of cycles if the page of their constants is not in memory (PyTorch then
# took 40 ms instead of 13). Reading the library once brings all its pages into memory.
(Path(torch.__file__).parent / "lib/libtorch_cpu.so").read_bytes()

from torch.nn.functional import binary_cross_entropy_with_logits

models, items, dim = map(int, sys.argv[1:4])
torch.set_num_threads(1)
torch.manual_seed(1)
solved = (torch.rand(models, items) < 0.5).float()
m = (0.1 * torch.randn(models, dim)).requires_grad_()
x = (0.1 * torch.randn(items, dim)).requires_grad_()
b = torch.zeros(models, 1, requires_grad=True)
c = torch.zeros(items, requires_grad=True)
adam = torch.optim.Adam([m, x, b, c], lr=3e-3)


def epoch():
    adam.zero_grad()
    loss = binary_cross_entropy_with_logits(m @ x.T + b + c, solved)
    (loss + 1e-5 * ((m * m).sum() + (x * x).sum() + (b * b).sum())).backward()
    adam.step()


def timed():
    started = time.process_time()
    epoch()
    return 1e3 * (time.process_time() - started)


epoch()
print(json.dumps({"ms_per_epoch": min(timed() for _ in range(20))}))
