"""The plain loop of PyTorch. Arguments: baseline or two_layer_cnn, then channels_last, bfloat16, both or neither."""

import sys
import time
from contextlib import nullcontext

import torch
from torch import nn

from benchmarks.arrays import BATCH, EPOCHS, LEARNING_RATE, scaled
from benchmarks.result import print_result

NETWORKS = {
    "baseline": lambda: nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10)
    ),
    "two_layer_cnn": lambda: nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10),
    ),
}  # fmt: skip

network, *ways = sys.argv[1:]
layout = torch.channels_last if "channels_last" in ways else torch.contiguous_format
(x, y), (x_validation, y_validation) = (
    (torch.from_numpy(images)[:, None].contiguous(memory_format=layout), torch.from_numpy(digits))
    for images, digits in scaled()
)
model = NETWORKS[network]().to(memory_format=layout)
optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
loss_function = nn.CrossEntropyLoss()
precision = torch.autocast("cpu", dtype=torch.bfloat16) if "bfloat16" in ways else nullcontext()


def epoch() -> None:
    """Train on every image once, then validate."""
    model.train()
    for rows in torch.randperm(len(x)).split(BATCH):
        optimizer.zero_grad()
        with precision:
            loss = loss_function(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad(), precision:
        for images, digits in zip(x_validation.split(1000), y_validation.split(1000), strict=True):
            (model(images).argmax(1) == digits).sum().item()


seconds = []
for _ in range(EPOCHS):
    start = time.perf_counter()
    epoch()
    seconds.append(time.perf_counter() - start)
print_result(seconds=seconds)
