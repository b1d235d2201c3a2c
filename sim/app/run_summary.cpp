#include "sim/app/run_summary.h"

#include <fmt/format.h>
#include <iterator>

#include "sim/app/terminal.h"

namespace bsim {

namespace {

// " (violated as declared: the ISR is too small)"; nothing for what shall hold.
std::string declaration(const ExpectationResult& expectation) {
    if (expectation.declared == DeclaredOutcome::Holds)
        return expectation.because.empty() ? "" : fmt::format(" ({})", expectation.because);
    const bool met = expectation.outcome == ExpectationOutcome::Met;
    return fmt::format(" ({}{}{})", met ? "violated as declared" : "declared as violated",
                       expectation.because.empty() ? "" : ": ", expectation.because);
}

}  // namespace

std::optional<std::string> first_complaint(const Results& results) {
    std::optional<EventNumber> first;
    std::string id;
    const auto note = [&](EventNumber i, const std::string& named) {
        if (first && *first <= i)
            return;
        first = i;
        id = named;
    };
    for (const ExpectationResult& expectation : results.expectations) {
        if (expectation.outcome == ExpectationOutcome::Failed)
            note(expectation.i, expectation.id);
    }
    for (const CheckResult* check :
         unexpected_failures(results.outcome.expectations, results.outcome.checks)) {
        note(check->violations.front().i, check->name);
    }
    return first ? std::optional(id) : std::nullopt;
}

std::string next_command(const Results& results, const RunPlace& place) {
    const std::string directory = shell_word(place.directory);
    const std::string program = shell_word(place.program);
    if (const auto complaint = first_complaint(results)) {
        return fmt::format("{} explain {} --violation {}", program, directory,
                           shell_word(*complaint));
    }
    if (place.can_plot)
        return fmt::format("scripts/plot.py {}", directory);
    return fmt::format("{} trace {} --where k=PartitionChanged", program, directory);
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
