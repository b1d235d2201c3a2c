#include "sim/model/dynamic_config.h"

#include <algorithm>
#include <array>

namespace bsim {
namespace {

// A broker's setting and the topic setting that it is the default of. Where Kafka has several, as
// log.roll.ms and log.roll.hours, only this one is dynamic.
struct Synonym {
    std::string_view topic;
    std::string_view broker;
};

constexpr std::array kSynonyms{
    Synonym{"segment.bytes", "log.segment.bytes"},
    Synonym{"segment.ms", "log.roll.ms"},
    Synonym{"segment.jitter.ms", "log.roll.jitter.ms"},
    Synonym{"segment.index.bytes", "log.index.size.max.bytes"},
    Synonym{"flush.messages", "log.flush.interval.messages"},
    Synonym{"flush.ms", "log.flush.interval.ms"},
    Synonym{"retention.bytes", "log.retention.bytes"},
    Synonym{"retention.ms", "log.retention.ms"},
    Synonym{"max.message.bytes", "message.max.bytes"},
    Synonym{"index.interval.bytes", "log.index.interval.bytes"},
    Synonym{"delete.retention.ms", "log.cleaner.delete.retention.ms"},
    Synonym{"min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms"},
    Synonym{"max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"},
    Synonym{"file.delete.delay.ms", "log.segment.delete.delay.ms"},
    Synonym{"min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio"},
    Synonym{"cleanup.policy", "log.cleanup.policy"},
    Synonym{"unclean.leader.election.enable", "unclean.leader.election.enable"},
    Synonym{"min.insync.replicas", "min.insync.replicas"},
    Synonym{"compression.type", "compression.type"},
    Synonym{"preallocate", "log.preallocate"},
    Synonym{"message.timestamp.type", "log.message.timestamp.type"},
    Synonym{"message.timestamp.difference.max.ms", "log.message.timestamp.difference.max.ms"},
    Synonym{"message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms"},
    Synonym{"message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms"},
    Synonym{"message.downconversion.enable", "log.message.downconversion.enable"},
};

// Dynamic settings that are no defaults of topics; those of security are left out.
constexpr std::array<std::string_view, 30> kOthers{
    "advertised.listeners",
    "background.threads",
    "follower.replication.throttled.rate",
    "leader.replication.throttled.rate",
    "listener.security.protocol.map",
    "listeners",
    "log.cleaner.backoff.ms",
    "log.cleaner.dedupe.buffer.size",
    "log.cleaner.io.buffer.load.factor",
    "log.cleaner.io.buffer.size",
    "log.cleaner.io.max.bytes.per.second",
    "log.cleaner.threads",
    "max.connection.creation.rate",
    "max.connections",
    "max.connections.per.ip",
    "max.connections.per.ip.overrides",
    "metric.reporters",
    "num.io.threads",
    "num.network.threads",
    "num.recovery.threads.per.data.dir",
    "num.replica.fetchers",
    "principal.builder.class",
    "producer.id.expiration.ms",
    "remote.fetch.max.wait.ms",
    "remote.list.offsets.request.timeout.ms",
    "remote.log.index.file.cache.total.size.bytes",
    "remote.log.manager.copy.max.bytes.per.second",
    "remote.log.manager.fetch.max.bytes.per.second",
    "replica.alter.log.dirs.io.max.bytes.per.second",
    "transaction.partition.verification.enable",
};

// The topic settings that these broker settings stand for.
ConfigMap as_topic_settings(const ConfigMap& broker) {
    ConfigMap topic;
    for (const Synonym& synonym : kSynonyms) {
        const auto at = broker.find(synonym.broker);
        if (at != broker.end())
            topic.emplace(synonym.topic, at->second);
    }
    return topic;
}

}  // namespace

bool is_dynamic_broker_config(std::string_view name) {
    if (find_config(ConfigKind::Broker, name) == nullptr)
        return true;
    const bool topic_default =
        std::any_of(kSynonyms.begin(), kSynonyms.end(),
                    [name](const Synonym& synonym) { return synonym.broker == name; });
    return topic_default || std::find(kOthers.begin(), kOthers.end(), name) != kOthers.end();
}

std::optional<std::string_view> broker_default_of(std::string_view topic_setting) {
    const auto found =
        std::find_if(kSynonyms.begin(), kSynonyms.end(),
                     [&](const Synonym& synonym) { return synonym.topic == topic_setting; });
    return found == kSynonyms.end() ? std::nullopt : std::optional(found->broker);
}

TopicConfig dynamic_topic_defaults(const TopicConfig& node,
                                   const ConfigMap& all_brokers,
                                   const ConfigMap& this_broker) {
    return resolve_topic_config(resolve_topic_config(node, as_topic_settings(all_brokers)),
                                as_topic_settings(this_broker));
}

}  // namespace bsim
