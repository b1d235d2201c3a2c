#include "tests/bench/measure.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "sim/base/check.h"

namespace bsim::bench {
namespace {

double seconds_of(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

const Row& row_of(const std::vector<Row>& rows, const std::string& name) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.name == name; });
    BSIM_CHECK(found != rows.end());
    return *found;
}

double median_ratio(const Row& row, const Row& of) {
    std::vector<double> ratios;
    for (std::size_t round = 0; round < row.rates.size(); ++round)
        ratios.push_back(row.rates[round] / of.rates[round]);
    return median(std::move(ratios));
}

}  // namespace

double cpu_seconds() {
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

double wall_seconds() {
    return seconds_of(CLOCK_MONOTONIC);
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

void run_and_print(std::vector<Row> rows, int rounds) {
    for (int round = 0; round < rounds; ++round) {
        for (Row& row : rows)
            row.rates.push_back(row.run());
    }
    std::puts("row,gb_per_s,ratio,of");
    for (const Row& row : rows) {
        const double rate = median(row.rates);
        if (row.of.empty())
            std::printf("%s,%.3f,,\n", row.name.c_str(), rate);
        for (const std::string& name : row.of) {
            const double ratio = median_ratio(row, row_of(rows, name));
            std::printf("%s,%.3f,%.3f,%s\n", row.name.c_str(), rate, ratio, name.c_str());
        }
    }
}

}  // namespace bsim::bench
