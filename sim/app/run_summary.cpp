#include "sim/app/run_summary.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "sim/app/terminal.h"

namespace bsim {
namespace {

// How far before a complaint its trace is shown; with messages unrecorded a third of the numbers
// stand in it, which makes about a screen.
constexpr std::uint64_t kEventsBefore = 60;

// " (violated as declared: the ISR is too small)"; nothing for what shall hold.
std::string declaration(const ExpectationResult& expectation) {
    if (expectation.declared == DeclaredOutcome::Holds)
        return expectation.because.empty() ? "" : fmt::format(" ({})", expectation.because);
    const bool met = expectation.outcome == ExpectationOutcome::Met;
    return fmt::format(" ({}{}{})", met ? "violated as declared" : "declared as violated",
                       expectation.because.empty() ? "" : ": ", expectation.because);
}

}  // namespace

std::optional<EventNumber> first_complaint(const Results& results) {
    std::optional<EventNumber> first;
    const auto note = [&](EventNumber i) { first = std::min(first.value_or(i), i); };
    for (const ExpectationResult& expectation : results.expectations) {
        if (expectation.outcome == ExpectationOutcome::Failed)
            note(expectation.i);
    }
    for (const CheckResult* check :
         unexpected_failures(results.outcome.expectations, results.outcome.checks)) {
        note(check->violations.front().i);
    }
    return first;
}

std::string next_command(const Results& results, const RunPlace& place) {
    const std::string directory = shell_word(place.directory);
    const auto first = first_complaint(results);
    if (!first && place.can_plot)
        return fmt::format("scripts/plot.py {}", directory);
    const std::string trace =
        fmt::format("{} trace {} --where ", shell_word(place.program), directory);
    if (!first)
        return trace + "k=PartitionChanged";
    const std::uint64_t last = first->value();
    const std::uint64_t from = last > kEventsBefore ? last - kEventsBefore : 1;
    return trace + fmt::format("'i>={},i<={}'", from, last);
}

std::string run_summary(const Results& results, const RunPlace& place) {
    std::string text;
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "{} {}  seed {}  hash {}\n", results.outcome.scenario,
                   name(results.verdict), results.outcome.seed, results.outcome.hash);
    for (const ExpectationResult& expectation : results.expectations) {
        fmt::format_to(out, "  {:<11} {}{}{}{}\n", name(expectation.outcome), expectation.id,
                       expectation.detail.empty() ? "" : ": ", expectation.detail,
                       declaration(expectation));
    }
    for (const CheckResult& check : results.outcome.checks) {
        if (check.violation_count == 0 || check.kind == CheckKind::Liveness)
            continue;
        fmt::format_to(out, "  violated    {}: {}\n", check.name, check.violations.front().detail);
    }
    fmt::format_to(out, "  run directory: {}\n", place.directory);
    fmt::format_to(out, "  next: {}\n", next_command(results, place));
    return text;
}

}  // namespace bsim
