"""The few layers that every network here is made of."""
import torch
import torch.nn.functional as F
from torch import nn

SLOPE = 0.1


def conv(inputs, outputs, size=3, stride=1):
    return nn.Conv2d(inputs, outputs, size, stride, size // 2)


def act(x):
    return F.leaky_relu(x, SLOPE)


def up(x):
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def pool(x):
    return F.adaptive_avg_pool2d(x, 1).flatten(1)


def he_initialise(modules):
    """He et al. 2015 for leaky ReLU; biases zero."""
    for module in modules:
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, a=SLOPE)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def bilinear_subpixels(channels):
    """3x3 kernel [12,channels,3,3] that maps RGB (the first three channels) to 2x bilinear sub-pixels (CRD order)."""
    taps = {0: (0.25, 0.75, 0.0), 1: (0.0, 0.75, 0.25)}
    kernel = torch.zeros(12, channels, 3, 3)
    for colour in range(3):
        for dy in range(2):
            for dx in range(2):
                kernel[colour * 4 + dy * 2 + dx, colour] = torch.outer(torch.tensor(taps[dy]), torch.tensor(taps[dx]))
    return kernel


class SubpixelHead(nn.Module):
    """Sub-pixels from decoder features and the toned picture; it answers in grey and tint, so that grey can stay grey."""

    def __init__(self, features):
        super().__init__()
        self.answer = conv(features + 4, 12)
        self.scales = nn.Linear(1, 12)
        self.unmix = nn.Conv2d(12, 12, 1, bias=False)
        self.features = features

    def initialise(self):
        """At the start: the toned picture, 2x bilinear."""
        with torch.no_grad():
            # The answer is grey = (r+g+b)/3, then r - grey and b - grey, four sub-pixels each.
            colours = torch.cat([0.05 * self.answer.weight[:, :self.features], bilinear_subpixels(4)], 1).view(3, 4, -1, 3, 3)
            grey = colours.mean(0)
            self.answer.weight.copy_(torch.cat([grey, colours[0] - grey, colours[2] - grey]))
            mixing = torch.tensor([[1.0, 1, 0], [1, -1, -1], [1, 0, 1]])
            self.unmix.weight.copy_(torch.kron(mixing, torch.eye(4))[:, :, None, None])
            self.scales.weight[:, 0] = torch.tensor([0.0] * 4 + [1.0] * 8)
            self.scales.bias.copy_(1 - self.scales.weight[:, 0])
        self.unmix.requires_grad_(False)
        self.scales.requires_grad_(False)

    def forward(self, features, toned, tint):
        """features [n,c,h,w], toned [n,4,h,w], tint [n,1] (0: stay grey, 1: as answered) -> sub-pixels [n,12,h,w]."""
        answer = self.answer(torch.cat([features, toned], 1))
        return self.unmix(answer * self.scales(tint)[:, :, None, None])
