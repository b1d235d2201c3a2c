#pragma once
// The life of one simulated process, as far as the kernel must know it. Events scheduled for a
// lifeline run only in the incarnation that scheduled them: those of an older one are dropped when
// popped. While the process is paused they wait, and run when it resumes (ARCHITECTURE §6).

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/kernel/inline_function.h"

namespace bsim {

// What came due during a pause, when the process goes on.
enum class WakeOrder : std::uint8_t {
    // Oldest first: the threads stood still, as in a stop-the-world collection, but the operating
    // system had noted for each call what ended it.
    Arrival,
    // Timers before all else: SIGSTOP interrupts a thread's wait for its sockets. After SIGCONT the
    // thread finds its own timeout over and does not look at the sockets again before it acts on
    // it (signal(7), epoll_wait; EPollSelectorImpl.doSelect of the JDK).
    TimersFirst,
};

enum class DueKind : std::uint8_t { Timer, Other };

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
    struct Due {
        DueKind kind = DueKind::Other;
        InlineFunction action;
    };
    // Returns what came due during the pause, for the caller to run in this order.
    std::vector<Due> resume(WakeOrder order) {
        paused_ = false;
        std::vector<Due> due = std::exchange(waiting_, {});
        if (order == WakeOrder::TimersFirst) {
            std::stable_partition(due.begin(), due.end(),
                                  [](const Due& each) { return each.kind == DueKind::Timer; });
        }
        return due;
    }

    template <class F>
    void run_or_keep(std::int32_t incarnation, DueKind kind, F&& action) {
        if (!alive_ || incarnation != incarnation_)
            return;
        if (paused_) {
            waiting_.push_back({kind, InlineFunction(std::forward<F>(action))});
        } else {
            action();
        }
    }

  private:
    std::int32_t incarnation_ = 0;
    bool alive_ = false;
    bool paused_ = false;
    std::vector<Due> waiting_;
};

}  // namespace bsim
