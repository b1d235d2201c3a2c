#include "sim/scenario/other_names.h"

#include <algorithm>

#include "sim/scenario/nearest.h"

namespace bsim {
namespace {

// clang-format off
constexpr OtherName kKeys[] = {
    {"rf", "replication"},          {"replicas", "replication"},
    {"partition_count", "partitions"}, {"num_partitions", "partitions"},
    {"delay", "latency"},           {"flush", "fsync"},
    {"sync", "fsync"},              {"boot", "startup"},
    {"distribution", "dist"},       {"snapshots", "snapshot_every"},
    {"expectations", "expect"},     {"description", "title"},
    {"reason", "because"},          {"nodes", "brokers"},
    {"duration", "for"},            {"type", "mode"},
    {"interval", "every"},          {"repeat", "times"},
    {"downtime", "restart_after"},  {"size", "value"},
    {"settings", "config"},         {"configs", "config"},
    {"events", "messages"},         {"seeds", "seed"},
    {"loss", "rate"},               {"bandwidth", "rate"},
};
constexpr OtherName kFaults[] = {
    {"kill", "crash"},               {"sigkill", "crash"},
    {"stop", "crash"},               {"power-loss", "crash"},
    {"shutdown", "crash"},           {"sigstop", "pause"},
    {"freeze", "pause"},             {"net-partition", "partition"},
    {"network-partition", "partition"}, {"isolate", "partition"},
    {"net-delay", "net-slow"},       {"net-latency", "net-slow"},
    {"latency", "net-slow"},         {"packet-loss", "net-loss"},
    {"net-drop", "net-loss"},        {"slow-disk", "disk-slow"},
    {"disk-latency", "disk-slow"},   {"slow-consumer", "consumer-slow"},
    {"create-topic", "topic-create"}, {"delete-topic", "topic-delete"},
    {"add-partitions", "partitions-add"}, {"add-broker", "broker-add"},
    {"remove-broker", "broker-remove"}, {"rolling-reboot", "rolling-restart"},
    {"rebalance", "member-churn"},   {"config", "config-change"},
    {"netsplit", "partition"},       {"split-brain", "partition"},
    {"slow-network", "net-slow"},    {"gc", "gc-pause"},
};
constexpr OtherName kWords[] = {
    {"sigkill", "kill"},   {"sigterm", "graceful"}, {"clean", "graceful"},
    {"zk", "zookeeper"},   {"raft", "kraft"},       {"manual", "sync"},
    {"fail", "violated"},  {"fails", "violated"},   {"pass", "holds"},
    {"ok", "holds"},       {"all", "full"},         {"asc", "ascending"},
    {"desc", "descending"}, {"gaussian", "normal"}, {"3.9.1", "3.9"},
    {"blackhole", "drop"}, {"off", "none"},         {"responses", "response"},
    {"failed", "violated"}, {"passes", "holds"},    {"met", "holds"},
    {"yes", "on"},         {"no", "off"},           {"1", "on"},
    {"0", "off"},          {"enabled", "on"},       {"disabled", "off"},
};
constexpr OtherName kSettings[] = {
    {"min.isr", "min.insync.replicas"},
    {"request.required.acks", "acks"},
    {"idempotence", "enable.idempotence"},
    {"replica.lag.max.messages", "replica.lag.time.max.ms"},
    {"unclean.election", "unclean.leader.election.enable"},
    {"producer.type", "linger.ms"},
};
constexpr OtherName kErrors[] = {
    {"not_leader_for_partition", "NOT_LEADER_OR_FOLLOWER"},
    {"not_leader", "NOT_LEADER_OR_FOLLOWER"},
    {"not_coordinator_for_group", "NOT_COORDINATOR"},
    {"not_coordinator_for_consumer", "NOT_COORDINATOR"},
    {"group_coordinator_not_available", "COORDINATOR_NOT_AVAILABLE"},
    {"consumer_coordinator_not_available", "COORDINATOR_NOT_AVAILABLE"},
    {"group_load_in_progress", "COORDINATOR_LOAD_IN_PROGRESS"},
    {"offsets_load_in_progress", "COORDINATOR_LOAD_IN_PROGRESS"},
    {"timeout", "REQUEST_TIMED_OUT"},
    {"timed_out", "REQUEST_TIMED_OUT"},
    {"request_timeout", "REQUEST_TIMED_OUT"},
    {"unknown", "UNKNOWN_SERVER_ERROR"},
    {"unknown_server", "UNKNOWN_SERVER_ERROR"},
    {"corrupt_record", "CORRUPT_MESSAGE"},
    {"record_too_large", "MESSAGE_TOO_LARGE"},
    {"message_size_too_large", "MESSAGE_TOO_LARGE"},
    {"unknown_topic", "UNKNOWN_TOPIC_OR_PARTITION"},
    {"invalid_topic", "INVALID_TOPIC_EXCEPTION"},
    {"leader_changed", "NOT_LEADER_OR_FOLLOWER"},
};
// clang-format on

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
char lower(char c) {
    return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view without_suffix(std::string_view word, std::string_view suffix) {
    const bool has = word.size() > suffix.size() && word.ends_with(suffix);
    return has ? word.substr(0, word.size() - suffix.size()) : word;
}

// "not_coordinator" for NotCoordinatorException.
std::string snake_case(std::string_view word) {
    std::string out;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const bool begins = is_upper(word[i]) && i > 0 && !is_upper(word[i - 1]);
        out += begins && out.back() != '_' ? "_" : "";
        out += lower(word[i]);
    }
    return out;
}

}  // namespace

std::span<const OtherName> other_keys() {
    return kKeys;
}
std::span<const OtherName> other_faults() {
    return kFaults;
}
std::span<const OtherName> other_words() {
    return kWords;
}
std::span<const OtherName> other_settings() {
    return kSettings;
}

std::string meant(std::string_view word,
                  std::span<const std::string_view> words,
                  std::span<const OtherName> others) {
    std::string written(word);
    std::transform(written.begin(), written.end(), written.begin(), lower);
    for (const OtherName& other : others) {
        const bool legal = std::find(words.begin(), words.end(), other.name) != words.end();
        if (other.written == written && legal) {
            return std::string(other.name);
        }
    }
    return std::string(nearest(word, words).value_or(""));
}

std::string meant_api(std::string_view word, std::span<const std::string_view> words) {
    const std::string_view plain = without_suffix(without_suffix(word, "Request"), "Response");
    if (std::find(words.begin(), words.end(), plain) != words.end()) {
        return std::string(plain);
    }
    return std::string(nearest(plain, words).value_or(""));
}

std::string meant_error(std::string_view word, std::span<const std::string_view> words) {
    word = word.substr(word.rfind('.') + 1);  // org.apache.kafka.common.errors.
    return meant(snake_case(without_suffix(word, "Exception")), words, kErrors);
}

}  // namespace bsim
