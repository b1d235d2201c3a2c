#include "sim/check/declared.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace bsim {

void permit_what_follows(const CheckSettings& settings, std::vector<CheckResult>& results) {
    const auto came = std::find_if(results.begin(), results.end(), [&](const CheckResult& check) {
        return check.kind == CheckKind::Safety && check.violation_count > 0 &&
               settings.declared_violated.contains(check.name);
    });
    if (came == results.end())
        return;
    const std::string why = fmt::format(
        "; permitted: it follows from {}, which the scenario declares to be violated", came->name);
    for (CheckResult& check : results) {
        if (check.kind != CheckKind::Safety || check.violation_count == 0 ||
            settings.expected_checks.contains(check.name)) {
            continue;
        }
        check.permitted_count += std::exchange(check.violation_count, 0);
        for (Finding& finding : check.violations)
            finding.detail += why;
        check.permitted.insert(check.permitted.begin(), check.violations.begin(),
                               check.violations.end());
        check.violations.clear();
    }
}

}  // namespace bsim
