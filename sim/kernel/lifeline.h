#pragma once
// The life of one simulated process, as far as the kernel must know it. Events scheduled for a
// lifeline run only in the incarnation that scheduled them: those of an older one are dropped when
// popped. While the process is paused they wait, and run in their order when it resumes
// (ARCHITECTURE §6).

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/kernel/inline_function.h"

namespace bsim {

class Lifeline {
  public:
    bool alive() const { return alive_; }
    bool paused() const { return paused_; }
    // Counts starts: 1 in the first life, 0 before it.
    std::int32_t incarnation() const { return incarnation_; }

    void start() {
        ++incarnation_;
        alive_ = true;
        paused_ = false;
    }
    void stop() {
        alive_ = false;
        paused_ = false;
        waiting_.clear();
    }
    void pause() { paused_ = true; }
    // Returns what came due during the pause, oldest first, for the caller to run.
    std::vector<InlineFunction> resume() {
        paused_ = false;
        return std::exchange(waiting_, {});
    }

    void run_or_keep(std::int32_t incarnation, InlineFunction action) {
        if (!alive_ || incarnation != incarnation_)
            return;
        if (paused_) {
            waiting_.push_back(std::move(action));
        } else {
            action();
        }
    }

  private:
    std::int32_t incarnation_ = 0;
    bool alive_ = false;
    bool paused_ = false;
    std::vector<InlineFunction> waiting_;
};

}  // namespace bsim
