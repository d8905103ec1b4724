"""The second part of the prelude: distributions, quantization's stand-ins, crops, settings, in our own words, as text.

A distribution tells the shapes of its samples and of their probabilities, which is all that a network depends on.
"""

from __future__ import annotations

SOURCE = """
class SimpleNamespace:
    def __init__(self, **values):
        for name, value in values.items():
            setattr(self, name, value)

class Normal:
    def __init__(self, loc, scale, validate_args=None):
        loc, scale = torch.as_tensor(loc), torch.as_tensor(scale)
        self.loc = self.mean = self.mode = loc + 0 * scale
        self.scale = self.stddev = scale + 0 * loc
        self.variance = self.scale ** 2

    def sample(self, sample_shape=()):
        return self.loc.expand((*sample_shape, *self.loc.shape))

    def rsample(self, sample_shape=()):
        return self.sample(sample_shape)

    def log_prob(self, value):
        is_alike = torch.is_tensor(value) and value.dim() and self.loc.dim() and value.shape[-1] == self.loc.shape[-1]
        return self.loc + 0 * value if is_alike else self.loc

    def cdf(self, value):
        return self.log_prob(value)

    def entropy(self):
        return self.loc

class Uniform(Normal):
    def __init__(self, low, high, validate_args=None):
        super().__init__(low, high)
        self.low, self.high = low, high

class Beta(Normal):
    def __init__(self, concentration1, concentration0, validate_args=None):
        super().__init__(concentration1, concentration0)

class MultivariateNormal:
    def __init__(self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        self.loc = self.mean = self.mode = loc

    def sample(self, sample_shape=()):
        return self.loc.expand((*sample_shape, *self.loc.shape))

    def rsample(self, sample_shape=()):
        return self.sample(sample_shape)

    def log_prob(self, value):
        return self.loc.sum(-1)

    def entropy(self):
        return self.loc.sum(-1)

class Independent:
    def __init__(self, base_distribution, reinterpreted_batch_ndims, validate_args=None):
        self.base_dist, self.axes = base_distribution, reinterpreted_batch_ndims
        self.mean = base_distribution.mean

    def sample(self, sample_shape=()):
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape=()):
        return self.base_dist.sample(sample_shape)

    def log_prob(self, value):
        return self.base_dist.log_prob(value).flatten(-self.axes).sum(-1)

    def entropy(self):
        return self.base_dist.entropy().flatten(-self.axes).sum(-1)

class Bernoulli:
    def __init__(self, probs=None, logits=None, validate_args=None):
        self.probs = self.mean = torch.sigmoid(logits) if probs is None else probs
        self.logits = self.probs if logits is None else logits

    def sample(self, sample_shape=()):
        return self.probs.expand((*sample_shape, *self.probs.shape))

    def log_prob(self, value):
        return self.probs

    def entropy(self):
        return self.probs

class Categorical:
    def __init__(self, probs=None, logits=None, validate_args=None):
        self.probs = torch.softmax(logits, -1) if probs is None else probs
        self.logits = torch.log(self.probs) if logits is None else logits

    def sample(self, sample_shape=()):
        chosen = self.probs.argmax(-1)
        return chosen.expand((*sample_shape, *chosen.shape))

    def log_prob(self, value):
        return self.logits.amax(-1)

    def entropy(self):
        return self.probs.sum(-1)

class OneHotCategorical(Bernoulli):
    def __init__(self, probs=None, logits=None, validate_args=None):
        super().__init__(torch.softmax(logits, -1) if probs is None else probs)

    def log_prob(self, value):
        return self.probs.amax(-1)

    def entropy(self):
        return self.probs.sum(-1)

def kl_divergence(p, q):
    return p.entropy()

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
