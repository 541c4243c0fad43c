"""What a student learns from its teacher: the picture, the features of encoder and decoder, and the fusion vector.

Features differ in width, so each comparison goes through a 1x1 convolution or a matrix that is learned alongside and then
thrown away (FitNets, Romero et al. 2015).
"""
import torch
import torch.nn.functional as F
from torch import nn

import losses
from layers import conv

WEIGHT_OUTPUT, WEIGHT_FEATURES, WEIGHT_FUSION = 0.5, 0.02, 0.01


class Distillation(nn.Module):
    def __init__(self, student, teacher):
        super().__init__()
        shape, widths = student.shape, teacher.widths
        self.decoded, self.encoded = conv(shape.e1, widths[1], 1), conv(shape.e3, widths[3], 1)
        self.fusion = nn.Linear(student.fusion_size - 2, teacher.fusion_size - 2)
        self.teacher = [teacher.eval().requires_grad_(False)]     # in a list: not a part of what is trained or saved

    @torch.no_grad()
    def lesson(self, image, exposure_error):
        """-> what the teacher answers: (subpixels, fusion, Features)."""
        teacher = self.teacher[0]
        zeros = torch.zeros(len(image), teacher.fusion_size, device=image.device)
        return teacher(image, zeros, torch.ones(1, device=image.device), exposure_error)

    def forward(self, answer, lesson):
        """Student's and teacher's (subpixels, fusion, Features) -> the named loss terms. Features count relative to their size."""
        (subpixels, fusion, features), (truth, wanted_fusion, wanted) = answer, lesson

        def relative(prediction, target):
            return F.mse_loss(prediction.float(), target.float()) / (target.float().pow(2).mean() + 1e-3)

        return {
            "output": WEIGHT_OUTPUT * losses.huber(subpixels.float(), truth.float().clamp(0, 1)),
            "features": WEIGHT_FEATURES * (relative(self.decoded(features.decoded), wanted.decoded)
                                           + relative(self.encoded(features.encoded), wanted.encoded)),
            "fusion": WEIGHT_FUSION * relative(self.fusion(fusion[:, 2:]), wanted_fusion[:, 2:]),
        }
