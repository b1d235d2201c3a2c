#include "sim/sweep/worker_pool.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/check.h"

namespace bsim {
namespace {

// Ends the child if its answer was cut short, so that the parent does not take it for one.
constexpr char kEndOfAnswer = '\0';

void write_all(int pipe, const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t count = ::write(pipe, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            _exit(1);
        done += static_cast<std::size_t>(count);
    }
}

[[noreturn]] void child(int pipe, std::uint64_t cpu_limit_seconds, const WorkerPool::Job& job) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_DFL);
    const rlimit cpu{cpu_limit_seconds, cpu_limit_seconds + 1};
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CPU, &cpu);
    setrlimit(RLIMIT_CORE, &no_core);
    write_all(pipe, job() + kEndOfAnswer);
    _exit(0);
}

std::string ending_of(int status) {
    if (!WIFSIGNALED(status))
        return fmt::format("exit code {}", WEXITSTATUS(status));
    const int signal = WTERMSIG(status);
    return fmt::format("signal {} ({})", signal, strsignal(signal));
}

int reap(pid_t process) {
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

WorkerPool::WorkerPool(std::size_t workers, std::uint64_t cpu_limit_seconds)
    : workers_(workers), cpu_limit_seconds_(cpu_limit_seconds) {}

WorkerPool::~WorkerPool() {
    kill_all();
}

bool WorkerPool::start(std::uint64_t ticket, const Job& job) {
    BSIM_CHECK(has_room());
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return false;
    std::fflush(nullptr);  // or the child would write what is buffered a second time
    const pid_t process = fork();
    if (process == 0) {
        close(ends[0]);
        child(ends[1], cpu_limit_seconds_, job);
    }
    close(ends[1]);
    if (process < 0) {
        close(ends[0]);
        return false;
    }
    running_.push_back({ticket, process, ends[0], {}});
    return true;
}

std::optional<JobEnd> WorkerPool::wait(std::optional<SweepClock::time_point> deadline) {
    using std::chrono::ceil;
    using std::chrono::milliseconds;
    while (!running_.empty()) {
        std::vector<pollfd> pipes;
        for (const Running& job : running_)
            pipes.push_back({job.pipe, POLLIN, 0});
        std::int64_t left_ms = -1;
        if (deadline) {
            const auto left = ceil<milliseconds>(*deadline - SweepClock::now());
            left_ms = std::clamp<std::int64_t>(left.count(), 0, 1'000'000);
        }
        if (poll(pipes.data(), pipes.size(), static_cast<int>(left_ms)) <= 0)
            return std::nullopt;
        for (std::size_t i = 0; i < pipes.size(); ++i) {
            if (pipes[i].revents == 0)
                continue;
            Running& job = running_[i];
            std::array<char, 65536> buffer{};
            const ssize_t count = read(job.pipe, buffer.data(), buffer.size());
            if (count > 0)
                job.answer.append(buffer.data(), static_cast<std::size_t>(count));
            if (count > 0 || (count < 0 && errno == EINTR))
                continue;
            close(job.pipe);
            const int status = reap(job.process);
            JobEnd end{job.ticket, job.answer.ends_with(kEndOfAnswer), std::move(job.answer)};
            if (end.answered) {
                end.answer.pop_back();
            } else {
                end.answer = ending_of(status);
            }
            running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
            return end;
        }
    }
    return std::nullopt;
}

void WorkerPool::kill_all() {
    for (const Running& job : running_)
        kill(job.process, SIGKILL);
    for (const Running& job : running_) {
        close(job.pipe);
        reap(job.process);
    }
    running_.clear();
}

std::size_t processors() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return 1;
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&allowed)));
}

}  // namespace bsim
