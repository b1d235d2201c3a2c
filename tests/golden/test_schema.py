#!/usr/bin/env python3
"""`brokersim schema` is what `brokersim check` accepts.

usage: test_schema.py BROKERSIM [unittest arguments]

Scenarios with every part of the format, and many that a fixed generator makes of them by small
changes, are put to both. What the schema refuses, the program must refuse; what the program refuses
for its structure, as its codes tell, the schema must refuse. The schema that was published with the
format is a third judge: what it takes, ours must take, unless it is wrong in meaning.
"""
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

try:
    import jsonschema
except ImportError:
    print("no jsonschema")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data/scenarios"
PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
DOCUMENTS = 700
FAULTS_KEPT = 2  # each costs the schema's judge much time

# Of structure: E0109 only where it is about zero.
STRUCTURE = {"E0101", "E0102", "E0103", "E0104", "E0105", "E0107", "E0108", "E0112", "E0113",
             "E0114", "E0213", "E0216", "E0301"}
# What the published schema lets pass although it cannot mean anything.
MEANINGLESS = {
    "E0102": "a parameter without which the fault or distribution means nothing",
    "E0104": "a word where the published schema has any text",
    "E0105": "a whole number beyond all sense",
    "E0106": "a name too long",
    "E0108": "a quantity of another kind",
    "E0109": "zero, where nothing can take no time",
    "E0110": "a parameter of another distribution",
    "E0112": "a key that means nothing without another, or beside it",
    "E0113": "a parameter of another kind of fault",
    "E0114": "too few elements",
    "E0213": "a node id with leading zeros",
    "E0101": "a key where the published schema takes any",
    "E0103": "a type where the published schema takes any",
    "E0216": "no switch of that name",
    "E0301": "no setting of that name",
}
POOL = [None, True, False, 0, 1, -1, 3, 0.5, 1.5, 10**6, "", "x", "5", "5s", "0s", "-5ms", "2.5h",
        "256B", "50/s", "10Mbit/s", "0/s", "20ppm", "max", "kill", "drop", "uniform", "normal",
        "broker:1", "orders", "orders-0", "urp() > 0", "kill.end", "X y", [], [1], ["a"],
        ["a", "b"],
        ["broker:1", "broker:2"], {}, {"a": 1}, {"a": {}}, {"0": [1, 2]},
        {"dist": "uniform", "min": "1ms", "max": "2ms"}, {"dist": "constant"},
        {"dist": "exponential", "mean": "0s"}, {"good_to_bad": 0.1, "bad_to_good": 1}]


def without_comments(text):
    return re.sub(r"^\s*//.*$|/\*.*?\*/", "", text, flags=re.M)


def called(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=300)


