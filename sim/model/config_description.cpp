#include "sim/model/config_description.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "sim/base/java_order.h"
#include "sim/model/config_parse.h"
#include "sim/model/dynamic_config.h"

namespace bsim {
namespace {

std::optional<std::string> value_in(const ConfigMap& settings, std::string_view name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::nullopt : std::optional(found->second);
}

// What is set for the topic or in place of it; nothing for a default.
std::optional<std::string> set_value(const MetadataImage& image,
                                     const AskedBroker& broker,
                                     const std::string& topic,
                                     std::string_view name) {
    auto value = value_in(image.configs({ConfigResourceType::Topic, topic}), name);
    if (value)
        return value;
    const auto synonym = broker_default_of(name);
    if (!synonym)
        return std::nullopt;
    for (const std::string& resource : {std::to_string(broker.id.value()), std::string()}) {
        value = value_in(image.configs({ConfigResourceType::Broker, resource}), *synonym);
        if (value)
            return value;
    }
    return value_in(broker.settings, *synonym);
}

// As Kafka writes a value that it has read.
std::string canonical(const ConfigDef& def, const std::string& text) {
    switch (def.type) {
        case ConfigType::Boolean: {
            const auto value = config_parse::boolean(text);
            return value ? fmt::format("{}", *value) : text;
        }
        case ConfigType::Short:
        case ConfigType::Int:
        case ConfigType::Long: {
            const auto value = config_parse::integer(text);
            return value ? fmt::format("{}", *value) : text;
        }
        case ConfigType::List:
            return fmt::format("{}", fmt::join(config_parse::list(text), ","));
        case ConfigType::Double:
        case ConfigType::String:
        case ConfigType::Class:
        case ConfigType::Password:
            break;
    }
    return std::string(config_parse::trim(text));
}

}  // namespace

TopicSettings topic_settings(const MetadataImage& image,
                             const AskedBroker& broker,
                             const std::string& topic) {
    const auto table = config_table(ConfigKind::Topic);
    // The broker walks a map of Scala's; the tool keeps what it sends in one of Java's, and leaves
    // out defaults when it walks that.
    std::vector<std::uint32_t> hashes;
    for (const ConfigDef& def : table)
        hashes.push_back(java_hash(def.name));
    const std::vector<std::size_t> sent = scala_hash_order(hashes);
    hashes.clear();
    for (const std::size_t i : sent)
        hashes.push_back(java_hash(table[i].name));
    TopicSettings settings;
    for (const std::size_t i : java_hash_order(hashes)) {
        const ConfigDef& def = table[sent[i]];
        const auto value = set_value(image, broker, topic, def.name);
        if (value)
            settings.emplace_back(def.name, canonical(def, *value));
    }
    return settings;
}

std::int64_t min_insync_replicas(const TopicSettings& settings) {
    const auto found = std::find_if(settings.begin(), settings.end(), [](const auto& setting) {
        return setting.first == "min.insync.replicas";
    });
    return found == settings.end() ? 1 : config_parse::integer(found->second).value_or(1);
}

}  // namespace bsim
