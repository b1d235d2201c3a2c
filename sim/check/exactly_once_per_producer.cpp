#include "sim/check/exactly_once_per_producer.h"

#include <fmt/format.h>
#include <limits>

namespace bsim {

namespace {

// producer.id.expiration.ms
constexpr SimDuration kExpiration = seconds(86'400);

std::string excuse(const Event& event, const PartitionView& partition) {
    if (event.t - SimTime() >= kExpiration)
        return "the producer's state may have expired";
    if (partition.last_unclean_epoch)
        return "an unclean election";
    return partition.lost_in_crash.empty() ? "" : "a loss of power";
}

std::string sequences(const LoggedBatch& batch) {
    return fmt::format("{}..{} of producer {} (epoch {})", batch.sequence, batch.last_sequence(),
                       batch.producer_id, batch.producer_epoch);
}

enum class Fault { None, Gap, Repeated, Fenced };

Fault fault_of(const LoggedBatch& batch, const ProducerTail::End& before) {
    if (batch.producer_epoch < before.epoch)
        return Fault::Fenced;
    if (batch.producer_epoch > before.epoch)
        return batch.sequence == 0 ? Fault::None : Fault::Gap;
    const bool wraps = before.last_sequence == std::numeric_limits<std::int32_t>::max();
    const std::int32_t expected = wraps ? 0 : before.last_sequence + 1;
    if (batch.sequence == expected)
        return Fault::None;
    return batch.sequence < expected ? Fault::Repeated : Fault::Gap;
}

}  // namespace

void ExactlyOncePerProducer::on(const Event& event, const ClusterView& view) {
    if (const auto* appended = as<LogAppended>(event)) {
        if (appended->producer_id)
            on_appended(event, *appended, view);
    } else if (const auto* acked = as<ProduceAcked>(event)) {
        if (acked->producer_id >= 0 && acked->base >= Offset() && acked->count > 0)
            on_acked(event, *acked, view);
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        if (changed->reason == "created" && !created_.insert(changed->p).second)
            created_again_.insert(changed->p);
    }
}

void ExactlyOncePerProducer::on_appended(const Event& event,
                                         const LogAppended& e,
                                         const ClusterView& view) {
    const auto id = event.n.kafka_id();
    const PartitionView* const partition = view.partition(e.p);
    const ReplicaView* const replica = id ? partition->replica(*id) : nullptr;
    if (replica == nullptr || replica->role != Role::Leader)
        return;
    evaluated();
    const LoggedBatch& batch = replica->log.batches().back();
    const ProducerTail& tail = *replica->log.producer(batch.producer_id);
    Fault fault = Fault::None;
    if (tail.before) {
        fault = fault_of(batch, *tail.before);
    } else if (batch.sequence != 0 && replica->log.start() == Offset() &&
               !created_again_.contains(e.p)) {
        fault = Fault::Gap;
    }
    if (fault == Fault::None)
        return;
    std::string allowed =
        fault == Fault::Gap || event.t - SimTime() >= kExpiration ? excuse(event, *partition) : "";
    if (!tail.before)
        allowed = "of a producer that its log holds nothing of, Kafka takes any sequence";
    const std::string before =
        tail.before ? fmt::format("up to {} (epoch {}) at {}", tail.before->last_sequence,
                                  tail.before->epoch, tail.before->base.value())
                    : "nothing of it";
    judge(event.i, event.t,
          fmt::format("{}: {} appends sequences {} at {}, {}: it holds {}", e.p.to_string(),
                      event.n.text(), sequences(batch), e.base.value(),
                      fault == Fault::Gap        ? "with a gap"
                      : fault == Fault::Repeated ? "once more"
                                                 : "of an epoch that was fenced",
                      before),
          allowed);
}

void ExactlyOncePerProducer::on_acked(const Event& event,
                                      const ProduceAcked& e,
                                      const ClusterView& view) {
    const PartitionView* const partition = view.partition(e.p);
    const ReplicaView* const replica =
        partition == nullptr ? nullptr : partition->replica(e.broker);
    const LoggedBatch* const found = replica == nullptr ? nullptr : replica->log.at(e.base);
    if (found == nullptr || found->producer_id < 0)
        return;
    evaluated();
    const bool same = found->base == e.base && found->last + 1 - found->base == e.count &&
                      found->producer_id == e.producer_id &&
                      (found->crc == e.crc || settings_.rewritten.contains(e.p.topic));
    if (same)
        return;
    judge(event.i, event.t,
          fmt::format("{}: {} is told that its batch of {} records stands at {}, but there is {} "
                      "with sequences {}",
                      e.p.to_string(), event.n.text(), e.count, e.base.value(), found->to_string(),
                      sequences(*found)),
          excuse(event, *partition));
}

}  // namespace bsim
