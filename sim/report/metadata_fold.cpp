#include "sim/report/metadata_fold.h"

#include <algorithm>
#include <variant>

namespace bsim {

void MetadataFold::on(const Event& event) {
    std::visit([&](const auto& body) { apply(body); }, event.body);
}

void MetadataFold::apply(const BrokerRegistered& e) {
    wire::RegisterBrokerRecord record;
    record.broker_id = e.broker.value();
    record.broker_epoch = e.broker_epoch.value();
    record.rack.reset();
    auto& listener = record.end_points.emplace_back();
    listener.name = "PLAINTEXT";
    listener.host = NodeName::broker(e.broker).text();
    listener.port = 9092;
    image_.apply(record, Offset());
}

void MetadataFold::fence(BrokerId broker, BrokerEpoch epoch, bool fenced) {
    const BrokerRegistration* const known = image_.broker(broker);
    if (known == nullptr || known->epoch != epoch)
        return;
    wire::BrokerRegistrationChangeRecord record;
    record.broker_id = broker.value();
    record.broker_epoch = epoch.value();
    record.fenced = fenced ? 1 : -1;
    image_.apply(record, Offset());
}

void MetadataFold::apply(const BrokerFenced& e) {
    fence(e.broker, e.broker_epoch, true);
}

void MetadataFold::apply(const BrokerUnfenced& e) {
    fence(e.broker, e.broker_epoch, false);
}

void MetadataFold::apply(const TopicCreated& e) {
    if (image_.topic(e.topic) != nullptr || image_.topic(e.topic_id) != nullptr)
        return;
    wire::TopicRecord record;
    record.name = e.topic;
    record.topic_id = e.topic_id;
    image_.apply(record, Offset());
}

void MetadataFold::apply(const TopicDeleted& e) {
    if (image_.topic(e.topic_id) == nullptr)
        return;
    wire::RemoveTopicRecord record;
    record.topic_id = e.topic_id;
    image_.apply(record, Offset());
}

void MetadataFold::apply(const PartitionChanged& e) {
    const TopicImage* const topic = image_.topic(e.p.topic);
    if (topic == nullptr)
        return;
    wire::PartitionRecord record;
    record.partition_id = e.p.partition.value();
    record.topic_id = topic->id;
    record.replicas = to_ints(e.replicas);
    record.isr = to_ints(e.isr);
    record.removing_replicas = to_ints(e.removing);
    record.adding_replicas = to_ints(e.adding);
    record.leader = e.leader ? e.leader->value() : -1;
    record.leader_recovery_state = e.recovering ? 1 : 0;
    record.leader_epoch = e.leader_epoch.value();
    record.partition_epoch = e.partition_epoch.value();
    if (!e.elr.empty())
        record.eligible_leader_replicas = to_ints(e.elr);
    if (!e.last_known_elr.empty())
        record.last_known_elr = to_ints(e.last_known_elr);
    image_.apply(record, Offset());
}

void MetadataFold::apply(const RaftHw& e) {
    committed_ = std::max(committed_, e.hw);
}

}  // namespace bsim