def containers(value):
    if isinstance(value, (dict, list)):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from containers(inner)


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        done = called("schema")
        assert done.returncode == 0, done.stderr
        cls.schema = json.loads(done.stdout)
        cls.published = json.loads((DATA / "published.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(cls.schema)
        cls.judge = jsonschema.Draft7Validator(cls.schema)
        cls.old_judge = jsonschema.Draft7Validator(cls.published)
        cls.seeds = [json.loads(without_comments((DATA / name).read_text()))
                     for name in ("base.json", "full.jsonc", "quorum.jsonc", "to-come.json")]
        cls.keys = sorted({key for one in cls.schema["definitions"].values()
                           if one.get("type") == "object" and "default" not in str(one)
                           for key in one.get("properties", {})})

    def refusals(self, documents):
        """Per document the errors of the program, without what is not built yet."""
        with tempfile.TemporaryDirectory() as work:
            names = []
            for number, document in enumerate(documents):
                names.append(f"{work}/{number}.json")
                pathlib.Path(names[-1]).write_text(json.dumps(document))
            said = json.loads(called("check", "--json", *names).stdout)
        found = {name: [] for name in names}
        for one in said["diagnostics"]:
            if one["severity"] == "error" and one["code"] != "E0900":
                found[one["file"]].append(one)
        return list(found.values())

    def test_what_is_shipped_is_right(self):
        shipped = [json.loads(path.read_text())
                   for path in sorted((ROOT / "scenarios").rglob("*.json"))]
        for document in shipped + self.seeds:
            error = jsonschema.exceptions.best_match(self.judge.iter_errors(document))
            self.assertIsNone(error, f"{document['name']}: {error}")
        for refusal in self.refusals(self.seeds):
            self.assertEqual(refusal, [])

    def test_every_part_that_is_not_built_is_refused_once(self):
        done = called("check", "--json", str(DATA / "to-come.json"))
        said = [one for one in json.loads(done.stdout)["diagnostics"]]
        self.assertEqual(done.returncode, 3)
        self.assertEqual({one["code"] for one in said}, {"E0900"})
        self.assertEqual(len({one["pointer"] for one in said}), len(said))
        self.assertIn("/streams", {one["pointer"] for one in said})

    def test_every_published_property_is_known(self):
        names = {"broker": "node", "link": "path"}
        for name, one in self.published["definitions"].items():
            ours = self.schema["definitions"].get(names.get(name, name), {}).get("properties", {})
            self.assertLessEqual(one.get("properties", {}).keys(), ours.keys(), name)
        self.assertLessEqual(self.published["properties"].keys(), self.schema["properties"].keys())
        faults = self.published["definitions"]["fault"]["properties"]["fault"]["enum"]
        self.assertEqual(sorted(called("schema", "--enum", "fault").stdout.split()),
                         sorted(faults))

    def test_words_are_those_of_the_schema(self):
        definitions = self.schema["definitions"]
        for name, place in (("mode", self.schema["properties"]["mode"]["enum"]),
                            ("dist", definitions["dist"]["properties"]["dist"]["enum"]),
                            ("switch", definitions["switches"]["properties"])):
            done = called("schema", "--enum", name)
            self.assertEqual(done.stdout.split(), list(place))
        checks = called("schema", "--checks").stdout
        self.assertEqual(checks, called("schema", "--enum", "check").stdout)
        self.assertIn("acked-records-durable\n", checks)

    def changed(self, draw):
        document = json.loads(json.dumps(draw.choice(self.seeds)))
        faults = document.get("faults", [])
        document["faults"] = draw.sample(faults, min(FAULTS_KEPT, len(faults)))
        for _ in range(draw.choice([1, 1, 1, 2])):
            places = [place for place in containers(document) if place]
            place = draw.choice(places)
            how = draw.choice(["put", "put", "put", "drop", "add", "add", "odd"])
            where = draw.choice(list(place) if isinstance(place, dict) else range(len(place)))
            value = json.loads(json.dumps(draw.choice(POOL)))
            if how == "put":
                place[where] = value
            elif how == "drop":
                del place[where]
            elif isinstance(place, list):
                place.append(value)
            else:
                place["oddity" if how == "odd" else draw.choice(self.keys)] = value
        return document

    def test_both_judges_agree(self):
        draw = random.Random(7)
        documents = [self.changed(draw) for _ in range(DOCUMENTS)]
        legal = 0
        for document, refusal in zip(documents, self.refusals(documents)):
            error = jsonschema.exceptions.best_match(self.judge.iter_errors(document))
            structure = [one for one in refusal if one["code"] in STRUCTURE or
                         (one["code"] == "E0109" and "zero" in one["message"])]
            about = (f"\nscenario: {json.dumps(document)}\nschema: {error and error.message}"
                     f" at {error and list(error.absolute_path)}\nprogram: {refusal}")
            if error:
                self.assertTrue(refusal, "the program takes what the schema refuses" + about)
            else:
                legal += 1
                self.assertEqual(structure, [],
                                 "the schema takes what the program refuses" + about)
            if error and self.old_judge.is_valid(document):
                codes = {one["code"] for one in refusal}
                self.assertTrue(codes & MEANINGLESS.keys(),
                                "what was published is refused" + about)
        self.assertGreater(legal, DOCUMENTS // 10)
        self.assertLess(legal, DOCUMENTS * 9 // 10)


if __name__ == "__main__":
    unittest.main()
