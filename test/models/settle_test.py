"""Feature Fusing learns each LOL pair's best decision, and gives it at every size and exposure."""
import unittest

import numpy as np
import torch

import losses
from checkpoint import build
from data import Pictures, halve, planes, small
from settle import BLACK, EXPOSURES, LEVEL_UNIT, PIXEL_UNIT, SCALES, best_weights, examples, exposed, features, settle

SEED = 6


def scene(random, brightness):
    """A LOL pair of one scene: coarse texture in its own colours; the dark picture does not say how bright its truth is."""
    coarse = (random.random((12, 18, 3)) * random.random(3)).repeat(16, 0).repeat(16, 1)
    truth = (255 * brightness * (0.4 + 0.6 * coarse)).astype(np.uint8)
    dark = (20 * (0.4 + 0.6 * coarse)).astype(np.uint8)
    return halve(dark), truth, dark


class Settle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        random = np.random.default_rng(SEED)
        cls.pairs = [scene(random, brightness) for brightness in (0.3, 0.5, 0.7, 0.9)]
        cls.planar_pairs = [planes(*pair) for pair in cls.pairs]
        cls.pictures = Pictures([], [random.integers(0, 256, (192, 288, 3), np.uint8)], SEED, pool_size=5)
        torch.manual_seed(SEED)
        cls.model = build("lite").requires_grad_(False)

    def answer(self, weights):
        """-> the pairs' answers with these weights, and their truths, [n,3,4,h,w] at half scale."""
        image, truth, _ = (np.stack(arrays) for arrays in zip(*self.planar_pairs))
        n, _, height, width = image.shape
        image, truth, _ = (torch.from_numpy(a).float() / 255 for a in small(image, *[truth.reshape(n, 3, 4, height, width)] * 2))
        raw, exposure, tint = self.model.front.measure(image)
        subpixels, _ = self.model.decode(self.model.encode(image, raw, exposure), torch.cat([tint, weights], 1))
        return subpixels.view(truth.shape), truth

    def error(self, weights):
        return losses.huber(*self.answer(weights)).item()

    def colours(self, weights):
        """[n,3]: the mean of each colour of each pair's answer."""
        return self.answer(weights)[0].clamp(0, 1).mean((2, 3, 4))

    def decided(self):
        return self.model.decide(features(self.model, [image for image, _, _ in self.pairs], self.pairs[0][0].shape[1]))

    def test_pictures_are_seen_as_the_network_sees_them(self):
        image = self.pairs[0][0]
        planar = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() / 255
        _, fusion = self.model(planar, torch.zeros(1, self.model.fusion_size), torch.ones(1))
        found = self.model.decide(features(self.model, [image], image.shape[1]))
        self.assertLess((found - fusion[:, 2:]).abs().max().item(), 1e-5)

    def test_the_best_weights_bring_the_answers_nearer_to_their_truths(self):
        decided = self.decided()
        found, _ = best_weights(self.model, self.planar_pairs, torch.full_like(decided[0], 0.3))
        self.assertLess(self.error(found), 0.7 * self.error(decided))

    def test_a_pair_gets_its_best_weights_at_every_size_and_exposure_and_a_synthetic_picture_keeps_its_own(self):
        sources = examples(self.model, self.pairs, self.pictures)
        # An untrained network decides nearly the same for all pictures: the weights are sought further away.
        found = best_weights(self.model, self.planar_pairs, torch.full_like(sources[0].wanted[0], 0.3))
        sources[0] = sources[0]._replace(wanted=found[0], effects=found[1])
        (seen, wanted, _), kept = sources
        self.assertEqual([source.seen.shape[1] / len(SCALES) for source in sources], [EXPOSURES, 1])
        self.assertLess((self.model.decide(sources[1].seen[:, 0]) - sources[1].wanted).abs().max().item(), 1e-6)
        state = {name: value.clone() for name, value in self.model.state_dict().items()}
        settle(self.model, sources, 600)
        self.model.requires_grad_(False)
        spread = wanted.std(0) + 0.02
        self.assertLess(((self.model.decide(seen) - wanted[:, None]) / spread).square().mean().item(), 1)
        self.assertLess(((self.model.decide(kept.seen[:, 0]) - kept.wanted) / spread).square().mean().item(), 0.5)
        exposure = [exposed(np.random.default_rng(9), image, dark)[0] for image, _, dark in self.pairs]
        unseen = self.model.decide(features(self.model, exposure, exposure[0].shape[1]))
        self.assertLess(((unseen - wanted) / spread).square().mean().item(), 2)
        changed = {name for name, value in self.model.state_dict().items() if not torch.equal(value, state[name])}
        self.assertEqual({name.split(".")[0] for name in changed}, {"fuse1", "fuse2"})
        self.model.load_state_dict(state)

    def test_the_effects_tell_how_a_picture_follows_its_weights(self):
        found, effects = best_weights(self.model, self.planar_pairs, torch.full_like(self.decided()[0], 0.05))
        torch.manual_seed(SEED)
        nudge = 1e-3 * torch.randn_like(found)
        predicted = torch.einsum("new,nw->ne", effects, nudge)
        expected = ((self.colours(found + nudge) + BLACK) / (self.colours(found) + BLACK)).log()
        levels = LEVEL_UNIT * predicted[:, :3]
        self.assertLess((levels - expected).abs().max().item(), 0.1 * expected.abs().max().item() + 1e-4)
        pixels = PIXEL_UNIT * predicted[:, 3:].square().mean().sqrt()
        changed = (self.answer(found + nudge)[0] - self.answer(found)[0]).square().mean().sqrt()
        self.assertLess(abs(torch.log(pixels / changed).item()), 0.3)     # 48 projections of random sign

    def test_without_lol_pairs_there_is_nothing_to_remember(self):
        sources = examples(self.model, [], self.pictures)
        self.assertEqual(len(sources), 1)
        settle(self.model, sources, 1)


if __name__ == "__main__":
    unittest.main()
