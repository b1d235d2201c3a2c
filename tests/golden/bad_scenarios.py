"""Scenarios that are wrong, each in one way or a few: what test_bad_input.py writes to files.

SMALL maps a file's name to its bytes. BASE is right; most of the others are BASE after one
replacement."""
import json

BASE = """{
  "version": 1,
  "name": "bad",
  "duration": "60s",
  "cluster": {"controllers": [100, 101, 102], "brokers": {"1": {"rack": "a"}, "2": {}, "3": {}}},
  "network": {"default": {"latency": "1ms"}},
  "topics": {"orders": {"partitions": 2, "replication": 3, "config": {"min.insync.replicas": 2}}},
  "producers": {"shop": {"topic": "orders", "rate": "50/s", "config": {"acks": "all"}}},
  "consumers": {"billing": {"members": 2, "topics": ["orders"], "process": "2ms"}},
  "switches": {},
  "faults": [{"id": "kill", "fault": "crash", "target": "leader(orders-0)", "at": "8s"}],
  "expect": [{"id": "durable", "check": "acked-records-durable"}]
}
"""


def swap(what, new, base=BASE):
    assert what in base, what
    return base.replace(what, new, 1)


def fault(text):
    return swap('"at": "8s"}]', '"at": "8s"},\n    ' + text + "]")


def expect(text):
    return swap('"acked-records-durable"}]', '"acked-records-durable"},\n    ' + text + "]")


def when(text):
    return swap('"at": "8s"', '"when": ' + json.dumps(text))


def top(text):
    return swap('"switches": {},', '"switches": {},\n  ' + text + ",")


