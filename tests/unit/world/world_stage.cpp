#include "tests/unit/world/world_stage.h"

#include <stdexcept>

namespace bsim::test {

Scenario scenario_with(const std::string& more) {
    const std::string text = R"({"version": 1, "name": "t", "duration": "60s",
        "cluster": {"controllers": [100],
                    "brokers": {"1": {"rack": "a"}, "2": {"rack": "b"}, "3": {"rack": "b"}}},
        "topics": {"orders": {"partitions": 1, "replication": 3, "assignment": {"0": [1, 2, 3]},
                              "config": {"min.insync.replicas": 2}}})" +
                             (more.empty() ? "" : ", " + more) + "}";
    auto parsed = parse_scenario(text, "t.json", vocabulary());
    if (!parsed)
        throw std::runtime_error(format_diagnostic(parsed.error().front(), false));
    return std::move(*parsed);
}

}  // namespace bsim::test
