#include "sim/scenario/setting_slips.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "sim/model/dynamic_config.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/other_names.h"
#include "sim/scenario/quantity.h"

namespace bsim {
namespace {

// Settings of brokers that go beside those that broker_default_of() knows.
constexpr OtherName kTopicNames[] = {
    {"log.retention.hours", "retention.ms"},
    {"log.retention.minutes", "retention.ms"},
    {"log.roll.hours", "segment.ms"},
    {"log.roll.jitter.hours", "segment.jitter.ms"},
};

constexpr OtherName kValues[] = {
    {"gz", "gzip"},
    {"zst", "zstd"},
    {"yes", "true"},
    {"no", "false"},
    {"on", "true"},
    {"off", "false"},
    {"1", "true"},
    {"0", "false"},
    {"first", "earliest"},
    {"last", "latest"},
    {"beginning", "earliest"},
    {"end", "latest"},
    {"compress", "compact"},
    {"quorum", "all"},
    {"leader", "1"},
    {"uncommitted", "read_uncommitted"},
    {"committed", "read_committed"},
};

constexpr std::string_view kAssignors = "org.apache.kafka.clients.consumer.";
constexpr std::string_view kAssignorNames[] = {"RangeAssignor", "RoundRobinAssignor",
                                               "StickyAssignor", "CooperativeStickyAssignor"};
constexpr std::string_view kSerializers = "org.apache.kafka.common.serialization.";
constexpr std::string_view kSerializerNames[] = {"StringSerializer", "LongSerializer"};

// Elements between commas, without blanks around them.
std::vector<std::string_view> elements_of(std::string_view list) {
    std::vector<std::string_view> out;
    for (bool more = !list.empty(); more;) {
        const std::size_t comma = list.find(',');
        std::string_view element = list.substr(0, comma);
        more = comma != std::string_view::npos;
        list.remove_prefix(more ? comma + 1 : list.size());
        element.remove_prefix(std::min(element.find_first_not_of(' '), element.size()));
        out.push_back(element.substr(0, element.find_last_not_of(' ') + 1));
    }
    return out;
}

std::string_view owners_of(ConfigKind kind) {
    switch (kind) {
        case ConfigKind::Broker:
            return "brokers";
        case ConfigKind::Topic:
            return "topics";
        case ConfigKind::Producer:
            return "producers";
        case ConfigKind::Consumer:
            return "consumers";
    }
    return {};
}

std::vector<std::string_view> names_of(ConfigKind kind) {
    std::vector<std::string_view> names;
    for (const ConfigDef& def : config_table(kind)) {
        names.push_back(def.name);
    }
    return names;
}

// The setting of topics that this one of brokers is the default of; empty if there is none.
std::string_view topic_name_of(std::string_view broker_name) {
    for (const ConfigDef& def : config_table(ConfigKind::Topic)) {
        if (broker_default_of(def.name) == broker_name) {
            return def.name;
        }
    }
    const auto* const at =
        std::find_if(std::begin(kTopicNames), std::end(kTopicNames),
                     [&](const OtherName& other) { return other.written == broker_name; });
    return at == std::end(kTopicNames) ? std::string_view() : at->name;
}

std::string class_meant(std::string_view value,
                        std::string_view package,
                        std::span<const std::string_view> names) {
    const auto simple = nearest(value.substr(value.find_last_of(". ") + 1), names);
    return simple ? std::string(package) + std::string(*simple) : std::string();
}

// Each element of a list that is none of the words, replaced by the word that it means.
std::string list_meant(std::string_view value, std::span<const std::string_view> words) {
    std::string out;
    for (const std::string_view element : elements_of(value)) {
        const bool legal = std::find(words.begin(), words.end(), element) != words.end();
        const std::string word = legal ? std::string(element) : meant(element, words, kValues);
        if (word.empty()) {
            return {};
        }
        out += (out.empty() ? "" : ",") + word;
    }
    return out;
}

// "604800000" for "7d" where milliseconds are meant, "1048576" for "1MiB" where bytes are.
std::string number_meant(std::string_view name, std::string_view value) {
    constexpr std::int64_t kNsPerMs = 1'000'000;
    if (const auto duration = parse_duration(value); duration && name.ends_with(".ms")) {
        return duration->ns() % kNsPerMs == 0 ? fmt::format("{}", duration->ns() / kNsPerMs) : "";
    }
    auto size = parse_size(value);
    if (!size) {
        size = parse_size(size.error().suggestion);  // "16kB" for 16KB
    }
    const bool bytes = name.ends_with(".bytes") || name.ends_with(".size");
    return size && bytes ? fmt::format("{}", *size) : std::string();
}

std::string word_meant(const ConfigDef& def, std::string_view value) {
    if (def.name == "partition.assignment.strategy") {
        return class_meant(value, kAssignors, kAssignorNames);
    }
    if (def.name == "key.serializer" || def.name == "value.serializer") {
        return class_meant(value, kSerializers, kSerializerNames);
    }
    const bool truth = def.type == ConfigType::Boolean;
    const auto words = elements_of(truth ? "true, false" : def.rule.words);
    if (words.empty()) {
        return number_meant(def.name, value);
    }
    if (def.rule.kind == ConfigRule::Kind::ListOf) {
        return list_meant(value, words);
    }
    const bool number = value.find_first_not_of("-0123456789") == std::string_view::npos;
    std::string word = meant(value, words, kValues);
    if (number && word.find_first_not_of("-0123456789") == std::string::npos) {
        return {};  // of numbers none is nearer than another
    }
    // Where the case is free, as people write it.
    if (def.rule.kind == ConfigRule::Kind::OneOfNoCase) {
        std::transform(word.begin(), word.end(), word.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
    }
    return word;
}

}  // namespace

std::string setting_meant(ConfigKind kind, std::string_view name) {
    const auto names = names_of(kind);
    if (kind == ConfigKind::Topic) {
        for (const std::string& broker : {std::string(name), fmt::format("log.{}", name)}) {
            if (const std::string_view topic = topic_name_of(broker); !topic.empty()) {
                return std::string(topic);
            }
        }
    }
    if (kind == ConfigKind::Broker) {
        if (const auto broker = broker_default_of(name)) {
            return std::string(*broker);
        }
    }
    // A setting of somebody else's is no slip of the pen.
    return setting_home(kind, name).empty() ? meant(name, names, other_settings()) : std::string();
}

std::string setting_home(ConfigKind kind, std::string_view name) {
    if (kind == ConfigKind::Topic && (name == "replication.factor" || name == "num.partitions")) {
        return fmt::format("\"{}\" of the topic, outside of \"config\"",
                           name == "num.partitions" ? "partitions" : "replication");
    }
    for (const ConfigKind other :
         {ConfigKind::Broker, ConfigKind::Topic, ConfigKind::Producer, ConfigKind::Consumer}) {
        if (other != kind && find_config(other, name) != nullptr) {
            return fmt::format("a setting of {}; \"{}\" is one of {}", owners_of(kind), name,
                               owners_of(other));
        }
    }
    return {};
}

std::string value_meant(const ConfigDef& def, std::string_view value) {
    std::string word = word_meant(def, value);
    const bool legal = !word.empty() && !check_config_value(def, word);
    return legal ? std::move(word) : std::string();
}

}  // namespace bsim
