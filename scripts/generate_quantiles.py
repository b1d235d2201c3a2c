#!/usr/bin/env python3
"""Writes sim/kernel/quantile_tables.cpp: quantiles of the standard exponential and normal laws.

The tables are checked in, so that a run depends on no mathematics library; this script documents
where they come from and makes them again. Values are fixed point with 32 fractional bits at the
knots i/1024. The outermost normal knots stand at 2^-20 and 1-2^-20; the last exponential knot is
the one at 1023/1024, beyond which the law repeats itself (it has no memory).
"""
import math
import pathlib
from statistics import NormalDist

KNOTS = 1024
ONE = 1 << 32


def rows(values, per_line=6):
    for i in range(0, len(values), per_line):
        yield "    " + ", ".join(str(v) for v in values[i:i + per_line]) + ","


def main():
    exponential = [round(-math.log1p(-i / KNOTS) * ONE) for i in range(KNOTS)]
    edge = 2.0 ** -20
    points = [edge] + [i / KNOTS for i in range(1, KNOTS)] + [1 - edge]
    normal = [round(NormalDist().inv_cdf(p) * ONE) for p in points]
    out = ["// Made by scripts/generate_quantiles.py.", "// clang-format off",
           '#include "sim/kernel/quantile_tables.h"', "", "namespace bsim {", "",
           "const std::array<std::int64_t, 1024> kExponentialQuantiles{",
           *rows(exponential), "};", "",
           "const std::array<std::int64_t, 1025> kNormalQuantiles{", *rows(normal), "};", "",
           "}  // namespace bsim", "// clang-format on"]
    path = pathlib.Path(__file__).resolve().parent.parent / "sim/kernel/quantile_tables.cpp"
    path.write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
