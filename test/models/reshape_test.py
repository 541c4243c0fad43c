"""A student carried into a wider shape answers as before; into a narrower one, it keeps its strongest channels."""
import unittest

import torch

from checkpoint import build
from neid import SHAPES, Neid
from reshape import reshape, sources, width


def trained(name):
    """A student whose every weight has moved away from its start."""
    torch.manual_seed(5)
    student = build(name)
    with torch.no_grad():
        for parameter in student.parameters():
            if parameter.requires_grad:
                parameter.add_(0.02 * torch.randn_like(parameter))
    return student


def answer(student):
    torch.manual_seed(6)
    image = torch.rand(1, 3, 24, 32) * 0.1
    with torch.no_grad():
        return student(image, torch.zeros(1, student.fusion_size), torch.ones(1), torch.ones(1, 1))


def carried(student, name):
    target = build(name)
    target.load_state_dict(reshape(student.state_dict(), student.shape, target))
    return target


class Reshape(unittest.TestCase):
    def test_a_wider_student_answers_as_the_narrow_one_did(self):
        for narrow, wide in (("lite", "base"), ("base", "quality"), ("base", "base")):
            student = trained(narrow)
            expected, found = answer(student), answer(carried(student, wide))
            self.assertLess((expected[0] - found[0]).abs().max().item(), 1e-5, wide)
            self.assertLess((expected[2].refined - found[2].refined).abs().max().item(), 1e-5, wide)

    def test_a_wider_student_learns_in_its_new_channels(self):
        student = carried(trained("base"), "quality")
        image = torch.rand(1, 3, 24, 32) * 0.1
        student(image, torch.zeros(1, student.fusion_size), torch.ones(1))[0].square().mean().backward()
        self.assertGreater(student.join0.weight.grad[:, SHAPES["base"].e1:].abs().max().item(), 0)
        self.assertGreater(student.head.answer.weight.grad[:, SHAPES["base"].d0].abs().max().item(), 0)

    def test_a_narrower_student_keeps_the_strongest_channels_in_order(self):
        student = trained("base")
        weak = [1, 7, 30]
        with torch.no_grad():
            student.encode3b.weight[weak] = 0
        kept = sources(student.state_dict(), student.shape, SHAPES["lite"], "e3")
        self.assertEqual(len(kept), width(SHAPES["lite"], "e3"))
        self.assertFalse(set(weak) & set(kept.tolist()))
        self.assertEqual(sorted(kept.tolist()), kept.tolist())

    def test_dropping_channels_that_nothing_uses_changes_nothing(self):
        student, silent = trained("base"), [0, 13, 58, 59]
        with torch.no_grad():
            for layer in (student.encode3b, student.narrow3, student.refine1):
                layer.weight[:, silent] = 0
            student.fuse1.weight[:, [SHAPES["base"].r2 + channel for channel in silent]] = 0
        target = Neid(SHAPES["base"]._replace(e3=56))
        target.load_state_dict(reshape(student.state_dict(), student.shape, target))
        self.assertLess((answer(student)[0] - answer(target)[0]).abs().max().item(), 1e-5)


if __name__ == "__main__":
    unittest.main()
