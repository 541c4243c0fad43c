"""The spatial entropy loss is the distance that its formulas describe, and can be trained with."""
import math
import unittest

import torch

from spatial_entropy import neighbour_weights, one_plane, spatial_entropy_loss, windowed_spatial_entropy_loss

FORMS = (spatial_entropy_loss, windowed_spatial_entropy_loss)


def random(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def seeded(seed=5):
    return torch.Generator().manual_seed(seed)


def kernel(distance):
    sigmoid = 1 / (1 + math.exp(-distance))
    return sigmoid * (1 - sigmoid)


def surroundings(picture, weights, y, x):
    return sum(float(weights[1 + dy, 1 + dx] * picture[y + dy, x + dx]) for dy in (-1, 0, 1) for dx in (-1, 0, 1))


def density(picture, weights, y, x, grid):
    """The joint density of one pixel at every pair of levels of the grid, in plain loops."""
    u, v = float(picture[y, x]), surroundings(picture, weights, y, x)
    return [kernel((i - u) / 0.5) / 0.5 * kernel((j - v) / 0.5) / 0.5 for i in grid for j in grid]


def hellinger(p, q, cell=1.0):
    return math.sqrt(sum((math.sqrt(a) - math.sqrt(b)) ** 2 for a, b in zip(p, q)) * cell / 2)


class SpatialEntropy(unittest.TestCase):
    def test_equal_pictures_are_at_no_distance(self):
        for form in FORMS:
            picture = random(2, 3, 12, 10)
            self.assertEqual(float(form(picture, picture.clone())), 0, form.__name__)

    def test_the_distance_grows_with_the_difference_and_stays_below_one(self):
        truth = random(2, 3, 12, 10) * 0.5
        for form in FORMS:
            distances = [float(form(truth + step, truth, generator=seeded())) for step in (0.01, 0.03, 0.1, 0.45)]
            self.assertGreater(distances[0], 0)
            self.assertEqual(distances, sorted(set(distances)), form.__name__)
            self.assertLessEqual(distances[-1], 1)

    def test_it_does_not_matter_which_picture_is_the_truth(self):
        a, b = random(2, 3, 12, 10), random(2, 3, 12, 10, seed=1)
        for form in FORMS:
            self.assertAlmostEqual(float(form(a, b, generator=seeded())), float(form(b, a, generator=seeded())), 6)

    def test_single_pixels_equal_the_sum_over_a_grid_of_levels(self):
        weights = neighbour_weights(seeded(2))
        p, t = random(4, 5, seed=3), random(4, 5, seed=4)
        t = p + 0.1 * (t - 0.5)
        inside = [(y, x) for y in (1, 2) for x in (1, 2, 3)]
        loss = float(spatial_entropy_loss(p[None, None].double(), t[None, None].double(), 8, weights))

        def summed(grid, cell):
            pairs = ((density(7 * p, weights, y, x, grid), density(7 * t, weights, y, x, grid)) for y, x in inside)
            return sum(hellinger(a, b, cell) for a, b in pairs) / len(inside)

        fine = [-12 + i / 4 for i in range(128)]
        self.assertAlmostEqual(loss, summed(fine, 1 / 16), 3)
        whole = range(-12, 20)                                   # the paper's grid, only not cut off at black and white
        self.assertLess(abs(loss - summed(whole, 1)), 0.01 * loss)

    def test_windows_equal_the_sum_over_levels_of_the_mean_of_their_pixels_densities(self):
        weights, levels = neighbour_weights(seeded(2)), 5
        p, t = random(8, 8, seed=3), random(8, 8, seed=4)
        both = [x[None, None].repeat(1, 3, 1, 1) for x in (p, t)]
        loss = float(windowed_spatial_entropy_loss(*(x.double() for x in both), levels, (1, 3, 5), 6, weights))

        def mean_density(picture, top, left, window):
            total = [0.0] * levels ** 2
            for y in range(top, top + window):
                for x in range(left, left + window):
                    at_pixel = density(4 * picture, weights, y, x, range(levels))
                    total = [a + b / sum(at_pixel) / window ** 2 for a, b in zip(total, at_pixel)]
            return total

        means = []
        for window in (1, 3, 5):
            starts = range(1, 8 - window)
            found = [hellinger(*(mean_density(x, top, left, window) for x in (p, t))) for top in starts for left in starts]
            means.append(sum(found) / len(found))
        self.assertAlmostEqual(loss, sum(means) / 3, 3)

    def test_the_slope_is_right(self):
        weights = neighbour_weights(seeded(1)).double()
        prediction, truth = random(1, 3, 7, 8, seed=1).double().requires_grad_(), random(1, 3, 7, 8, seed=2).double()
        for form in FORMS:
            self.assertTrue(torch.autograd.gradcheck(lambda x: form(x, truth, 6, weights=weights), prediction))

    def test_the_slope_is_finite_at_equal_even_black_white_and_far_apart_pictures(self):
        textured, shape = random(1, 3, 8, 9), (1, 3, 8, 9)
        black, white, grey = torch.zeros(shape), torch.ones(shape), torch.full(shape, 0.5)
        cases = [(textured, textured), (grey, grey), (black, black), (white, white), (black, white), (textured, grey),
                 (textured * 3 - 1, textured), (black - 100, white)]
        for form in FORMS:
            for prediction, truth in cases:
                prediction = prediction.clone().requires_grad_()
                loss = form(prediction, truth)
                loss.backward()
                self.assertTrue(torch.isfinite(loss) and torch.isfinite(prediction.grad).all(), form.__name__)

    def test_descending_the_slope_brings_the_pictures_together(self):
        truth = random(1, 3, 12, 12)
        for form in FORMS:
            prediction = (truth + 0.05 * (random(1, 3, 12, 12, seed=1) - 0.5)).requires_grad_()
            optimizer = torch.optim.Adam([prediction], 0.002)
            before = float((prediction - truth).abs().mean())
            for _ in range(60):
                optimizer.zero_grad()
                form(prediction, truth, generator=None).backward()
                optimizer.step()
            self.assertLess(float((prediction - truth).abs().mean()), 0.9 * before, form.__name__)

    def test_a_window_forgives_what_lies_a_pixel_aside(self):
        truth = (random(1, 1, 40, 40) > 0.5).float().repeat(1, 3, 1, 1)
        aside = truth.roll(1, 3)
        strict, lenient = (float(windowed_spatial_entropy_loss(aside, truth, windows=(w,), generator=seeded())) for w in (1, 5))
        self.assertLess(lenient, 0.7 * strict)


class Neighbours(unittest.TestCase):
    def test_the_weights_have_sum_one_leave_out_the_pixel_and_never_explode(self):
        for seed in range(300):
            weights = neighbour_weights(seeded(seed))
            self.assertAlmostEqual(float(weights.sum()), 1, 4)
            self.assertEqual(float(weights[1, 1]), 0)
            self.assertLess(float(weights.abs().max()), 5)

    def test_every_call_draws_its_own(self):
        self.assertFalse(torch.equal(neighbour_weights(), neighbour_weights()))
        a, b = random(1, 3, 8, 8), random(1, 3, 8, 8, seed=1) * 0.1
        self.assertNotEqual(float(spatial_entropy_loss(a * 0.1, b)), float(spatial_entropy_loss(a * 0.1, b)))


class SubPixels(unittest.TestCase):
    def test_one_plane_takes_the_same_sub_pixel_of_both_and_each_in_turn(self):
        numbered = torch.arange(4.0)[None, None, :, None, None].expand(2, 3, 4, 5, 6)
        generator, seen = seeded(), set()
        for _ in range(40):
            a, b = one_plane(numbered, numbered + 10, generator)
            self.assertEqual(a.shape, (2, 3, 5, 6))
            self.assertTrue(torch.equal(a + 10, b))
            seen.add(float(a[0, 0, 0, 0]))
        self.assertEqual(seen, {0, 1, 2, 3})


if __name__ == "__main__":
    unittest.main()
