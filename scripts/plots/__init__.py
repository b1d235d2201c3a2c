"""The plots of a run: one module a plot, each with `draw(run) -> Figure`.

run.py reads a run directory, groups.py its consumer groups, series.py turns events into the numbers
that are drawn, style.py holds what all figures share.
"""
from plots import (consumer_lag, disks, group_ownership, isr_size, leadership, links,
                   log_end_and_hw, partition_pauses, produce_latency, produce_outcomes, quorum,
                   rebalance_durations, unavailability)

# File name (without its ending) -> what draws it.
PLOTS = {
    "produce-latency": produce_latency.draw,
    "produce-outcomes": produce_outcomes.draw,
    "isr-size": isr_size.draw,
    "leadership": leadership.draw,
    "quorum": quorum.draw,
    "links": links.draw,
    "disks": disks.draw,
    "log-end-and-hw": log_end_and_hw.draw,
    "consumer-lag": consumer_lag.draw,
    "group-ownership": group_ownership.draw,
    "rebalance-durations": rebalance_durations.draw,
    "partition-pauses": partition_pauses.draw,
    "unavailability": unavailability.draw,
}
