"""For texts that put networks together from fastai's layers, in our own words, as text.

Source: the names, arguments and shapes of fastai.layers and fastai.vision.learner, release 2.8.
"""

from __future__ import annotations

SOURCE = """
class FastaiLambda(nn.Module):
    def __init__(self, func):
        super().__init__()
        self.func = func

    def forward(self, x):
        return self.func(x)

class FastaiFlatten(nn.Module):
    def __init__(self, full=False):
        super().__init__()
        self.full = full

    def forward(self, x):
        return x.view(-1) if self.full else x.view(x.size(0), -1)

def fastai_sequential(*args):
    if len(args) != 1 or not isinstance(args[0], OrderedDict):
        args = [one if isinstance(one, nn.Module) else FastaiLambda(one) for one in args]
    return nn.Sequential(*args)

class FastaiConcatPool(nn.Module):
    def __init__(self, size=None):
        super().__init__()
        self.size = size or 1
        self.ap = nn.AdaptiveAvgPool2d(self.size)
        self.mp = nn.AdaptiveMaxPool2d(self.size)

    def forward(self, x):
        return torch.cat([self.mp(x), self.ap(x)], 1)

class FastaiNormType:
    Batch, BatchZero, Weight, Spectral, Instance, InstanceZero = 1, 2, 3, 4, 5, 6

def fastai_norm(nf, ndim=2, norm_type=1, **kwargs):
    return {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}[ndim](nf, **kwargs)

class FastaiConvLayer(nn.Sequential):
    def __init__(self, ni, nf, ks=3, stride=1, padding=None, bias=None, ndim=2, norm_type=1, bn_1st=True,
                 act_cls=nn.ReLU, transpose=False, init="auto", xtra=None, bias_std=0.01, **kwargs):
        if padding is None:
            padding = 0 if transpose else (ks - 1) // 2
        is_batch, is_instance = norm_type in (1, 2), norm_type in (5, 6)
        plain = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
        turned = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
        bias = not (is_batch or is_instance) if bias is None else bias
        conv = (turned if transpose else plain)[ndim](ni, nf, kernel_size=ks, bias=bias, stride=stride,
                                                      padding=padding, **kwargs)
        if norm_type == 3:
            conv = nn.utils.weight_norm(conv)
        elif norm_type == 4:
            conv = nn.utils.spectral_norm(conv)
        behind = [] if act_cls is None else [act_cls()]
        if is_batch:
            behind.append(fastai_norm(nf, ndim))
        elif is_instance:
            instance = {1: nn.InstanceNorm1d, 2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}
            behind.append(instance[ndim](nf, affine=True))
        if bn_1st:
            behind.reverse()
        super().__init__(conv, *behind, *([] if xtra is None else [xtra]))

class FastaiLinBnDrop(nn.Sequential):
    def __init__(self, n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
        layers = [nn.BatchNorm1d(n_out if lin_first else n_in)] if bn else []
        if p != 0:
            layers.append(nn.Dropout(p))
        linear = [nn.Linear(n_in, n_out, bias=not bn)] + ([] if act is None else [act])
        super().__init__(*(linear + layers if lin_first else layers + linear))

class FastaiSimpleCNN(nn.Sequential):
    def __init__(self, filters, kernel_szs=None, strides=None, bn=True):
        count = len(filters) - 1
        kernels, strides = kernel_szs or [3] * count, strides or [2] * count
        layers = [FastaiConvLayer(filters[i], filters[i + 1], kernels[i], stride=strides[i],
                                  norm_type=1 if bn and i < count - 1 else None) for i in range(count)]
        super().__init__(*layers, nn.Sequential(nn.AdaptiveAvgPool2d(1), FastaiFlatten()))

def fastai_head(nf, n_out, lin_ftrs=None, ps=0.5, pool=True, concat_pool=True, first_bn=True, bn_final=False,
                lin_first=False, y_range=None):
    widths = [nf * 2 if pool and concat_pool else nf, *([512] if lin_ftrs is None else lin_ftrs), n_out]
    rates = list(ps) if isinstance(ps, (list, tuple)) else [ps]
    rates = [rates[0] / 2] * (len(widths) - 2) + rates if len(rates) == 1 else rates
    layers = [FastaiConcatPool() if concat_pool else nn.AdaptiveAvgPool2d(1), FastaiFlatten()] if pool else []
    if lin_first:
        layers.append(nn.Dropout(rates.pop(0)))
    for i in range(len(widths) - 1):
        act = nn.ReLU(inplace=True) if i < len(widths) - 2 else None
        if i < len(rates):
            bn = first_bn if i == 0 else True
            layers += list(FastaiLinBnDrop(widths[i], widths[i + 1], bn=bn, p=rates[i], act=act, lin_first=lin_first))
    if lin_first:
        layers.append(nn.Linear(widths[-2], n_out))
    if bn_final:
        layers.append(nn.BatchNorm1d(widths[-1], momentum=0.01))
    if y_range is not None:
        layers.append(FastaiLambda(lambda x: torch.sigmoid(x) * (y_range[1] - y_range[0]) + y_range[0]))
    return nn.Sequential(*layers)
"""

LAYERS = {
    "Lambda": "FastaiLambda",
    "Flatten": "FastaiFlatten",
    "sequential": "fastai_sequential",
    "AdaptiveConcatPool2d": "FastaiConcatPool",
    "NormType": "FastaiNormType",
    "BatchNorm": "fastai_norm",
    "ConvLayer": "FastaiConvLayer",
    "LinBnDrop": "FastaiLinBnDrop",
    "SimpleCNN": "FastaiSimpleCNN",
    "create_head": "fastai_head",
}