TEXTS = {
    # The text.
    "empty.json": "",
    "blank.json": " \n\t\r\n ",
    "only-comments.jsonc": "// nothing\n/* at all */\n",
    "comment.json": swap('"name"', '// a comment\n  "name"'),
    "block-comment.json": swap('"name"', '/* a comment */ "name"'),
    "endless-comment.jsonc": BASE + "/* no end",
    "trailing-comma-object.json": swap('"acked-records-durable"}]', '"acked-records-durable",}]'),
    "trailing-comma-array.json": swap('"acked-records-durable"}]', '"acked-records-durable"},]'),
    "missing-comma.json": swap('"version": 1,', '"version": 1'),
    "missing-colon.json": swap('"version": 1', '"version" 1'),
    "missing-quote.json": swap('"name": "bad"', '"name": "bad'),
    "single-quotes.json": swap('"bad"', "'bad'"),
    "bare-key.json": swap('"version": 1', 'version: 1'),
    "bare-unit.json": swap('"60s"', "60s"),
    "cut-short.json": BASE[:200],
    "two-values.json": BASE + "{}",
    "brace-too-many.json": swap("102],", "102]},"),
    "array.json": "[]",
    "number.json": "5",
    "string.json": '"scenario"',
    "null.json": "null",
    "nan.json": swap('"version": 1', '"version": NaN'),
    "infinity.json": swap('"version": 1', '"version": -Infinity'),
    "hexadecimal.json": swap('"version": 1', '"version": 0x1'),
    "leading-zero.json": swap('"version": 1', '"version": 01'),
    "plus.json": swap('"version": 1', '"version": +1'),
    "point.json": swap('"version": 1', '"version": 1.'),
    "exponent.json": swap('"version": 1', '"version": 1e'),
    "capital-true.json": swap('"switches": {}', '"switches": {"pre_vote": True}'),
    "tab-in-string.json": swap('"bad"', '"b\tad"'),
    "line-in-string.json": swap('"bad"', '"b\nad"'),
    "bad-escape.json": swap('"bad"', '"b\\ad"'),
    "short-escape.json": swap('"bad"', '"b\\u12"'),
    "escaped-nul.json": swap('"bad"', '"b\\u0000"'),
    "lone-surrogate.json": swap('"bad"', '"b\\ud83d"'),
    "lone-low-surrogate.json": swap('"bad"', '"b\\ude00"'),
    "reversed-surrogates.json": swap('"bad"', '"\\ude00\\ud83d"'),
    "duplicate.json": swap('"version": 1,', '"version": 1, "name": "first",'),
    "duplicate-escaped.json": swap('"version": 1,', '"version": 1, "n\\u0061me": "first",'),
    "duplicate-deep.json": swap('"partitions": 2', '"partitions": 2, "partitions": 3'),
    "duplicate-fault-key.json": swap('"at": "8s"', '"at": "8s", "at": "9s"'),
    # Keys and types.
    "no-name.json": swap('"name": "bad",\n', "\n"),
    "no-version.json": swap('"version": 1,\n', "\n"),
    "no-cluster.json": swap('"cluster"', '"x-cluster"'),
    "unknown-key.json": swap('"duration"', '"duraton"'),
    "unknown-key-deep.json": swap('"replication"', '"replicas"'),
    "unknown-key-far.json": top('"frobnicate": 1'),
    "free-key-too-deep.json": swap('"partitions": 2', '"x-mine": 1, "partitions": 2'),
    "version-2.json": swap('"version": 1', '"version": 2'),
    "version-text.json": swap('"version": 1', '"version": "1"'),
    "name-capitals.json": swap('"bad"', '"Bad"'),
    "name-path.json": swap('"bad"', '"../bad"'),
    "name-empty.json": swap('"bad"', '""'),
    "wrong-type.json": swap('{"default": {"latency": "1ms"}}', "[]"),
    "wrong-type-list.json": swap('"faults": [', '"faults": {}, "x-faults": ['),
    "wide-text.json": swap('"name": "bad"', '"title": "größer 漢字 😀", "nmae": "bad"'),
    "tabs.json": BASE.replace("  ", "\t").replace('"rate": "50/s"', '\t"rate":\t"50"'),
    "carriage-returns.json": swap('"60s"', "60").replace("\n", "\r\n"),
    # Quantities.
    "duration-number.json": swap('"60s"', "60"),
    "duration-unit.json": swap('"60s"', '"60 seconds"'),
    "duration-zero.json": swap('"60s"', '"0s"'),
    "duration-negative.json": swap('"60s"', '"-60s"'),
    "duration-long.json": swap('"60s"', '"292y"'),
    "duration-292-years.json": swap('"60s"', '"106653d"'),
    "duration-digits.json": swap('"60s"', '"' + "9" * 40 + 's"'),
    "duration-fraction.json": swap('"60s"', '"0.5ns"'),
    "seed-large.json": top('"seed": 9007199254740992'),
    "seed-absurd.json": top('"seed": 1e999999999'),
    "seed-tiny.json": top('"seed": 1e-999999999'),
    "seed-digits.json": top('"seed": ' + "1" * 400),
    "seed-negative.json": top('"seed": -0.5'),
    "rate-number.json": swap('"50/s"', "50"),
    "rate-unit.json": swap('"50/s"', '"50/sec"'),
    "probability.json": fault('{"fault": "net-loss", "target": "broker:1", "rate": 1.01, '
                              '"at": "1s"}'),
    "size.json": swap('"rate": "50/s"', '"rate": "50/s", "value": "256"'),
    "drift.json": swap('{"rack": "a"}', '{"clock": {"skew": "5", "drift": "20"}}'),
    "dist-parameters.json": swap('"latency": "1ms"', '"latency": {"dist": "uniform", '
                                                     '"min": "2ms", "mean": "1ms"}'),
    "dist-order.json": swap('"latency": "1ms"', '"latency": {"dist": "lognormal", '
                                                '"median": "2ms", "p99": "1ms"}'),
    "dist-unknown.json": swap('"latency": "1ms"', '"latency": {"dist": "lognorml", '
                                                  '"median": "2ms", "p99": "1ms"}'),
    # Names and what they name.
    "topic-name.json": swap('"orders": {', '"or/ders": {}, "orders": {'),
    "topic-dots.json": swap('"orders": {', '"..": {"partitions": 1}, "orders": {'),
    "topic-collision.json": swap('"orders": {', '"a.b": {"partitions": 1}, '
                                                '"a_b": {"partitions": 1}, "orders": {'),
    "topic-long.json": swap('"orders": {', '"' + "t" * 250 + '": {"partitions": 1}, "orders": {'),
    "topic-unknown.json": swap('"topic": "orders"', '"topic": "order"'),
    "node-name.json": swap('"1": {"rack"', '"one": {"rack"'),
    "node-twice.json": swap("[100, 101, 102]", "[100, 100, 102]"),
    "node-negative.json": swap("[100, 101, 102]", "[-100, 101, 102]"),
    "node-large.json": swap('"1": {"rack"', '"2147483648": {"rack"'),
    "rack-unknown.json": swap('"leader(orders-0)"', '"rack:b"'),
    "no-brokers.json": swap('{"1": {"rack": "a"}, "2": {}, "3": {}}', "{}"),
    "no-controllers.json": swap("[100, 101, 102]", "[]"),
    "min-isr.json": swap('"min.insync.replicas": 2', '"min.insync.replicas": 4'),
    "too-many-replicas.json": swap('"partitions": 2', '"partitions": 400000'),
    "assignment.json": swap('"replication": 3', '"replication": 3, "assignment": '
                                                '{"0": [1, 2], "1": [1, 2, 9]}'),
    "setting-unknown.json": swap('"acks"', '"ack"'),
    "setting-value.json": swap('"acks": "all"', '"acks": "some"'),
    "setting-elsewhere.json": swap('"acks": "all"', '"min.insync.replicas": 2'),
    "log-dirs-up.json": swap('{"rack": "a"}', '{"config": {"log.dirs": "a/../../b"}}'),
    "log-dirs-absolute.json": swap('{"rack": "a"}', '{"config": {"log.dirs": "/var/kafka"}}'),
    "switch-unknown.json": swap('"switches": {}', '"switches": {"prevote": true}'),
    "switch-value.json": swap('"switches": {}', '"switches": {"truncation": "epoch"}'),
    "group-conflict.json": swap('"members": 2', '"group": "a", "config": {"group.id": "b"}, '
                                                '"members": 2'),
    # Faults.
    "fault-unknown.json": swap('"crash"', '"crahs"'),
    "fault-missing.json": swap('"fault": "crash"', '"x": "crash"'),
    "fault-no-time.json": swap(', "at": "8s"', ""),
    "fault-two-times.json": swap('"at": "8s"', '"at": "8s", "when": "urp() > 0"'),
    "fault-no-target.json": swap('"target": "leader(orders-0)", ', ""),
    "fault-other-parameter.json": swap('"at": "8s"', '"at": "8s", "latency": "1s"'),
    "fault-lasts.json": fault('{"fault": "pause", "target": "broker:1", "at": "1s"}'),
    "fault-between.json": fault('{"fault": "partition", "target": "broker:1", '
                                '"from": "broker:2", "at": "1s"}'),
    "fault-companions.json": swap('"at": "8s"', '"at": "8s", "delay": "1s", "hold": "1s", '
                                                '"jitter": "1s", "times": 2'),
    "fault-same-id.json": fault('{"id": "kill", "fault": "crash", "target": "broker:1", '
                                '"at": "9s"}'),
    "fault-cycle.json": swap('"at": "8s"}]', '"after": "b"}, {"id": "b", "fault": "crash", '
                                             '"target": "broker:1", "after": "kill"}]'),
    "fault-own-cycle.json": swap('"at": "8s"', '"after": "kill.end"'),
    "fault-after-unknown.json": swap('"at": "8s"', '"after": "kil"'),
    "fault-after-endless.json": fault('{"fault": "crash", "target": "broker:1", '
                                      '"after": "kill.end"}'),
    "selector-unknown.json": swap("leader(", "leaders("),
    "selector-partition.json": swap("orders-0)", "orders-7)"),
    "selector-open.json": swap("orders-0)", "orders-0"),
    "selector-deep.json": swap('"leader(orders-0)"', '"' + "not " * 70 + 'broker:1"'),
    "trigger-never.json": when("isr(orders-0) > 3"),
    "trigger-word.json": when("irs(orders-0) < 3"),
    "trigger-operator.json": when("urp() = 0"),
    "trigger-type.json": when("leader(orders-0) > 2s"),
    "trigger-open.json": when("(urp() > 0"),
    "trigger-deep.json": when("(" * 70 + "urp() > 0" + ")" * 70),
    "trigger-deep-not.json": when("not " * 70 + "urp() > 0"),
    "trigger-event.json": when("event(LogApended, p=orders-0)"),
    "trigger-wide.json": when("größe() > 0"),
    "trigger-broker.json": when("event(LeaderElected, to=9)"),
    "trigger-node.json": when("event(RaftRole, leader=9)"),
    "trigger-not-built.json": when("event(ZkState)"),
    "trigger-own.json": when("event(FaultStarted, f=kill)"),
    "trigger-role.json": when("controller() == broker-1"),
    "match.json": fault('{"fault": "message-drop", "api": "Fetch", "match": '
                        '{"partitoin": "orders-0", "partition": "oders-0"}, "at": "1s"}'),
    "error-class.json": fault('{"fault": "api-error", "api": "FetchRequest", "error": '
                              '"NotLeaderForPartitionException", "at": "1s"}'),
    "target-nobody.json": swap('"leader(orders-0)"', '"not brokers"'),
    "target-form.json": swap('"leader(orders-0)"', '"broker-1"'),
    "api-unknown.json": fault('{"fault": "message-drop", "api": "Fetsh", "at": "1s"}'),
    # Expectations.
    "check-unknown.json": swap('"acked-records-durable"', '"acked-record-durable"'),
    "expect-form.json": expect('{"id": "x"}'),
    "expect-two-forms.json": expect('{"check": "hw-monotonic", "always": "urp() == 0"}'),
    "expect-companion.json": expect('{"always": "urp() == 0", "within": "3s"}'),
    "expect-within.json": expect('{"eventually": "urp() == 0"}'),
    "expect-window.json": expect('{"never": "urp() > 0", "from": "9s", "to": "3s"}'),
    "expect-outcome.json": expect('{"check": "hw-monotonic", "outcome": "fails"}'),
    "record-events.json": top('"record": {"events": ["LogApended", "LogAppended", "RunEnded", '
                              '"MessageDropped", "ZkState", 3]}'),
    "record-events-form.json": top('"record": {"events": {"only": "LogAppended"}}'),
    # What is not built yet is checked all the same.
    "zookeeper.json": top('"mode": "zookeeper"'),
    "zookeepers.json": swap('"controllers": [100', '"zookeepers": [0, "1"], "controllers": [100'),
    "zookeeper-defaults.json": swap('"controllers": [100', '"zookeeper_defaults": {"config": '
                                    '{"tickTime": 2000}, "disc": {}}, "controllers": [100'),
    "streams.json": top('"streams": {"enrich": {"to": "enriched", "instances": 0, "form": []}}'),
    "transactional.json": swap('"rate": "50/s"', '"rate": "50/s", "transactional": "yes", '
                                                 '"transaction": {"records": [10]}'),
    "dist-not-built.json": swap('"latency": "1ms"', '"latency": {"dist": "empirical", '
                                                    '"file": "ping.txt", "stddev": 1}'),
    "fault-not-built.json": fault('{"fault": "io-error", "target": "broker:1", "op": "erase", '
                                  '"latency": "1s", "at": "1s"}'),
    "switch-not-built.json": swap('"switches": {}', '"switches": {"elr": "on", "txn_version": 3}'),
    # Warnings.
    "warn-no-offsets.json": swap('"2": {}, "3": {}', '"2": {}').replace(
        '"replication": 3, "config": {"min.insync.replicas": 2}', '"replication": 2'),
    "warn-min-isr.json": swap('"min.insync.replicas": 2', '"min.insync.replicas": 3'),
    "warn-late-fault.json": swap('"at": "8s"', '"at": "80s"'),
    "warn-late-chain.json": fault('{"fault": "crash", "target": "broker:1", "after": "kill", '
                                  '"delay": "55s"}'),
    "warn-even-voters.json": swap("[100, 101, 102]", "[100, 101, 102, 103]"),
    "warn-acks.json": swap('"acks": "all"', '"acks": 1'),
    "warn-late-window.json": expect('{"never": "urp() > 0", "from": "60s"}'),
    "warn-late-node.json": swap('{"rack": "a"}', '{"start": "2m"}'),
    "warn-late-client.json": swap('"rate": "50/s"', '"rate": "50/s", "start": "61s"'),
    "warn-no-chance.json": swap('"at": "8s"', '"at": "8s", "probability": 0'),
    "warn-one-flap.json": fault('{"fault": "net-flap", "target": "broker:1", "for": "1s", '
                                '"at": "1s"}'),
    "warn-too-few-brokers.json": swap('"replication": 3', '"replication": 4'),
}

