"""The ConvNeXts."""

from __future__ import annotations

SOURCE = """
class CNBlock(nn.Module):
    def __init__(self, dim, layer_scale=1e-6):
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(dim, dim, 7, padding=3, groups=dim), Permute([0, 2, 3, 1]), nn.LayerNorm(dim, eps=1e-6),
            nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim), Permute([0, 3, 1, 2]),
        )
        self.layer_scale = nn.Parameter(torch.ones(dim, 1, 1) * layer_scale)

    def forward(self, x):
        return x + self.layer_scale * self.block(x)

class ConvNeXt(nn.Module):
    def __init__(self, counts, widths, num_classes=1000):
        super().__init__()
        norm = partial(LayerNorm2d, eps=1e-6)
        stem = dict(kernel_size=4, stride=4, padding=0, norm_layer=norm, activation_layer=None, bias=True)
        layers = [Conv2dNormActivation(3, widths[0], **stem)]
        for index, (count, width) in enumerate(zip(counts, widths)):
            if index:
                layers.append(nn.Sequential(norm(widths[index - 1]), nn.Conv2d(widths[index - 1], width, 2, 2)))
            layers.append(nn.Sequential(*[CNBlock(width) for _ in range(count)]))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(norm(widths[-1]), nn.Flatten(1), nn.Linear(widths[-1], num_classes))

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)))
"""
SOURCE += "".join(
    f"\ndef convnext_{size}(num_classes=1000):\n"
    f"    return ConvNeXt((3, 3, {count}, 3), ({width}, {2 * width}, {4 * width}, {8 * width}), num_classes)\n"
    for size, count, width in (("tiny", 9, 96), ("small", 27, 96), ("base", 27, 128), ("large", 27, 192))
)
