#pragma once
// What the events told so far: nodes up and down, partitions as the controller has them, each
// replica's role, log and high watermark. All checkers and the results read this one fold; it is
// brought up to date with an event before they see that event.
//
// The view knows what no node knows: every log at once, also those of dead brokers. The metadata
// log is the partition `__cluster_metadata-0`, replicated on controllers and brokers, without a
// state of the controller's making.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/check/committed_truth.h"
#include "sim/check/forgotten_newcomers.h"
#include "sim/check/replica_log.h"
#include "sim/trace/event.h"
#include "sim/trace/group_fold.h"

namespace bsim {

struct NodeView {
    bool up = false;
    bool paused = false;
    Incarnation incarnation;
    std::optional<StopMode> last_stop;  // how it went down last
    // How often it started on disks that had been replaced by empty ones.
    std::int32_t wipes = 0;
    bool to_be_wiped = false;  // at the next start
};

// A broker as the controller has it, in the order of the metadata log, and its present life.
struct BrokerView {
    bool known = false;  // there was a BrokerRegistered
    BrokerEpoch epoch;
    bool fenced = false;
    bool up = true;
    bool registered = true;  // in this life of its process; before that it takes no part
};

enum class Role { None, Leader, Follower };

struct ReplicaView {
    ReplicaLog log;
    Role role = Role::None;
    LeaderEpoch epoch;         // of the role
    std::optional<Offset> hw;  // as last told in this life of the process
    Offset epoch_start;        // of a leader: its log end when the epoch began
    // Where the log ended before a lossy crash cut it, until it has grown back to there.
    std::optional<Offset> before_loss;
    // Of what is on its disk. A power failure takes nothing below `flushed`: so LogFlushed said, or
    // it is what the last power failure left.
    Offset flushed;
    Offset recovered;    // where the log ended when the process started, less what was cut since
    Offset furthest;     // the highest end since the last power failure
    bool wiped = false;  // the disk was replaced, and the log has not been told of since
    bool power_failed = false;  // and nobody has told of the log since
    struct Cut {
        Offset to;
        SimTime at;
    };
    std::optional<Cut> cut;  // the newest in this life
};

// A batch for the ledger of lossy crashes.
struct LostBatch {
    Offset base;
    LeaderEpoch epoch;
    auto operator<=>(const LostBatch&) const = default;
};

// A leader took up its epoch without all that is committed in truth.
struct TruthLoss {
    EventNumber i;
    LeaderEpoch since;                 // the leader of that epoch still had it
    Offset from;                       // what is committed ended there
    Offset to;                         // and ends here now
    std::optional<LoggedBatch> batch;  // the first that is gone
};

// A leader's high watermark, as the event seen last told it, held against all logs.
struct HwClaim {
    std::optional<BrokerId> lacking;  // a member of the ISR of that epoch that holds less
    Offset its_end;
    bool power = false;      // it held that much before a lossy crash, which the leader cannot know
    bool forgotten = false;  // check/forgotten_newcomers.h
};

// A replica's log right before an event that tells where it ends: LogRecovered, BecameLeader,
// BecameFollower.
struct LogBefore {
    Offset end;
    Offset flushed;
    Offset recovered;
    Offset furthest;
    bool wiped = false;
    bool power_failed = false;  // since the log was told of last
};

// A leader that does not hold what leaders before it had committed.
struct CommittedLoss {
    EventNumber since;                 // it became leader
    std::optional<LoggedBatch> batch;  // the newest that was committed, if events told of it
    bool unclean = false;              // after an unclean election later than that batch
};

struct PartitionView {
    bool known = false;  // to the controller: there was a PartitionChanged
    bool deleted = false;
    std::optional<BrokerId> leader;
    LeaderEpoch leader_epoch;
    PartitionEpoch partition_epoch;
    std::vector<BrokerId> isr;
    std::vector<BrokerId> elr;
    std::vector<BrokerId> replicas;
    std::optional<Offset> leader_hw;            // the highest that any leader reached
    std::map<BrokerId, ReplicaView> by_broker;  // also those that events of the log alone told of
    // What the settings excuse: the epoch of the newest unclean election, and who lost a batch
    // because power failed before the batch was on disk, or because the disk was wiped.
    std::optional<LeaderEpoch> last_unclean_epoch;
    std::map<LostBatch, std::set<BrokerId>> lost_in_crash;
    ForgottenNewcomers forgotten;
    CommittedTruth truth;
    LeaderEpoch truth_epoch;  // the newest one that a leader took up; it had all of it then
    std::optional<TruthLoss> truth_loss;  // the newest
    // Of older leader epochs, the last ISR that the controller had in each.
    std::map<LeaderEpoch, std::vector<BrokerId>> old_isrs;
    // Kept for __consumer_offsets alone, by the leaders of the newest epoch that was taken up:
    // where the committed part of the log ends, and its last batch.
    LeaderEpoch led_epoch;
    Offset committed_end;
    std::optional<LoggedBatch> committed;
    std::optional<CommittedLoss> committed_loss;  // the newest

