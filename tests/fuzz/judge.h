#pragma once
// What must hold of a scenario's text whatever its bytes are; for the fuzzers here and for their
// short form among the unit tests. Each returns what is broken; empty: nothing.

#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/unit/scenario/support.h"

namespace bsim::fuzz {

inline std::string broken_in(const Diagnostic& d, std::string_view file) {
    if (d.line < 1 || d.column < 1 || d.caret_length < 1 || d.caret_column < 1)
        return "no place";
    if (d.message.empty() || d.message.find('\n') != std::string::npos)
        return "no sentence";
    if (!explain_code(d.code))
        return "a code that nothing explains: " + d.code;
    const std::string form = format_diagnostic(d, false);
    if (!form.starts_with(fmt::format("{}:{}:{}: ", file, d.line, d.column)))
        return "no form: " + form;
    if (to_json(d).dump(-1, ' ', false, nlohmann::json::error_handler_t::strict).empty())
        return "no JSON";
    return {};
}

// The text is read, or at least one place in it is named; nothing is thrown.
inline std::string broken_by_scenario(std::string_view text) {
    static const Vocabulary kWords = test::vocabulary();
    constexpr std::string_view kFile = "fuzz.jsonc";
    const auto result = parse_scenario(text, kFile, kWords);
    const auto& found = result ? result->warnings : result.error();
    if (!result && found.empty())
        return "refused without a word";
    for (const Diagnostic& d : found) {
        const bool error = d.severity == Severity::Error;
        if (error == result.ok())
            return "an error that is none, or a warning that is one";
        if (auto broken = broken_in(d, kFile); !broken.empty())
            return broken;
    }
    return {};
}

// The text as the expressions, and as the selector, of a scenario.
inline std::string broken_by_expression(std::string_view text) {
    const std::string word = nlohmann::json(std::string(text))
                                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return broken_by_scenario(fmt::format(
        R"j({{"version": 1, "name": "f", "duration": "60s",
"cluster": {{"brokers": {{"1": {{"rack": "a"}}, "2": {{}}, "3": {{}}}}}},
"topics": {{"orders": {{"partitions": 2, "replication": 3}}}},
"producers": {{"shop": {{"topic": "orders", "rate": "50/s"}}}},
"consumers": {{"billing": {{"topics": ["orders"]}}}},
"faults": [{{"id": "kill", "fault": "crash", "target": "leader(orders-0)", "when": {0}}},
{{"fault": "crash", "target": {0}, "at": "1s"}}],
"expect": [{{"always": {0}}}, {{"sequence": {0}, "is": [1, null, "5s"]}}]}})j",
        word));
}

inline void abort_if(const std::string& broken) {
    if (broken.empty())
        return;
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
}

inline void judge_scenario(std::string_view text) {
    abort_if(broken_by_scenario(text));
}
inline void judge_expression(std::string_view text) {
    abort_if(broken_by_expression(text));
}

}  // namespace bsim::fuzz
