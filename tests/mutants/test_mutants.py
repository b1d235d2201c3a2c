#!/usr/bin/env python3
"""Each mutant's text stands in its file exactly once, else run.py would sweep unchanged code."""
import pathlib
import unittest

import mutants

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Mutants(unittest.TestCase):
    def test_each_changes_one_place(self):
        for mutant in mutants.MUTANTS:
            with self.subTest(mutant.name):
                self.assertEqual((ROOT / mutant.file).read_text().count(mutant.old), 1)
                self.assertNotEqual(mutant.old, mutant.new)

    def test_names_differ(self):
        names = [mutant.name for mutant in mutants.MUTANTS]
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main()
