"""Stand-ins for quantization, crops, settings, in our own words, as text."""

from __future__ import annotations

SOURCE = """
def _get_clones(module, N):
    return nn.ModuleList([copy.deepcopy(module) for _ in range(N)])

def _get_activation_fn(activation):
    if activation not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {activation}")
    return F.relu if activation == "relu" else F.gelu

class SimpleNamespace:
    def __init__(self, **values):
        for name, value in values.items():
            setattr(self, name, value)

class QuantStub(nn.Module):
    def __init__(self, qconfig=None):
        super().__init__()

    def forward(self, x):
        return x

class DeQuantStub(QuantStub):
    pass

class FloatFunctional(nn.Module):
    def __init__(self):
        super().__init__()
        self.activation_post_process = nn.Identity()

    def forward(self, x):
        return x

    def add(self, x, y):
        return torch.add(x, y)

    def add_scalar(self, x, y):
        return torch.add(x, y)

    def add_relu(self, x, y):
        return F.relu(torch.add(x, y))

    def mul(self, x, y):
        return torch.mul(x, y)

    def mul_scalar(self, x, y):
        return torch.mul(x, y)

    def matmul(self, x, y):
        return torch.matmul(x, y)

    def cat(self, tensors, dim=0):
        return torch.cat(tensors, dim)

def center_crop(img, output_size):
    sizes = (output_size, output_size) if isinstance(output_size, int) else tuple(output_size)
    height, width = sizes if len(sizes) == 2 else sizes * 2
    more = max(height - img.shape[-2], 0), max(width - img.shape[-1], 0)
    img = F.pad(img, (more[1] // 2, (more[1] + 1) // 2, more[0] // 2, (more[0] + 1) // 2)) if any(more) else img
    top, left = (img.shape[-2] - height) // 2, (img.shape[-1] - width) // 2
    return img[..., top:top + height, left:left + width]

def crop(img, top, left, height, width):
    return img[..., top:top + height, left:left + width]

def resize(img, size, interpolation=None, max_size=None, antialias=True):
    height, width = img.shape[-2:]
    if isinstance(size, int):
        short = min(height, width)
        size = (height * size // short, width * size // short)
    x = img if img.dim() == 4 else img.unsqueeze(0)
    x = F.interpolate(x, tuple(size), mode="bilinear", align_corners=False)
    return x if img.dim() == 4 else x.squeeze(0)

def unchanged_image(img, *args, **kwargs):
    return img

class CenterCrop:
    def __init__(self, size):
        self.size = size

    def __call__(self, img):
        return center_crop(img, self.size)

class Resize:
    def __init__(self, size, *args, **kwargs):
        self.size = size

    def __call__(self, img):
        return resize(img, self.size)
"""
