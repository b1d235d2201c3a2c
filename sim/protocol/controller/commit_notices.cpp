#include "sim/protocol/controller/commit_notices.h"

#include <utility>
#include <variant>

#include "sim/base/check.h"

namespace bsim::controller {
namespace {

std::int32_t count_partitions(std::span<const wire::VersionedRecord> batch, const Uuid& topic) {
    std::int32_t count = 0;
    for (const auto& each : batch) {
        const auto* partition = std::get_if<wire::PartitionRecord>(&each.record);
        if (partition != nullptr && partition->topic_id == topic)
            ++count;
    }
    return count;
}

struct Noticer {
    const CommittedRecord& at;
    const MetadataImage& image;  // with the record applied
    const MetadataDelta& delta;
    bool was_fenced;  // the broker of the record, before
    ControllerEffects& out;

    void operator()(const wire::RegisterBrokerRecord& r) {
        out.push_back(BrokerRegistered{BrokerId(r.broker_id), BrokerEpoch(r.broker_epoch)});
    }
    void operator()(const wire::BrokerRegistrationChangeRecord& r) {
        const BrokerId broker(r.broker_id);
        const BrokerEpoch epoch(r.broker_epoch);
        // A fenced broker that shuts down is fenced once more, which is no news.
        if (r.fenced > 0 && !was_fenced)
            out.push_back(BrokerFenced{broker, epoch, at.note.fence});
        if (r.fenced < 0 && was_fenced)
            out.push_back(BrokerUnfenced{broker, epoch});
    }
    void operator()(const wire::UnregisterBrokerRecord& r) {
        if (was_fenced)
            return;
        out.push_back(BrokerFenced{BrokerId(r.broker_id), BrokerEpoch(r.broker_epoch),
                                   FenceReason::Unregistered});
    }
    void operator()(const wire::TopicRecord& r) {
        out.push_back(TopicCreated{r.name, r.topic_id, count_partitions(at.batch, r.topic_id)});
    }
    void operator()(const wire::RemoveTopicRecord& r) {
        out.push_back(TopicDeleted{delta.topics_deleted.at(r.topic_id), r.topic_id,
                                   static_cast<std::int32_t>(delta.partitions.size())});
    }
    void operator()(const wire::PartitionRecord& r) { partition(r.topic_id, r.partition_id); }
    void operator()(const wire::PartitionChangeRecord& r) {
        const PartitionRegistration& now = partition(r.topic_id, r.partition_id);
        const auto& before =
            delta.partitions.at(TopicIdPartition{r.topic_id, PartitionIndex(r.partition_id)});
        BSIM_CHECK(before.has_value());
        if (!now.leader || now.leader == before->leader)
            return;
        out.push_back(LeaderElected{name_of(r.topic_id, r.partition_id), before->leader,
                                    *now.leader, now.leader_epoch, now.isr,
                                    election_was_clean(now.leader, before->isr)});
    }
    template <class Other>
    void operator()(const Other&) {}

    TopicPartition name_of(const Uuid& topic, std::int32_t partition) const {
        return {image.topic(topic)->name, PartitionIndex(partition)};
    }
    const PartitionRegistration& partition(const Uuid& topic, std::int32_t index) {
        const PartitionRegistration* now =
            image.partition(TopicIdPartition{topic, PartitionIndex(index)});
        BSIM_CHECK(now != nullptr);
        out.push_back(PartitionChanged{name_of(topic, index), *now, at.note.reason});
        return *now;
    }
};

ChangeReason infer_from_change(const wire::PartitionChangeRecord& change) {
    if (change.replicas || change.adding_replicas || change.removing_replicas) {
        return ChangeReason::Reassignment;
    }
    if (change.leader_recovery_state == 1)
        return ChangeReason::UncleanElection;
    if (change.leader == -2)
        return ChangeReason::AlterPartition;
    if (!change.isr)
        return ChangeReason::PreferredElection;
    return ChangeReason::Replayed;
}

}  // namespace

RecordNote infer_note(std::span<const wire::VersionedRecord> batch, std::size_t index) {
    RecordNote note;
    const wire::MetadataRecord& record = batch[index].record;
    if (std::holds_alternative<wire::PartitionRecord>(record)) {
        note.reason = ChangeReason::Created;
        return note;
    }
    const auto* change = std::get_if<wire::PartitionChangeRecord>(&record);
    if (change == nullptr)
        return note;
    for (const auto& each : batch) {
        if (const auto* broker = std::get_if<wire::BrokerRegistrationChangeRecord>(&each.record)) {
            if (broker->fenced > 0)
                note.reason = ChangeReason::BrokerFenced;
            if (broker->fenced < 0)
                note.reason = ChangeReason::BrokerUnfenced;
            if (broker->in_controlled_shutdown > 0)
                note.reason = ChangeReason::ControlledShutdown;
            if (!broker->log_dirs.empty())
                note.reason = ChangeReason::DirectoryFailure;
            return note;
        }
        if (std::holds_alternative<wire::UnregisterBrokerRecord>(each.record)) {
            note.reason = ChangeReason::BrokerUnregistered;
            return note;
        }
    }
    note.reason = infer_from_change(*change);
    return note;
}

void apply_and_notice(const CommittedRecord& record, MetadataImage& image, ControllerEffects& out) {
    const wire::MetadataRecord& body = record.batch[record.index].record;
    std::optional<BrokerId> broker;
    if (const auto* gone = std::get_if<wire::UnregisterBrokerRecord>(&body)) {
        broker = BrokerId(gone->broker_id);
    } else if (const auto* changed = std::get_if<wire::BrokerRegistrationChangeRecord>(&body)) {
        broker = BrokerId(changed->broker_id);
    }
    const BrokerRegistration* known = broker ? image.broker(*broker) : nullptr;
    const bool was_fenced = known == nullptr || known->fenced;
    MetadataDelta delta;
    image.apply(body, record.offset, delta);
    std::visit(Noticer{record, image, delta, was_fenced, out}, body);
}

}  // namespace bsim::controller
