"""The exact nearest neighbours of each of many points, by blocks of all distances."""

from __future__ import annotations

import torch
from torch import Tensor

BLOCK = 512  # points compared with all others at a time
TILE = 64  # distances of which only the smallest is looked at first


def nearest_neighbours(points: Tensor, count: int, rows: Tensor | None = None) -> Tensor:
    """float32 (N, D) -> int64 (M, K): the K nearest other points of each row, in no order.

    Args: `rows` int64 (M,), all if not given; K is `count` or N - 1, whichever is less.
    """
    rows = torch.arange(len(points)) if rows is None else rows
    count = min(count, len(points) - 1)
    spare = -len(points) % TILE
    padded = torch.cat([points, points.new_zeros(spare, points.shape[1])]).T.contiguous()  # (D, N')
    squares = torch.cat([points.square().sum(1), points.new_full((spare,), torch.inf)])
    found = [_nearest(points, padded, squares, block, count) for block in rows.split(BLOCK)]
    return torch.cat(found) if found else torch.empty(0, count, dtype=torch.int64)


def _nearest(points: Tensor, padded: Tensor, squares: Tensor, rows: Tensor, count: int) -> Tensor:
    """Its own square is the same for all distances of a row and is left out."""
    distances = torch.addmm(squares, points[rows], padded, alpha=-2)  # (B, N')
    distances[torch.arange(len(rows)), rows] = torch.inf
    tiles = distances.view(len(rows), -1, TILE).amin(2)
    best = tiles.topk(min(count, tiles.shape[1]), largest=False).indices  # the nearest lie in these tiles
    places = (best[:, :, None] * TILE + torch.arange(TILE)).flatten(1)
    return places.gather(1, distances.gather(1, places).topk(count, largest=False).indices)