SMALL = {name: text.encode() for name, text in TEXTS.items()}
SMALL |= {
    "bom.json": b"\xef\xbb\xbf" + BASE.encode(),
    "utf-16.json": BASE.encode("utf-16"),
    "nul.json": swap('"bad"', '"b\0d"').encode(),
    "latin-1.json": swap('"bad"', '"title"').encode().replace(b"title", b"gr\xf6\xdfer"),
    "overlong.json": swap('"bad"', '"?"').encode().replace(b"?", b"\xc0\xaf"),
    "utf-8-surrogate.json": swap('"bad"', '"?"').encode().replace(b"?", b"\xed\xa0\x80"),
    "cut-character.json": BASE.encode() + b"\xe2\x82",
}


def nested(depth, opening, closing):
    return swap('"switches": {}', '"x-deep": ' + opening * depth + closing * depth).encode()


def many(form, count, joint=", "):
    return joint.join(form.format(i) for i in range(count))


def large():
    """Name to what is written in pieces: files that must not take long."""
    yield "nested-arrays.json", nested(2_000_000, "[", "]")
    yield "nested-objects.json", nested(1_000_000, '{"a":', "}")
    yield "nested-open.json", b"[" * 30_000_000
    yield "million-unknown-keys.json", ("{" + many('"durationn{}": 1', 1_000_000) + "}").encode()
    yield "million-errors-one-line.json", swap(
        '"faults": [', '"faults": [' + many('{{"fault": "crahs{}"}}', 600_000) + ", ").encode()
    yield "million-lines.json", swap(
        '"faults": [', '"faults": [' + many('{{"fault": "crahs{}"}}', 600_000, ",\n")
        + ", ").encode()
    yield "million-settings.json", swap(
        '"acks": "all"', many('"linger.mss.{}": 1', 1_000_000)).encode()
    yield "million-duplicates.json", ("{" + many('"a": {}', 1_000_000) + "}").encode()
    yield "million-brokers.json", swap(
        '"2": {}', many('"1{:06}": {{}}', 1_000_000)).encode()
    yield "million-topics.json", swap(
        '"orders": {', many('"t{}": {{"replication": 3}}', 700_000) + ', "orders": {').encode()
    yield "million-clients.json", swap(
        '"billing": {', many('"c{}": {{"members": 100000, "topics": ["orders"]}}', 200_000)
        + ', "billing": {').encode()
    yield "million-values.json", ("[" + "0," * 5_000_000 + "0]").encode()
    yield "million-ids.json", swap(
        "[100, 101, 102]", "[" + many("{}", 1_000_000) + "]").encode()
    yield "million-times.json", swap(
        '"at": "8s"}]', '"at": "8s"}, ' + many('{{"fault": "crash", "target": "broker:1", '
                                             '"after": "f{}"}}', 300_000) + "]").encode()
    circle = ", ".join(f'{{"id": "f{i}", "fault": "topic-delete", "topic": "orders", '
                       f'"after": "f{(i + 1) % 200_000}"}}' for i in range(200_000))
    yield "long-circle.json", swap('"at": "8s"}]', '"at": "8s"}, ' + circle + "]").encode()
    yield "long-name.json", swap('"bad"', '"' + "x" * 60_000_000 + '"').encode()
    yield "long-key.json", swap('"switches"', '"' + "x" * 60_000_000 + '"').encode()
    yield "long-number.json", swap('"version": 1', '"version": ' + "1" * 60_000_000).encode()
    yield "long-expression.json", when("urp() > 0 and " * 1_000_000 + "urp() < 0").encode()
    yield "long-call.json", when("up(" + "1," * 5_000_000 + "1)").encode()
    yield "long-selector.json", swap(
        '"leader(orders-0)"', '"' + "random(" * 1_000_000 + '"').encode()
    yield "long-words.json", when("a" * 30_000_000 + " > 0").encode()
    yield "hundred-megabytes.json", BASE.encode() + b" " * 100_000_000
