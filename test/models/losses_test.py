"""The losses of the paper, and what stands beside them, on pictures whose answer is known."""
import unittest

import torch

import losses

SHAPE = (4, 3, 4, 24, 32)      # sub-pixels: [n,3,4,h,w]


def picture(seed=1):
    torch.manual_seed(seed)
    return torch.rand(*SHAPE) * 0.8 + 0.1


class Losses(unittest.TestCase):
    def test_equal_pictures_cost_nothing(self):
        same = picture()
        for loss in (losses.huber, losses.color, lambda a, b: losses.structure(a, b, 1, 0)):
            self.assertAlmostEqual(loss(same, same).item(), 0, places=4)

    def test_huber_is_square_near_the_truth_and_straight_far_from_it(self):
        zero, delta = torch.zeros(SHAPE), losses.HUBER_DELTA
        self.assertAlmostEqual(losses.huber(zero + 0.1, zero).item(), 0.5 * 0.1 ** 2 / delta, places=6)
        self.assertAlmostEqual(losses.huber(zero + 0.6, zero).item(), 0.6 - delta / 2, places=6)

    def test_color_sees_another_hue_and_another_saturation_but_hardly_another_brightness(self):
        truth = picture()
        darker = losses.color(truth * 0.8, truth)
        turned = losses.color(truth.roll(1, 1), truth)
        paler = losses.color(truth * 0.2 + 0.8 * truth.mean(1, keepdim=True) * torch.tensor([1.0, 0.9, 1.1]).view(3, 1, 1, 1), truth)
        self.assertLess(darker.item(), 0.1 * turned.item())
        self.assertGreater(turned.item(), 0.1)
        self.assertGreater(paler.item(), 0.05)

    def test_saturation_is_none_for_grey_and_full_for_a_pure_colour(self):
        grey, red = torch.full((1, 3, 2, 2), 0.5), torch.zeros(1, 3, 2, 2)
        red[:, 0] = 0.5
        self.assertEqual(losses.chroma_and_saturation(grey)[2].max().item(), 0)
        self.assertGreater(losses.chroma_and_saturation(red)[2].min().item(), 0.95)

    def test_structure_sees_lost_detail_where_the_mean_is_right(self):
        truth = picture()
        flat = truth.mean((2, 3, 4), keepdim=True).expand(SHAPE)
        self.assertGreater(losses.structure(flat, truth, 0, 0).item(), 0.5)
        self.assertLess(losses.structure(truth * 0.98, truth, 0, 0).item(), 0.01)

    def test_detail_compares_with_the_gained_dark_picture(self):
        dark = picture() * 0.05
        self.assertAlmostEqual(losses.detail(dark * 9, dark, torch.tensor(9.0)).item(), 0, places=6)
        self.assertGreater(losses.detail(dark * 8, dark, torch.tensor(9.0)).item(), 5e-4)

    def test_every_gradient_is_finite_on_black_white_and_grey(self):
        for value in (0.0, 0.5, 1.0):
            flat = torch.full(SHAPE, value, requires_grad=True)
            truth = torch.full(SHAPE, value)
            (losses.huber(flat, truth) + losses.color(flat, truth) + losses.structure(flat, truth, 0, 0)).backward()
            self.assertTrue(torch.isfinite(flat.grad).all(), value)


class TwoViews(unittest.TestCase):
    def test_the_moved_view_shows_the_same_scene_elsewhere(self):
        truth = picture()
        for _ in range(5):
            views = losses.TwoViews(truth[:, :, 0], "cpu")
            self.assertEqual(views.difference(views.of(truth)).item(), 0)

    def test_an_answer_that_follows_the_noise_or_the_place_is_different(self):
        image = picture()[:, :, 0]
        views = losses.TwoViews(image, "cpu")
        self.assertGreater(views.difference(views.images).item(), 0)                  # noise of its own in each view
        fixed = torch.rand(1, 3, views.height, views.width).expand(4, -1, -1, -1)   # sticks to the frame, not to the scene
        self.assertGreater(views.difference(fixed).item(), 0.1)

    def test_a_view_is_eight_pixels_smaller_so_that_sizes_stay_multiples_of_8(self):
        views = losses.TwoViews(torch.rand(5, 3, 24, 32), "cpu")
        self.assertEqual(tuple(views.images.shape), (4, 3, 16, 24))


if __name__ == "__main__":
    unittest.main()
