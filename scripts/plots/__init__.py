"""The plots of a run: one module a plot, each with `draw(run) -> Figure`.

run.py reads a run directory, series.py turns events into the numbers that are drawn, style.py holds
what all figures share.
"""
from plots import (isr_size, leadership, links, log_end_and_hw, produce_latency, produce_outcomes)

# File name (without its ending) -> what draws it.
PLOTS = {
    "produce-latency": produce_latency.draw,
    "produce-outcomes": produce_outcomes.draw,
    "isr-size": isr_size.draw,
    "leadership": leadership.draw,
    "log-end-and-hw": log_end_and_hw.draw,
    "links": links.draw,
}
