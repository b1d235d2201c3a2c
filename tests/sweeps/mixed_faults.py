#!/usr/bin/env python3
"""Runs clusters drawn at random under faults drawn at random, and expects that nothing is violated.

usage: mixed_faults.py BROKERSIM [--seeds A..B] [--jobs N] [--keep DIR]

Each seed draws 3 to 5 brokers, 1 to 5 voters (dedicated or combined), settings, clients, and up to
eight faults that have all ended after 80 s. Every safety checker is on; after the heal the cluster
must be led, replicated in full, and acknowledge what is written. Prints the seeds that failed, with
what was found; keeps their scenarios in DIR. Exit 1 if there are any. Without --seeds the first 40
are run, the first 8 if BSIM_SHORT is set.
"""
import random
import sys

import sweep

HEALED_S, RECOVERED_S, END_S = 80, 130, 145


def ms(rng, low, high):
    return f"{rng.randint(low, high)}ms"


class Story:
    """The scenario of one seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.brokers = self.rng.randint(3, 5)
        self.voters = self.rng.randint(1, 5)
        self.combined = self.voters <= self.brokers and self.rng.random() < 0.3
        self.seed = seed
        self.may_lose_power = True
        self.lossy = self.rng.random() < 0.3

    def controllers(self):
        first = 1 if self.combined else 101
        return list(range(first, first + self.voters))

    def cluster(self):
        rng = self.rng
        # A segment lost three times in a row is over a second late.
        config = {"replica.lag.time.max.ms": rng.choice(
                      [10_000, 30_000] if self.lossy else [1000, 3000, 10_000, 30_000]),
                  "broker.session.timeout.ms": rng.choice([3000, 6000, 9000]),
                  "broker.heartbeat.interval.ms": rng.choice([500, 1000])}
        if rng.random() < 0.5:
            config["log.segment.bytes"] = rng.choice([16_384, 131_072])
        if rng.random() < 0.3:
            config["num.replica.fetchers"] = 2
        if rng.random() < 0.3:
            config["metadata.log.max.record.bytes.between.snapshots"] = 2000
        brokers = {str(b): {"rack": rng.choice("ab")} if rng.random() < 0.5 else {}
                   for b in range(1, self.brokers + 1)}
        defaults = {"config": config}
        # Draws of its own: the stories are the same with one log directory and with several.
        disks = random.Random(-self.seed)
        if disks.random() < 0.2:
            defaults["disk"] = {"log_dirs": disks.choice([2, 3])}
        return {"controllers": self.controllers(), "brokers": brokers, "defaults": defaults}

    def link(self):
        rng = self.rng
        link = {"latency": rng.choice(
            ["1ms", {"dist": "lognormal", "median": "400us", "p99": "5ms"}])}
        if self.lossy:
            for trouble in ("loss", "duplicate", "reorder", "corrupt"):
                link[trouble] = rng.choice([0, 0.001, 0.02])
        if rng.random() < 0.3:
            link["bandwidth"] = "100Mbit/s"
        return link

    def clients(self):
        rng = self.rng
        produce = lambda acks: {"acks": acks, "linger.ms": rng.choice([0, 5])}
        return {
            "producers": {
                "safe": {"topic": "orders", "rate": f"{rng.choice([20, 100])}/s", "value": "100B",
                         "config": produce("all")},
                "lax": {"topic": "logs", "rate": "20/s", "value": "100B",
                        "config": dict(produce("1"), **{"enable.idempotence": False})}},
            "consumers": {
                "reader": {"assign": ["orders-0", "orders-1"],
                           "config": {"auto.offset.reset": "earliest"}}}}

    def node(self):
        broker = f"broker:{self.rng.randint(1, self.brokers)}"
        return self.rng.choice(["random(brokers, 1)", "leader(orders-0)", "follower(orders-1, 1)",
                                "controller", "random(controllers, 1)", "leader(orders-1)",
                                broker])

    def cut(self):
        rng = self.rng
        sides = rng.sample(["controllers", "leader(orders-0)", "random(brokers, 1)", "clients",
                            "controller", "isr(orders-1)"], 2)
        return rng.choice([{"target": self.node()},
                           {"between": sides}, {"from": sides[0], "to": sides[1]}])

    def network_fault(self, lasts):
        """Parameters of a kind of fault on links, or on single messages."""
        rng = self.rng
        way = lambda: dict(lasts, **self.cut())
        rate = lambda: dict(way(), rate=rng.choice([0.01, 0.05, 0.2]))
        api = rng.choice(["Fetch", "Produce", "AlterPartition", "BrokerHeartbeat", "Vote"])
        message = lambda: {"api": api, "of": rng.choice(["request", "response", "both"]),
                           "count": rng.randint(1, 30)}
        return {
            "net-slow": lambda: dict(way(), latency=ms(rng, 5, 800)),
            "net-loss": rate, "net-duplicate": rate, "net-reorder": rate, "net-corrupt": rate,
            "net-bandwidth": lambda: dict(way(), rate=rng.choice(["200kbit/s", "5Mbit/s"])),
            "net-reset": self.cut,
            "message-hold": lambda: dict(message(), **lasts),
            "message-drop": lambda: dict(message(), **lasts),
            "message-delay": lambda: dict(message(), latency=ms(rng, 10, 3000), **lasts),
        }

    def machine_fault(self, lasts):
        rng = self.rng
        on_node = lambda: dict(lasts, target=self.node())
        return {
            "cpu-slow": lambda: dict(on_node(), factor=rng.choice([2, 10, 50])),
            "disk-slow": lambda: dict(on_node(), latency=ms(rng, 1, 200)),
            "disk-stall": on_node,
            "clock-skew": lambda: dict(on_node(), by=rng.choice(["-2s", "400ms", "30s"])),
            "clock-jump": lambda: dict(on_node(), by=rng.choice(["-2s", "400ms", "30s"])),
        }

    def crash_mode(self):
        """Power once at most: with two lossy crashes min.insync.replicas=2 promises nothing."""
        mode = self.rng.choice(["kill", "kill", "graceful", "graceful", "power"])
        if mode == "power" and not self.may_lose_power:
            return "kill"
        self.may_lose_power = self.may_lose_power and mode != "power"
        return mode

    def fault(self):
        rng = self.rng
        at = rng.randint(8000, 55_000)
        lasts = {"for": ms(rng, 200, 20_000)}
        kinds = {
            **self.network_fault(lasts), **self.machine_fault(lasts),
            "crash": lambda: {"target": self.node(), "mode": self.crash_mode(),
                              "restart_after": ms(rng, 100, 20_000)},
            "pause": lambda: dict(lasts, target=self.node()),
            "gc-pause": lambda: {"target": self.node(), "for": ms(rng, 50, 3000), "every": "4s",
                                 "times": 3},
            "partition": lambda: dict(lasts, how=rng.choice(["drop", "reject", "jam"]),
                                      **self.cut()),
            "net-flap": lambda: {"between": ["leader(orders-0)", "random(brokers, 1)"],
                                 "for": ms(rng, 100, 2000), "every": "3s", "times": 4},
            "elect-preferred": lambda: {"topic": "orders"},
            "partitions-add": lambda: {"topic": "logs", "partitions": rng.randint(4, 6)},
            # Not segment.bytes: followers that fetch more than a segment at a time stop for good,
            # as they do in Kafka (RecordBatchTooLargeException).
            "config-change": lambda: {"topic": "orders",
                                      "config": {"index.interval.bytes": rng.choice([0, 8192])}},
            "topic-create": lambda: {"topic": f"new{at}", "partitions": 2, "replication": 3},
        }
        name = rng.choice([*["crash"] * 4, *["partition"] * 3, *["pause"] * 2, *kinds])
        return dict(kinds[name](), fault=name, at=f"{at}ms")

    def scenario(self):
        rng = self.rng
        faults = [self.fault() for _ in range(rng.randint(2, 8))]
        after = f"{RECOVERED_S}s"
        return {
            "version": 1, "name": f"mixed-{self.seed}", "seed": self.seed, "duration": f"{END_S}s",
            "cluster": self.cluster(),
            "network": {"default": self.link()},
            "topics": {
                "orders": {"partitions": 3, "replication": 3,
                           "config": {"min.insync.replicas": rng.choice([1, 2])}},
                "logs": {"partitions": 2, "replication": 2}},
            **self.clients(),
            "faults": faults,
            "expect": [{"check": "liveness"},
                       {"id": "replicated", "always": "urp() == 0", "from": after},
                       {"id": "written", "always": "count(ProduceAcked, 5s) > 0", "from": after}]}


if __name__ == "__main__":
    sys.exit(sweep.main(__doc__, lambda seed: Story(seed).scenario()))
