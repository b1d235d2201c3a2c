// What the machine allows a kernel under PHOLD: the workload of phold.cpp compiled into a 4-ary
// heap of plain keys, which hold all that an event is: no callables, no cancelling, no checks. Its
// figure is the limit that phold's is a ratio of, in the same run; its hash is phold's.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "tests/bench/measure.h"
#include "tests/bench/workload.h"

namespace bsim::bench {
namespace {

constexpr std::int64_t kTimeout = 50'000'000;
constexpr std::int64_t kShortTimeout = 400'000;

struct Key {
    std::int64_t time;    // ns
    std::uint64_t order;  // seq << 25 | node << 1 | is a timer
    bool operator<(const Key& other) const {
        return time != other.time ? time < other.time : order < other.order;
    }
    std::uint64_t node() const { return order >> 1 & kMostNodes; }
    bool is_timer() const { return (order & 1) != 0; }

    static constexpr std::uint64_t kMostNodes = (1U << 24U) - 1;
};

// The key on top stays until the first push after it was taken, which fills its place.
class Heap {
  public:
    const Key& take() {
        if (std::exchange(taken_, true)) {
            const Key last = keys_.back();
            keys_.pop_back();
            sink(last);
        }
        return keys_.front();
    }
    void push(Key key) {
        if (std::exchange(taken_, false))
            return sink(key);
        keys_.push_back(key);
        std::size_t at = keys_.size() - 1;
        for (; at > 0 && key < keys_[(at - 1) / 4]; at = (at - 1) / 4)
            keys_[at] = keys_[(at - 1) / 4];
        keys_[at] = key;
    }

  private:
    void sink(Key key) {
        std::size_t at = 0;
        for (std::size_t first = 1; first < keys_.size(); first = 4 * at + 1) {
            std::size_t least = first;
            const std::size_t end = std::min(first + 4, keys_.size());
            for (std::size_t child = first + 1; child < end; ++child) {
                if (keys_[child] < keys_[least])
                    least = child;
            }
            if (!(keys_[least] < key))
                break;
            keys_[at] = keys_[least];
            at = least;
        }
        keys_[at] = key;
    }

    std::vector<Key> keys_;
    bool taken_ = false;
};

class Phold {
  public:
    explicit Phold(const PholdArguments& arguments)
        : nodes_(arguments.nodes), timers_(arguments.timers == 1 ? arguments.nodes : 0) {
        for (std::uint64_t i = 0; i < arguments.per_node * nodes_; ++i)
            send(draws_.next());
        for (std::uint64_t node = 0; node < timers_.size(); ++node)
            arm(node, kTimeout);
    }
    void run(std::uint64_t deliveries) {
        while (figures_.delivered < deliveries) {
            const Key key = heap_.take();
            if (key.is_timer()) {
                surface(key);
            } else {
                now_ = key.time;
                deliver(key.node());
            }
        }
    }
    PholdFigures figures(double seconds) const {
        return {figures_.delivered, figures_.fired, seconds, hash_.value()};
    }

  private:
    struct Deadline {
        std::int64_t time = 0;
        std::uint64_t order = 0;
        std::int64_t queued_for = -1;  // the only entry that counts; -1: none
    };

    std::uint64_t next_order(std::uint64_t node, bool is_timer) {
        return seq_++ << 25 | node << 1 | (is_timer ? 1 : 0);
    }
    void send(std::uint64_t r) {
        heap_.push({now_ + delays_[r & 4095], next_order(((r >> 32) * nodes_) >> 32, false)});
    }
    void arm(std::uint64_t node, std::int64_t delay) {
        Deadline& timer = timers_[node];
        timer.time = now_ + delay;
        timer.order = next_order(node, true);
        if (timer.queued_for < 0 || timer.queued_for > timer.time)
            queue(timer);
    }
    void queue(Deadline& timer) {
        timer.queued_for = timer.time;
        heap_.push({timer.time, timer.order});
    }
    void surface(const Key& key) {
        Deadline& timer = timers_[key.node()];
        if (timer.queued_for != key.time)
            return;
        if (timer.order != key.order)
            return queue(timer);
        now_ = key.time;
        timer.queued_for = -1;
        hash_.fold(now_, key.node(), 1);
        ++figures_.fired;
        arm(key.node(), kTimeout);
    }
    void deliver(std::uint64_t node) {
        hash_.fold(now_, node, 0);
        ++figures_.delivered;
        const std::uint64_t r = draws_.next();
        send(r);
        if (!timers_.empty())
            arm(node, ((r >> 12) & 127) == 0 ? kShortTimeout : kTimeout);
    }

    std::uint64_t nodes_;
    std::array<std::int64_t, 4096> delays_ = phold_delays();
    std::vector<Deadline> timers_;
    Heap heap_;
    Draws draws_;
    OrderHash hash_;
    PholdFigures figures_{};
    std::int64_t now_ = 0;
    std::uint64_t seq_ = 1;
};

}  // namespace
}  // namespace bsim::bench

int main(int argc, char** argv) {
    using namespace bsim::bench;
    const auto arguments = phold_arguments(argc, argv);
    if (!arguments)
        return 2;
    Phold run(*arguments);
    const double before = cpu_seconds();
    run.run(arguments->events);
    print(*arguments, run.figures(cpu_seconds() - before));
    return 0;
}
