#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A small PyTorch training on the board with a mark after each epoch: random images, so that nothing is downloaded."""

import os
import time

import torch


def mark(text):
    path = os.environ.get("JOULEBOOK_MARKS")
    if path:
        with open(path, "a", encoding="utf-8") as marks:
            marks.write(text + "\n")


def main():
    torch.manual_seed(1)
    epochs, seconds = 5, float(os.environ.get("EPOCH_SECONDS", "4"))
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 64, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(64, 64, 3, padding=1), torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten(), torch.nn.Linear(1024, 10),
    ).cuda()  # fmt: skip
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    images = torch.randn(256, 3, 64, 64, device="cuda")
    labels = torch.randint(0, 10, (256,), device="cuda")
    for epoch in range(1, epochs + 1):
        end, steps = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(images), labels)
            loss.backward()
            optimizer.step()
            torch.cuda.synchronize()
            steps += 1
        mark(f"epoch {epoch} loss={loss.item():.4f} steps={steps}")
    print(f"{epochs} epochs on {torch.cuda.get_device_name()}", flush=True)


if __name__ == "__main__":
    main()
