#pragma once
// A coordinator with a clock, a log of its own, and clients who ask it. What it does is told as
// lines of text. Member ids are written short: the uuid of the n-th request stands as ~n.

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "sim/protocol/group/group_coordinator.h"

namespace bsim::group {

class GroupBench {
  public:
    explicit GroupBench(const CoordinatorConfig& config) : coordinator_(config) {}

    GroupCoordinator& coordinator() { return coordinator_; }
    SimTime now() const { return now_; }
    WallMs wall() const { return WallMs(1'700'000'000'000 + now_.ns() / 1'000'000); }

    // Another broker, with other settings, over the same log.
    void restart(const CoordinatorConfig& config);
    void input(CoordinatorInput in);
    // Gives the request the next number.
    std::uint64_t request(std::int16_t version, GroupRequest body, const std::string& client);
    // Timers that fall due on the way fire at their time.
    void wait(SimDuration span);
    // Reads the partition's log in buffers of at most so many batches; 0: all at once.
    void read(PartitionIndex partition, std::size_t batches_at_once);

    // Appends are acknowledged at once, unless held.
    void hold_acks(bool hold) { hold_acks_ = hold; }
    // The oldest append that is held.
    void ack(wire::ErrorCode error);
    std::size_t held() const { return held_.size(); }

    std::vector<std::string> take_lines();
    static std::string shorten(const std::string& text);
    static std::string expand(const std::string& text);

    const std::map<PartitionIndex, std::vector<SharedBytes>>& logs() const { return logs_; }
    // The answer to the newest request, if there was one.
    template <class Body>
    const Body& answer(std::uint64_t number) const {
        return std::get<Body>(answers_.at(number));
    }
    bool answered(std::uint64_t number) const { return answers_.contains(number); }
    std::size_t answered_twice() const { return answered_twice_; }
    const CoordinatorEffects& last_effects() const { return effects_; }

  private:
    void run_effect(const Reply& effect);
    void run_effect(const Append& effect);
    void run_effect(const AppendTombstones& effect);
    void run_effect(const ReadPartition& effect);
    void run_effect(const ArmTimer& effect);
    void run_effect(const StateChanged& effect);
    void run_effect(const MemberAdmitted& effect);
    void run_effect(const MemberRemoved& effect);
    void run_effect(const RebalanceBegan& effect);
    void run_effect(const RebalanceEnded& effect);
    void run_effect(const OffsetInForce& effect);
    void run_effect(const OffsetGone& effect);
    void run_effect(const GroupHandedOver& effect);
    void say(const std::string& what);
    Offset store(PartitionIndex partition, const SharedBytes& batch);
    void say_batch(const std::string& what, PartitionIndex partition, const SharedBytes& batch);

    struct Held {
        Append append;
        Offset at;
    };

    GroupCoordinator coordinator_;
    SimTime now_;
    std::optional<SimTime> timer_;
    std::uint64_t next_request_ = 1;
    bool hold_acks_ = false;
    std::deque<Held> held_;
    std::deque<AppendFinished> done_;
    std::map<PartitionIndex, std::vector<SharedBytes>> logs_;
    std::map<PartitionIndex, Offset> ends_;
    std::map<std::uint64_t, GroupResponse> answers_;
    std::size_t answered_twice_ = 0;
    std::vector<std::string> lines_;
    CoordinatorEffects effects_;
};

}  // namespace bsim::group
