"""Blocks that texts import from timm, in our own words, as text.

Source: the names, arguments and shapes of timm.layers and timm.models.vision_transformer, release 1.0.
"""

from __future__ import annotations

SOURCE = """
class Mlp(nn.Module):
    def __init__(self, in_features, hidden_features=None, out_features=None, act_layer=nn.GELU, norm_layer=None,
                 bias=True, drop=0.0, use_conv=False):
        super().__init__()
        out_features = out_features or in_features
        hidden_features = hidden_features or in_features
        make = partial(nn.Conv2d, kernel_size=1) if use_conv else nn.Linear
        first, second = bias if isinstance(bias, (tuple, list)) else (bias, bias)
        rates = drop if isinstance(drop, (tuple, list)) else (drop, drop)
        self.fc1 = make(in_features, hidden_features, bias=first)
        self.act = act_layer()
        self.drop1 = nn.Dropout(rates[0])
        self.norm = norm_layer(hidden_features) if norm_layer is not None else nn.Identity()
        self.fc2 = make(hidden_features, out_features, bias=second)
        self.drop2 = nn.Dropout(rates[1])

    def forward(self, x):
        return self.drop2(self.fc2(self.norm(self.drop1(self.act(self.fc1(x))))))

class PatchEmbed(nn.Module):
    def __init__(self, img_size=224, patch_size=16, in_chans=3, embed_dim=768, norm_layer=None, flatten=True,
                 output_fmt=None, bias=True, strict_img_size=True, dynamic_img_pad=False):
        super().__init__()
        self.patch_size = patch_size if isinstance(patch_size, (tuple, list)) else (patch_size, patch_size)
        self.img_size, self.grid_size, self.num_patches = None, None, None
        if img_size is not None:
            self.img_size = img_size if isinstance(img_size, (tuple, list)) else (img_size, img_size)
            self.grid_size = tuple(side // patch for side, patch in zip(self.img_size, self.patch_size))
            self.num_patches = self.grid_size[0] * self.grid_size[1]
        self.flatten, self.strict_img_size = flatten, strict_img_size
        self.proj = nn.Conv2d(in_chans, embed_dim, self.patch_size, stride=self.patch_size, bias=bias)
        self.norm = norm_layer(embed_dim) if norm_layer else nn.Identity()

    def forward(self, x):
        if self.img_size is not None and self.strict_img_size:
            assert x.shape[2] == self.img_size[0] and x.shape[3] == self.img_size[1]
        x = self.proj(x)
        x = x.flatten(2).transpose(1, 2) if self.flatten else x
        return self.norm(x)

class Attention(nn.Module):
    def __init__(self, dim, num_heads=8, qkv_bias=False, qk_norm=False, proj_bias=True, attn_drop=0.0, proj_drop=0.0,
                 norm_layer=nn.LayerNorm):
        super().__init__()
        assert dim % num_heads == 0
        self.num_heads, self.head_dim = num_heads, dim // num_heads
        self.qkv = nn.Linear(dim, dim * 3, bias=qkv_bias)
        self.q_norm = norm_layer(self.head_dim) if qk_norm else nn.Identity()
        self.k_norm = norm_layer(self.head_dim) if qk_norm else nn.Identity()
        self.attn_drop = nn.Dropout(attn_drop)
        self.proj = nn.Linear(dim, dim, bias=proj_bias)
        self.proj_drop = nn.Dropout(proj_drop)

    def forward(self, x, attn_mask=None):
        B, N, C = x.shape
        q, k, v = self.qkv(x).reshape(B, N, 3, self.num_heads, self.head_dim).permute(2, 0, 3, 1, 4).unbind(0)
        scores = self.q_norm(q) @ self.k_norm(k).transpose(-2, -1) * self.head_dim ** -0.5
        x = self.attn_drop(scores.softmax(dim=-1)) @ v
        return self.proj_drop(self.proj(x.transpose(1, 2).reshape(B, N, C)))

class LayerScale(nn.Module):
    def __init__(self, dim, init_values=1e-5, inplace=False):
        super().__init__()
        self.gamma = nn.Parameter(init_values * torch.ones(dim))

    def forward(self, x):
        return x * self.gamma

class Block(nn.Module):
    def __init__(self, dim, num_heads, mlp_ratio=4.0, qkv_bias=False, qk_norm=False, proj_bias=True, proj_drop=0.0,
                 attn_drop=0.0, init_values=None, drop_path=0.0, act_layer=nn.GELU, norm_layer=nn.LayerNorm,
                 mlp_layer=None, drop=0.0, qk_scale=None):
        super().__init__()
        drop = drop or proj_drop
        self.norm1 = norm_layer(dim)
        self.attn = Attention(dim, num_heads, qkv_bias, qk_norm, proj_bias, attn_drop, drop, norm_layer)
        self.ls1 = LayerScale(dim, init_values) if init_values else nn.Identity()
        self.drop_path1 = nn.Dropout(drop_path) if drop_path > 0.0 else nn.Identity()
        self.norm2 = norm_layer(dim)
        self.mlp = (mlp_layer or Mlp)(in_features=dim, hidden_features=int(dim * mlp_ratio), act_layer=act_layer,
                                      drop=drop)
        self.ls2 = LayerScale(dim, init_values) if init_values else nn.Identity()
        self.drop_path2 = nn.Dropout(drop_path) if drop_path > 0.0 else nn.Identity()

    def forward(self, x, attn_mask=None):
        x = x + self.drop_path1(self.ls1(self.attn(self.norm1(x))))
        return x + self.drop_path2(self.ls2(self.mlp(self.norm2(x))))

class LayerNorm2d(nn.LayerNorm):
    def __init__(self, num_channels, eps=1e-6, affine=True):
        super().__init__(num_channels, eps=eps, elementwise_affine=affine)

    def forward(self, x):
        x = F.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)

class SelectAdaptivePool2d(nn.Module):
    def __init__(self, output_size=1, pool_type="fast", flatten=False, input_fmt="NCHW"):
        super().__init__()
        if input_fmt != "NCHW":
            raise NotImplementedError("SelectAdaptivePool2d of channels last")
        kind = pool_type.replace("fast", "")
        average = nn.AdaptiveAvgPool2d(output_size)
        largest = nn.AdaptiveMaxPool2d(output_size)
        self.pool_type, self.kind = pool_type, kind or "avg"
        self.pool = {"": nn.Identity(), "max": largest, "fastmax": largest}.get(pool_type, average)
        self.largest = largest if kind.startswith(("avgmax", "catavgmax")) else None
        self.flatten = nn.Flatten(1) if flatten or pool_type.startswith("fast") else nn.Identity()

    def forward(self, x):
        pooled = self.pool(x)
        if self.kind.startswith("catavgmax"):
            pooled = torch.cat([pooled, self.largest(x)], 1)
        elif self.largest is not None:
            pooled = 0.5 * (pooled + self.largest(x))
        return self.flatten(pooled)

_settings_of_variants = {}

def generate_default_cfgs(settings):
    for variant, one in settings.items():
        _settings_of_variants.setdefault(variant.partition(".")[0], one)
    return settings

def build_model_with_cfg(model_cls, variant, pretrained=False, pretrained_cfg=None, default_cfg=None, model_cfg=None,
                         feature_cfg=None, pretrained_cfg_overlay=None, pretrained_strict=True,
                         pretrained_filter_fn=None, pretrained_custom_load=False, kwargs_filter=None, cache_dir=None,
                         features_only=False, **kwargs):
    if features_only:
        raise NotImplementedError("features_only=True of timm")
    settings = pretrained_cfg or default_cfg or _settings_of_variants.get(variant.partition(".")[0]) or {}
    size = settings.get("input_size")
    if size and settings.get("fixed_input_size", False):
        kwargs.setdefault("img_size", size[-2:])
    if size:
        kwargs.setdefault("in_chans", size[0])
    if settings.get("num_classes") is not None:
        kwargs.setdefault("num_classes", settings["num_classes"])
    if settings.get("global_pool") is not None:
        kwargs.setdefault("global_pool", settings["global_pool"])
    for name in kwargs_filter or ():
        kwargs.pop(name, None)
    return model_cls(**kwargs) if model_cfg is None else model_cls(cfg=model_cfg, **kwargs)

def named_apply(fn, module, name="", depth_first=True, include_root=False):
    return module

def checkpoint_seq(functions, x, every=1, flatten=False, skip_last=False, preserve_rng_state=True):
    for function in functions:
        x = function(x)
    return x
"""
