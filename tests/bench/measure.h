#pragma once
// What benchmarks share: the clocks, and rows of rates that are compared with each other.
// Rows are measured in rounds, all of them in every round, so that what slows the machine down for
// a while slows them all; the ratio of two rows is the median of the ratios within a round.

#include <functional>
#include <string>
#include <vector>

namespace bsim::bench {

// Time in which this process ran, its system calls included.
double cpu_seconds();
double wall_seconds();

// Of how many there are; requires one at least.
double median(std::vector<double> values);

struct Row {
    std::string name;
    std::function<double()> run;  // the rate of one round, in 10^9 bytes per second
    std::vector<std::string> of;  // the rows that it is compared with
    std::vector<double> rates{};
};

// Runs every row once a round, in their order, and prints "row,gb_per_s,ratio,of" below a header: a
// line for each row to compare with, or one without a ratio.
void run_and_print(std::vector<Row> rows, int rounds);

}  // namespace bsim::bench
