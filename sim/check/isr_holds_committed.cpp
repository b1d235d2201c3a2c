#include "sim/check/isr_holds_committed.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/check/excuse.h"
#include "sim/model/metadata_image_partition.h"

namespace bsim {

namespace {

// The first committed batch that the log lacks; nullptr if it is only known to be too short.
const LoggedBatch* first_lacking(const CommittedTruth& truth, const ReplicaLog& log) {
    const auto& batches = truth.log().batches();
    const auto found = std::partition_point(
        batches.begin(), batches.end(), [&](const LoggedBatch& batch) { return log.holds(batch); });
    return found == batches.end() ? nullptr : &*found;
}

}  // namespace

void IsrHoldsCommitted::on(const Event& event, const ClusterView& view) {
    if (const auto* changed = as<PartitionChanged>(event)) {
        on_changed(event, *changed, view);
    } else if (const auto* proposed = as<IsrProposed>(event)) {
        on_proposed(event, *proposed, view);
    } else if (const auto* leader = as<BecameLeader>(event)) {
        on_leader(event, *leader, view);
    } else if (const auto* unfenced = as<BrokerUnfenced>(event)) {
        on_unfenced(event, unfenced->broker, view);
    } else if (const auto* truncated = as<LogTruncated>(event)) {
        on_cut(event, truncated->p, view);
    } else if (const auto* recovered = as<LogRecovered>(event)) {
        on_cut(event, recovered->p, view);
    } else if (const auto* follower = as<BecameFollower>(event)) {
        on_cut(event, follower->p, view);
    } else if (const auto* appended = as<LogAppended>(event)) {
        on_cut(event, appended->p, view);
    }
}

void IsrHoldsCommitted::on_changed(const Event& event,
                                   const PartitionChanged& e,
                                   const ClusterView& view) {
    Watched& watched = watched_[e.p];
    if (e.reason == "created")
        watched = {};
    const std::vector<BrokerId> before = std::exchange(watched.isr, e.isr);
    for (const BrokerId broker : e.isr) {
        // A leader from outside of the ISR is judged when it takes up its epoch.
        if (broker != e.leader || contains(before, broker))
            look_at(event, e.p, broker, view);
    }
    for (const BrokerId broker : e.elr)
        look_at(event, e.p, broker, view);
}

void IsrHoldsCommitted::on_proposed(const Event& event,
                                    const IsrProposed& e,
                                    const ClusterView& view) {
    const PartitionView* const partition = view.partition(e.p);
    const auto id = event.n.kafka_id();
    const ReplicaView* const leader =
        id && partition != nullptr ? partition->replica(*id) : nullptr;
    if (leader == nullptr || leader != partition->acting_leader() ||
        e.leader_epoch != partition->leader_epoch ||
        e.partition_epoch != partition->partition_epoch) {
        return;  // it will be refused, and its members may have been out of the ISR since
    }
    const Offset needed = std::max(leader->hw.value_or(Offset()), leader->epoch_start);
    for (const BrokerId broker : e.isr) {
        const ReplicaView* const replica = partition->replica(broker);
        if (contains(partition->isr, broker) || replica == nullptr || !view.takes_part(broker))
            continue;
        evaluated();
        const bool before_crash = replica->before_loss && *replica->before_loss >= needed;
        if (before_crash || agrees_below(leader->log, replica->log, needed))
            continue;
        violated(event.i, event.t,
                 fmt::format("{}: leader {} proposes broker {} for the ISR, which holds less than "
                             "the leader below {} (high watermark {}, start of the epoch {}); its "
                             "log ends at {}",
                             e.p.to_string(), event.n.text(), broker.value(), needed.value(),
                             leader->hw.value_or(Offset()).value(), leader->epoch_start.value(),
                             replica->log.end().value()));
    }
}

void IsrHoldsCommitted::on_leader(const Event& event,
                                  const BecameLeader& e,
                                  const ClusterView& view) {
    const PartitionView* const partition = view.partition(e.p);
    const auto id = event.n.kafka_id();
    if (!id || partition == nullptr || partition->deleted || e.epoch < partition->leader_epoch)
        return;
    evaluated();
    const auto& loss = partition->truth_loss;
    if (!loss || loss->i != event.i)
        return;
    std::string detail =
        fmt::format("{}: {} leads in epoch {} from offset {} without ", e.p.to_string(),
                    event.n.text(), e.epoch.value(), e.leo.value());
    detail += loss->batch ? loss->batch->to_string() + ", which is committed"
                          : fmt::format("all below {}, which is committed", loss->from.value());
    const LoggedBatch batch = loss->batch.value_or(LoggedBatch{loss->to, loss->to, {}, 0});
    judge(event.i, event.t, std::move(detail),
          excuse_for_loss(settings_, e.p, *partition, batch, std::max(loss->since, batch.epoch)));
}

void IsrHoldsCommitted::on_unfenced(const Event& event, BrokerId broker, const ClusterView& view) {
    for (const auto& [p, partition] : view.partitions()) {
        if (partition.known && !partition.deleted && partition.in_sync(broker))
            look_at(event, p, broker, view);
    }
}

void IsrHoldsCommitted::on_cut(const Event& event,
                               const TopicPartition& p,
                               const ClusterView& view) {
    const auto id = event.n.kafka_id();
    if (!id || view.removed().empty())
        return;
    const PartitionView* const partition = view.partition(p);
    if (partition != nullptr && partition->known && partition->in_sync(*id))
        look_at(event, p, *id, view);
}

void IsrHoldsCommitted::look_at(const Event& event,
                                const TopicPartition& p,
                                BrokerId broker,
                                const ClusterView& view) {
    const PartitionView& partition = *view.partition(p);
    const ReplicaView* const replica = partition.replica(broker);
    if (partition.deleted || replica == nullptr || !view.takes_part(broker))
        return;
    evaluated();
    if (!partition.truth.held_by(replica->log))
        report(event, p, broker, partition);
}

void IsrHoldsCommitted::report(const Event& event,
                               const TopicPartition& p,
                               BrokerId broker,
                               const PartitionView& partition) {
    if (!watched_[p].reported.emplace(broker, partition.leader_epoch).second)
        return;
    const ReplicaLog& log = partition.replica(broker)->log;
    const LoggedBatch* const lacking = first_lacking(partition.truth, log);
    std::string detail =
        fmt::format("{}: broker {} is in the ISR without ", p.to_string(), broker.value());
    detail += lacking == nullptr
                  ? fmt::format("all below {}, which is committed", partition.truth.end().value())
                  : lacking->to_string() + ", which is committed";
    detail += fmt::format("; its log ends at {}", log.end().value());
    const LoggedBatch batch =
        lacking == nullptr ? LoggedBatch{log.end(), log.end(), {}, 0} : *lacking;
    std::string excuse = excuse_for_loss(settings_, p, partition, batch, partition.truth_epoch);
    if (excuse.empty() && partition.forgotten.contains(broker))
        excuse = ForgottenNewcomers::kExcuse;
    judge(event.i, event.t, std::move(detail), excuse);
}

}  // namespace bsim
