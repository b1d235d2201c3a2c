#!/usr/bin/env python3
"""Runs groups of consumers under faults drawn at random, and expects that nothing is violated.

usage: group_faults.py BROKERSIM [--seeds A..B] [--jobs N] [--keep DIR]

Each seed draws three brokers, one or two groups with their assignors, timeouts, ways to commit and
static or dynamic members, and up to eight faults of members, coordinators, brokers and the network
that have all ended after 80 s. Every safety checker is on; in the end each group must be stable,
own every partition and have read what was written. Prints the seeds that failed, with what was
found; keeps their scenarios in DIR. Exit 1 if there are any. Without --seeds the first 40 are run,
the first 8 if BSIM_SHORT is set.
"""
import random
import sys

import sweep

WRITTEN_S, END_S = 150, 200
ASSIGNORS = ["RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor"]


def ms(rng, low, high):
    return f"{rng.randint(low, high)}ms"


class Story:
    """The scenario of one seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.seed = seed
        self.groups = ["billing", "audit"][:self.rng.randint(1, 2)]

    def consumer(self, name):
        rng = self.rng
        members = rng.randint(1, 5)
        session = rng.choice([6000, 10_000])
        config = {"auto.offset.reset": "earliest", "session.timeout.ms": session,
                  "heartbeat.interval.ms": session // 5,
                  "max.poll.interval.ms": rng.choice([5000, 10_000]),
                  "max.poll.records": rng.choice([1, 20, 500])}
        if rng.random() < 0.8:
            config["partition.assignment.strategy"] = (
                f"org.apache.kafka.clients.consumer.{rng.choice(ASSIGNORS)}")
        consumer = {"members": members, "topics": ["orders"], "config": config,
                    "process": rng.choice(["100us", "2ms"]),
                    "commit": rng.choice(["auto", "auto", "sync", "after-each", "before-work"])}
        if consumer["commit"] == "auto":
            config["auto.commit.interval.ms"] = rng.choice([500, 5000])
        instances = {str(i): {"start": ms(rng, 0, 30_000)} for i in range(members)
                     if rng.random() < 0.3}
        if rng.random() < 0.3:
            for i in range(members):
                instances.setdefault(str(i), {})["config"] = {"group.instance.id": f"{name}-{i}"}
        return dict(consumer, instances=instances) if instances else consumer

    def fault(self):
        rng = self.rng
        group = rng.choice(self.groups)
        member = lambda: f"random(group:{group}, 1)"
        coordinator = f"coordinator(group:{group})"
        broker = rng.choice([coordinator, coordinator, "leader(orders-0)", "random(brokers, 1)"])
        lasts = {"for": ms(rng, 200, 20_000)}
        api = rng.choice(["JoinGroup", "SyncGroup", "Heartbeat", "OffsetCommit", "OffsetFetch",
                          "LeaveGroup", "FindCoordinator"])
        message = {"api": api, "of": rng.choice(["request", "response", "both"]),
                   "count": rng.randint(1, 20)}
        kinds = {
            "crash": lambda: {"target": rng.choice([member(), broker]),
                              "mode": rng.choice(["kill", "graceful"]),
                              "restart_after": ms(rng, 100, 20_000)},
            "member-churn": lambda: {"target": f"group:{group}", "every": ms(rng, 500, 6000),
                                     "times": rng.randint(1, 4),
                                     "mode": rng.choice(["kill", "graceful"]),
                                     "restart_after": ms(rng, 0, 5000)},
            "pause": lambda: dict(lasts, target=rng.choice([member(), member(), broker])),
            "consumer-slow": lambda: dict(lasts, target=member(), latency=ms(rng, 10, 4000)),
            "traffic-burst": lambda: dict(lasts, target="producer:shop",
                                          factor=rng.choice([2, 5])),
            "hot-key": lambda: dict(lasts, target="producer:shop"),
            "partition": lambda: dict(lasts, how=rng.choice(["drop", "reject"]),
                                      between=[rng.choice([member(), "clients"]), broker]),
            "net-slow": lambda: dict(lasts, between=["clients", broker], latency=ms(rng, 5, 800)),
            "net-loss": lambda: dict(lasts, between=["clients", broker], rate=0.1),
            "disk-slow": lambda: dict(lasts, target=broker, latency=ms(rng, 1, 200)),
            "message-drop": lambda: dict(message, **lasts),
            "message-hold": lambda: dict(message, **lasts),
            "message-delay": lambda: dict(message, latency=ms(rng, 10, 8000), **lasts),
            "partitions-add": lambda: {"topic": "orders", "partitions": rng.randint(7, 9)},
            "elect-preferred": lambda: {"topic": "orders"},
        }
        name = rng.choice(["crash", "crash", "member-churn", "pause", "consumer-slow", *kinds])
        return dict(kinds[name](), fault=name, at=ms(rng, 8000, 55_000))

    def scenario(self):
        rng = self.rng
        consumers = {name: self.consumer(name) for name in self.groups}
        return {
            "version": 1, "name": f"groups-{self.seed}", "seed": self.seed,
            "duration": f"{END_S}s",
            "cluster": {"controllers": [101], "brokers": {"1": {}, "2": {}, "3": {}},
                        "defaults": {"config": {
                            "broker.session.timeout.ms": 6000,
                            "broker.heartbeat.interval.ms": 1000,
                            "offsets.topic.num.partitions": rng.choice([1, 3, 50])}}},
            "network": {"default": {"latency": rng.choice(
                ["1ms", {"dist": "lognormal", "median": "400us", "p99": "5ms"}])}},
            "topics": {"orders": {"partitions": rng.randint(1, 6), "replication": 3,
                                  "config": {"min.insync.replicas": rng.choice([1, 2])}}},
            "producers": {"shop": {"topic": "orders", "rate": f"{rng.choice([20, 100])}/s",
                                   "value": "100B", "key": {"dist": "uniform", "keys": 50},
                                   "stop": f"{WRITTEN_S}s"}},
            "consumers": consumers,
            "faults": [self.fault() for _ in range(rng.randint(1, 8))],
            "expect": [{"check": "liveness"}]}


def complain(results):
    """What is wrong with the groups in the end."""
    wrong = [f"{group['group']}: {group['state']}, lag {group['lag']}"
             for group in results["groups"] if group["state"] != "Stable" or group["lag"] > 0]
    if not results["groups"]:
        wrong.append("no group")
    return "\n".join(wrong) or None


if __name__ == "__main__":
    sys.exit(sweep.main(__doc__, lambda seed: Story(seed).scenario(), complain))
