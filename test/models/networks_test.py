"""The networks keep their contract before any training: budget, sizes, grey, smoothing, and the parts each row may have."""
import unittest

import torch

from checkpoint import build
from neid import SHAPES, macs_per_pixel
from teacher import ROWS

NETWORKS = ("lite", "base", "quality", "teacher")


def run(network, image, previous=None, mix=1.0):
    previous = torch.zeros(len(image), network.fusion_size) if previous is None else previous
    with torch.no_grad():
        return network(image, previous, torch.tensor([mix]))


def dark(height, width, count=1):
    torch.manual_seed(3)
    return torch.rand(count, 3, height, width) * 0.1


class Networks(unittest.TestCase):
    def test_every_student_keeps_to_its_budget_of_macs(self):
        for name, shape in SHAPES.items():
            self.assertLessEqual(macs_per_pixel(build(name)), shape.macs_limit, name)

    def test_a_grey_picture_stays_grey_whatever_the_weights(self):
        for name in NETWORKS:
            network = build(name)
            with torch.no_grad():
                for parameter in network.parameters():
                    if parameter.requires_grad:
                        parameter.add_(0.05 * torch.randn_like(parameter))
            grey = dark(16, 24)[:, :1].repeat(1, 3, 1, 1)
            colours = run(network, grey)[0].view(3, 4, 16, 24)
            self.assertLess((colours.amax(0) - colours.amin(0)).max().item(), 1e-5, name)

    def test_a_picture_with_colours_keeps_them(self):
        for name in NETWORKS:
            image = dark(16, 24) * torch.tensor([1.0, 0.6, 0.3])[:, None, None]
            red, green, blue = run(build(name), image)[0].view(3, -1).mean(1)
            self.assertGreater(red - green, 0.02, name)
            self.assertGreater(green - blue, 0.02, name)

    def test_every_number_of_the_fusion_vector_is_smoothed_by_the_mix(self):
        for name in NETWORKS:
            network, image = build(name), dark(16, 24)
            now = run(network, image)[1]
            previous = torch.rand(1, network.fusion_size)
            mixed = run(network, image, previous, 0.25)[1]
            expected = 0.25 * now + 0.75 * previous
            self.assertLess((mixed - expected)[:, :2].abs().max().item(), 1e-4, name)       # exposure and tint: exactly
            held = run(network, image, previous, 0.0)[1]
            self.assertLess((held - previous).abs().max().item(), 1e-5, name)

    def test_any_height_and_width_that_are_multiples_of_8_work(self):
        for name in NETWORKS:
            network = build(name)
            for height, width in ((8, 8), (8, 40), (24, 16), (56, 72)):
                subpixels, fusion = run(network, dark(height, width))
                self.assertEqual(tuple(subpixels.shape), (1, 12, height, width))
                self.assertEqual(tuple(fusion.shape), (1, network.fusion_size))

    def test_an_untrained_network_already_brightens_by_one_gain_and_enlarges(self):
        for name in ("base", "teacher"):
            network = build(name)
            flat = torch.full((1, 3, 16, 16), 0.05)
            subpixels, fusion = run(network, flat)
            self.assertGreater(subpixels[:, :, 4:12, 4:12].mean().item(), 0.2, name)
            self.assertAlmostEqual(fusion[0, 0].item(), 0.4 / 0.054, places=3)

    def test_a_lamp_moves_the_exposure_by_no_more_than_its_area(self):
        network, image = build("base"), dark(40, 40)
        lit = image.clone()
        lit[:, :, :4, :4] = 1                                          # one per cent of the picture, clipped
        self.assertGreater(run(network, lit)[1][0, 0] / run(network, image)[1][0, 0], 0.9)


class Ablation(unittest.TestCase):
    def features(self, row):
        network = build("teacher", row)
        image = dark(16, 24)
        return network, network(image, torch.zeros(1, network.fusion_size), torch.ones(1), torch.ones(1, 1))

    def test_without_feature_fusing_every_weight_is_one(self):
        for row in ("unet", "le", "le+dr"):
            _, (_, fusion, _) = self.features(row)
            self.assertTrue(torch.all(fusion[:, 2:] == 1), row)
        _, (_, fusion, _) = self.features("neid")
        self.assertFalse(torch.all(fusion[:, 2:] == 1))

    def test_only_rows_with_dr_super_resolve_the_dark_picture(self):
        for row, has in (("unet", False), ("le", False), ("le+dr", True), ("neid", True)):
            self.assertEqual(self.features(row)[1][2].refined is not None, has, row)

    def test_dr_teaches_the_shared_encoder(self):
        network, (_, _, features) = self.features("le+dr")
        features.refined.square().mean().backward()
        self.assertGreater(network.encoder[0].first.weight.grad.abs().max().item(), 0)

    def test_feature_fusing_is_guided_by_dr_features(self):
        network, (_, fusion, _) = self.features("neid")
        fusion[:, 2:].square().sum().backward()
        self.assertGreater(network.detail.enter[0].weight.grad.abs().max().item(), 0)

    def test_the_unet_row_is_enlarged_bilinearly(self):
        """Along a row, bilinear 2x makes each pixel's two halves differ by a quarter of its neighbours' difference."""
        for row, bilinear in (("unet", True), ("le", False)):
            subpixels = self.features(row)[1][0].detach().view(3, 2, 2, 16, 24)
            left, right = subpixels.mean(1).unbind(1)                 # [3,h,w] each: the left and the right half of a pixel
            steps = 2 * (left[..., 1:] - right[..., :-1])             # the difference of one pixel to the next
            error = (right - left)[..., 1:-1] - (steps[..., 1:] + steps[..., :-1]) / 4
            self.assertEqual(error.abs().max().item() < 1e-5, bilinear, row)
        self.assertEqual(set(ROWS), {"unet", "le", "le+dr", "neid"})


if __name__ == "__main__":
    unittest.main()