    bool in_sync(BrokerId broker) const;  // a member of ISR or ELR
    const ReplicaView* replica(BrokerId broker) const;
    // The replica that leads in the controller's newest epoch and knows it, or nullptr.
    const ReplicaView* acting_leader() const;
    // Who lost it in a lossy crash, or nullptr.
    const std::set<BrokerId>* lost_by(const LoggedBatch& batch) const;
    // The last ISR of that epoch that the controller had, nullptr if events told of none.
    const std::vector<BrokerId>* isr_of(LeaderEpoch epoch) const;
};

struct FaultView {
    std::string id;
    std::string fault;
    SimTime fired;
    std::vector<std::string> targets;
    bool open = true;
};

class ClusterView {
  public:
    ClusterView() = default;
    ClusterView(ClusterView&&) = default;
    ClusterView& operator=(ClusterView&&) = default;

    void on(const Event& event);

    // In order of topic and number; deleted ones stay, marked.
    const std::map<TopicPartition, PartitionView>& partitions() const { return partitions_; }
    // nullptr if no event told of it.
    const PartitionView* partition(const TopicPartition& p) const;
    const std::map<NodeName, NodeView>& nodes() const { return nodes_; }
    // True also for a node that no event started or stopped (hand-made traces).
    bool is_up(const NodeName& node) const;
    bool is_paused(const NodeName& node) const;
    // In the order in which they fired.
    const std::vector<FaultView>& faults() const { return faults_; }
    // Is the node the target of a fault that has not ended?
    bool under_fault(const NodeName& node) const;
    // The batches that the event seen last took out of the log of the replica that it names.
    const std::vector<LoggedBatch>& removed() const { return removed_; }
    // What the event seen last claimed, if it raised a leader's high watermark.
    const std::optional<HwClaim>& claim() const { return claim_; }
    const std::map<BrokerId, BrokerView>& brokers() const { return brokers_; }
    // Up, and registered in this life; also true for a broker that no such event told of.
    bool takes_part(BrokerId broker) const;
    // Of the replica that the event seen last names, if it told where the log ends.
    const LogBefore& before() const { return before_; }
    const GroupFold& groups() const { return groups_; }
    // Where the partition's readers end: the leader's high watermark, or the last one that was told
    // of while nobody leads. 0 before that.
    Offset readable_end(const TopicPartition& p) const;
    // Of a group: how far it is behind the ends of the partitions that it has committed.
    std::int64_t lag(const GroupSnapshot& group) const;

    static TopicPartition metadata_partition() { return {"__cluster_metadata", PartitionIndex(0)}; }

  private:
    template <class Body>
    void apply(const Event&, const Body&) {}
    void apply(const Event& event, const NodeStarted& e);
    void apply(const Event& event, const NodeStopped& e);
    void apply(const Event& event, const NodePaused& e);
    void apply(const Event& event, const NodeResumed& e);
    void apply(const Event& event, const FaultStarted& e);
    void apply(const Event& event, const FaultEnded& e);
    void apply(const Event& event, const TopicDeleted& e);
    void apply(const Event& event, const PartitionChanged& e);
    void apply(const Event& event, const LeaderElected& e);
    void apply(const Event& event, const BecameLeader& e);
    void apply(const Event& event, const BecameFollower& e);
    void apply(const Event& event, const IsrShrunk& e);
    void apply(const Event& event, const IsrExpanded& e);
    void apply(const Event& event, const IsrProposalDropped& e);
    void apply(const Event& event, const HwAdvanced& e);
    void apply(const Event& event, const RaftHw& e);
    void apply(const Event& event, const BrokerRegistered& e);
    void apply(const Event& event, const BrokerFenced& e);
    void apply(const Event& event, const BrokerUnfenced& e);
    void apply(const Event& event, const LogAppended& e);
    void apply(const Event& event, const LogFlushed& e);
    void apply(const Event& event, const LogTruncated& e);
    void apply(const Event& event, const LogStartAdvanced& e);
    void apply(const Event& event, const LogRecovered& e);

    ReplicaView* replica_of(const Event& event, const TopicPartition& p);
    // After a start or a change of role: the log ends here, whatever was told before.
    void settle_end(const Event& event, const TopicPartition& p, Offset leo);
    // The replica lost what `removed` holds, although nobody cut it.
    static void note_lost(PartitionView& partition,
                          ReplicaView& replica,
                          BrokerId broker,
                          const std::vector<LoggedBatch>& removed);
    // The node of the event, if it leads, waits for the members of that ISR.
    void confirm_isr(const Event& event, const TopicPartition& p, const std::vector<BrokerId>& isr);
    static void settle_forgotten(PartitionView& partition);
    // A leader acts in its epoch, with the log that it has.
    static void take_up(const Event& event, PartitionView& partition, const ReplicaView& leader);
    static HwClaim judge_claim(const PartitionView& partition,
                               const ReplicaView& leader,
                               Offset hw);
    static void note_committed(PartitionView& partition, const ReplicaView& leader, Offset hw);
    static void look_for_loss(PartitionView& partition,
                              const ReplicaView& leader,
                              EventNumber now,
                              Offset leo);
    void raise_hw(const Event& event, const TopicPartition& p, Offset hw);

    std::map<NodeName, NodeView> nodes_;
    std::map<BrokerId, BrokerView> brokers_;
    std::map<TopicPartition, PartitionView> partitions_;
    // Found last, in `partitions_`, which only grows: the checks ask one after another about the
    // partition of the event at hand.
    mutable const std::pair<const TopicPartition, PartitionView>* asked_ = nullptr;
    std::vector<FaultView> faults_;
    std::vector<LoggedBatch> removed_;
    std::optional<HwClaim> claim_;
    LogBefore before_;
    GroupFold groups_;
};

}  // namespace bsim
