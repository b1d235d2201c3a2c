"""Kafka's settings in sim/model/config_table_*.cpp say whether they act on a run; a scenario that
sets one which does not gets warning W0004. Here that is held against the code: who reads the field
of sim/model/config.h that the setting fills?

It goes by names, without understanding C++: a field counts as read where its name stands behind a
dot in a layer that holds these structs. An assignment that only hands it on under another name
counts if that name is read, anywhere. So a setting whose last reader is removed is found, unless
another struct has a field of the same name.
"""
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

from cpp_source import LITERAL  # noqa: E402

MODEL = ROOT / "sim/model"
# Which layers hold the structs of config.h, and where what they hand on may be read.
HOLDERS = ("node", "world", "scenario")
LAYERS = (*HOLDERS, "protocol", "storage", "network", "check")
CLIENT_SETTINGS = "client_settings.cpp"
CLIENTS = ("producer", "consumer")
TABLES = ("broker", "topic", *CLIENTS)
HANDING_ON = re.compile(r"\s*[\w.]+\.(\w+)\s*=[^=]")
ROW = re.compile(r'\{"([\w.]+)",[^{}]*?(?:\([^{}]*\)[^{}]*?)?\b(Acts|NoEffect|Derived)\}')

# Settings that act although no field of config.h says so.
WITHOUT_FIELD = {
    ("producer", "compression.type"): "values other than none are refused",
}
# Settings whose field is read although they do not act.
READ_BUT_IDLE = {
    ("broker", "log.cleanup.policy"): "compact makes keys a duty, but nothing is compacted",
    ("topic", "cleanup.policy"): "the same",
    ("broker", "num.partitions"): "whoever creates a topic here says how many it shall have",
    ("broker", "request.timeout.ms"): "the field of that name that is read is the Raft node's",
}


def code(path):
    """The file without comments, literals kept."""
    return LITERAL.sub(lambda m: "" if m[0].startswith(("//", "/*")) else m[0], path.read_text())


def effects():
    """(table, setting) to its effect, as the tables say."""
    found = {}
    for table in TABLES:
        for path in sorted(MODEL.glob(f"config_table_{table}*.cpp")):
            for name, effect in ROW.findall(code(path)):
                found[table, name] = effect
    return found


def bodies(text, head):
    """The functions whose heads match, each with what stands before the next } at the margin."""
    return [(m, text[m.end():text.index("\n}", m.end())]) for m in re.finditer(head, text)]


def fields():
    """(table, setting) to the fields of config.h that it fills, as config.cpp says."""
    helpers = {m[1]: set(re.findall(r'"([\w.]+)"', body)) for m, body in bodies(
        code(MODEL / "config_view.cpp"), r"(\w+)\(const ConfigView& broker\) \{")}
    found = {}
    for function, body in bodies(code(MODEL / "config.cpp"), r"(\w+)\([^()]*\) \{\n"):
        table = {"resolve_topic_config": "topic", "resolve_producer_config": "producer",
                 "resolve_consumer_config": "consumer"}.get(function[1], "broker")
        locals_ = {}
        for statement in re.split(r"[;{}]", body):
            names = set(re.findall(r'"([\w.]+)"', statement))
            for helper, its_names in helpers.items():
                if f" {helper}(view)" in statement or f"({helper}(view)" in statement:
                    names |= its_names
            for local, its_names in locals_.items():
                if re.search(rf"\b{local}\b", statement):
                    names |= its_names
            declared = re.match(r"\s*(?:const )?[\w:]+ (\w+) =", statement)
            if declared:
                locals_[declared[1]] = names
            for field in re.findall(r"\b(?:out|log)\.(\w+)(?= =|\))", statement):
                for name in names:
                    found.setdefault((table, name), set()).add(field)
    return found


def statements(paths):
    return [statement for path in paths for statement in re.split(r"[;{}]", code(path))]


class Reads:
    """Answers whether a field is read."""

    def __init__(self):
        files = {layer: [path for path in sorted((ROOT / "sim" / layer).rglob("*"))
                         if path.suffix in (".h", ".cpp")] for layer in LAYERS}
        holders = [path for layer in HOLDERS for path in files[layer]]
        # The fields of clients' structs share names with those of BrokerConfig.
        self.holding = {
            True: statements(path for path in holders if path.name == CLIENT_SETTINGS),
            False: statements(path for path in holders if path.name != CLIENT_SETTINGS)}
        self.all = statements(path for paths in files.values() for path in paths)

    def is_read(self, table, field):
        handed_on = set()
        todo = [(field, self.holding[table in CLIENTS])]
        while todo:
            name, where = todo.pop()
            use = re.compile(rf"[.>]{name}\b(?!\s*=[^=])")
            for statement in filter(use.search, where):
                to = HANDING_ON.match(statement)
                if not to:
                    return True
                if to[1] not in handed_on:
                    handed_on.add(to[1])
                    todo.append((to[1], self.all))
        return False


class ConfigEffects(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.effects, self.fields, self.reads = effects(), fields(), Reads()

    def read(self, setting):
        return any(self.reads.is_read(setting[0], field) for field in self.fields.get(setting, ()))

    def test_the_sources_are_understood(self):
        rows = sum(len(re.findall(r'^    {"', path.read_text(), re.MULTILINE))
                   for path in MODEL.glob("config_table_*.cpp")
                   if path.stem.split("_")[2] in TABLES)
        self.assertEqual(len(self.effects), rows)
        self.assertEqual(self.fields["broker", "log.roll.hours"], {"segment_ms"})
        self.assertEqual(self.fields["topic", "segment.bytes"], {"segment_bytes"})
        self.assertEqual(self.fields["broker", "queued.max.request.bytes"],
                         {"queued_max_request_bytes"})
        self.assertTrue(self.reads.is_read("broker", "replica_lag_time_max"))
        self.assertFalse(self.reads.is_read("broker", "no_such_field"))

    def test_what_acts_is_read(self):
        idle = [s for s, effect in self.effects.items()
                if effect == "Acts" and not self.read(s) and s not in WITHOUT_FIELD]
        self.assertEqual(idle, [], "marked as acting, but nobody reads them")

    def test_what_is_read_acts(self):
        acting = [s for s, effect in self.effects.items()
                  if effect != "Acts" and self.read(s) and s not in READ_BUT_IDLE]
        self.assertEqual(acting, [], "read, but not marked as acting")

    def test_the_exceptions_are_still_needed(self):
        for setting in WITHOUT_FIELD:
            self.assertEqual((self.effects[setting], self.read(setting)), ("Acts", False), setting)
        for setting in READ_BUT_IDLE:
            self.assertEqual((self.effects[setting], self.read(setting)), ("NoEffect", True),
                             setting)


if __name__ == "__main__":
    unittest.main()
