"""Vision transformers."""

from __future__ import annotations

SOURCE = """
class EncoderBlock(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.dropout = nn.Dropout(0.0)
        self.ln_2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(
            nn.Linear(width, hidden), nn.GELU(), nn.Dropout(0.0), nn.Linear(hidden, width), nn.Dropout(0.0)
        )

    def forward(self, x):
        normed = self.ln_1(x)
        attended, _ = self.self_attention(normed, normed, normed, need_weights=False)
        x = x + self.dropout(attended)
        return x + self.mlp(self.ln_2(x))

class Encoder(nn.Module):
    def __init__(self, steps, layers, width, heads, hidden):
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, steps, width))
        self.dropout = nn.Dropout(0.0)
        blocks = [(f"encoder_layer_{i}", EncoderBlock(width, heads, hidden)) for i in range(layers)]
        self.layers = nn.Sequential(OrderedDict(blocks))
        self.ln = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x):
        return self.ln(self.layers(self.dropout(x + self.pos_embedding)))

class VisionTransformer(nn.Module):
    def __init__(self, patch, layers, width, heads, hidden, num_classes=1000):
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.conv_proj = nn.Conv2d(3, width, patch, patch)
        self.encoder = Encoder((224 // patch) ** 2 + 1, layers, width, heads, hidden)
        self.heads = nn.Sequential(OrderedDict(head=nn.Linear(width, num_classes)))

    def forward(self, x):
        x = self.conv_proj(x).flatten(2).permute(0, 2, 1)
        x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], 1)
        return self.heads(self.encoder(x)[:, 0])

def vit_b_16(num_classes=1000):
    return VisionTransformer(16, 12, 768, 12, 3072, num_classes)

def vit_b_32(num_classes=1000):
    return VisionTransformer(32, 12, 768, 12, 3072, num_classes)

def vit_l_16(num_classes=1000):
    return VisionTransformer(16, 24, 1024, 16, 4096, num_classes)
"""
