#include "tests/bench/workload.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace bsim::bench {

std::array<std::int64_t, 4096> phold_delays() {
    std::array<std::int64_t, 4096> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double quantile = (static_cast<double>(i) + 0.5) / 4096.0;
        table[i] = 500'000 + static_cast<std::int64_t>(std::llround(-std::log(quantile) * 500'000));
    }
    return table;
}

std::optional<PholdArguments> phold_arguments(int argc, char** argv) {
    if (argc == 6) {
        const auto nodes = parse_number(argv[2]);
        const auto per_node = parse_number(argv[3]);
        const auto timers = parse_number(argv[4]);
        const auto events = parse_number(argv[5]);
        if (nodes && per_node && timers && events && *nodes > 0 && *nodes <= UINT32_MAX &&
            *timers <= 1)
            return PholdArguments{argv[1], *nodes, *per_node, *timers, *events};
    }
    std::fprintf(stderr, "usage: %s LABEL NODES PER_NODE TIMERS(0|1) EVENTS\n", argv[0]);
    return std::nullopt;
}

void print(const PholdArguments& arguments, const PholdFigures& figures) {
    std::printf("%s,%lu,%lu,%lu,%lu,%lu,%.6f,%016lx\n", arguments.label, arguments.nodes,
                arguments.per_node, arguments.timers, figures.delivered, figures.fired,
                figures.cpu_seconds, figures.hash);
}

std::optional<std::uint64_t> parse_number(const char* text) {
    std::uint64_t value = 0;
    const char* const end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, value);
    if (error != std::errc() || stop != end)
        return std::nullopt;
    return value;
}

}  // namespace bsim::bench
