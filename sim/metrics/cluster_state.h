#pragma once
// What the events told so far, as far as metrics need it: processes, the partitions that the
// controller has committed, and the role that each broker believes to have. All families read this
// one fold; it is brought up to date with an event before they see the event.
//
// Two views are kept apart. `partitions()` is the controller's truth. `Node::replicas` is what the
// broker itself acts on, and would tell a scraper: it lags behind, and in a partitioned network it
// may be wrong for long. A node exists from its first NodeStarted on.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/trace/event.h"
#include "sim/trace/group_fold.h"

namespace bsim::metrics {

// What events do not tell.
struct Settings {
    // min.insync.replicas by topic; topics that are not named have `default_min_isr`.
    std::map<std::string, std::int32_t> min_isr;
    std::int32_t default_min_isr = 1;
    // The nodes' calendar at SimTime 0.
    WallMs wall_start;
    // From one row of a series to the next.
    SimDuration interval = seconds(1);
};

// A partition on a broker, from its first role in this life of the process on.
struct Replica {
    bool leads = false;
    std::vector<BrokerId> isr;  // as the leader has it committed; empty on followers
    std::optional<Offset> hw;   // as last told in this life
};

struct Node {
    enum class Kind { Broker, Controller, Other };

    Kind kind = Kind::Other;
    bool up = false;
    bool paused = false;
    SimTime started;  // this life
    bool active_controller = false;
    std::map<TopicPartition, Replica> replicas;

    // Would it answer a scraper?
    bool answers() const { return up && !paused; }
    bool is_broker() const { return kind == Kind::Broker; }
    bool is_controller() const { return kind == Kind::Controller; }
};

struct Partition {
    std::optional<BrokerId> leader;
    std::vector<BrokerId> isr;
    std::vector<BrokerId> replicas;
    bool isr_by_leader = false;  // the ISR's last change was what the leader had asked for
    std::int32_t min_isr = 1;    // effective: at most the number of replicas

    bool under_replicated() const { return replicas.size() > isr.size(); }
    bool has_preferred_leader() const {
        return leader && !replicas.empty() && *leader == replicas.front();
    }
};

class ClusterState {
  public:
    explicit ClusterState(Settings settings) : settings_(std::move(settings)) {}

    void on(const Event& event);

    const std::map<NodeName, Node>& nodes() const { return nodes_; }
    // In order of topic and number, without those of deleted topics.
    const std::map<TopicPartition, Partition>& partitions() const { return partitions_; }
    // Those that are registered, and whether they are fenced.
    const std::map<BrokerId, bool>& fenced() const { return fenced_; }
    const GroupFold& groups() const { return groups_; }

    // nullptr if no event told of it.
    const Node* node(const NodeName& name) const;
    const Partition* partition(const TopicPartition& p) const;
    // nullptr if that node has no role in it.
    const Replica* replica(const NodeName& name, const TopicPartition& p) const;
    // What ListOffsets answers for "latest": the leader's high watermark. None while the leader
    // would not answer, does not act as leader, or has told of none since its process started.
    std::optional<Offset> latest_offset(const TopicPartition& p) const;

  private:
    template <class Body>
    void apply(const Event&, const Body&) {}
    void apply(const Event& event, const NodeStarted& e);
    void apply(const Event& event, const NodeStopped& e);
    void apply(const Event& event, const NodePaused& e);
    void apply(const Event& event, const NodeResumed& e);
    void apply(const Event& event, const ControllerElected& e);
    void apply(const Event& event, const ControllerResigned& e);
    void apply(const Event& event, const BrokerRegistered& e);
    void apply(const Event& event, const BrokerFenced& e);
    void apply(const Event& event, const BrokerUnfenced& e);
    void apply(const Event& event, const TopicDeleted& e);
    void apply(const Event& event, const PartitionChanged& e);
    void apply(const Event& event, const BecameLeader& e);
    void apply(const Event& event, const BecameFollower& e);
    void apply(const Event& event, const IsrShrunk& e);
    void apply(const Event& event, const IsrExpanded& e);
    void apply(const Event& event, const HwAdvanced& e);

    Node* find_node(const NodeName& name);
    Replica* find_replica(const NodeName& name, const TopicPartition& p);
    // The replica of a node that is up, made if there is none.
    Replica* replica_of(const NodeName& name, const TopicPartition& p);

    Settings settings_;
    std::map<NodeName, Node> nodes_;
    std::map<TopicPartition, Partition> partitions_;
    std::map<BrokerId, bool> fenced_;
    GroupFold groups_;
};

}  // namespace bsim::metrics
