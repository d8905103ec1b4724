"""Spectrograms as `torchaudio.transforms` makes them, in our own words, as text.

None has weights. Windows and filters are worked out where they are used, so that no buffer has to be filled.
"""

from __future__ import annotations

SOURCE = """
class Spectrogram(nn.Module):
    def __init__(self, n_fft=400, win_length=None, hop_length=None, pad=0, window_fn=None, power=2.0, normalized=False,
                 wkwargs=None, center=True, pad_mode="reflect", onesided=True, return_complex=None):
        super().__init__()
        self.n_fft, self.pad, self.power, self.normalized = n_fft, pad, power, normalized
        self.win_length = win_length or n_fft
        self.hop_length = hop_length or self.win_length // 2
        self.center, self.pad_mode, self.onesided = center, pad_mode, onesided

    def forward(self, waveform):
        window = torch.hann_window(self.win_length, device=waveform.device)
        flat = F.pad(waveform, (self.pad, self.pad)).reshape(-1, waveform.shape[-1] + 2 * self.pad)
        spec = torch.stft(flat, self.n_fft, self.hop_length, self.win_length, window, self.center, self.pad_mode,
                          False, self.onesided, return_complex=True)
        spec = spec.reshape(*waveform.shape[:-1], *spec.shape[-2:])
        spec = spec / window.pow(2).sum().sqrt() if self.normalized else spec
        return spec if self.power is None else spec.abs().pow(self.power)

class MelScale(nn.Module):
    def __init__(self, n_mels=128, sample_rate=16000, f_min=0.0, f_max=None, n_stft=201, norm=None, mel_scale="htk"):
        super().__init__()
        self.n_mels, self.sample_rate, self.n_stft, self.norm = n_mels, sample_rate, n_stft, norm
        self.f_min, self.f_max = f_min, float(sample_rate // 2) if f_max is None else f_max

    def forward(self, specgram):
        low, high = [2595.0 * math.log10(1.0 + f / 700.0) for f in (self.f_min, self.f_max)]
        mels = torch.linspace(low, high, self.n_mels + 2, device=specgram.device)
        points = 700.0 * (10.0 ** (mels / 2595.0) - 1.0)
        bins = torch.linspace(0, self.sample_rate // 2, self.n_stft, device=specgram.device)
        gaps = points[1:] - points[:-1]
        slopes = points.unsqueeze(0) - bins.unsqueeze(1)
        falling, rising = -slopes[:, :-2] / gaps[:-1], slopes[:, 2:] / gaps[1:]
        filters = torch.clamp(torch.minimum(falling, rising), min=0)
        filters = filters * (2.0 / (points[2:] - points[:-2])) if self.norm == "slaney" else filters
        return torch.transpose(torch.matmul(torch.transpose(specgram, -1, -2), filters), -1, -2)

class MelSpectrogram(nn.Module):
    def __init__(self, sample_rate=16000, n_fft=400, win_length=None, hop_length=None, f_min=0.0, f_max=None, pad=0,
                 n_mels=128, window_fn=None, power=2.0, normalized=False, wkwargs=None, center=True,
                 pad_mode="reflect", onesided=None, norm=None, mel_scale="htk"):
        super().__init__()
        self.spectrogram = Spectrogram(n_fft, win_length, hop_length, pad, window_fn, power, normalized, wkwargs,
                                       center, pad_mode)
        self.mel_scale = MelScale(n_mels, sample_rate, f_min, f_max, n_fft // 2 + 1, norm, mel_scale)

    def forward(self, waveform):
        return self.mel_scale(self.spectrogram(waveform))

class AmplitudeToDB(nn.Module):
    def __init__(self, stype="power", top_db=None):
        super().__init__()
        self.factor, self.top_db = 10.0 if stype == "power" else 20.0, top_db

    def forward(self, x):
        x = self.factor * torch.log10(torch.clamp(x, min=1e-10))
        return x if self.top_db is None else torch.maximum(x, torch.amax(x, (-2, -1), True) - self.top_db)

class MFCC(nn.Module):
    def __init__(self, sample_rate=16000, n_mfcc=40, dct_type=2, norm="ortho", log_mels=False, melkwargs=None):
        super().__init__()
        self.n_mfcc, self.norm, self.log_mels = n_mfcc, norm, log_mels
        self.MelSpectrogram = MelSpectrogram(sample_rate, **(melkwargs or {}))
        self.amplitude_to_DB = AmplitudeToDB("power", 80.0)

    def forward(self, waveform):
        mels = self.MelSpectrogram(waveform)
        mels = torch.log(mels + 1e-6) if self.log_mels else self.amplitude_to_DB(mels)
        count = mels.shape[-2]
        places = (torch.arange(count, device=mels.device) + 0.5).unsqueeze(1)
        waves = torch.arange(self.n_mfcc, device=mels.device).unsqueeze(0)
        table = torch.cos(math.pi / count * places * waves) * (2.0 if self.norm is None else (2.0 / count) ** 0.5)
        first = torch.where(waves == 0, 1.0 if self.norm is None else 0.5 ** 0.5, 1.0)
        return torch.transpose(torch.matmul(torch.transpose(mels, -1, -2), table * first), -1, -2)

class Resample(nn.Module):
    def __init__(self, orig_freq=16000, new_freq=16000, resampling_method="sinc_interp_hann", lowpass_filter_width=6,
                 rolloff=0.99, beta=None, dtype=None):
        super().__init__()
        self.orig_freq, self.new_freq = int(orig_freq), int(new_freq)

    def forward(self, waveform):
        if self.orig_freq == self.new_freq:
            return waveform
        length = math.ceil(self.new_freq * waveform.shape[-1] / self.orig_freq)
        flat = waveform.reshape(-1, 1, waveform.shape[-1])
        return F.interpolate(flat, size=length, mode="linear").reshape(*waveform.shape[:-1], length)

class FrequencyMasking(nn.Module):
    def __init__(self, freq_mask_param=0, iid_masks=False):
        super().__init__()

    def forward(self, specgram, mask_value=0.0):
        return specgram

class TimeMasking(FrequencyMasking):
    def __init__(self, time_mask_param=0, iid_masks=False, p=1.0):
        super().__init__()
"""
