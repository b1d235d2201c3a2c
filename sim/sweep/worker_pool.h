#pragma once
// Runs jobs side by side, each in a forked process of its own.
//
// Processes and not threads, because a simulation may end its process: a crash, an endless loop or
// memory that grows without bound is then the failure of one job, which the pool reports, and not
// the end of the sweep. Nothing can pass from one run to the next either, so that a result cannot
// depend on which runs came before it. A fork costs well under a millisecond, a run tens of them.
//
// The caller must have no other threads. A job's processes ignore SIGINT (the pool's owner decides
// what Ctrl-C means) and die with their parent.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace bsim {

// Real time: what a budget is measured in.
using SweepClock = std::chrono::steady_clock;

struct JobEnd {
    std::uint64_t ticket = 0;
    bool answered = false;  // the job returned
    std::string answer;  // what it returned, or how its process ended otherwise: "signal 11 (…)"
};

class WorkerPool {
  public:
    // Returns the answer; runs in the child. Must not throw.
    using Job = std::function<std::string()>;

    // `cpu_limit` seconds of processor time for each job; a job beyond it is ended by a signal.
    WorkerPool(std::size_t workers, std::uint64_t cpu_limit_seconds);
    ~WorkerPool();  // kills what runs
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    bool has_room() const { return running_.size() < workers_; }
    bool idle() const { return running_.empty(); }
    // Requires has_room(). False if the machine allows no further process.
    bool start(std::uint64_t ticket, const Job& job);
    // Waits until a job has ended, at most until the deadline, and not on when a signal comes.
    std::optional<JobEnd> wait(std::optional<SweepClock::time_point> deadline);
    // All that run now; none of them is reported.
    void kill_all();

  private:
    struct Running {
        std::uint64_t ticket = 0;
        pid_t process = 0;
        int pipe = -1;
        std::string answer;
    };

    std::size_t workers_;
    std::uint64_t cpu_limit_seconds_;
    std::vector<Running> running_;
};

// How many processors this process may use; at least 1.
std::size_t processors();

}  // namespace bsim
