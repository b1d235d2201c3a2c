#include "sim/sweep/sweep.h"

namespace bsim {

void SweepOutcome::add(const RunRecord& record) {
    ++verdicts[record.report.verdict];
    for (const auto& [name, tally] : record.report.checks) {
        Check& check = checks[name];
        check.runs += tally.evaluations > 0 ? 1 : 0;
        check.tally.evaluations += tally.evaluations;
        check.tally.violations += tally.violations;
        if (tally.violations > 0 && !check.first_seed)
            check.first_seed = record.seed;
    }
    for (const auto& [kind, count] : record.kinds)
        faults[kind].drawn += count;
    for (const auto& [kind, count] : record.report.fired) {
        faults[kind].fired += count;
        ++faults[kind].runs;
    }
    records.push_back(record);
    records.back().report.checks.clear();
    records.back().report.fired.clear();
}

std::uint64_t SweepOutcome::failed() const {
    std::uint64_t count = 0;
    for (const auto& [verdict, runs] : verdicts)
        count += is_failure(verdict) ? runs : 0;
    return count;
}

ExitCode SweepOutcome::exit_code() const {
    if (end == SweepEnd::Interrupted)
        return ExitCode::Interrupted;
    if (end == SweepEnd::HostTrouble)
        return ExitCode::IoError;
    if (failed() > 0)
        return ExitCode::Fail;
    const bool open = runs_missing > 0 || verdicts.contains(RunVerdict::Inconclusive);
    return open ? ExitCode::Inconclusive : ExitCode::Pass;
}

}  // namespace bsim
