#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Train a small network on real handwritten digits and mark each epoch for Joulebook.

The data are the 1,797 images of 8 x 8 pixels that scikit-learn carries (the test part of the UCI set "Optical
Recognition of Handwritten Digits"), so nothing is downloaded. The seed is fixed: the same versions on the same kind of
processor give the same accuracy.

Marks need no library: a line appended to the file that JOULEBOOK_MARKS names. Without that variable the script trains
all the same and marks nothing.
"""

import argparse
import os
import time

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def mark(text):
    """Append one line for Joulebook; a training never fails because of its marks."""
    path = os.environ.get("JOULEBOOK_MARKS")
    if not path:
        return
    try:
        with open(path, "a", encoding="utf-8") as marks:
            marks.write(text + "\n")
    except OSError:
        pass


def build_network(width):
    """Two convolutions and two dense layers: small, but trained the way the large ones are."""
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, width, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.Conv2d(width, width, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(width * 16, 128),
        torch.nn.ReLU(),
        torch.nn.Linear(128, 10),
    )


def train_epoch(network, optimizer, images, labels, batch_size):
    """One pass over the training images in a new order; returns the mean loss."""
    order = torch.randperm(len(images))
    total = 0.0
    network.train()
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(images[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(order)


def accuracy(network, images, labels):
    """Share of images whose most likely digit is the right one."""
    network.eval()
    with torch.no_grad():
        return (network(images).argmax(dim=1) == labels).float().mean().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--width", type=int, default=48, help="channels of the convolutions")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)

    mark("phase load")
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16.0
    labels = torch.tensor(digits.target, dtype=torch.long)
    train, held_out = train_test_split(
        range(len(labels)), test_size=0.2, random_state=arguments.seed, stratify=digits.target
    )

    network = build_network(arguments.width)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    n_parameters = sum(p.numel() for p in network.parameters())
    print(f"{len(train)} images to learn, {len(held_out)} held out, {n_parameters} parameters", flush=True)

    mark("phase train")
    for epoch in range(1, arguments.epochs + 1):
        started = time.monotonic()
        loss = train_epoch(network, optimizer, images[train], labels[train], arguments.batch_size)
        score = accuracy(network, images[held_out], labels[held_out])
        mark(f"epoch {epoch} accuracy={score:.4f} loss={loss:.4f}")
        print(
            f"epoch {epoch}/{arguments.epochs}: loss {loss:.4f}, accuracy {score:.4f}, "
            f"{time.monotonic() - started:.2f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
