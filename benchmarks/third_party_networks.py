"""Networks of other people's packages, small ones of every family: a name, how to build it, the shape of one input."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

Network = tuple[str, Callable[[], nn.Module], tuple[int, ...]]

TIMM = """
bat_resnext26ts botnet26t_256 lambda_resnet26t halonet26t eca_resnet33ts regnetx_002 regnety_002 cait_xxs24_224
coat_lite_tiny convit_tiny
convnext_atto convnextv2_atto crossvit_tiny_240 cspresnet50 davit_tiny deit_tiny_patch16_224 densenet121 dla34 dla46x_c
dpn48b edgenext_xx_small efficientformer_l1 efficientformerv2_s0 efficientnet_b0 tf_efficientnetv2_b0 mixnet_s
mnasnet_small fbnetc_100 tinynet_e mobilenetv2_050 efficientvit_b0 efficientvit_m0 eva02_tiny_patch14_224 fasternet_t0
fastvit_t8 focalnet_tiny_srf gcvit_xxtiny ghostnet_100 ghostnetv2_100 hardcorenas_a hgnet_tiny hgnetv2_b0
hiera_tiny_224 hrnet_w18_small inception_next_atto inception_v3 lcnet_050 levit_128s mambaout_femto
maxvit_rmlp_pico_rw_256 coatnet_nano_rw_224 poolformer_s12 mixer_s16_224 gmlp_s16_224 resmlp_12_224
mobilenetv3_small_100 mobilenetv4_conv_small mobilevit_xxs mobilevitv2_050 mvitv2_tiny nest_tiny nextvit_small
nf_resnet26 pit_ti_224 pvt_v2_b0 repghostnet_050 repvit_m0_9 repvgg_a0 res2net50_26w_4s resnest14d resnet18 resnet50
resnetv2_50 rexnet_100 selecsls42 seresnext26d_32x4d sequencer2d_s shvit_s1 skresnet18 starnet_s1 swiftformer_xs
swin_tiny_patch4_window7_224 swinv2_cr_tiny_ns_224 swinv2_tiny_window8_256 tiny_vit_5m_224 tnt_s_patch16_224
twins_svt_small vgg11 visformer_tiny vit_tiny_patch16_224 vit_tiny_r_s16_p8_224 vitamin_small_224 volo_d1_224
ese_vovnet19b_dw xception41 xcit_nano_12_p16_224
"""

PYTORCHCV = """
shufflenetv2_wd2 shufflenet_g3_wd4 menet108_8x1_g3 igcv3_wd2 proxylessnas_cpu peleenet diracnet18v2
resnet20_cifar10 densenet40_k12_cifar10 nin_cifar10 rir_cifar10 airnet50_1x64d_r2
espnetv2_wd2 hardnet39ds bninception preresnet18 sepreresnet10 mobilenet_wd4 fdmobilenet_wd4 darknet_tiny
"""

VISION = """
resnet18 mobilenet_v3_small shufflenet_v2_x0_5 squeezenet1_1 mnasnet0_5 regnet_x_400mf efficientnet_b0 convnext_tiny
swin_t vit_b_32
"""

TEXT = """
Bert DistilBert Roberta Albert Electra DebertaV2 GPT2 OPT GPTNeoX Llama Mistral Qwen2 Gemma Phi Bloom FNet MPNet
Nystromformer RoFormer ConvBert Ernie Mamba
"""


class First(nn.Module):
    """A network of which the first tensor of its output counts."""

    def __init__(self, network: nn.Module, channels_first: bool = False) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        output: Any = self.network(x)
        while not isinstance(output, Tensor):
            output = next(iter(output.values() if isinstance(output, dict) else output))
        return output


def timm() -> Iterator[Network]:
    package = importlib.import_module("timm")
    for name in TIMM.split():
        size = package.get_pretrained_cfg_value(name, "input_size") or (3, 224, 224)
        yield name, lambda name=name: First(package.create_model(name, pretrained=False)), size


def pytorchcv() -> Iterator[Network]:
    package = importlib.import_module("pytorchcv.model_provider")
    for name in PYTORCHCV.split():
        side = 32 if "cifar" in name else 224
        yield name, lambda name=name: First(package.get_model(name, pretrained=False)), (3, side, side)


def torchvision() -> Iterator[Network]:
    package = importlib.import_module("torchvision.models")
    for name in VISION.split():
        yield name, lambda name=name: First(package.get_model(name)), (3, 224, 224)
    video = importlib.import_module("torchvision.models.video")
    yield "r3d_18", video.r3d_18, (3, 8, 56, 56)
    segmentation = importlib.import_module("torchvision.models.segmentation")
    build = segmentation.lraspp_mobilenet_v3_large
    yield "lraspp", lambda: First(build(weights=None, weights_backbone=None)), (3, 128, 128)


def _text(name: str) -> nn.Module:
    package = importlib.import_module("transformers")
    config = getattr(package, f"{name}Config")()
    wanted = {
        "hidden_size": 256,
        "n_embd": 256,
        "dim": 256,
        "embedding_size": 128,
        "intermediate_size": 512,
        "ffn_dim": 512,
        "hidden_dim": 512,
        "num_hidden_layers": 3,
        "n_layer": 3,
        "n_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "n_head": 4,
        "n_heads": 4,
        "head_dim": 64,
        "word_embed_proj_dim": 256,
        "vocab_size": 2000,
        "pad_token_id": 0,
        "use_cache": False,
    }
    for key, value in wanted.items():
        if getattr(config, key, None) is not None:
            setattr(config, key, value)
    return First(getattr(package, f"{name}Model")(config))


def transformers() -> Iterator[Network]:
    for name in TEXT.split():
        yield name, lambda name=name: _text(name), (128,)


def vit_pytorch() -> Iterator[Network]:
    wide = {"dim": 128, "depth": 3, "heads": 4, "mlp_dim": 256}
    square = {"image_size": 128, "patch_size": 16, "num_classes": 100}
    cases = {
        "vit.ViT": {**square, **wide},
        "simple_vit.SimpleViT": {**square, **wide},
        "deepvit.DeepViT": {**square, **wide},
        "cait.CaiT": {**square, **wide, "cls_depth": 2},
        "vit_for_small_dataset.ViT": {**square, **wide},
        "parallel_vit.ViT": {**square, **wide, "num_parallel_branches": 2},
        "learnable_memory_vit.ViT": {**square, **wide},
        "vit_with_patch_merger.ViT": {**square, **wide, "patch_merge_layer": 2},
        "simple_vit_with_register_tokens.SimpleViT": {**square, **wide},
        "simple_vit_with_qk_norm.SimpleViT": {**square, **wide},
        "simple_vit_with_fft.SimpleViT": {**square, **wide, "freq_patch_size": 16},
        "normalized_vit.nViT": {**square, **wide},
        "xcit.XCiT": {**square, **wide, "cls_depth": 1},
        "cvt.CvT": {"num_classes": 100},
        "pit.PiT": {**square, **wide, "depth": (1, 1, 1)},
        "cct.CCT": {"img_size": 128, "embedding_dim": 128, "num_layers": 3, "num_heads": 4, "num_classes": 100},
        "nest.NesT": {**square, "patch_size": 4, "dim": 64, "heads": 2, "num_hierarchies": 3, "block_repeats": 1},
        "max_vit.MaxViT": {"num_classes": 100, "dim": 32, "dim_head": 16, "depth": (1, 1, 1), "window_size": 4},
    }
    for path, settings in cases.items():
        module, _, name = path.partition(".")
        build = getattr(importlib.import_module(f"vit_pytorch.{module}"), name)
        yield path, lambda build=build, settings=settings: First(build(**settings)), (3, 128, 128)


def monai() -> Iterator[Network]:
    nets = importlib.import_module("monai.networks.nets")
    flat = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2}
    deep = {"spatial_dims": 3, "in_channels": 1, "out_channels": 2}
    stages = {"channels": (16, 32, 64), "strides": (2, 2)}
    plane, volume = (1, 96, 96), (1, 32, 32, 32)
    yield "UNet", lambda: nets.UNet(**flat, **stages), plane
    yield "UNet 3d", lambda: nets.UNet(**deep, **stages, num_res_units=2), volume
    yield "BasicUNet", lambda: nets.BasicUNet(**flat), plane
    yield "AttentionUnet", lambda: nets.AttentionUnet(**flat, **stages), plane
    yield "SegResNet", lambda: nets.SegResNet(**deep), volume
    yield "VNet", lambda: nets.VNet(**deep), volume
    yield "HighResNet", lambda: nets.HighResNet(**deep), volume
    small = {"feature_size": 8, "hidden_size": 96, "mlp_dim": 192, "num_heads": 4}
    yield "UNETR", lambda: nets.UNETR(1, 2, (32, 32, 32), **small), volume
    yield "SwinUNETR", lambda: nets.SwinUNETR(1, 2, feature_size=12, spatial_dims=3), (1, 64, 64, 64)
    yield "DenseNet121", lambda: nets.DenseNet121(**flat), plane
    yield "EfficientNetBN", lambda: nets.EfficientNetBN("efficientnet-b0", False, spatial_dims=2, in_channels=1), plane
    yield "AutoEncoder", lambda: nets.AutoEncoder(**flat, channels=(16, 32, 64), strides=(2, 2, 2)), plane
    yield "ViT", lambda: First(nets.ViT(1, (96, 96), (16, 16), 96, 192, 3, 4, spatial_dims=2)), plane
    kernels = {"kernel_size": (3, 3, 3), "strides": (1, 2, 2), "upsample_kernel_size": (2, 2)}
    yield "DynUNet", lambda: nets.DynUNet(**flat, **kernels), plane


FAMILIES = {
    "timm": timm,
    "pytorchcv": pytorchcv,
    "torchvision": torchvision,
    "transformers": transformers,
    "vit-pytorch": vit_pytorch,
    "monai": monai,
}


def stand_in_for_missing_operations() -> None:
    """torchvision built for CUDA has no operations beside a torch built for CPUs, and asks for these at import."""
    for name in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, name):
            torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float threshold) -> Tensor")
