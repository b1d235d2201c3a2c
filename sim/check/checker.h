#pragma once
// An invariant as a fold over events. A checker knows no node class, so it works live, on a stored
// trace and on a hand-made one, and nothing that it does can reach the run.
//
// It reports findings: a violation is an invariant that was false at an event; a permitted loss is
// what the settings allow (acks=0 and 1, an unclean election, more lossy crashes than the declared
// budget). Both name the first event at which the statement was false. Only the first
// kMaxFindings of each are kept, all are counted.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/time.h"
#include "sim/check/cluster_view.h"
#include "sim/trace/event.h"

namespace bsim {

// Safety checkers always count; liveness checkers, and what only some runs ought to keep, only if
// the scenario expects them.
enum class CheckKind { Safety, Liveness };

struct Finding {
    EventNumber i;
    SimTime t;
    std::string detail;

    bool operator==(const Finding&) const = default;
};

// How long clients and partitions may be without service after what disturbed them is over, from
// the settings: detection, election, news, and what a client waits before it tries again.
struct AvailabilityBounds {
    SimDuration cluster = seconds(15);  // no leader, or fewer in sync than min.insync.replicas
    SimDuration produce = seconds(50);  // as producers see it
    SimDuration consume = seconds(50);  // as consumers see it
    SimDuration noticed = seconds(1);   // what is answered sooner was never unavailable
};

// What checkers must know of the scenario's settings.
struct CheckSettings {
    // min.insync.replicas by topic; topics that are not named have `default_min_isr`.
    std::map<std::string, std::int32_t> min_isr;
    std::int32_t default_min_isr = 1;
    // How long before the end an append must have happened for replicas-converge to demand that it
    // is replicated: twice Kafka's replica.fetch.wait.max.ms and room for a slow round trip.
    SimDuration settle_ns = seconds(2);

    // How long the cluster may be without what it needs, for liveness: longer than any of Kafka's
    // default timeouts between a failure and its cure (9 s of a session, elections, retries).
    SimDuration liveness_bound = seconds(30);

    // The longest replica.lag.time.max.ms of any broker.
    SimDuration replica_lag = seconds(30);

    // May a topic's leader come from outside of the ISR, at any time of the run? By topic; topics
    // that are not named have the default, which believes what a trace without settings says.
    std::map<std::string, bool> unclean_elections;
    bool default_unclean_elections = true;
    // Of the brokers that have one, and the topics whose replicas were not placed by the rules.
    std::map<BrokerId, std::string> racks;
    std::set<std::string> placed_by_hand;

    // False if a setting or a switch lets coordinators answer commits before they are replicated.
    bool commits_wait_for_isr = true;

    // The voters of the KRaft quorum. Empty: unknown, and what counts them is not evaluated.
    std::vector<BrokerId> voters;
    // Switches that take back what Raft promises (model/switches.h).
    bool persist_vote = true;
    bool commit_own_epoch_only = true;
    bool leader_resign_on_no_fetch = true;
    SimDuration quorum_fetch_timeout = seconds(2);  // the longest of any voter

    // What cleanup.policy, retention.bytes and retention.ms let go; by topic, as min_isr.
    struct Retention {
        bool deletes = true;
        std::optional<std::int64_t> bytes;
        std::optional<std::int64_t> ms;
    };
    std::map<std::string, Retention> retention;
    Retention default_retention;
    bool clocks_true = true;  // no broker's clock is off by more than a second or so
    // The longest delivery.timeout.ms of any producer: how much older than its place in the log a
    // record may be.
    SimDuration delivery_timeout = seconds(120);
    // Topics whose leaders change batches as they store them: their crc says nothing.
    std::set<std::string> rewritten;
    // Producers (by node) that have one request at a time under way, and so keep the order without
    // idempotence.
    std::set<std::string> one_in_flight;
    // Of topics with cleanup.policy=compact records may be missing.
    std::set<std::string> compacted;
    // The checks that the scenario names, and those among them of safety that it declares to be
    // violated.
    std::set<std::string> expected_checks;
    std::set<std::string> declared_violated;
    AvailabilityBounds availability;

    std::int32_t min_isr_of(const std::string& topic) const;
    // As many as may be needed: min.insync.replicas, at most the replication factor, at least 1.
    std::size_t needed_isr(const std::string& topic, std::size_t replicas) const;
    bool unclean_allowed(const std::string& topic) const;
    const Retention& retention_of(const std::string& topic) const;
};

// The moment after the last event. Findings of finish() carry the number of the last event.
struct EndOfRun {
    SimTime t;
    EventNumber i;
};

class Checker {
  public:
    static constexpr std::size_t kMaxFindings = 100;

    Checker(std::string_view name, CheckKind kind) : name_(name), kind_(kind) {}
    virtual ~Checker() = default;
    Checker(const Checker&) = delete;
    Checker& operator=(const Checker&) = delete;

    // `view` has seen the event already.
    virtual void on(const Event& event, const ClusterView& view) = 0;
    // Called once, after the last event.
    virtual void finish(const EndOfRun& end, const ClusterView& view);

    std::string_view name() const { return name_; }
    CheckKind kind() const { return kind_; }
    const std::vector<Finding>& violations() const { return violations_; }
    const std::vector<Finding>& permitted() const { return permitted_; }
    std::uint64_t violation_count() const { return violation_count_; }
    std::uint64_t permitted_count() const { return permitted_count_; }
    // How often the invariant was put to the test: a run with 0 proved nothing.
    std::uint64_t evaluations() const { return evaluations_; }

  protected:
    void evaluated() { ++evaluations_; }
    void violated(EventNumber i, SimTime t, std::string detail);
    void permit(EventNumber i, SimTime t, std::string detail);
    // Permitted if `allowed` says why, else a violation.
    void judge(EventNumber i, SimTime t, std::string detail, const std::string& allowed);

  private:
    std::string_view name_;
    CheckKind kind_;
    std::vector<Finding> violations_;
    std::vector<Finding> permitted_;
    std::uint64_t violation_count_ = 0;
    std::uint64_t permitted_count_ = 0;
    std::uint64_t evaluations_ = 0;
};

}  // namespace bsim
