#pragma once
// no-produce-errors: producers get rid of all that they were given. Not an invariant but a wish:
// it counts only if the scenario expects it, as liveness checks do.
//
// Violations: each ProduceFailed, be it of a batch or of a record that never got into one. Each
// batch that is acknowledged or given up puts it to the test.

#include "sim/check/checker.h"

namespace bsim {

class NoProduceErrors : public Checker {
  public:
    NoProduceErrors() : Checker("no-produce-errors", CheckKind::Liveness) {}

    void on(const Event& event, const ClusterView& view) override;
};

}  // namespace bsim
