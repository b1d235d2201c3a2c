#include "sim/report/verdicts.h"

#include <algorithm>

#include "sim/trace/json_append.h"

namespace bsim {

namespace {

class VerdictLines {
  public:
    template <class Body>
    void add(SimTime t, const Body& body) {
        text_ += "{\"i\":";
        append_json(text_, ++number_);
        text_ += ',';
        append_canonical_body(text_, t, NodeName::sim(), body);
        text_ += ",\"c\":[]}\n";
    }
    std::string take() { return std::move(text_); }

  private:
    std::uint64_t number_ = 0;
    std::string text_;
};

struct Told {
    const CheckResult* check;
    const Finding* finding;
    bool permitted;
};

// In order of event numbers; findings at one event in the order of the checks.
std::vector<Told> all_findings(const std::vector<CheckResult>& checks) {
    std::vector<Told> all;
    for (const CheckResult& check : checks) {
        for (const Finding& finding : check.violations)
            all.push_back({&check, &finding, false});
        for (const Finding& finding : check.permitted)
            all.push_back({&check, &finding, true});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Told& a, const Told& b) { return a.finding->i < b.finding->i; });
    return all;
}

}  // namespace

std::string verdicts_jsonl(const Results& results) {
    VerdictLines lines;
    for (const Told& told : all_findings(results.outcome.checks)) {
        const Finding& finding = *told.finding;
        if (told.permitted) {
            lines.add(finding.t,
                      PermittedLoss{told.check->name, finding.detail, finding.i.value()});
        } else {
            lines.add(finding.t, Violation{told.check->name, finding.detail, finding.i.value()});
        }
    }
    for (const ExpectationResult& result : results.expectations) {
        // One that the run did not reach is neither met nor failed.
        if (result.outcome == ExpectationOutcome::Met) {
            lines.add(result.at, ExpectationMet{result.id, result.detail, result.i.value()});
        } else if (result.outcome == ExpectationOutcome::Failed) {
            lines.add(result.at, ExpectationFailed{result.id, result.detail, result.i.value()});
        }
    }
    lines.add(results.outcome.end,
              RunEnded{std::string(name(results.verdict)), results.outcome.events});
    return lines.take();
}

}  // namespace bsim
