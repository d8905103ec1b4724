"""Spectrograms of `torchaudio.transforms`, by the Fourier transform of PyTorch."""

from __future__ import annotations

import math

import torch

from core.parsing import parse

TEXT = """
import torchaudio.transforms as T
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.spec = T.Spectrogram(n_fft=64, hop_length=16)
        self.mel = T.MelSpectrogram(sample_rate=8000, n_fft=64, hop_length=16, n_mels=10)
        self.db = T.AmplitudeToDB()
        self.mfcc = T.MFCC(sample_rate=8000, n_mfcc=5, melkwargs={"n_fft": 64, "n_mels": 10, "center": False})
        self.fc = nn.Linear(5, 2)
    def forward(self, x):
        return self.spec(x), self.db(self.mel(x)), self.fc(self.mfcc(x).transpose(1, 2))
net = Net()
"""


def test_shapes_and_weights_are_those_of_torchaudio():
    net = parse(TEXT).module
    assert [n for n, _ in net.named_parameters()] == ["fc.weight", "fc.bias"]
    shapes = [one.shape for one in net(torch.zeros(3, 800, device="meta"))]
    assert shapes == [(3, 33, 800 // 16 + 1), (3, 10, 51), (3, (800 - 64) // 32 + 1, 2)]


def test_a_tone_is_where_it_belongs():
    net, time = parse(TEXT, device="cpu").module, torch.arange(800) / 8000
    tone = torch.sin(2 * math.pi * 1000 * time)[None]  # bin 1000 / 8000 * 64
    spec, mel, _ = net(tone)
    own = torch.stft(tone, 64, 16, 64, torch.hann_window(64), return_complex=True).abs() ** 2
    assert torch.allclose(spec, own, atol=1e-4)
    assert spec[0].mean(1).argmax() == 8
    centers = 700 * (10 ** (torch.linspace(0, 2595 * math.log10(1 + 4000 / 700), 12)[1:-1] / 2595) - 1)
    assert mel[0].mean(1).argmax() == (centers - 1000).abs().argmin()
