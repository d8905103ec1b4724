"""Texts that are written in Python 2."""

from __future__ import annotations

from core.parsing import parse

TEXT = """import torch.nn as nn
layers = []
for name, width in {"a": 3, "b": 4}.iteritems():
    layers.append(nn.Linear(width, width))
    print name, width
for index in xrange(2):
    layers.append(nn.BatchNorm1d(index + 1))
sizes = {"one": 5}
layers += [nn.Linear(n, 1) for n in sizes.itervalues() if "one" in list(sizes.iterkeys())]
net = nn.Sequential(*layers)
"""


def test_ranges_and_dictionaries_have_their_old_names():
    module = parse(TEXT).module
    assert sum(p.numel() for p in module.parameters()) == (9 + 3) + (16 + 4) + 2 * (1 + 2) + (5 + 1)
