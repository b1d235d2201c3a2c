#pragma once
// What the tests of this folder share.

#include <fstream>
#include <sstream>
#include <string>

#include "sim/scenario/scenario.h"

namespace bsim::test {

inline std::string data_path(const std::string& name) {
    return std::string(BSIM_TEST_DATA) + "/scenarios/" + name;
}

inline std::string read_data(const std::string& name) {
    std::ifstream in(data_path(name), std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

// A program that can do everything that the format has a meaning for.
inline Vocabulary vocabulary() {
    Vocabulary words;
    words.checks = {"acked-records-durable", "single-leader-per-epoch", "committed-prefix",
                    "hw-monotonic",          "replicas-converge",       "segments-readable"};
    words.events = {{"LeaderElected", {"p", "from", "to", "epoch", "isr", "clean"}},
                    {"LogAppended",
                     {"p", "base", "last", "epoch", "bytes", "crc"},
                     {{EventWords::Form::Partition}}},
                    {"ProduceFailed", {"p", "count", "error", "latency_ns"}},
                    {"MessageDropped", {"m", "why"}}};
    words.apis = {"Produce", "Fetch", "AlterPartition", "Vote"};
    words.errors = {"NOT_LEADER_OR_FOLLOWER", "REQUEST_TIMED_OUT", "NOT_COORDINATOR"};
    words.features = all_features();
    return words;
}

// A program that can do little.
inline Vocabulary small_vocabulary() {
    Vocabulary words = vocabulary();
    words.features = {"fault.crash", "fault.pause", "fault.partition"};
    return words;
}

inline Result<Scenario, std::vector<Diagnostic>> parse(const std::string& text) {
    static const Vocabulary words = vocabulary();
    return parse_scenario(text, "s.json", words);
}

// All that was found: errors, or else warnings.
inline std::vector<Diagnostic> diagnostics_of(const std::string& text) {
    const auto result = parse(text);
    return result ? result->warnings : result.error();
}

// "E0104 8:38 /faults/0/fault: unknown fault "crahs"; did you mean "crash"?"
inline std::string brief(const Diagnostic& d) {
    std::string out = d.code + " " + std::to_string(d.line) + ":" + std::to_string(d.column) + " " +
                      d.pointer + ": " + d.message;
    if (!d.suggestion.empty())
        out += "; did you mean \"" + d.suggestion + "\"?";
    return out;
}

inline std::string brief(const std::vector<Diagnostic>& diagnostics) {
    std::string out;
    for (const Diagnostic& d : diagnostics)
        out += brief(d) + "\n";
    return out;
}

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    return at == std::string::npos ? std::string() : text.replace(at, what.size(), with);
}

}  // namespace bsim::test
