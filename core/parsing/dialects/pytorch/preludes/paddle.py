"""Layers of Paddle that are no single layer of PyTorch, in our own words, as text.

Source: the names, arguments and shapes of paddle.nn and paddle.vision.models, release 3.3.
"""

from __future__ import annotations

SOURCE = """
class PaddleConvNormActivation(ConvNormActivation):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, padding=None, groups=1,
                 norm_layer=nn.BatchNorm2d, activation_layer=nn.ReLU, dilation=1, bias=None):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, groups, norm_layer, activation_layer,
                         dilation, None, bias)

class PaddleMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0, kdim=None, vdim=None, need_weights=False, weight_attr=None,
                 bias_attr=None):
        super().__init__()
        self.num_heads, self.need_weights, self.dropout = num_heads, need_weights, dropout
        bias = bias_attr is not False
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=bias)
        self.k_proj = nn.Linear(kdim or embed_dim, embed_dim, bias=bias)
        self.v_proj = nn.Linear(vdim or embed_dim, embed_dim, bias=bias)
        self.out_proj = nn.Linear(embed_dim, embed_dim, bias=bias)

    def forward(self, query, key=None, value=None, attn_mask=None, cache=None):
        key = query if key is None else key
        value = key if value is None else value
        q, k, v = [
            torch.transpose(torch.unflatten(one, 2, (self.num_heads, -1)), 1, 2)
            for one in (self.q_proj(query), self.k_proj(key), self.v_proj(value))]
        weights = F.softmax(torch.matmul(q, torch.transpose(k, 2, 3)) * q.shape[-1] ** -0.5, dim=-1)
        weights = F.dropout(weights, self.dropout, self.training)
        out = self.out_proj(torch.flatten(torch.transpose(torch.matmul(weights, v), 1, 2), 2))
        return (out, weights) if self.need_weights else out

class PaddleGRUCell(nn.GRUCell):
    def __init__(self, input_size, hidden_size, *args, **kwargs):
        super().__init__(input_size, hidden_size)

    def get_initial_states(self, batch_ref, shape=None, dtype=None, init_value=0.0, batch_dim_idx=0):
        state = torch.full((batch_ref.shape[batch_dim_idx], self.hidden_size), init_value)
        return state

    def forward(self, inputs, states=None):
        state = super().forward(inputs, states)
        return state, state

class PaddleSimpleRNNCell(nn.RNNCell):
    def __init__(self, input_size, hidden_size, activation="tanh", *args, **kwargs):
        super().__init__(input_size, hidden_size, nonlinearity=activation)

    def get_initial_states(self, batch_ref, shape=None, dtype=None, init_value=0.0, batch_dim_idx=0):
        state = torch.full((batch_ref.shape[batch_dim_idx], self.hidden_size), init_value)
        return state

    def forward(self, inputs, states=None):
        state = super().forward(inputs, states)
        return state, state

class PaddleLSTMCell(nn.LSTMCell):
    def __init__(self, input_size, hidden_size, *args, **kwargs):
        super().__init__(input_size, hidden_size)

    def get_initial_states(self, batch_ref, shape=None, dtype=None, init_value=0.0, batch_dim_idx=0):
        state = torch.full((batch_ref.shape[batch_dim_idx], self.hidden_size), init_value)
        return state, state

    def forward(self, inputs, states=None):
        states = super().forward(inputs, states)
        return states[0], states

class PaddleRNN(nn.Module):
    def __init__(self, cell, is_reverse=False, time_major=False):
        super().__init__()
        self.cell, self.is_reverse, self.axis = cell, is_reverse, 0 if time_major else 1

    def forward(self, inputs, initial_states=None, sequence_length=None, **kwargs):
        steps, states, outputs = list(torch.unbind(inputs, self.axis)), initial_states, []
        for x in reversed(steps) if self.is_reverse else steps:
            output, states = self.cell(x, states)
            outputs.append(output)
        if self.is_reverse:
            outputs.reverse()
        return torch.stack(outputs, self.axis), states

class PaddleBiRNN(nn.Module):
    def __init__(self, cell_fw, cell_bw, time_major=False):
        super().__init__()
        self.rnn_fw, self.rnn_bw = PaddleRNN(cell_fw, False, time_major), PaddleRNN(cell_bw, True, time_major)

    def forward(self, inputs, initial_states=None, sequence_length=None, **kwargs):
        first, second = initial_states or (None, None)
        forward, last = self.rnn_fw(inputs, first)
        backward, before = self.rnn_bw(inputs, second)
        return torch.cat((forward, backward), -1), (last, before)

class PaddleLeNet(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.num_classes = num_classes
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2))
        if num_classes > 0:
            self.fc = nn.Sequential(nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, num_classes))

    def forward(self, x):
        x = self.features(x)
        return self.fc(x.flatten(1)) if self.num_classes > 0 else x

class DownscaledDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        return F.dropout(x, self.p, self.training) * (1 - self.p)

class PaddleMaxout(nn.Module):
    def __init__(self, groups, axis=1, name=None):
        super().__init__()
        self.groups, self.axis = groups, axis

    def forward(self, x):
        axis = self.axis % 4
        return torch.amax(torch.unflatten(x, axis, (-1, self.groups)), axis + 1)
"""
